"""Approvals: what one admin requests, another one grants: to invite an account, to invite it again, to change its
rights.

One admin alone could sign in as any user, with a new account as well as with an old one (docs/decisions/0033). A
request by itself invites no user and changes nothing; the admin who made it never sees the link.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import col, or_
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import account_lookup
from placement.access.account_lookup import active_account
from placement.access.permissions import Permission
from placement.accounts import accounts, second_person
from placement.accounts.details import Details
from placement.accounts.second_person import Asked, one_waiting, require_other_browser, settle
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import AskedAct, Role
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.ids import new_id
from placement.tables import Account, Approval


def to_invite(
    act: Act,
    email: str,
    role: Role,
    regions: Collection[str],
    organisation_id: str,
    *,
    details: Details | None = None,
) -> Approval:
    """Requests an invitation for an address without an account. `details`: of the person, as far as they are known."""
    accounts.require_new(act.session, email)
    asked = _ask(act, AskedAct.INVITE, None, accounts.normal(email), role, sorted(regions), organisation_id)
    asked.details = details.as_record() if details else None
    return asked


def to_invite_again(act: Act, account_id: str) -> Approval:
    """Requests a new invitation for a user who lost the second factor or forgot the password.

    Until it is granted the account works as before: where it must be closed at once, disable it.
    """
    account = accounts.other_account(act, account_id)
    if account.organisation_id is None:
        raise Conflict("account_without_organisation")
    where = account.organisation_id
    return _ask(act, AskedAct.INVITE_AGAIN, account_id, account.email, account.role, account.regions, where)


def to_change(act: Act, account_id: str, changes: dict[str, Any]) -> Approval:
    """Requests another role, regions or organisation (`accounts.changed_rights`)."""
    account = accounts.other_account(act, account_id)
    return _ask(act, AskedAct.CHANGE, account_id, account.email, *accounts.changed_rights(account, changes))


def waiting(at: datetime) -> SelectOfScalar[Approval]:
    """The requests that can still be granted, the oldest first."""
    return second_person.waiting(Approval, at).order_by(col(Approval.asked_at), Approval.id)


def withdraw(act: Act, asking_id: str) -> Approval:
    found = one_waiting(act, Approval, asking_id)
    _withdraw(act, found)
    return found


def withdraw_all(act: Act, account_id: str) -> None:
    """Withdraws the requests of an account that is no admin any more, or is disabled; and the requests about it."""
    theirs = or_(Approval.asked_by == account_id, Approval.account_id == account_id)
    for found in act.session.exec(waiting(act.at).where(theirs)).all():
        _withdraw(act, found)


def require_another(act: Act, asked: Approval) -> Account:
    """The admin who made the request. Raises `Conflict` unless that is an active admin, and another one than who grants
    it now, at another browser.

    Another: neither of the two requested or granted the rights of the other. An account made by an admin is no second
    person for that admin.
    """
    return require_another_admin(act, asked.asked_by, asked)


def require_another_admin(act: Act, asked_by: str, asked: Asked) -> Account:
    """As `require_another`, of any request of this account."""
    if asked_by == act.actor.id:
        raise Conflict("second_admin_needed")
    asker = active_account(act, asked_by, Permission.ACCOUNT_CHANGE)
    if asker is None:
        raise Conflict("asker_is_no_admin")
    if asker.id in account_lookup.account_of(act.session, act.actor.id).let_in_by or act.actor.id in asker.let_in_by:
        raise Conflict("second_admin_let_in")
    require_other_browser(act, asked)
    return asker


def _ask(  # noqa: PLR0917 - what is asked, whole
    act: Act, what: AskedAct, account_id: str | None, email: str, role: Role, regions: Collection[str], where: str
) -> Approval:
    """Stores a request, in place of an earlier one for the same."""
    accounts.require_fitting(act.session, role, regions, where)
    for earlier in act.session.exec(waiting(act.at).where(Approval.email == email, Approval.what == what)).all():
        _withdraw(act, earlier)
    asked = Approval(
        id=new_id("G"),
        what=what,
        account_id=account_id,
        email=email,
        role=role,
        regions=list(regions),
        organisation_id=where,
        **second_person.first_person(act),
        expires_at=act.at + act.settings.invitation_lifetime,
    )
    act.session.add(asked)
    audit_log.write(act, Event.ASKED, subject=asked.id, what=what, account=account_id, role=role, regions=asked.regions)
    return asked


def _withdraw(act: Act, found: Approval) -> None:
    settle(act, found, granted=False)
    audit_log.write(act, Event.APPROVAL_WITHDRAWN, subject=found.id)
