"""Recipients: the accounts and webhooks that an announcement concerns; only accounts that can sign in."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.permissions import Permission
from placement.core.codes import MessageKind, Region, Role, Sees, roles_that_see
from placement.tables import Account, Location, Organisation, Unit, Webhook


def staff_of(session: Session, shelter_id: str) -> Sequence[str]:
    """The accounts of a shelter's staff; not of a user who only reads the report there."""
    theirs = _with(roles_that_see(Sees.SHELTER)).join(Organisation).where(Organisation.shelter_id == shelter_id)
    return [account.id for account in session.exec(theirs)]


def placers_of(session: Session, region: Region) -> Sequence[str]:
    """The coordinators of a region; the desk where it has none."""
    found = session.exec(_with(roles_that_see(Sees.REGIONS))).all()
    of_region = [account.id for account in found if region in account.regions]
    return of_region or desk(session)


def desk(session: Session) -> Sequence[str]:
    """All accounts of the placement desk."""
    return [account.id for account in session.exec(_with({role for role in Role if role.has_authority}))]


def admins(session: Session) -> Sequence[str]:
    return [account.id for account in session.exec(_with(Permission.ACCOUNT_CHANGE.reach))]


def shelter_of_unit(session: Session, unit_id: str) -> str:
    return session.exec(select(Location.shelter_id).join(Unit).where(Unit.id == unit_id)).one()


def webhooks_for(session: Session, kind: MessageKind, shelter_id: str | None) -> list[str]:
    """The webhooks of this shelter, for its own events; all, for events of no shelter (`shelter_id` None)."""
    query = select(Webhook).where(col(Webhook.disabled_at).is_(None)).order_by(Webhook.id)
    if shelter_id is not None:
        query = query.where(Webhook.shelter_id == shelter_id)
    return [webhook.id for webhook in session.exec(query) if kind.value in webhook.kinds]


def is_at_work(session: Session, account_id: str) -> bool:
    found = session.get(Account, account_id)
    return found is not None and found.disabled_at is None


def _with(roles: Collection[Role]) -> SelectOfScalar[Account]:
    at_work = select(Account).where(col(Account.role).in_(roles), col(Account.disabled_at).is_(None))
    return at_work.order_by(Account.id)
