"""The check whether units have rooms for registrations beside the fixed registrations, for all pairs at once.

The result for each pair is that of `allocation.has_rooms`. Arrays decide nearly all pairs; `has_rooms` decides the
rest.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from matching.format.problem import Kind, Registration
from matching.index import Ask, Index
from matching.rooms.allocation import allocation_of_fixed, has_rooms, must_choose_rooms
from matching.rooms.spaces import Space, space_of, taken_of
from matching.work import Undecided, Work

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
STEPS = 20_000  # steps for all pairs that the arrays do not decide: about half a second
STEPS_EACH = 20  # additional steps for each of these pairs


class RoomsAlone:
    """A check that sets to false, in a table of pairs, the pairs without rooms.

    If the steps for searches are used up, undecided pairs stay true, so that an upper bound from the table stays valid.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.column = {unit: column for column, unit in enumerate(index.units)}
        self.fixed = np.array([bool(index.fixed_in(unit, without="")) for unit in index.units], dtype=np.bool_)
        self.all_rooms = _Stock([[space_of(room) for room in rooms] for rooms in index.rooms_of.values()])
        self.left = _Stock([self._left(unit) if self.fixed[column] else [] for unit, column in self.column.items()])
        self.work = Work(STEPS)

    def narrow(self, registrations: list[Registration], allowed: Mask) -> None:
        """Sets the pairs without rooms to false in the table `allowed` (registrations x units)."""
        own = {
            (row, self.column[self.index.fixed[registration.id]])
            for row, registration in enumerate(registrations)
            if registration.id in self.index.fixed
        }
        stay = {place for place in own if allowed[place]}
        rows_of: defaultdict[Ask, list[int]] = defaultdict(list)
        for row, registration in enumerate(registrations):
            rows_of[self.index.ask_of(registration)].append(row)
        for ask, rows in rows_of.items():
            wanted = np.logical_or.reduce(allowed[rows])
            allowed[rows] &= self._open_to(ask, [registrations[row] for row in rows], wanted)
        units = list(self.column)
        for row, column in sorted(own):  # a fixed registration in its own unit
            allowed[row, column] = (row, column) in stay and self._has_rooms(registrations[row], units[column])

    def _left(self, unit: str) -> list[Space]:
        """Returns the rooms of a unit with the beds that the fixed registrations leave in a possible allocation."""
        try:
            allocation = allocation_of_fixed(self.index, unit)
        except Undecided:
            return []
        if allocation is None:
            return []
        spaces = {room.id: space_of(room) for room in self.index.rooms_of[unit]}
        for name, uses in allocation.items():
            for use in uses:
                spaces[use.room] = taken_of(spaces[use.room], self.index.registrations[name], use.persons)
        return list(spaces.values())

    def _open_to(self, ask: Ask, asking: list[Registration], wanted: Mask) -> Mask:
        """Returns, by unit, whether it has rooms for the registrations `asking`, which have equal requirements and are
        not fixed there. Decides only the units `wanted`.
        """
        surely, perhaps = self.all_rooms.allocation(ask)
        if self.fixed.any():
            beside_them, _ = self.left.allocation(ask)
            surely = np.where(self.fixed, beside_them, surely)
        units = list(self.column)
        for column in np.flatnonzero(wanted & perhaps & ~surely).tolist():
            others = (row for row in asking if self.index.fixed.get(row.id) != units[column])
            surely[column] = any(self._has_rooms(row, units[column]) for row in islice(others, 1))
        return surely

    def _has_rooms(self, registration: Registration, unit: str) -> bool:
        """Checks whether the unit has rooms for the registration. Returns true if the steps are used up."""
        self.work.allow(STEPS_EACH)
        if self.work.is_over:
            return True
        before = self.index.steps
        try:
            return has_rooms(self.index, unit, [registration, *self.index.fixed_in(unit, without=registration.id)])
        except Undecided:
            return True
        finally:
            self.work.done += self.index.steps - before


class _Stock:
    """All rooms that have a free bed, as arrays sorted by unit, the largest room first."""

    def __init__(self, spaces_of: Sequence[Sequence[Space]]) -> None:
        rows = [
            (unit, -space.beds, number, space)
            for unit, spaces in enumerate(spaces_of)
            for number, space in enumerate(spaces)
            if space.beds
        ]
        rows.sort(key=lambda row: row[:3])
        self.spaces = [space for *_, space in rows]
        self.units = len(spaces_of)
        self.unit: Ints = np.array([unit for unit, *_ in rows], dtype=np.int64)
        self.beds: Ints = np.array([space.beds for space in self.spaces], dtype=np.int64)
        self.day: Ints = np.array([space.room.free_from.toordinal() for space in self.spaces], dtype=np.int64)
        self.of_kind: dict[Kind | None, Mask] = {}
        self.features: dict[str, Mask] = {}

    def allocation(self, ask: Ask) -> tuple[Mask, Mask]:
        """Returns two masks by unit: true if it certainly has enough rooms, and true if it perhaps has enough rooms."""
        ready = (self.day <= ask.by.toordinal()) & self._open_to(ask.kind)
        features = [self._having(code) for code in ask.needs]
        if ask.private:
            return self._whole(ask, ready, features)
        if ask.persons == 1:
            found = self._any(np.logical_and.reduce([ready, *features]))
            return found, found
        enough = np.bincount(self.unit[ready], self.beds[ready], self.units) >= ask.persons
        found = np.logical_and.reduce([enough, *(self._any(ready & has) for has in features)])
        return found & (not must_choose_rooms(ask)), found

    def _whole(self, ask: Ask, ready: Mask, features: list[Mask]) -> tuple[Mask, Mask]:
        """Returns the masks of `allocation` for whole rooms: a single room, or two. If features are needed, two rooms
        are never certain.
        """
        large = self.beds >= ask.persons
        one = self._any(np.logical_and.reduce([ready, large, *features]))
        small = np.flatnonzero(ready & ~large)
        unit = self.unit[small]
        first = np.append(True, unit[1:] != unit[:-1])[: len(unit)]
        second = np.append(False, first[:-1] & ~first[1:])[: len(unit)]
        beds = np.bincount(unit[first | second], self.beds[small][first | second], self.units)
        two = np.bincount(unit[second], minlength=self.units).astype(np.bool_) & (beds >= ask.persons)
        perhaps = np.logical_and.reduce([two, *(self._any(ready & ~large & has) for has in features)])
        return one | (two & (not features)), one | perhaps

    def _any(self, rooms: Mask) -> Mask:
        found = np.zeros(self.units, dtype=np.bool_)
        found[self.unit[rooms]] = True
        return found

    def _open_to(self, kind: Kind | None) -> Mask:
        """Returns the rooms in which all persons are of this kind. For `None`, returns the rooms without occupants."""
        if kind not in self.of_kind:
            self.of_kind[kind] = np.array([space.kinds <= {kind} for space in self.spaces], dtype=np.bool_)
        return self.of_kind[kind]

    def _having(self, code: str) -> Mask:
        if code not in self.features:
            self.features[code] = np.array([code in space.room.features for space in self.spaces], dtype=np.bool_)
        return self.features[code]
