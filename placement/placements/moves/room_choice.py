"""The choice of rooms for a placement: the proposed rooms, or other rooms if something changed since the proposal."""

from matching import Problem, RoomUse, choose_rooms
from placement.capacity.room_state import RoomState, room_states
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.place_codes import RoomsLack
from placement.placements.decisions.present_problem import CheckedProblem
from placement.placements.proposals.frozen_problems import problem_of
from placement.placements.proposals.proposals import advice_of
from placement.storage.bed_claims import kept_for
from placement.tables import Decision, Proposal


def chosen_rooms(
    act: Act, decision: Decision, proposal: Proposal, problem: Problem, today: CheckedProblem | None = None
) -> tuple[list[tuple[RoomState, RoomUse]], bool]:
    """Returns two values: the rooms, each with its number of persons, and whether the household shares these rooms with
    nobody. `today`: as in `decide`; if it contains this place, the proposed rooms are chosen.
    """
    case, unit_id = proposal.registration_id, str(decision.unit_id)
    registration = next(row for row in problem.registrations if row.id == case)
    proposed = advice_rooms(proposal, unit_id)
    uses = proposed if today is not None and today.has(case, unit_id) else None
    uses = uses or _rooms(problem, problem_of(act.session, proposal), proposed, case, unit_id)
    states = room_states(act.session, act.day, units=[unit_id], without=kept_for(act.session, case))
    return [(states[use.room], use) for use in uses], registration.is_private


def advice_rooms(proposal: Proposal, unit_id: str) -> tuple[RoomUse, ...] | None:
    """Returns the rooms that the proposal chose in this unit; `None` if it chose no rooms there."""
    return next(unit.rooms for unit in advice_of(proposal).units if unit.unit == unit_id)


def _rooms(
    now: Problem, then: Problem, proposed: tuple[RoomUse, ...] | None, registration_id: str, unit_id: str
) -> tuple[RoomUse, ...]:
    """Returns the proposed rooms if the facts about the household and the unit did not change; otherwise the best rooms
    now. Raises `Conflict` if there are too few beds.
    """
    before = {room.id: room for room in then.rooms}
    today = {room.id: room for room in now.rooms}
    if (
        proposed
        and _household(then, registration_id) == _household(now, registration_id)
        and all(before.get(use.room) == today.get(use.room) for use in proposed)
    ):
        return proposed
    chosen = choose_rooms(now, registration_id, unit_id)
    if chosen is None:
        raise Conflict("rooms_gone", why=RoomsLack.TOO_FEW_BEDS.value)
    return chosen


def _household(problem: Problem, registration_id: str) -> tuple[object, ...] | None:
    """Returns the facts that determine a registration's rooms; `None` if it is not in the problem."""
    row = next((row for row in problem.registrations if row.id == registration_id), None)
    return None if row is None else (row.persons, row.private_room, row.room_needs, row.needed_by)
