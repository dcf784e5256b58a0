"""The proof of a way out: the engine solves the changed problem with the registration in place."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from matching.answer import PreparedProblem
from matching.explanations.forced_choice import ForcedChoice, displaced, exactly, verify
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.lifts import carried_out
from matching.explanations.ways_out.vocabulary import THIRD_ROOM, Edit
from matching.format.problem import Fixed
from matching.format.solution import RoomUse, Solution


class Place(Struct, frozen=True):
    """Where the registration goes, or one part of it: how many persons, and in which rooms."""

    unit: str
    persons: int
    rooms: tuple[RoomUse, ...]


class Proof(Struct, frozen=True):
    """The best solution of the changed problem; `loss`: what the others lose, against the best without this one."""

    places: tuple[Place, ...]
    objective: int
    loss: int
    displaces: tuple[str, ...]


class Others(NamedTuple):
    """The problem without the registration, and its best solution."""

    prepared: PreparedProblem
    best: Solution


def prove(
    start: Case, edits: Sequence[Edit], others: Others, *, time_limit: float | None, workers: int
) -> Proof | None:
    """The best solution of the case with these edits and the registration in place, checked.

    None if the time ran out, or the edits cannot be carried out.
    Raises EngineFault if the solver fails or there is no solution.
    """
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

    case = carried_out(start, edits)
    if case is None:
        return None
    prepared = PreparedProblem(case.problem)
    theirs = others.prepared if all(edit.is_own for edit in edits) else prepared
    builder = build(
        prepared.index,
        prepared.valuation,
        theirs.open_to | {registration: [unit] for registration, unit in case.parts},
        must=[registration for registration, _ in case.parts],
        waived=dict.fromkeys(case.parts, case.waived),
    )
    builder.hint(others.best.placements)
    outcome = exactly(builder, (), 1, time_limit=time_limit, workers=workers)
    if outcome is None:
        return None
    fixed = tuple(Fixed(registration, unit) for registration, unit in case.parts)
    choice = ForcedChoice(case.parts[0][1], outcome.placements, outcome.objective)
    verify(replace(case.problem, fixed=(*case.problem.fixed, *fixed)), choice, others.best, case.waived)
    own = [choice.of(registration) for registration, _ in case.parts]
    joined = [edit for edit in edits if edit.step.what == THIRD_ROOM]
    return Proof(
        places=tuple(
            Place(row.unit, sum(use.persons for use in row.rooms), _separate(row.rooms, start, edits, joined))
            for row in own
        ),
        objective=outcome.objective - prepared.index.policy.extra_room * len(joined),
        loss=others.best.objective - (outcome.objective - sum(row.points for row in own)),
        displaces=displaced(others.best, outcome.placements),
    )


def _separate(
    uses: tuple[RoomUse, ...], start: Case, edits: Sequence[Edit], joined: Sequence[Edit]
) -> tuple[RoomUse, ...]:
    """The rooms as they are, where a change counts two of them as one."""
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
