"""Approvals of changes of accounts. An admin requests to invite a user, to invite a user again, or to change an
account's rights. Another admin grants the request.

Without an approval, a single admin could sign in as any user, with a new or an existing account (docs/decisions/0033).
The request itself invites nobody and changes nothing. The requester never sees the invitation's link.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from sqlmodel import col, or_

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


class InvitedFacts(TypedDict):
    """A requested invitation in its stored form."""

    email: str
    role: str
    regions: list[str]
    organisation: str
    name: NotRequired[str | None]
    job_title: NotRequired[str | None]
    telephone: NotRequired[str | None]


INVITING = AskedAct.INVITE, AskedAct.INVITE_SEVERAL
UNKNOWN = Details()
"""The details of a person of whom only the address is known."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A requested invitation. `details`: details of the person that are already known."""

    email: str
    role: Role
    regions: Sequence[str]
    organisation_id: str
    details: Details = UNKNOWN

    @classmethod
    def of(cls, facts: InvitedFacts) -> "Invited":
        known = Details(facts.get("name"), facts.get("job_title"), facts.get("telephone"))
        return cls(facts["email"], Role(facts["role"]), facts["regions"], facts["organisation"], known)

    def facts(self) -> dict[str, object]:
        asked = {"email": self.email, "role": self.role.value, "regions": list(self.regions)}
        return {**asked, "organisation": self.organisation_id, **(self.details.as_record() or {})}


def to_invite(
    act: Act,
    email: str,
    role: Role,
    regions: Collection[str],
    organisation_id: str,
    *,
    details: Details | None = None,
) -> SecondPersonRequest:
    """Requests an invitation for an address without an account. `details`: known details of the person."""
    wanted = Invited(accounts.normal(email), role, sorted(regions), organisation_id, details or UNKNOWN)
    require_possible(act, wanted)
    return _ask(act, AskedAct.INVITE, None, wanted)


def require_possible(act: Act, wanted: Invited) -> None:
    """Raises the errors of an invitation that cannot be requested: `Conflict` for an address with an account, and
    `Invalid` for a role that does not fit the organisation or the regions.
    """
    require_running(act, ASKED.ask)
    accounts.require_new(act.session, wanted.email)
    accounts.require_fitting(act.session, wanted.role, wanted.regions, wanted.organisation_id)


def to_invite_all(act: Act, wanted: Sequence[Invited]) -> SecondPersonRequest:
    """Requests several invitations as one request, so that the second admin answers once. The caller has checked each
    of them with `require_possible`.
    """
    if len(wanted) == 1:
        return _ask(act, AskedAct.INVITE, None, wanted[0])
    for one in wanted:
        _withdraw_earlier(act, AskedAct.INVITE, one.email)
    facts = {"invitations": [one.facts() for one in wanted]}
    return requests.ask(act, ASKED, facts, what=AskedAct.INVITE_SEVERAL.value)


def to_invite_again(act: Act, account_id: str) -> SecondPersonRequest:
    """Requests a new invitation for a user who lost the second factor or forgot the password. Until the request is
    granted, the account works as before. To close the account at once, disable it.
    """
    account = accounts.other_account(act, account_id)
    if account.organisation_id is None:
        raise Conflict("account_without_organisation")
    known = Invited(account.email, account.role, account.regions, account.organisation_id)
    return _ask(act, AskedAct.INVITE_AGAIN, account_id, known)


def to_change(act: Act, account_id: str, changes: dict[str, object]) -> SecondPersonRequest:
    """Requests a change of an account's role, regions or organisation. `changes`: as in `accounts.changed_rights`."""
    account = accounts.other_account(act, account_id)
    return _ask(act, AskedAct.CHANGE, account_id, Invited(account.email, *accounts.changed_rights(account, changes)))


def withdraw_all(act: Act, account_id: str) -> None:
    """Withdraws the requests that this account made, and the requests about it. Called when the account is disabled or
    no longer an admin.
    """
    theirs = or_(SecondPersonRequest.asked_by == account_id, SecondPersonRequest.about == account_id)
    for found in act.session.exec(requests.waiting(act, ASKED.code).where(theirs)).all():
        requests.end(act, ASKED, found, SecondPersonMove.WITHDRAW)


def invitations_asked(act: Act) -> list[Invited]:
    """Returns the requested invitations that no second admin has answered yet."""
    waiting = requests.waiting(act, ASKED.code).where(col(SecondPersonRequest.what).in_(INVITING))
    return [one for request in act.session.exec(waiting) for one in asked_of(request)]


def asked_of(request: SecondPersonRequest) -> list[Invited]:
    """Returns the rights that a request about accounts asks for, an entry for each address."""
    return [Invited.of(facts) for facts in request.facts.get("invitations", [request.facts])]


def require_not_let_in(act: Act, asked_by: str) -> None:
    """Raises `Conflict` if the actor ever requested the rights of the admin `asked_by`, or the other way round. Such
    admins may not approve each other's requests. An admin who only granted the request for these rights may approve,
    because that admin checked them independently.
    """
    asker = act.session.get(Account, asked_by)
    let_in_by = asker.let_in_by if asker else ()
    if asked_by in account_lookup.account_of(act.session, act.actor.id).let_in_by or act.actor.id in let_in_by:
        raise Conflict("second_admin_let_in")


def _ask(act: Act, what: AskedAct, account_id: str | None, wanted: Invited) -> SecondPersonRequest:
    """Stores a request. Withdraws earlier requests of the same kind about the same address."""
    require_running(act, ASKED.ask)
    accounts.require_fitting(act.session, wanted.role, wanted.regions, wanted.organisation_id)
    _withdraw_earlier(act, what, wanted.email)
    return requests.ask(act, ASKED, wanted.facts(), what=what.value, about=account_id)


def _withdraw_earlier(act: Act, what: AskedAct, email: str) -> None:
    same = requests.waiting(act, ASKED.code).where(SecondPersonRequest.what == what.value)
    for earlier in act.session.exec(same).all():
        if earlier.facts["email"] == email:
            requests.end(act, ASKED, earlier, SecondPersonMove.WITHDRAW)


def _check(act: Act, request: SecondPersonRequest) -> None:
    require_not_let_in(act, request.asked_by)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    if request.what == AskedAct.INVITE_SEVERAL:
        return {"count": len(asked_of(request))}
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
