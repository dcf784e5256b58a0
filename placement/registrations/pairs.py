"""Two cases of which one says what the other contradicts: kept apart, placed together, registered twice."""

from collections.abc import Collection

from sqlmodel import col, select

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.link_codes import LinkKind
from placement.registrations.duplicates import links_of
from placement.storage.locks import lock_links
from placement.tables import KeepApart, StaysWith

_ONE_CLIENT = {LinkKind.SAME_CLIENT, LinkKind.MERGED}


def require_not_contradicted(act: Act, case: str, *, apart: Collection[str], together: Collection[str]) -> None:
    """Raises `Conflict` where what is said anew of this case and others contradicts what another case says of the two,
    or that both are of one client. Until the end of the transaction nothing else is said of any pair.
    """
    if not apart and not together:
        return
    lock_links(act.session)
    if others := _naming(act, KeepApart, case, together):
        raise Conflict("pair_kept_apart", other=others[0])
    if others := _naming(act, StaysWith, case, apart):
        raise Conflict("pair_placed_together", other=others[0])
    said = [row.content for row in links_of(act, case)] if apart else []
    if others := [one.other_than(case) for one in said if one.kind in _ONE_CLIENT and one.other_than(case) in apart]:
        raise Conflict("pair_is_one_client", other=others[0])


def require_not_apart(act: Act, case: str, other: str) -> None:
    """Raises `Conflict` where either of two cases is kept apart from the other: they are not of one client."""
    if _naming(act, KeepApart, case, [other]) or _naming(act, KeepApart, other, [case]):
        raise Conflict("pair_kept_apart", other=other)


def _naming(act: Act, table: type[KeepApart | StaysWith], case: str, others: Collection[str]) -> list[str]:
    """Those of the others that name this case."""
    named = select(table.registration_id).where(table.other_id == case, col(table.registration_id).in_(others))
    return sorted(act.session.exec(named)) if others else []
