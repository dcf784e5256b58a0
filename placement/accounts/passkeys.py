"""Passkeys (WebAuthn, W3C Level 3) as second factor: making, using and removing them, and their signature counters.

A passkey signs only for the host name for which it was made. So another site can obtain a code from a user, but no
signature. The authenticator must have verified its user (finger, face or PIN). Each signature is over a challenge of
this service. A challenge is valid once, for minutes, and only for one account and one session, sign-in or invitation.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from placement.access import account_lookup, fresh_factor
from placement.access.permissions import Permission, needs
from placement.accounts.factors import count_of, is_required
from placement.accounts.sessions import actor_for
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.ids import fingerprint, new_id, new_secret
from placement.core.settings import Settings
from placement.tables import Account, Passkey, PasskeyChallenge

CHALLENGE_LIFETIME = timedelta(minutes=5)
MOST = 10
LONGEST_NAME = 60
_SERVICE = "Placement"
_MILLISECONDS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_MALFORMED = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError)
"""Errors that the library raises for a wrong answer or for malformed input."""

Options = dict[str, object]
"""Options for the browser: `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`."""

Credential = Mapping[str, Any]
"""The browser's answer: `RegistrationResponseJSON` or `AuthenticationResponseJSON`."""


class Use(StrEnum):
    MAKE = "make"
    GIVE = "give"


def of_account(account_id: str) -> SelectOfScalar[Passkey]:
    """Returns the query of an account's passkeys, oldest first."""
    return select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.made_at), Passkey.id)


def sign_in_options(settings: Settings, challenge: str) -> Options | None:
    """Returns the browser's options for a sign-in; `None` if passkeys are off. The options list no passkeys, so they
    are the same for every address. `challenge`: the challenge of the sign-in, from which the text to be signed is
    derived.
    """
    return None if settings.webauthn == "off" else _request(settings, challenge, ())


def options_again(act: Act) -> Options:
    """Returns the browser's options for giving the second factor again. Raises `Conflict` without a passkey."""
    own = act.session.exec(of_account(act.actor.id)).all()
    if not own or act.settings.webauthn == "off":
        raise Conflict("no_passkey")
    challenge = _new_challenge(act, Use.GIVE, act.actor.id, str(act.actor.session_id))
    return _request(act.settings, challenge, [one.credential["id"] for one in own])


def take_at_sign_in(act: Act, account: Account | None, challenge: str, credential: Credential) -> bool:
    """Checks that the passkey belongs to the account, and that it has signed the challenge of this sign-in."""
    return _take(act, account, challenge, credential)


def take_again(act: Act, credential: Credential) -> bool:
    """Checks that the passkey belongs to the actor, and that it has signed the challenge of this session. The challenge
    cannot be used again.
    """
    challenge = _use_challenge(act, Use.GIVE, str(act.actor.session_id), credential)
    if challenge is None or challenge.account_id != act.actor.id:
        return False
    return _take(act, act.session.get(Account, act.actor.id), _signed(credential), credential)


@needs(Permission.PASSKEY_CHANGE)
def options_to_make(act: Act) -> Options:
    """Returns the browser's options for making a passkey. Needs a fresh second factor."""
    fresh_factor.require_fresh(act)
    account = account_lookup.account_of(act.session, act.actor.id)
    return new_options(act, account.id, account.email, str(act.actor.session_id))


def new_options(act: Act, account_id: str, email: str, subject: str) -> Options:
    """Returns the browser's options for a new passkey. `subject`: the session or invitation. Raises `Conflict` if
    passkeys are off, or if the account has too many passkeys.
    """
    if act.settings.webauthn == "off":
        raise Conflict("passkeys_off")
    own = act.session.exec(of_account(account_id)).all()
    if len(own) >= MOST:
        raise Conflict("too_many_passkeys", most=MOST)
    challenge = _new_challenge(act, Use.MAKE, account_id, subject)
    options = generate_registration_options(
        rp_id=act.settings.relying_party.id,
        rp_name=_SERVICE,
        user_id=account_id.encode(),
        user_name=email,
        user_display_name=email,
        challenge=challenge.encode(),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(one.credential["id"] for one in own),
    )
    return dict(json.loads(options_to_json(options)))


@needs(Permission.PASSKEY_CHANGE)
def make(act: Act, name: str, credential: Credential) -> Passkey:
    """Stores the passkey that the browser made. Needs a fresh second factor."""
    fresh_factor.require_fresh(act)
    account_lookup.account_of(act.session, act.actor.id, lock=True)
    made = accept(act, str(act.actor.session_id), name, credential)
    if made.account_id != act.actor.id:
        raise Invalid.at("credential", "passkey_refused")
    note_made(act, made)
    return made


def accept(act: Act, subject: str, name: str, credential: Credential) -> Passkey:
    """Returns the unsaved passkey that was made for this session or invitation. Its challenge cannot be used again.
    Raises `Invalid` for an unknown challenge, a wrong origin, or a user whom the authenticator did not verify.
    """
    challenge = _use_challenge(act, Use.MAKE, subject, credential)
    if challenge is None:
        raise Invalid.at("credential", "passkey_refused")
    here = act.settings.relying_party
    try:
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=_signed(credential).encode(),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise Invalid.at("credential", "passkey_refused") from error
    identifier = bytes_to_base64url(verified.credential_id)
    if _with_id(act.session, identifier) is not None:
        raise Conflict("passkey_known")
    return Passkey(
        id=new_id("J"),
        account_id=challenge.account_id,
        fingerprint=fingerprint(identifier),
        credential={
            "account": challenge.account_id,
            "id": identifier,
            "key": bytes_to_base64url(verified.credential_public_key),
        },
        name=name.strip(),
        sign_count=verified.sign_count,
        made_at=act.at,
    )


