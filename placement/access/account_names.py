"""Names in place of ids: the log and the tables keep the id of an account, a reader is shown whose it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.core.codes import Role
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Account, AccountDetails

_OF_AN_ACCOUNT = "A-"
"""How the id of an account begins; no other id does."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """`name` is None of a person who gave none, and of one whose details were erased after their term."""

    name: str | None
    job_title: str | None
    former: bool
    """The account is disabled, or gone."""
    has_number: bool = False
    role: Role | None = None
    """None of an account that is gone."""


def named(session: Session, ids: Iterable[object]) -> Mapping[str, NamedAccount]:
    """Whose the accounts among these are, by id; ids of shelters, of the service and of an operator are left out."""
    wanted = sorted({one for one in ids if isinstance(one, str) and one.startswith(_OF_AN_ACCOUNT)})
    if not wanted:
        return {}
    query = select(Account.id, Account.role, Account.disabled_at, AccountDetails).join(AccountDetails, isouter=True)
    found = {
        account_id: NamedAccount(
            _readable(known.name) if known else None,
            _readable(known.job_title) if known else None,
            former=disabled_at is not None,
            has_number=known is not None and _readable(known.telephone) is not None,
            role=Role(role),
        )
        for account_id, role, disabled_at, known in session.exec(query.where(col(Account.id).in_(wanted)))
    }
    return {one: found.get(one, NamedAccount(None, None, former=True)) for one in wanted}


def _readable(value: str | None) -> str | None:
    """Without one name a page is shown all the same."""
    return value if is_readable(value) else None
