"""Look-up of accounts by id, and of the accounts that work for a shelter, an area or the desk."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.permissions import Permission
from placement.areas.lookup import coordinators
from placement.core.codes import Role, Sees, roles_that_see
from placement.core.context import Act
from placement.core.errors import existing
from placement.tables import Account, Organisation


def account_of(session: Session, account_id: str, *, lock: bool = False) -> Account:
    query = select(Account).where(Account.id == account_id)
    return existing(session.exec(query.with_for_update(key_share=True) if lock else query).first())


def active_account(act: Act, account_id: str, permission: Permission) -> Account | None:
    """Returns the account if it is active and its role has this permission."""
    found = act.session.get(Account, account_id)
    return found if found and found.disabled_at is None and found.role in permission.reach else None


def is_at_work(session: Session, account_id: str) -> bool:
    found = session.get(Account, account_id)
    return found is not None and found.disabled_at is None


def is_outside_desk(session: Session, account_id: str) -> bool:
    """Returns true if the account exists and its role does not have the desk's authority over COSM and OMM."""
    found = session.get(Account, account_id)
    return found is not None and not found.role.has_authority


def staff_at_work(session: Session, shelter_id: str) -> Sequence[str]:
    """Returns the ids of a shelter's active staff accounts. Includes persons who are away."""
    theirs = (
        accounts_in_roles(roles_that_see(Sees.SHELTER)).join(Organisation).where(Organisation.shelter_id == shelter_id)
    )
    return [account.id for account in session.exec(theirs)]


def coordinators_at_work(session: Session, area: str, day: date) -> Sequence[str]:
    """Returns the ids of an area's coordinators on this day. Includes persons who are away."""
    found = session.exec(accounts_in_roles(roles_that_see(Sees.REGIONS))).all()
    return [account.id for account in coordinators(session, found, area, day)]


def desk_at_work(session: Session) -> Sequence[str]:
    """Returns the ids of the desk's active accounts. Includes persons who are away."""
    return [account.id for account in session.exec(accounts_in_roles({role for role in Role if role.has_authority}))]


def accounts_in_roles(roles: Collection[Role]) -> SelectOfScalar[Account]:
    at_work = select(Account).where(col(Account.role).in_(roles), col(Account.disabled_at).is_(None))
    return at_work.order_by(Account.id)
