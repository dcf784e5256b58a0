"""The rooms of a unit with the least or the most waste for a registration. A search finds them. If the search takes too
many steps, a solver is imported and decides.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from matching.format.problem import Fixed, Registration, Unit
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.choices import cheapest_within, shared_beds
from matching.rooms.spaces import Space, usable, whole_rooms
from matching.work import OutOfSteps, Undecided, Work

MOST_STEPS = 50_000  # steps for a single choice of beds: about a fifth of a second


def cheapest(
    index: Index, valuation: Valuation, registration: Registration, unit: Unit, spaces: Iterable[Space]
) -> tuple[RoomUse, ...] | None:
    """Returns the rooms with the least waste; `None` if there is no choice. Raises Undecided."""
    rooms = usable(index, registration, spaces)
    try:
        return cheapest_within(index, valuation, registration, unit, rooms, work=Work(MOST_STEPS))
    except OutOfSteps:
        return _best_beds(valuation, registration, unit, rooms, sign=1)


def dearest_waste(valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space]) -> int | None:
    """Returns the largest possible waste in these usable rooms; `None` if there is no choice. Raises Undecided."""
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
    """Returns the beds with the least waste (`sign` 1) or the most waste (`sign` -1), by a solver. Raises Undecided."""
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import
    from matching.exact.solve import solve  # noqa: PLC0415 - as above
    from matching.rooms.allocation_exact import allocation  # noqa: PLC0415 - as above
    from matching.solvers.cp_sat import SolverFailed  # noqa: PLC0415 - as above

    index, rooms = valuation.index, [replace(space.room, free_beds=space.beds, occupants=()) for space in spaces]
    if allocation(index, unit.id, rooms, [registration]) is None:
        return None
    part = replace(
        index.problem,
        locations=(index.location_of(unit),),
        units=(unit,),
        rooms=tuple(rooms),
        registrations=(replace(registration, keep_apart=(), high_care=False),),
        together=(),
        fixed=(Fixed(registration.id, unit.id),),
    )
    builder = build(Index(part), Valuation(Index(part)), {registration.id: [unit.id]})
    builder.points = {column: sign * points for column, points in builder.points.items()}
    why = f"which rooms in unit {unit.id} waste least is not known"
    try:
        outcome = solve(builder)
    except SolverFailed as error:
        raise Undecided(f"{why}: {error}") from error
    if not outcome.proven:
        raise Undecided(f"{why}: the search was cut off")
    return outcome.placements[0].rooms
