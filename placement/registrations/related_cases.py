"""Contradictions between cases. Two cases that are kept apart cannot be placed together. They also cannot be about the
same client.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import col, delete, select

from placement.access import scoped_queries
from placement.core.context import Act
from placement.core.errors import Conflict, Fault
from placement.core.link_codes import LinkKind
from placement.registrations.duplicates import links_of
from placement.storage.locks import Shared, lock
from placement.tables import KeepApart, StaysWith

Pair = KeepApart | StaysWith
_ONE_CLIENT = {LinkKind.SAME_CLIENT, LinkKind.MERGED}


@dataclass(frozen=True, slots=True)
class Named:
    """The cases that a case names. `keep_apart`: cases to be kept apart from that case. `stay_with`: cases to be placed
    together with that case.
    """

    keep_apart: list[str]
    stay_with: list[str]


def named_by(act: Act, registration_id: str) -> Named:
    """Returns the named cases that this actor may see. Some cases can be hidden, because the desk can name cases that
    only the desk sees.
    """
    named = all_named_by(act, registration_id)
    both = [*named.keep_apart, *named.stay_with]
    seen = scoped_queries.visible_registrations(act.session, act.actor, both)
    return Named(*([other for other in others if other in seen] for others in (named.keep_apart, named.stay_with)))


def all_named_by(act: Act, registration_id: str) -> Named:
    def others(table: type[Pair]) -> list[str]:
        named = select(table.other_id).where(col(table.registration_id) == registration_id)
        return sorted(act.session.exec(named))

    return Named(others(KeepApart), others(StaysWith))


def contradictions(known: Named, keep_apart: Sequence[str] | None, stay_with: Sequence[str] | None) -> list[Fault]:
    """Returns a fault for each case that is in both lists. For a list that is `None`, uses the list in `known`."""
    apart, anew = known.keep_apart if keep_apart is None else keep_apart, {*(keep_apart or ())} - {*known.keep_apart}
    together = known.stay_with if stay_with is None else ()
    faults = [
        Fault(f"stay_with.{number}", "apart_and_together", {"found": other})
        for number, other in enumerate(stay_with or ())
        if other in apart
    ]
    return faults + [
        Fault(f"keep_apart.{number}", "together_and_apart", {"found": other})
        for number, other in enumerate(keep_apart or ())
        if other in together and other in anew
    ]


def replace_named(act: Act, table: type[Pair], registration_id: str, named: Collection[str]) -> None:
    act.session.execute(delete(table).where(col(table.registration_id) == registration_id))
    act.session.add_all(table(registration_id=registration_id, other_id=other) for other in sorted(named))


def require_not_contradicted(act: Act, case: str, *, apart: Collection[str], together: Collection[str]) -> None:
    """Raises `Conflict` if a new pair of this case contradicts a pair of the other case, or a link between the two
    cases. Locks all pairs and links until the end of the transaction.
    """
    if not apart and not together:
        return
    lock(act.session, Shared.LINKS)
    if others := _naming(act, KeepApart, case, together):
        raise Conflict("pair_kept_apart", other=others[0])
    if others := _naming(act, StaysWith, case, apart):
        raise Conflict("pair_placed_together", other=others[0])
    said = [row.content for row in links_of(act, case)] if apart else []
    if others := [one.other_than(case) for one in said if one.kind in _ONE_CLIENT and one.other_than(case) in apart]:
        raise Conflict("pair_is_one_client", other=others[0])


def require_not_apart(act: Act, case: str, other: str) -> None:
    """Raises `Conflict` if the two cases are kept apart. Such cases cannot be about the same client."""
    if _naming(act, KeepApart, case, [other]) or _naming(act, KeepApart, other, [case]):
        raise Conflict("pair_kept_apart", other=other)


def _naming(act: Act, table: type[Pair], case: str, others: Collection[str]) -> list[str]:
    """Returns the cases in `others` whose own lists name this case."""
    named = select(table.registration_id).where(table.other_id == case, col(table.registration_id).in_(others))
    return sorted(act.session.exec(named)) if others else []
