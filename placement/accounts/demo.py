"""Sign-in with one click, for trials and for practice. It is possible only for accounts of the synthetic country."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from placement.accounts import login, totp
from placement.accounts.login import Begun, Caller
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotFound
from placement.core.settings import Settings
from placement.storage import store_records
from placement.storage.database import Database
from placement.tables import Account


def offered(session: Session, settings: Settings) -> dict[Role, Account]:
    """Returns the first active account of each role, in the order of `Role`. Returns nothing unless the store is
    synthetic, and the demo or the practice room is on.
    """
    if not ((settings.demo or settings.practice) and store_records.is_synthetic(session)):
        return {}
    first = {account.role: account for account in reversed(_accounts(session))}
    return {role: first[role] for role in Role if role in first}


def people(session: Session, settings: Settings) -> Sequence[Account]:
    """Returns every active account in a practice room, sorted by email. Returns nothing outside practice."""
    return _accounts(session) if settings.practice and store_records.is_synthetic(session) else []


def _accounts(session: Session) -> Sequence[Account]:
    return session.exec(select(Account).where(col(Account.disabled_at).is_(None)).order_by(col(Account.email))).all()


def sign_in(database: Database, settings: Settings, at: datetime, caller: Caller, who: str) -> Begun:
    """Begins a session without password and code. `who`: a role, which means the account offered for it; in practice
    also the id of an account. Raises `NotFound` if no such account is offered.
    """
    with database.transaction() as session:
        if who in set(Role):
            account = offered(session, settings).get(Role(who))
        else:
            account = next((one for one in people(session, settings) if one.id == who), None)
        if account is None:
            raise NotFound
        return login.start(Act(session, SYSTEM, at, settings, caller.origin), caller, account)


def code_of(act: Act) -> str | None:
    """Returns the code that the actor's authenticator would show now. In a practice room nobody has such a device.
    Returns `None` outside a practice room.
    """
    if not act.settings.practice:
        return None
    secret = act.session.get_one(Account, act.actor.id).totp_secret
    return totp.code_at(secret, act.at) if secret else None
