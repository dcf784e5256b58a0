"""Names for ids: the log and the tables store the id of an account, and a reader sees its person's name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.core.codes import Role
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Account, AccountDetails

_OF_AN_ACCOUNT = "A-"
"""The prefix of the ids of accounts; no other id has it."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """`name` is `None` if the person gave no name, or if it was erased after its term."""

    name: str | None
    job_title: str | None
    former: bool
    """True if the account is disabled, or no longer exists."""
    has_number: bool = False
    role: Role | None = None
    """`None` if the account no longer exists."""


def named(session: Session, ids: Iterable[object]) -> Mapping[str, NamedAccount]:
    """Returns the names of the accounts among these ids; leaves out ids of shelters, the service and operators."""
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
    """Returns the value, or `None` if it is unreadable: the page is shown without the name."""
    return value if is_readable(value) else None
