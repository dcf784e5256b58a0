"""The beds of a unit for a registration that shares rooms, by solvers, if dynamic programming takes too many steps."""

from collections.abc import Sequence

from msgspec.structs import replace

from matching.exact.model import build
from matching.exact.solve import solve
from matching.format.problem import Fixed, Registration, Room, Unit
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.allocation_exact import allocation
from matching.solvers.cp_sat import SolverFailed
from matching.work import Undecided


def best_beds(
    index: Index, registration: Registration, unit: Unit, rooms: Sequence[Room], sign: int
) -> tuple[RoomUse, ...] | None:
    """Returns the beds with the least waste (with `sign` -1 the most) in these rooms; `None` if there is no choice.

    `rooms`: open to the registration, with their remaining beds. Raises Undecided.
    """
    if allocation(index, unit.id, list(rooms), [registration]) is None:
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
    builder.points = [sign * points for points in builder.points]
    try:
        outcome = solve(builder)
    except SolverFailed as error:
        raise Undecided(f"which rooms in unit {unit.id} waste least is not known: {error}") from error
    if not outcome.proven:
        raise Undecided(f"which rooms in unit {unit.id} waste least is not known: the search was cut off")
    return outcome.placements[0].rooms
