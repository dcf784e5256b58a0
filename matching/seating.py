"""Whether several registrations can be given rooms in one unit together: exactly, and without a solver.

Whole rooms for the private ones are tried first, then a bed in a room with each needed feature, then a
kind (gender, minor) for each room that is still empty. What is left needs no search: rooms that are free
in time for the one who can wait least are so for everybody, so counting beds by date settles it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from matching.choices import Space, space_of, split, whole_rooms
from matching.index import Index
from matching.problem import Kind, Registration, Room
from matching.solution import RoomUse

REASONS = ("too_few_beds", "too_late", "occupied", "gender_or_minors", "room_needs")
TOO_LATE, OCCUPIED, GENDER_OR_MINORS, ROOM_NEEDS = 2, 3, 4, 5  # how many of the reasons count, from the first

_ANYBODY: Kind = ("", False)  # everybody's kind as long as `gender_or_minors` does not count
_Seats = dict[str, tuple[RoomUse, ...]]


def first_obstacle(index: Index, unit: str, registrations: list[Registration]) -> str | None:
    """The first of the reasons that leaves no rooms for these registrations together; None where rooms exist."""
    asks = [_asks(index, row) for row in registrations]
    key = unit, *(sorted(asks) if len(asks) > 1 else asks)
    if key not in index.obstacles:  # many ask the same question, and so does everybody who is fixed in one unit
        index.obstacles[key] = _first_obstacle(index, unit, registrations)
    return index.obstacles[key]


def _asks(index: Index, registration: Registration) -> tuple[object, ...]:
    """All that matters of a registration here; kept, since it is asked for every unit."""
    if registration.id in index.asked_of_rooms:
        return index.asked_of_rooms[registration.id]
    kind = ("", False) if registration.is_private else registration.kind
    needs = tuple(sorted(set(registration.room_needs)))
    asks = registration.is_private, len(registration.persons), kind, index.needed_by(registration), needs
    return index.asked_of_rooms.setdefault(registration.id, asks)


def _first_obstacle(index: Index, unit: str, registrations: list[Registration]) -> str | None:
    if len(registrations) == 1 and len(set(registrations[0].room_needs)) <= 1:
        return _obstacle_of_one(index, unit, registrations[0])
    if seat(index, unit, registrations) is not None:
        return None
    *earlier, last = REASONS
    for counted, reason in enumerate(earlier, start=1):
        if seat(index, unit, registrations, counted) is None:
            return reason
    return last


def _obstacle_of_one(index: Index, unit: str, registration: Registration) -> str | None:
    """The same where nobody else is there, and at most one feature is asked for: no search is needed."""
    rooms = [room for room in index.rooms_of[unit] if room.free_beds]
    if not rooms:
        return "too_few_beds"
    by, kind = index.needed_by(registration), {registration.kind}
    fits: dict[str, Callable[[Room], bool]] = {
        "too_few_beds": lambda _: True,
        "too_late": lambda room: room.free_from <= by,
        "occupied": lambda room: not (registration.is_private and room.occupants),
        "gender_or_minors": lambda room: registration.is_private or space_of(room).kinds <= kind,
    }
    for reason, fit in fits.items():
        rooms = [room for room in rooms if fit(room)]
        if not _holds(registration, rooms, needs=False):
            return reason
    return None if _holds(registration, rooms, needs=True) else "room_needs"


def _holds(registration: Registration, rooms: list[Room], *, needs: bool) -> bool:
    if registration.is_private:
        spaces = [Space(room, room.free_beds, frozenset()) for room in rooms]
        return bool(whole_rooms(registration, spaces, needs=needs))
    enough = sum(room.free_beds for room in rooms) >= len(registration.persons)
    return enough and all(any(code in room.features for room in rooms) for code in registration.room_needs if needs)


def seat(index: Index, unit: str, registrations: list[Registration], counted: int = len(REASONS)) -> _Seats | None:
    """Rooms for all of them, or None where there are none."""
    return _Search(index, index.rooms_of[unit], registrations, counted).answer()


class _Search:
    def __init__(self, index: Index, rooms: list[Room], registrations: list[Registration], counted: int) -> None:
        self.index = index
        self.counted = counted
        self.rooms = [room for room in rooms if room.free_beds]
        self.left = {room.id: room.free_beds for room in self.rooms}
        self.kinds = {room.id: {self._kind(kind) for kind in space_of(room).kinds} for room in self.rooms}
        by_size = sorted(registrations, key=lambda row: (-len(row.persons), row.id))
        self.private = [row for row in by_size if row.is_private]
        self.sharing = [row for row in by_size if not row.is_private]
        self.given: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def answer(self) -> _Seats | None:
        persons = sum(len(row.persons) for row in (*self.private, *self.sharing))
        if persons > sum(self.left.values()) or not self._seat_private(0):
            return None
        return {
            registration: tuple(RoomUse(room, persons) for room, persons in sorted(rooms.items()))
            for registration, rooms in self.given.items()
        }

    def _kind(self, kind: Kind) -> Kind:
        return kind if self.counted >= GENDER_OR_MINORS else _ANYBODY

    def _needed_by(self, registration: Registration) -> date:
        return self.index.needed_by(registration) if self.counted >= TOO_LATE else date.max

    def _like(self, room: Room) -> tuple[object, ...]:
        """Rooms that are alike in this are tried once."""
        kinds = frozenset(self.kinds[room.id])
        return self.left[room.id], room.free_from, frozenset(room.features), kinds, room.free_beds, bool(room.occupants)

    def _seat_private(self, position: int) -> bool:
        if position == len(self.private):
            return self._seat_features(0)
        registration = self.private[position]
        seen = set()
        for rooms in self._whole_choices(registration):
            alike = frozenset(Counter(self._like(room) for room in rooms).items())
            if alike in seen:
                continue
            seen.add(alike)
            for room in rooms:
                self.left[room.id] = 0
            self.given[registration.id] = Counter({use.room: use.persons for use in split(registration, rooms)})
            if self._seat_private(position + 1):
                return True
            del self.given[registration.id]
            for room in rooms:
                self.left[room.id] = room.free_beds
        return False

    def _whole_choices(self, registration: Registration) -> list[tuple[Room, ...]]:
        by = self._needed_by(registration)
        spaces = [
            Space(room, room.free_beds, frozenset())
            for room in self.rooms
            if self.left[room.id] and room.free_from <= by and (self.counted < OCCUPIED or not room.occupants)
        ]
        return whole_rooms(registration, spaces, needs=self.counted >= ROOM_NEEDS)

    def _seat_features(self, position: int) -> bool:
        """A bed for each needed feature; the first registration that misses one is given it in every possible way."""
        if self.counted < ROOM_NEEDS or position == len(self.sharing):
            return self._choose_kinds(0, None, None)
        registration = self.sharing[position]
        missing = self._missing(registration)
        if not missing:
            return self._seat_features(position + 1)
        if self.given[registration.id].total() == len(registration.persons):
            return False
        kind, seen = registration.kind, set()
        for room in self.rooms:
            alike = self._like(room), self.given[registration.id][room.id] > 0
            if (
                missing not in room.features
                or alike in seen
                or not self._open_to(room, kind, self._needed_by(registration))
            ):
                continue
            seen.add(alike)
            was = set(self.kinds[room.id])
            self._give(registration, room, 1)
            if self._seat_features(position):
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
        self.kinds[room.id] = {self._kind(registration.kind)}
        self.given[registration.id][room.id] += persons

    def _take_back(self, registration: Registration, room: Room, kinds: set[Kind]) -> None:
        self.left[room.id] += 1
        self.kinds[room.id] = kinds
        self.given[registration.id][room.id] -= 1
        self.given[registration.id] += Counter()  # forgets what is zero

    def _choose_kinds(self, position: int, before: tuple[object, ...] | None, kind_before: Kind | None) -> bool:
        """A kind for each empty room; among rooms that are alike the kinds never go down: each mixture once."""
        empty = [room for room in self.rooms if self.left[room.id] and not self.kinds[room.id]]
        demand = sorted({self._kind(row.kind) for row in self.sharing if self._unseated(row)})
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
            self.kinds[room.id] = {kind}
            if self._choose_kinds(position + 1, alike, kind):
                return True
            self.kinds[room.id] = set()
        return False

    def _unseated(self, registration: Registration) -> int:
        return len(registration.persons) - self.given[registration.id].total()

    def _fill(self, demand: list[Kind]) -> bool:
        """Beds for all who are left, those who can wait least first."""
        plan: list[tuple[Registration, Room, int]] = []
        left = dict(self.left)
        for kind in demand:
            waiting = [row for row in self.sharing if self._kind(row.kind) == kind and self._unseated(row)]
            for registration in sorted(waiting, key=lambda row: (self._needed_by(row), row.id)):
                wanted = self._unseated(registration)
                for room in self._largest_first(left, kind, self._needed_by(registration)):
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
