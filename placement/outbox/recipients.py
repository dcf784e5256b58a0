"""Recipients of announcements: accounts that can sign in, and webhooks. If a person is away, both that person and the
deputy get the message. If nobody of an area or a shelter is present, the desk gets the message too.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlmodel import Session, col, select

from placement.access.account_lookup import accounts_in_roles, coordinators_at_work, desk_at_work, staff_at_work
from placement.access.permissions import Permission
from placement.core.codes import MessageKind
from placement.core.notice_codes import AtOnce
from placement.duty.deputies import cover
from placement.tables import Account, AccountDetails, Location, SentRegistration, Unit, Webhook


def staff_of(session: Session, shelter_id: str, day: date) -> Sequence[str]:
    """Returns the staff of a shelter and the deputies of staff who are away. Accounts that only read the shelter's
    report are left out. If nobody is present, the desk is added.
    """
    return _reached(session, staff_at_work(session, shelter_id), day)


def placers_of(session: Session, area: str, day: date) -> Sequence[str]:
    """Returns the coordinators of an area on this day, and their deputies. If nobody is present, the desk is added."""
    return _reached(session, coordinators_at_work(session, area, day), day)


def of_decider(session: Session, account_id: str, area: str, day: date) -> Sequence[str]:
    """Returns the recipients of news about a decision on a client of this area: the person who decided, and that
    person's deputy. If that person no longer places clients of this area, returns the area's coordinators.
    """
    if account_id in {*coordinators_at_work(session, area, day), *desk_at_work(session)}:
        return with_deputies(session, [account_id], day)
    return placers_of(session, area, day)


def desk(session: Session, day: date) -> Sequence[str]:
    """Returns all accounts of the desk, with deputies of persons who are away."""
    return with_deputies(session, desk_at_work(session), day)


def registrants_of(session: Session, row: SentRegistration) -> Sequence[str]:
    """Returns the accounts that sent in a registration, and colleagues who wrote messages about the registration. If no
    such person can sign in any more, returns the whole organisation. If the sender has no account, returns nobody.
    """
    if row.organisation is None:
        return ()
    theirs = accounts_in_roles(Permission.SENT_WRITE.reach).where(Account.organisation_id == row.organisation)
    able = [one.id for one in session.exec(theirs)]
    wrote = {row.content.sender, *(one.by for one in row.content.messages)}
    return [one for one in able if one in wrote] or able


def admins(session: Session, day: date) -> Sequence[str]:
    return with_deputies(
        session, [one.id for one in session.exec(accounts_in_roles(Permission.ACCOUNT_CHANGE.reach))], day
    )


def auditors(session: Session, day: date) -> Sequence[str]:
    return with_deputies(session, [one.id for one in session.exec(accounts_in_roles(Permission.AUDIT_READ.reach))], day)


def help_desk(session: Session, day: date) -> Sequence[str]:
    """Returns the accounts that answer the help desk, with deputies of persons who are away."""
    reach = Permission.ENQUIRY_WRITE.reach
    return with_deputies(session, [one.id for one in session.exec(accounts_in_roles(reach))], day)


def registrars(session: Session, day: date) -> Sequence[str]:
    """Returns the accounts that keep the count register, with deputies of persons who are away."""
    reach = Permission.COUNT_CHANGE.reach
    return with_deputies(session, [one.id for one in session.exec(accounts_in_roles(reach))], day)


def centre_webhooks(session: Session, kind: MessageKind) -> list[str]:
    """Returns the active webhooks of the coordination centre that are subscribed to this kind."""
    ours = select(Webhook).where(col(Webhook.disabled_at).is_(None), col(Webhook.shelter_id).is_(None))
    return [webhook.id for webhook in session.exec(ours.order_by(Webhook.id)) if kind.value in webhook.kinds]


def with_deputies(session: Session, account_ids: Collection[str], day: date) -> Sequence[str]:
    """Returns these accounts, and the deputies of those persons who are away on this day."""
    return cover(session, day, day).told(account_ids, day)


def mailed_at_once(session: Session, account_ids: Iterable[str], *, urgent: bool) -> set[str]:
    """Returns the accounts that want a mail at once. `urgent`: whether the subject of the mail is urgent."""
    asked = set(account_ids)
    chosen = select(AccountDetails).where(col(AccountDetails.account_id).in_(sorted(asked)))
    unwanted = {AtOnce.NONE} if urgent else {AtOnce.NONE, AtOnce.URGENT}
    return asked - {one.account_id for one in session.exec(chosen) if one.at_once in unwanted}


def shelter_of_unit(session: Session, unit_id: str) -> str:
    return session.exec(select(Location.shelter_id).join(Unit).where(Unit.id == unit_id)).one()


def webhooks_for(session: Session, kind: MessageKind, shelter_id: str | None) -> list[str]:
    """Returns the active webhooks of this shelter that are subscribed to this kind. If the event belongs to no shelter
    (`None`), returns the webhooks of all owners.
    """
    query = select(Webhook).where(col(Webhook.disabled_at).is_(None)).order_by(Webhook.id)
    if shelter_id is not None:
        query = query.where(Webhook.shelter_id == shelter_id)
    return [webhook.id for webhook in session.exec(query) if kind.value in webhook.kinds]


def _reached(session: Session, account_ids: Sequence[str], day: date) -> Sequence[str]:
    """Returns these accounts and the deputies of persons who are away. If all persons are away, adds the desk."""
    covered = cover(session, day, day)
    told = covered.told(account_ids, day)
    return told if covered.is_anyone_there(told, day) else [*told, *desk(session, day)]
