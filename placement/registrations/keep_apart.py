"""Where two must be kept apart and the reader may see one of them only: a fence that could tell where the other lives.

Each place that such a fence shuts, or leaves open, is a place where somebody of another region is, or is not. So a
coordinator is given no answer that was made with one: the desk finds the place (`docs/decisions/0034`).
"""

from msgspec.structs import replace
from sqlmodel import col, or_, select

from matching import Problem
from placement.access import scoped_queries as queries
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.errors import NotAllowed
from placement.tables import KeepApart

Pair = tuple[str, str]


def desk_finds_place(act: Act, registration_id: str) -> bool:
    """Whether she must be kept apart, whoever said so, from somebody whom this actor may not see."""
    of_her = or_(col(KeepApart.registration_id) == registration_id, col(KeepApart.other_id) == registration_id)
    pairs = [(pair.registration_id, pair.other_id) for pair in act.session.exec(select(KeepApart).where(of_her))]
    return bool(_unseen(act, pairs))


def require_place_not_found_by_desk(act: Act, registration_id: str) -> None:
    """Raises `NotAllowed` where this actor may neither ask for a place nor choose one."""
    if desk_finds_place(act, registration_id):
        raise NotAllowed("desk_finds_place")


def tells_of_unseen(act: Act, problem: Problem) -> bool:
    """Whether an answer to this question shows where a fence is of which this actor may see one side only."""
    return bool(_unseen(act, _pairs(problem)))


def without_unseen(act: Act, problem: Problem) -> Problem:
    """The question as this actor may ask it: no answer for anybody, and no count, then depends on such a fence."""
    unseen = _unseen(act, _pairs(problem))
    if not unseen:
        return problem
    rows = [
        replace(row, keep_apart=tuple(other for other in row.keep_apart if (row.id, other) not in unseen))
        for row in problem.registrations
    ]
    return replace(problem, registrations=tuple(rows))


def _pairs(problem: Problem) -> list[Pair]:
    return [(row.id, other) for row in problem.registrations for other in row.keep_apart]


def _unseen(act: Act, pairs: list[Pair]) -> set[Pair]:
    """Those of which a coordinator may see one side only."""
    if act.actor.role is not Role.COORDINATOR:
        return set()
    seen = queries.visible_registrations(act.session, act.actor, sorted({one for pair in pairs for one in pair}))
    return {(one, other) for one, other in pairs if (one in seen) is not (other in seen)}
