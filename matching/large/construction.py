"""The construction heuristic for large problems: each registration in turn gets its best choice at given prices.

With prices of zero it works like `fallback.py`. With good dual prices, a registration avoids beds that others need
more.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matching.fallback import House, open_house, urgent_first
from matching.format.problem import Kind, Registration, Unit
from matching.format.solution import Placement, RoomUse
from matching.index import Index
from matching.large.prices import Auction
from matching.large.problem_arrays import Ints, ProblemArrays
from matching.large.values import Choice, Values
from matching.limit import NO_LIMIT, Limit
from matching.objective import Valuation
from matching.rooms.spaces import split, usable

MOST_TRIES = 40  # the largest number of units tried for a registration, before it stays unplaced


class Vacancy:
    """The vacancies of each unit: the beds open to each kind of persons, and the sizes of the largest empty rooms. If a
    registration needs more beds, the unit is skipped without a search for rooms.
    """

    def __init__(self, arrays: ProblemArrays, house: House) -> None:
        self.arrays, self.house = arrays, house
        self.row = {unit.id: row for row, unit in enumerate(arrays.units)}
        kinds = {row.kind for row in arrays.registrations if not row.is_private}
        self.shared: dict[Kind, Ints] = {kind: np.zeros(len(arrays.units), dtype=np.int64) for kind in sorted(kinds)}
        self.one_room: Ints = np.zeros(len(arrays.units), dtype=np.int64)
        self.two_rooms: Ints = np.zeros(len(arrays.units), dtype=np.int64)
        for unit in self.row:
            self.look_again(unit)

    def look_again(self, unit: str) -> None:
        """Counts the open beds of a unit again, after its rooms were given out."""
        row = self.row[unit]
        spaces = [self.house.spaces[room.id] for room in self.arrays.index.rooms_of[unit]]
        for kind, beds in self.shared.items():
            beds[row] = sum(space.beds for space in spaces if space.kinds <= {kind})
        empty = sorted(space.beds for space in spaces if not space.kinds)
        self.one_room[row] = empty[-1] if empty else 0
        self.two_rooms[row] = sum(empty[-2:])

    def may_take(self, registration: Registration, units: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Checks for each of these units whether its beds may be enough for the registration."""
        persons = len(registration.persons)
        beds = self.two_rooms if registration.is_private else self.shared[registration.kind]
        return np.asarray(beds[units] >= persons)


def construct(
    arrays: ProblemArrays,
    values: Values,
    order: Iterable[int],
    chosen: Iterable[tuple[Choice, ...]] = (),
    *,
    limit: Limit = NO_LIMIT,
) -> tuple[Placement, ...]:
    """Returns placements: first the choices in `chosen` (a group only as a whole), then all others in this `order`.

    `values`: the points of all pairs at given prices; the unit with the highest value is tried first. At the time
    limit, registrations that are not placed yet stay unplaced.
    """
    index, valuation = arrays.index, arrays.valuation

    def options(name: str) -> list[tuple[int, Unit]]:
        row = arrays.row_of[name]
        units = arrays.unit[arrays.start[row] : arrays.start[row + 1]].tolist()
        worth = values.of(row).tolist()
        return [(points, arrays.units[unit]) for points, unit in zip(worth, units, strict=True)]

    house = open_house(index, valuation, options)
    _place_chosen(arrays, house, chosen)
    vacancy = Vacancy(arrays, house)
    tried: set[str] = set()
    for row in order:
        registration = arrays.registrations[row]
        if limit.is_over():
            break
        if registration.id in house.placed:
            continue
        group = index.bound_to(registration.id)
        if group is not None:
            if group.id not in tried and house.place_together(group, options):
                for unit in {house.placed[member].unit for member in group.members}:
                    vacancy.look_again(unit)
            tried.add(group.id)
            continue
        pairs = slice(arrays.start[row], arrays.start[row + 1])
        units, worth = arrays.unit[pairs], values.of(row)
        fine = np.flatnonzero((worth > 0) & vacancy.may_take(registration, units))
        for pair in fine[np.argsort(-worth[fine], kind="stable")][:MOST_TRIES].tolist():
            unit = arrays.units[units[pair]]
            rooms = house.rooms_for(registration, unit)
            if rooms is not None and valuation.total(registration, unit, rooms) > 0:
                house.place(registration, unit, rooms)
                vacancy.look_again(unit.id)
                break
    return tuple(house.placed[registration] for registration in sorted(house.placed))


def _place_chosen(arrays: ProblemArrays, house: House, chosen: Iterable[tuple[Choice, ...]]) -> None:
    """Places registrations according to `chosen`. A group is placed only if all its members find a room."""
    for choices in chosen:
        done: list[str] = []
        for choice in choices:
            registration, unit = arrays.registrations[choice.row], arrays.units[choice.unit]
            if registration.id in house.placed:
                continue
            rooms = None if house.is_shut(registration, unit) else _rooms_of(arrays, house, choice)
            if rooms is None:
                house.take_back(done)
                break
            house.place(registration, unit, rooms)
            done.append(registration.id)


def _rooms_of(arrays: ProblemArrays, house: House, choice: Choice) -> tuple[RoomUse, ...] | None:
    """Returns rooms for the chosen beds. Prefers rooms with enough beds, then rooms in use, then small rooms."""
    registration, uses = arrays.registrations[choice.row], list[RoomUse]()
    for group, beds in choice.beds:
        spaces = usable(arrays.index, registration, (house.spaces[room.id] for room in arrays.groups[group].rooms))
        if registration.is_private:
            spaces = [space for space in spaces if space.beds == arrays.groups[group].beds]
        for space in sorted(spaces, key=lambda space: (space.beds < beds, not space.kinds, space.beds)):
            if beds:
                uses.append(RoomUse(space.room.id, min(beds, space.beds)))
                beds -= uses[-1].persons  # noqa: PLW2901 - what is left
        if beds:
            return None
    uses.sort(key=lambda use: use.room)
    return (
        split(registration, [arrays.index.rooms[use.room] for use in uses]) if registration.is_private else tuple(uses)
    )


def simple_answer(index: Index, valuation: Valuation, limit: Limit = NO_LIMIT) -> tuple[Placement, ...]:
    """Returns the placements of the simple method (`fallback.py`) for a large problem: the most urgent registration
    first.

    Raises LimitReached if the time limit is reached before the open units of all registrations are known.
    """
    return simple_of(Auction(ProblemArrays(index, valuation, limit)), limit)


def simple_of(auction: Auction, limit: Limit = NO_LIMIT) -> tuple[Placement, ...]:
    """Returns the placements of `simple_answer`, from existing arrays. Stops at the time limit."""
    arrays = auction.arrays
    order = [arrays.row_of[row.id] for row in sorted(arrays.registrations, key=urgent_first)]
    return construct(arrays, auction.values(auction.no_prices()), order, limit=limit)
