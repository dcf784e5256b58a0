"""Invitations. An invitation is a link that works once. Its holder chooses a password and a second factor; then the
account is made. An admin requests the link, and another admin receives it (`approval_grants.py`). Until the account is
made, the holder of the link can start again.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.permissions import Permission, require_running
from placement.accounts import accounts, passkeys, passwords, totp
from placement.accounts.details import Details, keep, of_record
from placement.accounts.factors import is_required
from placement.accounts.passkeys import Credential, Options
from placement.accounts.sessions import actor_for
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, Unauthenticated, existing
from placement.core.ids import fingerprint, new_id, new_secret
from placement.storage.locks import Shared, lock
from placement.tables import Account, Invitation

_FIRST_ADMINS = 2


@dataclass(frozen=True, slots=True)
class Made:
    """An invitation and its token. The token is stored nowhere and exists only in the link."""

    invitation: Invitation
    token: str

    @property
    def link(self) -> str:
        """The path of the link. The token comes after `#`. Browsers do not send this part, so no server's log contains
        the token.
        """
        return f"/invitation#{self.token}"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The data for an authenticator app, shown as QR code or typed by the user."""

    totp_secret: str
    otpauth_uri: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The account of an accepted invitation. `recovery_codes`: the recovery codes, which are shown once; empty for a
    role that needs a passkey.
    """

    account: Account
    recovery_codes: list[str]


def invite(
    act: Act,
    email: str,
    role: Role,
    regions: Collection[str],
    organisation_id: str,
    *,
    details: Details | None = None,
    asked_by: str | None = None,
) -> Made:
    """Makes an invitation for an address without an account. An earlier invitation to the address ends. `details`:
    known details of the person, which are copied to the account. `asked_by`: the other admin, who requested the
    invitation; `None` for the operator at the command line, who needs no approval.
    """
    accounts.require_new(act.session, email)
    accounts.require_fitting(act.session, role, regions, organisation_id)
    made = _make(act, accounts.normal(email), role, sorted(regions), organisation_id, None, asked_by)
    made.invitation.details = details.as_record() if details else None
    return made


def invite_again(act: Act, account_id: str, *, asked_by: str | None = None) -> Made:
    """Invites the user of an existing account again. The old credentials stop working at once."""
    account = accounts.other_account(act, account_id)
    if account.organisation_id is None:
        raise Conflict("account_without_organisation")
    accounts.shut_until_invited(act, account)
    return _make(act, account.email, account.role, account.regions, account.organisation_id, account_id, asked_by)


def active(at: datetime) -> SelectOfScalar[Invitation]:
    """Returns the query of invitations that can still be accepted, newest first."""
    return (
        select(Invitation)
        .where(
            col(Invitation.accepted_at).is_(None),
            col(Invitation.withdrawn_at).is_(None),
            col(Invitation.expires_at) > at,
        )
        .order_by(col(Invitation.made_at).desc(), Invitation.id)
    )


def lapsed(session: Session, at: datetime) -> list[Invitation]:
    """Returns invitations that expired unused, newest first. Leaves out an invitation if a later invitation went to the
    same address.
    """
    kept = select(Invitation).where(col(Invitation.withdrawn_at).is_(None)).order_by(col(Invitation.made_at))
    newest = {one.email: one for one in session.exec(kept)}
    return [one for one in reversed(newest.values()) if one.accepted_at is None and one.expires_at <= at]


def withdraw(act: Act, invitation_id: str) -> Invitation:
    found = existing(act.session.exec(active(act.at).where(Invitation.id == invitation_id)).first())
    _withdraw(act, found)
    return found


def withdraw_all_by(act: Act, account_id: str) -> None:
    """Withdraws the invitations that an account requested or granted. Called when the account is disabled or no longer
    an admin.
    """
    theirs = or_(Invitation.invited_by == account_id, Invitation.asked_by == account_id)
    for found in act.session.exec(active(act.at).where(theirs)).all():
        _withdraw(act, found)


def find(session: Session, at: datetime, token: str) -> Invitation:
    """Returns the invitation of a token. Raises the same `Unauthenticated` whatever is wrong with the token."""
    query = active(at).where(Invitation.fingerprint == fingerprint(token))
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise Unauthenticated("invitation_refused")
    return found


def choose_password(session: Session, at: datetime, token: str, password: str) -> Enrolment:
    """Stores the password, which is the first step of joining. Raises `Invalid` for a password that is not accepted."""
    found = find(session, at, token)
    accounts.require_good_password(session, found.email, found.organisation_id, password)
    found.password_hash = passwords.hashed(password)
    found.totp_secret = totp.new_totp_secret()
    return Enrolment(found.totp_secret, totp.otpauth_uri(found.totp_secret, found.email))


def join(act: Act, token: str, code: str) -> Joined:
    """Makes the account, with a code as second factor. Raises `Invalid` for a wrong code, and `Conflict` if the role
    may use only a passkey.
    """
    found = _with_password(act, token)
    if is_required(act.settings, found.role):
        raise Conflict("passkey_needed")
    secret = existing(found.totp_secret)
    step = totp.step_of(secret, code.strip(), act.at)
    if step is None:
        raise Invalid.at("code", "code_refused")
    return _joined(act, found, _account_for(act.session, found), secret, step)


def passkey_options(act: Act, token: str) -> Options:
    """Returns the options with which the browser makes a passkey as second factor, in the second step of joining."""
    found = _with_password(act, token)
    return passkeys.new_options(act, found.account_id or new_id("A"), found.email, found.id)


def join_with_passkey(act: Act, token: str, name: str, credential: Credential) -> Joined:
    """Makes the account, with a passkey as second factor."""
    found = _with_password(act, token)
    made = passkeys.accept(act, found.id, name, credential)
    account = _account_for(act.session, found, made.account_id)
    joined = _joined(act, found, account, totp.new_totp_secret(), None)
    passkeys.note_made(act, made)
    return joined


def _with_password(act: Act, token: str) -> Invitation:
    require_running(act, Permission.ACCOUNT_INVITE)
    found = find(act.session, act.at, token)
    if found.password_hash is None:
        raise Invalid.at("token", "password_first")
    return found


def _joined(act: Act, found: Invitation, account: Account, totp_secret: str, step: int | None) -> Joined:
    account.password_hash, account.totp_secret = str(found.password_hash), totp_secret
    account.has_app = step is not None
    accounts.note_let_in(account, found.asked_by)
    act.session.add(account)
    act.session.flush()
    if step is not None:
        totp.use_up(act, account.id, step)
    if found.details:
        keep(act.session, account.id, of_record(found.details))
    found.accepted_at, found.account_id, found.password_hash, found.totp_secret = act.at, account.id, None, None
    found.details = None
    account.certified_on = act.day
    audit_log.write(replace(act, actor=actor_for(act.session, account, act.at)), Event.JOINED, subject=account.id)
    only_passkey = is_required(act.settings, account.role)
    return Joined(account, [] if only_passkey else totp.new_recovery_codes(act.session, account.id))


def _account_for(session: Session, found: Invitation, new: str | None = None) -> Account:
    """Returns the existing account of an invitation, or a new account. `new`: the id of the new account, if a passkey
    already contains this id.
    """
    if found.account_id is not None:
        return session.get_one(Account, found.account_id)
    return Account(
        id=new or new_id("A"),
        email=found.email,
        organisation_id=found.organisation_id,
        role=found.role,
        regions=found.regions,
        password_hash="",
        totp_secret="",
    )


def _make(  # noqa: PLR0917 - the facts of an invitation
    act: Act,
    email: str,
    role: Role,
    regions: Collection[str],
    organisation_id: str,
    account_id: str | None,
    asked_by: str | None,
) -> Made:
    lock(act.session, Shared.INVITATION, email)
    begins = _begins(act.session, role)
    for earlier in act.session.exec(active(act.at).where(Invitation.email == email)).all():
        _withdraw(act, earlier)
    token = new_secret("pli")
    made = Invitation(
        id=new_id("I"),
        fingerprint=fingerprint(token),
        email=email,
        organisation_id=organisation_id,
        role=role,
        regions=list(regions),
        account_id=account_id,
        asked_by=asked_by,
        invited_by=act.actor.id,
        made_at=act.at,
        expires_at=act.at + act.settings.invitation_lifetime,
    )
    act.session.add(made)
    event = Event.INVITED if account_id is None else Event.INVITED_AGAIN
    audit_log.write(
        act, event, subject=made.id, role=role.value, account=account_id, asked_by=asked_by, begins=begins or None
    )
    return Made(made, token)


def _begins(session: Session, role: Role) -> bool:
    """Checks whether the service has no accounts yet, and this is its first or second invitation of an admin."""
    if role not in Permission.ACCOUNT_INVITE.reach or session.exec(select(Account.id).limit(1)).first() is not None:
        return False
    return len(session.exec(select(Invitation.id).limit(_FIRST_ADMINS)).all()) < _FIRST_ADMINS


def _withdraw(act: Act, found: Invitation) -> None:
    found.withdrawn_at, found.password_hash, found.totp_secret, found.details = act.at, None, None, None
    audit_log.write(act, Event.INVITATION_WITHDRAWN, subject=found.id)
