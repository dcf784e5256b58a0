"""Sign-in with one click, for trying the service. It is possible only for accounts of the synthetic country."""

from datetime import datetime

from sqlmodel import Session, col, select

from placement.accounts import login
from placement.accounts.login import Begun, Caller
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotFound
from placement.core.settings import Settings
from placement.storage import store_records
from placement.storage.database import Database
from placement.tables import Account


def offered(session: Session, settings: Settings) -> dict[Role, Account]:
    """Returns the first account of each role, in the order of `Role`. Returns nothing if the store is not synthetic or
    the demo is off.
    """
    if not (settings.demo and store_records.is_synthetic(session)):
        return {}
    accounts = session.exec(
        select(Account).where(col(Account.disabled_at).is_(None)).order_by(col(Account.email).desc())
    ).all()
    first = {account.role: account for account in accounts}
    return {role: first[role] for role in Role if role in first}


def sign_in(database: Database, settings: Settings, at: datetime, caller: Caller, role: str) -> Begun:
    """Begins a session of the account that is offered for this role, without password and code. Raises `NotFound` if no
    account is offered for the role.
    """
    with database.transaction() as session:
        account = offered(session, settings).get(Role(role)) if role in set(Role) else None
        if account is None:
            raise NotFound
        return login.start(Act(session, SYSTEM, at, settings, caller.origin), caller, account)
