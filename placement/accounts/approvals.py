"""Approvals of changes of accounts: an admin requests to invite an account, to invite it again, or to change its
rights, and another admin grants the request.

Without an approval, a single admin could sign in as any user, with a new or an existing account (docs/decisions/0033).
The request itself invites nobody and changes nothing. The requester never sees the link.
"""

from collections.abc import Collection, Mapping

from sqlmodel import or_

from placement.access import account_lookup
from placement.access.permissions import Permission, require_running
from placement.accounts import accounts
from placement.accounts.details import Details
from placement.core.codes import AskedAct, Role
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.second_person_codes import SecondPersonKind
from placement.lifecycles.moves import SecondPersonMove
from placement.second_person import requests
from placement.second_person.kinds import Kind
from placement.tables import Account, SecondPersonRequest


def to_invite(
    act: Act,
    email: str,
    role: Role,
    regions: Collection[str],
    organisation_id: str,
    *,
    details: Details | None = None,
) -> SecondPersonRequest:
    """Requests an invitation for an address without an account. `details`: details of the person that are already
    known.
    """
    accounts.require_new(act.session, email)
    return _ask(act, AskedAct.INVITE, None, accounts.normal(email), role, sorted(regions), organisation_id, details)


def to_invite_again(act: Act, account_id: str) -> SecondPersonRequest:
    """Requests a new invitation for a user who lost the second factor or forgot the password. Until the request is
    granted, the account works as before. To close the account at once, disable it.
    """
    account = accounts.other_account(act, account_id)
    if account.organisation_id is None:
        raise Conflict("account_without_organisation")
    where = account.organisation_id
    return _ask(act, AskedAct.INVITE_AGAIN, account_id, account.email, account.role, account.regions, where)


def to_change(act: Act, account_id: str, changes: dict[str, object]) -> SecondPersonRequest:
    """Requests another role, regions or organisation (`accounts.changed_rights`)."""
    account = accounts.other_account(act, account_id)
    return _ask(act, AskedAct.CHANGE, account_id, account.email, *accounts.changed_rights(account, changes))


def withdraw_all(act: Act, account_id: str) -> None:
    """Withdraws the requests of an account, and the requests about it. Called when the account is disabled or no longer
    an admin.
    """
    theirs = or_(SecondPersonRequest.asked_by == account_id, SecondPersonRequest.about == account_id)
    for found in act.session.exec(requests.waiting(act, ASKED.code).where(theirs)).all():
        requests.end(act, ASKED, found, SecondPersonMove.WITHDRAW)


def invitations_asked(act: Act, email: str) -> list[SecondPersonRequest]:
    """Returns the waiting requests to invite this address."""
    return [one for one in _asked_of(act, email) if one.what == AskedAct.INVITE]


def require_not_let_in(act: Act, asked_by: str) -> None:
    """Raises `Conflict` if either admin requested or granted the rights of the other admin. Such admins may not approve
    each other's requests.
    """
    asker = act.session.get(Account, asked_by)
    let_in_by = asker.let_in_by if asker else ()
    if asked_by in account_lookup.account_of(act.session, act.actor.id).let_in_by or act.actor.id in let_in_by:
        raise Conflict("second_admin_let_in")


def _ask(  # noqa: PLR0917 - what is asked, whole
    act: Act,
    what: AskedAct,
    account_id: str | None,
    email: str,
    role: Role,
    regions: Collection[str],
    where: str,
    details: Details | None = None,
) -> SecondPersonRequest:
    """Stores a request. Withdraws earlier requests of the same kind about the same address."""
    require_running(act, ASKED.ask)
    accounts.require_fitting(act.session, role, regions, where)
    for earlier in _asked_of(act, email):
        if earlier.what == what:
            requests.end(act, ASKED, earlier, SecondPersonMove.WITHDRAW)
    facts = {"email": email, "role": role.value, "regions": list(regions), "organisation": where}
    known = (details.as_record() if details else None) or {}
    return requests.ask(act, ASKED, {**facts, **known}, what=what.value, about=account_id)


def _asked_of(act: Act, email: str) -> list[SecondPersonRequest]:
    rows = act.session.exec(requests.waiting(act, ASKED.code)).all()
    return [row for row in rows if row.facts["email"] == email]


def _check(act: Act, request: SecondPersonRequest) -> None:
    require_not_let_in(act, request.asked_by)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {name: request.facts[name] for name in ("role", "regions")}


ASKED = Kind(
    SecondPersonKind.ACCOUNT,
    ask=Permission.ACCOUNT_INVITE,
    grant=Permission.ACCOUNT_INVITE,
    read=Permission.ACCOUNT_READ,
    waits_for=lambda act: act.settings.invitation_lifetime,
    check=_check,
    logged=_logged,
)
"""The kind of requests about accounts. `approval_grants.py` adds how a granted request is carried out."""
