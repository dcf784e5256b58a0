"""The rooms that one registration can take in one unit, and its cheapest choice.

Shared beds are chosen room by room; the number of steps doubles with each needed feature. Beyond a limit a solver
chooses, which is imported only then.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from msgspec.structs import replace

from matching.format.problem import Kind, Registration, Room, Unit
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.work import OutOfSteps, Work

MOST_STEPS = 50_000  # of one bed choice: about a fifth of a second


class Space(NamedTuple):
    """The state of a room: beds still available, and the kinds of persons in it (occupants or placed)."""

    room: Room
    beds: int
    kinds: frozenset[Kind]


def space_of(room: Room) -> Space:
    """The state of a room before any placement."""
    return Space(room, room.free_beds, frozenset((person.gender, person.minor) for person in room.occupants))


def taken_of(space: Space, registration: Registration, persons: int) -> Space:
    """The state of a room after so many persons of a registration got beds in it."""
    if registration.is_private:
        return Space(space.room, 0, space.kinds)
    return Space(space.room, space.beds - persons, space.kinds | {registration.kind})


def usable(index: Index, registration: Registration, spaces: Iterable[Space]) -> list[Space]:
    """Rooms in which this registration can have a bed, without regard to `room_needs`."""
    by = index.needed_by(registration)
    ready = [space for space in spaces if space.beds and space.room.free_from <= by]
    if registration.is_private:
        return [space for space in ready if not space.kinds]
    kind = frozenset((registration.kind,))
    return [space for space in ready if space.kinds <= kind]


def whole_rooms(registration: Registration, spaces: Sequence[Space], *, needs: bool = True) -> list[tuple[Room, ...]]:
    """The choices of a private registration: one whole room, or two of which neither holds all persons."""
    persons, needed = len(registration.persons), set(registration.room_needs if needs else ())
    small = [space.room for space in spaces if space.beds < persons]
    one = [(space.room,) for space in spaces if space.beds >= persons]
    two = [pair for pair in combinations(small, 2) if pair[0].free_beds + pair[1].free_beds >= persons]
    return [rooms for rooms in (*one, *two) if needed <= {code for room in rooms for code in room.features}]


def split(registration: Registration, rooms: Sequence[Room]) -> tuple[RoomUse, ...]:
    """Divides the persons of a private registration over its whole rooms."""
    left = len(registration.persons)
    uses = []
    for room in rooms:
        uses.append(RoomUse(room.id, min(left, room.free_beds)))
        left -= uses[-1].persons
    return tuple(sorted(uses, key=lambda use: use.room))


def cheapest(
    index: Index, valuation: Valuation, registration: Registration, unit: Unit, spaces: Iterable[Space]
) -> tuple[RoomUse, ...] | None:
    """The choice of rooms with the least waste, or None if there is none. Raises Undecided."""
    rooms = usable(index, registration, spaces)
    try:
        return cheapest_within(index, valuation, registration, unit, rooms, work=Work(MOST_STEPS))
    except OutOfSteps:
        return _best_beds(valuation, registration, unit, rooms, sign=1)


def cheapest_within(
    index: Index, valuation: Valuation, registration: Registration, unit: Unit, spaces: Iterable[Space], *, work: Work
) -> tuple[RoomUse, ...] | None:
    """As `cheapest`, within this amount of work. Raises OutOfSteps."""
    rooms = usable(index, registration, spaces)
    if registration.is_private:
        whole = whole_rooms(registration, rooms)
        if not whole:
            return None
        return split(registration, min(whole, key=lambda taken: valuation.private_waste(registration, unit, taken)))
    return _shared(valuation, registration, unit, rooms, work, sign=1)


def dearest_waste(valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space]) -> int | None:
    """The largest waste possible in its usable rooms, or None if there is no choice. Raises Undecided."""
    if registration.is_private:
        whole = whole_rooms(registration, spaces)
        return max((valuation.private_waste(registration, unit, taken) for taken in whole), default=None)
    try:
        uses = _shared(valuation, registration, unit, spaces, Work(MOST_STEPS), sign=-1)
    except OutOfSteps:
        uses = _best_beds(valuation, registration, unit, spaces, sign=-1)
    return None if uses is None else valuation.waste(registration, unit, uses)


def _shared(
    valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space], work: Work, *, sign: int
) -> tuple[RoomUse, ...] | None:
    """The best shared beds by dynamic programming over rooms; state: persons left, room needs left.

    Ties go to the first by id. Raises OutOfSteps.
    """
    extra_room = valuation.policy.extra_room
    start = (len(registration.persons), frozenset(registration.room_needs))
    states: dict[tuple[int, frozenset[str]], tuple[int, tuple[RoomUse, ...]]] = {start: (0, ())}
    for space in spaces:
        cost = valuation.bed_cost(registration, unit, space.room)
        grown = dict(states)
        work.spend(sum(min(left, space.beds) for left, _ in states))
        for (left, missing), (waste, uses) in states.items():
            still = missing - set(space.room.features)
            for persons in range(1, min(left, space.beds) + 1):
                total = waste + sign * (persons * cost + extra_room)
                state = (left - persons, still)
                if state not in grown or total < grown[state][0]:
                    grown[state] = (total, (*uses, RoomUse(space.room.id, persons)))
        states = grown
    done = states.get((0, frozenset()))
    return None if done is None else done[1]


def _best_beds(
    valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space], *, sign: int
) -> tuple[RoomUse, ...] | None:
    from matching.rooms.choices_exact import best_beds  # noqa: PLC0415 - ortools takes 0.4 s to import

    rooms = [replace(space.room, free_beds=space.beds, occupants=()) for space in spaces]
    return best_beds(valuation.index, registration, unit, rooms, sign)
