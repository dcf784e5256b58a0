"""The proof of a way out: the best solution after its changes, with the registration in the unit that they open."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from matching.explanations.forced_choice import ForcedChoice, NoAnswer, displaced, exactly, verify
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.direct_proof import beside
from matching.explanations.ways_out.group_place import has_place
from matching.explanations.ways_out.lifts import Edits, carried_out
from matching.explanations.ways_out.other_registrations import After, Others
from matching.explanations.ways_out.vocabulary import THIRD_ROOM, Edit
from matching.format.problem import Fixed
from matching.format.solution import EngineFault, Placement, RoomUse
from matching.prepared_problem import PreparedProblem
from matching.rules.together import TogetherRule


class Place(Struct, frozen=True):
    """The place of the registration, or of a part of it: the unit, the number of persons, and the rooms."""

    unit: str
    persons: int
    rooms: tuple[RoomUse, ...]


class Proof(Struct, frozen=True):
    """The best solution of the changed problem. `loss`: the points that the other registrations lose, compared with
    their best solution without this registration.
    """

    places: tuple[Place, ...]
    objective: int
    loss: int
    displaces: tuple[str, ...]


def prove(start: Case, edits: Edits, others: Others, *, time_limit: float | None, workers: int) -> Proof | None:
    """Returns the best solution after these edits, with the registration in the unit of the case. The solution is
    checked.

    Returns `None` if the time ran out. Raises NoAnswer if a group that must be together then has no place. Raises
    EngineFault if the solver fails or the edits cannot be combined.
    """
    case = carried_out(start, edits)
    if case is None:
        raise EngineFault("changes that lift a rule cannot be carried out together")
    prepared = PreparedProblem(case.problem, others.prepared)
    after = others.after(edits, prepared)
    if not has_place(case, prepared.valuation, after.open_to):
        raise NoAnswer
    placements = None if after.may_gain else beside(case, prepared, others)
    if placements is None:
        placements = _solved(case, prepared, after, others, time_limit=time_limit, workers=workers)
    if placements is None:
        return None
    objective = prepared.valuation.objective(placements)
    choice = ForcedChoice(case.parts[0][1], placements, objective)
    fixed = tuple(Fixed(registration, unit) for registration, unit in case.parts)
    waived = case.waived - {TogetherRule.code}  # the registration left its group; all other groups stay together
    verify(replace(case.problem, fixed=(*case.problem.fixed, *fixed)), prepared, choice, others.best, waived)
    own = [choice.of(registration) for registration, _ in case.parts]
    joined = [edit for edit in edits if edit.step.what == THIRD_ROOM]
    return Proof(
        places=tuple(
            Place(row.unit, sum(use.persons for use in row.rooms), _separate(row.rooms, start, edits, joined))
            for row in own
        ),
        objective=objective - prepared.index.policy.extra_room * len(joined),
        loss=others.best.objective - others.prepared.valuation.objective(row for row in placements if row not in own),
        displaces=displaced(others.best, placements),
    )


def _solved(
    case: Case, prepared: PreparedProblem, after: After, others: Others, *, time_limit: float | None, workers: int
) -> tuple[Placement, ...] | None:
    """Returns the placements of the best solution; `None` if the time ran out. Raises NoAnswer, EngineFault."""
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

    builder = build(
        prepared.index,
        prepared.valuation,
        after.open_to | {registration: [unit] for registration, unit in case.parts},
        must=[registration for registration, _ in case.parts],
        waived=dict.fromkeys(case.parts, case.waived),
    )
    builder.hint(others.best.placements)
    outcome = exactly(builder, time_limit=time_limit, workers=workers)
    if outcome is None:
        return None
    if outcome.objective != prepared.valuation.objective(outcome.placements):
        raise EngineFault(f"the solver says {outcome.objective} points, but its answer is worth another total")
    return outcome.placements


def _separate(
    uses: tuple[RoomUse, ...], start: Case, edits: Sequence[Edit], joined: Sequence[Edit]
) -> tuple[RoomUse, ...]:
    """Returns the rooms in use. If an edit joined two rooms, lists both rooms, and divides the persons over them."""
    if not joined:
        return uses
    case = carried_out(start, [edit for edit in edits if edit not in joined])
    beds = {room.id: room.free_beds for room in case.problem.rooms} if case else {}
    found = {use.room: use.persons for use in uses}
    for edit in joined:
        first, second = sorted(edit.step.facts["rooms"])
        if first in found:
            persons = found[first]
            found[first] = min(beds[first], persons - 1)
            found[second] = persons - found[first]
    return tuple(RoomUse(room, persons) for room, persons in sorted(found.items()))
