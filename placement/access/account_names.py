"""Names of accounts. Logs and tables store the id of an account; readers see the name of its person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.core.codes import Role
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Account, AccountDetails

_OF_AN_ACCOUNT = "A-"
"""The prefix of account ids; ids of other objects do not have it."""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """The person of an account. `name`: `None` if the person gave no name, or if the name was erased."""

    name: str | None
    job_title: str | None
    former: bool
    """True if the account is disabled or does not exist any more."""
    has_number: bool = False
    role: Role | None = None
    """The role; `None` if the account does not exist any more."""


def named(session: Session, ids: Iterable[object]) -> Mapping[str, NamedAccount]:
    """Returns the names of the accounts among these ids. Leaves out ids of shelters, operators and the service."""
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
    """Returns the value, or `None` if it cannot be decrypted. A page can then be shown without the name."""
    return value if is_readable(value) else None