def note_made(act: Act, made: Passkey) -> None:
    """Stores a passkey of an existing account. Writes an audit event with the owner of the account as actor."""
    account = account_lookup.account_of(act.session, made.account_id)
    act.session.add(made)
    audit_log.write(replace(act, actor=actor_for(act.session, account, act.at)), Event.PASSKEY_MADE, subject=made.id)


@needs(Permission.PASSKEY_CHANGE)
def remove(act: Act, passkey_id: str) -> Passkey:
    """Removes a passkey of the actor. Needs a fresh second factor. Raises `NotFound` if the actor has no such passkey.
    Raises `Conflict` for the last passkey, if the role needs a passkey or the account has no app.
    """
    fresh_factor.require_fresh(act)
    account = account_lookup.account_of(act.session, act.actor.id, lock=True)
    found = existing(act.session.exec(of_account(account.id).where(Passkey.id == passkey_id)).first())
    needed = is_required(act.settings, account.role) or not account.has_app
    if needed and count_of(act.session, account.id) == 1:
        raise Conflict("last_passkey")
    act.session.delete(found)
    audit_log.write(act, Event.PASSKEY_REMOVED, subject=found.id)
    return found


def _request(settings: Settings, challenge: str, allowed: Sequence[str]) -> Options:
    options = generate_authentication_options(
        rp_id=settings.relying_party.id,
        challenge=challenge.encode(),
        timeout=_MILLISECONDS,
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


def _descriptors(identifiers: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in identifiers]


def _new_challenge(act: Act, use: Use, account_id: str, subject: str) -> str:
    """Returns a new challenge, whose bytes the browser signs. Deletes an earlier challenge for the same use."""
    earlier = col(PasskeyChallenge.subject) == subject, col(PasskeyChallenge.use) == use
    act.session.execute(delete(PasskeyChallenge).where(*earlier))
    secret = new_secret("plw")
    made = PasskeyChallenge(
        fingerprint=fingerprint(secret),
        use=use,
        account_id=account_id,
        subject=subject,
        expires_at=act.at + CHALLENGE_LIFETIME,
    )
    act.session.add(made)
    return secret


def _use_challenge(act: Act, use: Use, subject: str, credential: Credential) -> PasskeyChallenge | None:
    """Returns the open challenge that the answer signs; `None` if there is no such challenge. The challenge is used up,
    so that only a single request gets it, even if several come at once.
    """
    this = col(PasskeyChallenge.fingerprint) == fingerprint(_signed(credential))
    found = act.session.exec(
        select(PasskeyChallenge).where(
            this,
            PasskeyChallenge.use == use,
            PasskeyChallenge.subject == subject,
            col(PasskeyChallenge.expires_at) > act.at,
        )
    ).first()
    if found is None:
        return None
    act.session.expunge(found)
    used = act.session.exec(delete(PasskeyChallenge).where(this))
    return found if used.rowcount == 1 else None


def _signed(credential: Credential) -> str:
    """Returns the challenge that an answer claims to sign. Returns an empty text if the answer is malformed."""
    try:
        data = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return data.challenge.decode("ascii")
    except _MALFORMED:
        return ""


def _with_id(session: Session, identifier: str) -> Passkey | None:
    return session.exec(select(Passkey).where(Passkey.fingerprint == fingerprint(identifier))).first()


def _take(act: Act, account: Account | None, challenge: str, credential: Credential) -> bool:
    """Checks that a passkey of this account signed this challenge, for this origin, and that the authenticator verified
    its user. If the signature counter of the passkey did not rise, the passkey was copied: it is rejected, and the
    audit event is an anomaly.
    """
    found = _with_id(act.session, str(credential.get("id", "")))
    if found is None or account is None or act.settings.webauthn == "off":
        return False
    if found.credential["account"] != account.id or not _is_handle_of(credential, account.id):
        return False
    here = act.settings.relying_party
    try:
        verified = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge.encode(),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            credential_public_key=base64url_to_bytes(found.credential["key"]),
            credential_current_sign_count=0,  # the counter is compared below, under a lock
            require_user_verification=True,
        )
    except _MALFORMED:
        return False
    if _counted(act, found.id, verified.new_sign_count):
        return True
    audit_log.write(act.by_the_system(), Event.PASSKEY_COPIED, subject=found.id, account=account.id)
    return False


def _is_handle_of(credential: Credential, account_id: str) -> bool:
    """Checks that an answer is for this account, if the answer contains a user handle."""
    response = credential.get("response")
    handle = response.get("userHandle") if isinstance(response, Mapping) else None
    return handle is None or handle == bytes_to_base64url(account_id.encode())


def _counted(act: Act, passkey_id: str, count: int) -> bool:
    """Stores the signature counter of a passkey, under a lock. If the counter did not rise, returns false and stores
    nothing. Accepts a passkey without a counter, which always sends 0.
    """
    locked = select(Passkey).where(Passkey.id == passkey_id).with_for_update()
    found = act.session.exec(locked.execution_options(populate_existing=True)).one()
    goes_on = found.sign_count < count or found.sign_count == count == 0
    if goes_on:
        found.sign_count, found.used_at = count, act.at
    return goes_on
