"""The inference guard. An actor who sees only one client of a pair must not learn the place of the other client.

The clients of a pair must be kept apart or placed together. A unit that is open or closed to a client because of such a
pair could disclose the place of the other client. So a coordinator gets no answer that depends on such a pair, and the
desk finds the place (`docs/guide/registrations.md`).
"""

from collections.abc import Collection
from itertools import combinations

from msgspec.structs import replace
from sqlmodel import col, or_, select

from matching import Problem
from placement.access import scoped_queries
from placement.core.codes import Sees
from placement.core.context import Act
from placement.core.errors import NotAllowed
from placement.core.occupant_ids import case_of
from placement.tables import KeepApart, StaysWith

Pair = tuple[str, str]


def desk_finds_place(act: Act, registration_id: str) -> bool:
    """Checks whether the client is in a pair (apart or together) with a client whom this actor may not see."""
    return bool(found_by_desk(act, [registration_id]))


def found_by_desk(act: Act, registrations: Collection[str]) -> set[str]:
    """Returns those of the clients who are in a pair (apart or together) with a client whom this actor may not see."""
    if not registrations or not _sees_some(act):
        return set()

    def pairs_of(table: type[KeepApart | StaysWith]) -> list[Pair]:
        theirs = or_(col(table.registration_id).in_(registrations), col(table.other_id).in_(registrations))
        return list(act.session.exec(select(table.registration_id, table.other_id).where(theirs)))

    unseen = _unseen(act, [*pairs_of(KeepApart), *pairs_of(StaysWith)])
    return {one for pair in unseen for one in pair}.intersection(registrations)


def require_place_not_found_by_desk(act: Act, registration_id: str) -> None:
    """Raises `NotAllowed` if only the desk may request a proposal or choose a unit for this client."""
    if desk_finds_place(act, registration_id):
        raise NotAllowed("desk_finds_place")


def shows_unseen(act: Act, problem: Problem) -> bool:
    """Checks whether the problem contains a pair of which the actor may see only one client."""
    return bool(_unseen(act, _pairs(problem)))


def without_unseen(act: Act, problem: Problem) -> Problem:
    """Returns the problem without those pairs of which the actor may see only one client."""
    unseen = _unseen(act, _pairs(problem))
    if not unseen:
        return problem
    rows = [
        replace(row, keep_apart=tuple(other for other in row.keep_apart if (row.id, case_of(other)) not in unseen))
        for row in problem.registrations
    ]
    groups = [group for group in problem.together if unseen.isdisjoint(combinations(group.registrations, 2))]
    return replace(problem, registrations=tuple(rows), together=tuple(groups))


def _pairs(problem: Problem) -> list[Pair]:
    apart = [(row.id, case_of(other)) for row in problem.registrations for other in row.keep_apart]
    return apart + [pair for group in problem.together for pair in combinations(group.registrations, 2)]


def _unseen(act: Act, pairs: list[Pair]) -> set[Pair]:
    """Returns the pairs of which the actor may see only one client. If the actor sees all regions, returns an empty
    set.
    """
    if not _sees_some(act):
        return set()
    seen = scoped_queries.visible_registrations(act.session, act.actor, sorted({one for pair in pairs for one in pair}))
    return {(one, other) for one, other in pairs if (one in seen) is not (other in seen)}


def _sees_some(act: Act) -> bool:
    """Checks whether this actor sees only the cases of some regions."""
    return act.actor.role.sees is Sees.REGIONS
