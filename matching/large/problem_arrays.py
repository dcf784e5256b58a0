"""The arrays of a large problem: allowed pairs of registration and unit with their points, and beds.

Registrations with the same requirements for rooms form a *class*. Rooms of a unit with the same properties form a
*group*. Points are integers. Nothing here depends on prices.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.distance import distances_km, within_km
from matching.eligibility import open_rows
from matching.format.problem import Kind, Registration, Room, Unit
from matching.index import Index
from matching.limit import NO_LIMIT, Limit
from matching.objective import Valuation
from matching.rooms.spaces import space_of
from matching.rules.base import Table

Ints = NDArray[np.int64]
Row = TypeVar("Row")
ROWS_AT_ONCE = 1_000  # registrations whose pairs with all units are evaluated together
NEAR_MARGIN = 1e-6  # km subtracted before rounding down, so that rounding errors cannot make a bound too small


class RoomClass(NamedTuple):
    """The requirements for rooms that define a class of registrations, with equal choices and waste in each unit."""

    private: bool
    persons: int
    kind: Kind | None
    needed_by: date
    room_needs: frozenset[str]
    codes: frozenset[str]  # scarce codes that are needed or preferred, and therefore not wasted
    high_care: bool


class Group(NamedTuple):
    """A group of rooms: identical rooms of a unit with `beds` free beds each. `kind`: the kind of the occupants."""

    unit: int
    beds: int
    free_from: date
    features: frozenset[str]
    kind: Kind | None
    rooms: tuple[Room, ...]


class ProblemArrays:
    """The arrays of a problem. In `unit` and `fit`, registration r has the entries from `start[r]` to `start[r + 1]`.

    `fit`: the points of each pair, without `serve` and without waste.
    """

    def __init__(self, index: Index, valuation: Valuation, limit: Limit = NO_LIMIT) -> None:
        """Computes the arrays. Raises LimitReached if the time limit is reached before all pairs are known."""
        self.index, self.valuation, self._limit = index, valuation, limit
        self.registrations = list(index.registrations.values())
        self.units = list(index.units.values())
        self.groups = _groups(index, self.units)
        self.capacity: Ints = np.array([group.beds * len(group.rooms) for group in self.groups], dtype=np.int64)
        classes = [self._class_of(row) for row in self.registrations]
        self.classes = list(dict.fromkeys(classes))
        position = {key: number for number, key in enumerate(self.classes)}
        self.class_of = np.array([position[key] for key in classes], dtype=np.int64)
        self.serve: Ints = np.array([valuation.serve(row) for row in self.registrations], dtype=np.int64)
        self.must = np.array([row.id in index.fixed for row in self.registrations], dtype=np.bool_)
        self.high_care_limit = {
            number: unit.high_care_limit for number, unit in enumerate(self.units) if unit.high_care_limit is not None
        }
        position_of = {name: number for number, name in enumerate(sorted(index.locations))}
        self.location: Ints = np.array([position_of[unit.location] for unit in self.units], dtype=np.int64)
        self._column = {unit.id: column for column, unit in enumerate(self.units)}
        self.row_of = {registration.id: row for row, registration in enumerate(self.registrations)}
        self.start, self.unit, self.fit = self._pairs()

    def ceiling(self) -> int:
        """An upper bound of the objective: each registration in its best open unit, without waste, and all points of
        groups.
        """
        best: Ints = np.zeros(len(self.registrations), dtype=np.int64)
        filled = np.flatnonzero(np.diff(self.start))
        if len(filled):
            best[filled] = np.maximum.reduceat(self.fit, self.start[filled]) + self.serve[filled]
        return int(np.where(self.must, best, np.maximum(best, 0)).sum()) + self.valuation.together_at_most

    def _class_of(self, row: Registration) -> RoomClass:
        private = row.is_private
        codes = frozenset(code for code in (*row.needs, *row.preferred_needs) if code in self.index.policy.scarce)
        kind = None if private else row.kind
        by = self.index.needed_by(row)
        return RoomClass(private, len(row.persons), kind, by, frozenset(row.room_needs), codes, row.high_care)

    def _pairs(self) -> tuple[Ints, NDArray[np.int32], NDArray[np.int32]]:
        counts, units, fits = [np.zeros(1, dtype=np.int64)], [], []
        points = self.valuation
        language = self._table(
            lambda row: row.languages, lambda unit: (unit.languages, unit.interpreter_languages), points.language
        )
        preferred = self._table(
            lambda row: frozenset(row.preferred_needs), lambda unit: unit.specialisms, points.preferred_needs
        )
        scheme = self._table(lambda row: row.schemes, lambda unit: unit.scheme, points.scheme)
        stale = None  # all counts are fresh, so that no points are lost
        if any(unit.freshness != "fresh" for unit in self.units):
            stale = self._table(lambda row: len(row.persons), lambda unit: unit.freshness, points.stale)
        for first, rows in open_rows(self.index, self.registrations, ROWS_AT_ONCE, limit=self._limit):
            self._limit.check()
            self._only_where_fixed(first, rows)
            row, unit = np.nonzero(rows)
            registration = row + first
            fit = language.at(registration, unit) + preferred.at(registration, unit) + scheme.at(registration, unit)
            if stale is not None:
                fit += stale.at(registration, unit)
            counts.append(np.bincount(row, minlength=len(rows)))
            units.append(unit.astype(np.int32))
            fits.append(fit - self._near(first, len(rows))[row, self.location[unit]])
        nothing = np.zeros(0, dtype=np.int32)
        start = np.cumsum(np.concatenate(counts))
        return start, np.concatenate([nothing, *units]), np.concatenate([nothing, *fits])

    def _table(
        self,
        fact: Callable[[Registration], Hashable],
        fact_of_unit: Callable[[Unit], Hashable],
        points: Callable[[Registration, Unit], int],
    ) -> "_Table":
        self._limit.check()
        return _Table(_Facts(self.registrations, fact), _Facts(self.units, fact_of_unit), points)

    def _only_where_fixed(self, first: int, rows: Table) -> None:
        for row in np.flatnonzero(self.must[first : first + len(rows)]).tolist():
            unit = self._column[self.index.fixed[self.registrations[first + row].id]]
            is_open = bool(rows[row, unit])
            rows[row] = False
            rows[row, unit] = is_open

    def _near(self, first: int, rows: int) -> NDArray[np.int32]:
        """Returns the points that distance costs, shape rows x locations. Only whole kilometres count."""
        policy = self.index.policy
        places = [self.index.locations[name] for name in sorted(self.index.locations)]
        lats, lons = np.array([place.lat for place in places]), np.array([place.lon for place in places])
        lost = np.zeros((rows, len(places)), dtype=np.int32)
        for row, registration in enumerate(self.registrations[first : first + rows]):
            if registration.near is None or not policy.near_km:
                continue
            lost[row] = policy.near_cap
            point = registration.near
            close = within_km(policy.near_cap / policy.near_km + 1, point.lat, lats)
            km = distances_km(point.lat, point.lon, lats[close], lons[close])
            lost[row, close] = np.minimum(policy.near_cap, policy.near_km * np.floor(km - NEAR_MARGIN).clip(0))
        return lost


class _Facts(Generic[Row]):
    """The values of a fact. `examples`: a row for each distinct value. `of`: for each row, its value's position."""

    def __init__(self, rows: Sequence[Row], fact: Callable[[Row], Hashable]) -> None:
        facts = [fact(row) for row in rows]
        examples = dict(zip(facts, rows, strict=True))
        position = {key: number for number, key in enumerate(examples)}
        self.examples = list(examples.values())
        self.of = np.array([position[key] for key in facts], dtype=np.int64)


