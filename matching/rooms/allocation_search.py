"""An exact search for a room allocation in a unit, without a solver and with a step limit.

The search tries whole rooms for private registrations, then rooms for each needed feature, then a kind of persons for
each empty room. The other persons need no search: registrations that can wait least get their beds first. A room that
is free in time for them is free in time for all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from matching.format.problem import Kind, Registration, Room
from matching.format.solution import RoomUse
from matching.rooms.spaces import Space, space_of, split, whole_rooms
from matching.work import Work

Allocation = dict[str, tuple[RoomUse, ...]]
CHOICES_OF_A_STEP = 100  # listing so many pairs of rooms counts as a step


class Search:
    """The search for a room allocation. `asking`: by id, each registration with its last acceptable first day.

    A step is an attempt to give out a room, or the listing of a hundred choices.
    """

    def __init__(self, rooms: list[Room], asking: Mapping[str, tuple[Registration, date]], work: Work) -> None:
        self.rooms = [room for room in rooms if room.free_beds]
        self.by = {name: by for name, (_, by) in asking.items()}
        self.work = work
        self.left = {room.id: room.free_beds for room in self.rooms}
        self.kinds = {room.id: set(space_of(room).kinds) for room in self.rooms}
        by_size = sorted((row for row, _ in asking.values()), key=lambda row: (-len(row.persons), row.id))
        self.private = [row for row in by_size if row.is_private]
        self.sharing = [row for row in by_size if not row.is_private]
        self.given: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def answer(self) -> Allocation | None:
        """Returns a room allocation for all registrations; `None` if impossible. Raises OutOfSteps."""
        persons = sum(len(row.persons) for row in (*self.private, *self.sharing))
        if persons > sum(self.left.values()) or not self._allocate_private(0):
            return None
        return self._allocation()

    def completed(self, taken: Mapping[str, list[Room]], kinds: Mapping[str, Kind]) -> Allocation | None:
        """Returns an allocation with these rooms (by registration) and kinds (by room); `None` if beds are missing."""
        for row in self.private:
            self.given[row.id] = Counter({use.room: use.persons for use in split(row, taken[row.id])})
        for row in self.sharing:
            for room in taken[row.id]:
                self._give(row, room, 1)
        self.kinds = {room: {kind} for room, kind in kinds.items()}
        self.rooms = [room for room in self.rooms if room.id in kinds]
        return self._allocation() if self._fill(sorted(set(kinds.values()))) else None

    def _allocation(self) -> Allocation:
        return {
            registration: tuple(RoomUse(room, persons) for room, persons in sorted(rooms.items()))
            for registration, rooms in self.given.items()
        }

    def _like(self, room: Room) -> tuple[object, ...]:
        """Returns a key that is equal for equivalent rooms. Only one room of each key is tried."""
        kinds = frozenset(self.kinds[room.id])
        return self.left[room.id], room.free_from, frozenset(room.features), kinds, room.free_beds, bool(room.occupants)

    def _allocate_private(self, position: int) -> bool:
        if position == len(self.private):
            return self._allocate_features(0)
        registration = self.private[position]
        choices, seen = self._whole_choices(registration), set()
        self.work.spend(len(choices) // CHOICES_OF_A_STEP)
        for rooms in choices:
            alike = frozenset(Counter(self._like(room) for room in rooms).items())
            if alike in seen:
                continue
            seen.add(alike)
            self.work.spend()
            for room in rooms:
                self.left[room.id] = 0
            self.given[registration.id] = Counter({use.room: use.persons for use in split(registration, rooms)})
            if self._allocate_private(position + 1):
                return True
            del self.given[registration.id]
            for room in rooms:
                self.left[room.id] = room.free_beds
        return False

    def _whole_choices(self, registration: Registration) -> list[tuple[Room, ...]]:
        by = self.by[registration.id]
        spaces = [
            Space(room, room.free_beds, frozenset())
            for room in self.rooms
            if self.left[room.id] and room.free_from <= by and not room.occupants
        ]
        return whole_rooms(registration, spaces)

    def _allocate_features(self, position: int) -> bool:
        """Gives registrations, from `position` on, beds in rooms with the features that they need. Tries all rooms."""
        missing = None
        while position < len(self.sharing) and not (missing := self._missing(self.sharing[position])):
            position += 1
        if missing is None:
            return self._choose_kinds(None, None)
        registration = self.sharing[position]
        if self.given[registration.id].total() == len(registration.persons):
            return False
        seen = set()
        for room in self.rooms:
            alike = self._like(room), self.given[registration.id][room.id] > 0
            if (
                missing not in room.features
                or alike in seen
                or not self._open_to(room, registration.kind, self.by[registration.id])
            ):
                continue
            seen.add(alike)
            self.work.spend()
            was = set(self.kinds[room.id])
            self._give(registration, room, 1)
            if self._allocate_features(position):
                return True
            self._take_back(registration, room, was)
        return False

    def _missing(self, registration: Registration) -> str | None:
        has = {code for room in self.rooms if self.given[registration.id][room.id] for code in room.features}
        return min(set(registration.room_needs) - has, default=None)

    def _open_to(self, room: Room, kind: Kind, by: date) -> bool:
        return self.left[room.id] > 0 and room.free_from <= by and self.kinds[room.id] <= {kind}

    def _give(self, registration: Registration, room: Room, persons: int) -> None:
        self.left[room.id] -= persons
        self.kinds[room.id] = {registration.kind}
        self.given[registration.id][room.id] += persons

    def _take_back(self, registration: Registration, room: Room, kinds: set[Kind]) -> None:
        self.left[room.id] += 1
        self.kinds[room.id] = kinds
        self.given[registration.id][room.id] -= 1
        self.given[registration.id] += Counter()  # removes zero counts

    def _choose_kinds(self, before: tuple[object, ...] | None, kind_before: Kind | None) -> bool:
        """Assigns a kind of persons to each empty room. In identical rooms the kinds are sorted, to avoid symmetry."""
        empty = [room for room in self.rooms if self.left[room.id] and not self.kinds[room.id]]
        demand = sorted({row.kind for row in self.sharing if self._unallocated(row)})
        if not empty or len(demand) <= 1:
            for room in empty:
                self.kinds[room.id] = set(demand)
            if self._fill(demand):
                return True
            for room in empty:
                self.kinds[room.id] = set()
            return False
        room = min(empty, key=lambda room: (room.free_beds, room.free_from, room.id))
        alike = (room.free_beds, room.free_from)
        for kind in demand:
            if before == alike and kind_before is not None and kind < kind_before:
                continue
            self.work.spend()
            self.kinds[room.id] = {kind}
            if self._choose_kinds(alike, kind):
                return True
            self.kinds[room.id] = set()
        return False

    def _unallocated(self, registration: Registration) -> int:
        return len(registration.persons) - self.given[registration.id].total()

    def _fill(self, demand: list[Kind]) -> bool:
        """Gives beds to all persons without a bed, first to registrations that can wait least."""
        plan: list[tuple[Registration, Room, int]] = []
        left = dict(self.left)
        for kind in demand:
            waiting = [row for row in self.sharing if row.kind == kind and self._unallocated(row)]
            for registration in sorted(waiting, key=lambda row: (self.by[row.id], row.id)):
                wanted = self._unallocated(registration)
                for room in self._largest_first(left, kind, self.by[registration.id]):
                    taken = min(wanted, left[room.id])
                    if taken:
                        plan.append((registration, room, taken))
                        left[room.id] -= taken
                        wanted -= taken
                if wanted:
                    return False
        for registration, room, persons in plan:
            self._give(registration, room, persons)
        return True

    def _largest_first(self, left: dict[str, int], kind: Kind, by: date) -> Iterator[Room]:
        rooms = [room for room in self.rooms if room.free_from <= by and self.kinds[room.id] <= {kind}]
        return iter(sorted(rooms, key=lambda room: (-left[room.id], room.id)))
