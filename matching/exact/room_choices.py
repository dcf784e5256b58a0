"""The cheapest and the most wasteful rooms of a unit for a registration.

After a number of steps a solver decides instead; it is imported only then.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from matching.format.problem import Registration, Unit
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.choices import cheapest_within, shared_beds
from matching.rooms.spaces import Space, usable, whole_rooms
from matching.work import OutOfSteps, Work

MOST_STEPS = 50_000  # of one bed choice: about a fifth of a second


def cheapest(
    index: Index, valuation: Valuation, registration: Registration, unit: Unit, spaces: Iterable[Space]
) -> tuple[RoomUse, ...] | None:
    """Returns the choice of rooms with the least waste, or `None` without a choice. Raises Undecided."""
    rooms = usable(index, registration, spaces)
    try:
        return cheapest_within(index, valuation, registration, unit, rooms, work=Work(MOST_STEPS))
    except OutOfSteps:
        return _best_beds(valuation, registration, unit, rooms, sign=1)


def dearest_waste(valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space]) -> int | None:
    """Returns the largest possible waste in its usable rooms; `None` if there is no choice. Raises Undecided."""
    if registration.is_private:
        whole = whole_rooms(registration, spaces)
        return max((valuation.private_waste(registration, unit, taken) for taken in whole), default=None)
    try:
        uses = shared_beds(valuation, registration, unit, spaces, Work(MOST_STEPS), sign=-1)
    except OutOfSteps:
        uses = _best_beds(valuation, registration, unit, spaces, sign=-1)
    return None if uses is None else valuation.waste(registration, unit, uses)


def _best_beds(
    valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space], *, sign: int
) -> tuple[RoomUse, ...] | None:
    from matching.exact.best_beds import best_beds  # noqa: PLC0415 - ortools takes 0.4 s to import

    rooms = [replace(space.room, free_beds=space.beds, occupants=()) for space in spaces]
    return best_beds(valuation.index, registration, unit, rooms, sign)
