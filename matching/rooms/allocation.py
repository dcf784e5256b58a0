"""The allocation of several registrations to the rooms of a unit: exact, with limited work.

A search solves the usual cases (`allocation_search.py`). If it reaches its step limit, two solvers are imported and
decide (`allocation_exact.py`).
"""

from collections.abc import Callable

from msgspec.structs import replace

from matching.format.parts import Occupant, Person
from matching.format.problem import Registration, Room
from matching.index import Ask, Index
from matching.rooms.allocation_search import Allocation, Search
from matching.rooms.spaces import Space, space_of, whole_rooms
from matching.work import OutOfSteps, Work

REASONS = ("too_few_beds", "too_late", "occupied", "gender_or_minors", "room_needs")
TOO_LATE, OCCUPIED, GENDER_OR_MINORS, ROOM_NEEDS = 2, 3, 4, 5  # positions in REASONS, counted from 1

MOST_STEPS = 500  # steps of a search: about ten milliseconds
STEPS_OF_A_SOLVER = 1_000  # the number of steps counted for an answer of the solvers
_ANYBODY = Person("other", 18)  # replaces each person if genders and minors do not count


def first_obstacle(index: Index, unit: str, registrations: list[Registration]) -> str | None:
    """Returns the first of REASONS that prevents a room allocation; `None` if there is an allocation.

    Raises Undecided.
    """
    key = _prepared(index, unit, registrations)
    if key not in index.obstacles:
        index.obstacles[key] = _first_obstacle(index, unit, registrations)
    return index.obstacles[key]


def has_rooms(index: Index, unit: str, registrations: list[Registration]) -> bool:
    """Checks whether a room allocation for these registrations exists. Raises Undecided."""
    key = _prepared(index, unit, registrations)
    if key not in index.rooms_for:
        if registrations and {row.id for row in registrations} == {row.id for row in index.fixed_in(unit, without="")}:
            index.rooms_for[key] = allocation_of_fixed(index, unit) is not None
        elif len(registrations) == 1 and not must_choose_rooms(index.ask_of(registrations[0])):
            index.rooms_for[key] = _obstacle_of_one(index, unit, registrations[0]) is None
        else:
            index.rooms_for[key] = allocate(index, unit, registrations) is not None
    return index.rooms_for[key]


def allocation_of_fixed(index: Index, unit: str) -> Allocation | None:
    """Returns a room allocation for all registrations fixed in a unit; `None` if impossible. Raises Undecided."""
    if unit not in index.allocation:
        index.allocation[unit] = allocate(index, unit, index.fixed_in(unit, without=""))
    return index.allocation[unit]


def _prepared(index: Index, unit: str, registrations: list[Registration]) -> tuple[object, ...]:
    """Returns the cache key of a question: the unit, and the requirements of the registrations."""
    asks = [index.ask_of(row) for row in registrations]
    return unit, *(sorted(asks) if len(asks) > 1 else asks)


def _first_obstacle(index: Index, unit: str, registrations: list[Registration]) -> str | None:
    if len(registrations) == 1 and not must_choose_rooms(index.ask_of(registrations[0])):
        return _obstacle_of_one(index, unit, registrations[0])
    if has_rooms(index, unit, registrations):
        return None
    *earlier, last = REASONS
    for counted, reason in enumerate(earlier, start=1):
        if allocate(index, unit, registrations, counted) is None:
            return reason
    return last


def must_choose_rooms(ask: Ask) -> bool:
    """Checks whether rooms must be chosen together: several persons share, and need more features than there are
    persons.
    """
    return not ask.private and 1 < ask.persons < len(ask.needs)


def _obstacle_of_one(index: Index, unit: str, registration: Registration) -> str | None:
    """Returns the first obstacle of a registration, without a search. Valid only if `must_choose_rooms` is false."""
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
    wanted = set(registration.room_needs if needs else ())
    if len(registration.persons) == 1:
        return any(wanted <= set(room.features) for room in rooms)
    enough = sum(room.free_beds for room in rooms) >= len(registration.persons)
    return enough and wanted <= {code for room in rooms for code in room.features}


def allocate(
    index: Index, unit: str, registrations: list[Registration], counted: int = len(REASONS)
) -> Allocation | None:
    """Returns a room allocation that respects only `REASONS[:counted]`; `None` if there is no such allocation.

    Raises Undecided if neither the search nor the solvers can decide.
    """
    rooms, rows = _as_if(index, counted, index.rooms_of[unit], registrations)
    work = Work(MOST_STEPS)
    try:
        return Search(rooms, {row.id: (row, index.needed_by(row)) for row in rows}, work).answer()
    except OutOfSteps:
        from matching.rooms.allocation_exact import allocation  # noqa: PLC0415 - solvers take 0.5 s to import

        index.steps += STEPS_OF_A_SOLVER
        return allocation(index, unit, rooms, rows)
    finally:
        index.steps += work.done


def _as_if(
    index: Index, counted: int, rooms: list[Room], registrations: list[Registration]
) -> tuple[list[Room], list[Registration]]:
    """Returns the rooms and registrations, changed so that only `REASONS[:counted]` matter."""
    rooms = [room for room in rooms if room.free_beds]
    if counted < TOO_LATE:
        rooms = [replace(room, free_from=index.problem.as_of) for room in rooms]
    if counted < OCCUPIED:
        rooms = [replace(room, occupants=()) for room in rooms]
    elif counted < GENDER_OR_MINORS:
        rooms = [replace(room, occupants=tuple(map(_anybody, room.occupants))) for room in rooms]
    if counted < GENDER_OR_MINORS:
        registrations = [
            row if row.is_private else replace(row, persons=(_ANYBODY,) * len(row.persons)) for row in registrations
        ]
    if counted < ROOM_NEEDS:
        registrations = [replace(row, room_needs=()) for row in registrations]
    return rooms, registrations


def _anybody(occupant: Occupant) -> Occupant:
    return replace(occupant, gender=_ANYBODY.gender, minor=False)