class _Table:
    """Points that depend on a fact of the registration and a fact of the unit, for each pair of values."""

    def __init__(
        self, rows: _Facts[Registration], units: _Facts[Unit], points: Callable[[Registration, Unit], int]
    ) -> None:
        self.rows, self.units = rows, units
        table = [[points(row, unit) for unit in units.examples] for row in rows.examples]
        self.points = np.array(table, dtype=np.int32).reshape(len(rows.examples), len(units.examples))

    def at(self, registration: Ints, unit: Ints) -> NDArray[np.int32]:
        return self.points[self.rows.of[registration], self.units.of[unit]]


def _groups(index: Index, units: Sequence[Unit]) -> list[Group]:
    """Returns the groups of rooms, sorted by unit. Omits rooms in which no registration can get a bed."""
    groups = []
    for number, unit in enumerate(units):

        def alike(room: Room) -> tuple[Any, ...]:
            return room.free_beds, room.free_from, sorted(set(room.features)), sorted(space_of(room).kinds)

        rooms = [room for room in index.rooms_of[unit.id] if room.free_beds and len(space_of(room).kinds) <= 1]
        for _, same in groupby(sorted(rooms, key=alike), key=alike):
            these = tuple(same)
            first = these[0]
            kind = next(iter(space_of(first).kinds), None)
            groups.append(Group(number, first.free_beds, first.free_from, frozenset(first.features), kind, these))
    return groups
