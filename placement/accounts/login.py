"""Sign-in, in two steps. For an unknown address or a wrong password, the caller learns only that the sign-in failed.
The first step has the same answer for every input. The second step judges the input of both steps.
docs/guide/accounts.md describes the rate limits, and how the user of an attacked account can still sign in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import update
from sqlmodel import Session, col, select

from placement.access import account_lookup, fresh_factor
from placement.access.permissions import Permission, require_running
from placement.accounts import accounts, api_keys, passkeys, passwords, rate_limits, sessions, totp
from placement.accounts.factors import count_of, factor_of
from placement.accounts.passkeys import Credential
from placement.accounts.rate_limits import Balance, Pace, subject_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.context import SYSTEM, Act, Actor, Factor, Origin
from placement.core.errors import Invalid, NotAllowed, TooManyTries, Unauthenticated
from placement.core.ids import fingerprint, new_secret
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Account, KnownDevice, SignInChallenge

CHALLENGE_LIFETIME = timedelta(minutes=5)
CODES_A_CHALLENGE = 3
DEVICE_KNOWN_FOR = timedelta(days=90)

BY_CALLER = Pace(free=5, first=timedelta(seconds=2), longest=timedelta(minutes=15), forgotten_after=timedelta(days=1))
"""Rate limit for attempts with the same account, from the same network or the same known browser."""

BY_NETWORK = Balance(holds=50, each=timedelta(seconds=10))
"""Rate limit for attempts from a network, with any account, except from known browsers. It refills evenly: after an
attack ends, other users of the network wait ten seconds at most.
"""

FEW_TRIES = 3
"""A network with more recent attempts than this number is served after other networks (assumed)."""

BY_CODE = Pace(free=10, first=timedelta(minutes=1), longest=timedelta(minutes=1), forgotten_after=timedelta(days=1))
"""Rate limit for codes after a correct password, from any network, except from known browsers. With at most 1,440
attempts a day, a correct guess is very unlikely.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """The source of a sign-in request."""

    network: str
    client: str
    """A rough description of the browser, such as its name."""

    device: str | None
    """The secret in the cookie that an earlier sign-in stored in this browser."""

    origin: Origin = field(default_factory=Origin)


class Standing(IntEnum):
    """The priority of a sign-in. Used if more sign-ins arrive than can be processed at once."""

    KNOWN = 1
    """A browser with which a user signed in before."""
    NEW = 2
    TRIES = 3
    """A network from which many passwords were tried."""


@dataclass(frozen=True, slots=True)
class SsoSignIn:
    """The person and the session as the single sign-on provider names them; empty without single sign-on."""

    subject: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The secrets that the browser stores: the secret of its session, and the secret by which later sign-ins recognise
    the browser.
    """

    session: str
    device: str


def standing_of(session: Session, at: datetime, device: str | None, network: str) -> Standing:
    """Returns the priority of a sign-in request. It depends on browser and network; the account is not known yet."""
    if device is not None:
        known = select(KnownDevice).where(KnownDevice.fingerprint == fingerprint(device))
        if session.exec(known.where(col(KnownDevice.expires_on) >= day_of(at)).limit(1)).first() is not None:
            return Standing.KNOWN
    spent = rate_limits.spent(session, subject_of("sign-in from", network), at, BY_NETWORK)
    return Standing.TRIES if spent > FEW_TRIES else Standing.NEW


def give_password(
    database: Database, settings: Settings, at: datetime, caller: Caller, *, email: str, password: str
) -> str:
    """Checks address and password, which is the first step. Returns the challenge for the second step, whether or not
    the password was correct. Raises `TooManyTries`.
    """
    email = accounts.normal(email)
    subject = _count(database, at, caller, email)
    with database.transaction() as session:
        account = accounts.with_email(session, email)
    tried = account.password_hash if account else None
    right = passwords.is_right(tried, password)
    anew = passwords.hashed(password) if tried is not None and right and passwords.is_outdated(tried) else tried
    with database.transaction() as session:
        act = Act(session, SYSTEM, at, settings, caller.origin)
        account = accounts.with_email(session, email)
        right = right and account is not None and account.password_hash == tried  # not changed in the meantime
        if account is not None and right and anew is not None:
            account.password_hash = anew
        may = account is not None and right and account.disabled_at is None
        secret = challenge(act, account.id if account is not None and may else None, subject)
        if not may:
            audit_log.write(act, Event.SIGN_IN_REFUSED, subject=account.id if account else None, step="password")
    return secret


def challenge(act: Act, account_id: str | None, subject: str, sso: SsoSignIn | None = None) -> str:
    """Makes the challenge that the caller must send with the code. `account_id`: `None` if the first step failed, so
    that no code is accepted.
    """
    sso = sso or SsoSignIn()
    secret = new_secret("plq")
    made = SignInChallenge(
        fingerprint=fingerprint(secret),
        account_id=account_id,
        subject=subject,
        sso_subject=sso.subject,
        sso_session=sso.session,
        expires_at=act.at + CHALLENGE_LIFETIME,
    )
    act.session.add(made)
    return secret


def give_code(
    database: Database, settings: Settings, at: datetime, caller: Caller, *, challenge: str, code: str
) -> Begun:
    """Checks the code, which is the second step, and starts a session. Raises the same `Unauthenticated` whatever was
    wrong in either step.
    """
    account_id = _try_challenge(database, at, challenge)
    may = _may_try_code(database, at, caller, account_id)

    def is_right(act: Act, account: Account | None) -> bool:
        has_passkey = (
            count_of(act.session, account.id if account else "") > 0
        )  # also read without an account, so that the answer takes equally long
        takes = account and factor_of(settings, account, has_passkey=has_passkey).takes_codes
        return totp.take(act, account if takes else None, code)

    return _second_step(database, settings, at, caller, challenge, account_id if may else None, is_right)


def give_passkey(
    database: Database, settings: Settings, at: datetime, caller: Caller, *, challenge: str, credential: Credential
) -> Begun:
    """Checks a passkey instead of a code, and starts a session. A passkey cannot be guessed, so only attempts with the
    same challenge are counted.
    """
    account_id = _try_challenge(database, at, challenge)

    def is_right(act: Act, account: Account | None) -> bool:
        return passkeys.take_at_sign_in(act, account, challenge, credential)

    return _second_step(database, settings, at, caller, challenge, account_id, is_right)


def _second_step(  # noqa: PLR0917 - the parameters of the two second steps
    database: Database,
    settings: Settings,
    at: datetime,
    caller: Caller,
    challenge: str,
    account_id: str | None,
    is_right: Callable[[Act, Account | None], bool],
) -> Begun:
    with database.transaction() as session:
        act = Act(session, SYSTEM, at, settings, caller.origin)
        open_still = session.get(SignInChallenge, fingerprint(challenge), with_for_update=True)
        account = session.get(Account, account_id or "")
        begun = None
        right = is_right(act, account)
        if right and open_still is not None and account is not None and account.disabled_at is None:
            begun = _begin(act, caller, account, open_still)
        else:
            audit_log.write(act, Event.SIGN_IN_REFUSED, subject=account_id, step="code")
    if begun is None:
        raise Unauthenticated("sign_in_refused")
    return begun


def start(act: Act, caller: Caller, account: Account, sso: SsoSignIn | None = None) -> Begun:
    """Starts a session after both factors were correct. No other function binds an account to a single sign-on
    identity.
    """
    sso = sso or SsoSignIn()
    account.sso_subject = account.sso_subject or sso.subject
    is_known = _is_known(act.session, act.at, caller, account.id)
    device = _device_of(act, caller, account)
    secret = sessions.start(act, account, caller.client, device, is_known=is_known, sso_session=sso.session)
    return Begun(secret, device)


def give_code_again(
    database: Database, settings: Settings, at: datetime, actor: Actor, *, code: str, origin: Origin
) -> None:
    """Checks the code of a signed-in user, who gives the second factor again. Raises `TooManyTries`, or `Invalid` for a
    wrong code.
    """

    def is_right(act: Act) -> bool:
        return actor.factor.takes_codes and totp.take(act, act.session.get(Account, actor.id), code)

    if not _given_again(database, settings, at, actor, origin, is_right):
        raise Invalid.at("code", "code_refused" if actor.factor.takes_codes else "passkey_only")


def give_passkey_again(
    database: Database, settings: Settings, at: datetime, actor: Actor, *, credential: Credential, origin: Origin
) -> None:
    """Checks the passkey of a signed-in user, who gives the second factor again. Raises `TooManyTries`, or `Invalid`
    for a wrong passkey.
    """
    if not _given_again(database, settings, at, actor, origin, lambda act: passkeys.take_again(act, credential)):
        raise Invalid.at("credential", "passkey_refused")


def _given_again(  # noqa: PLR0917 - the parameters of the two functions above
    database: Database,
    settings: Settings,
    at: datetime,
    actor: Actor,
    origin: Origin,
    is_right: Callable[[Act], bool],
) -> bool:
    subject = subject_of("codes in session", str(actor.session_id))
    rate_limits.count(database, BY_CALLER, subject, at)
    with database.transaction() as session:
        act = Act(session, actor, at, settings, origin)
        right = is_right(act)
        if right:
            rate_limits.let_off(session, subject)
            sessions.verified(act)
        else:
            audit_log.write(act, Event.SECOND_FACTOR_REFUSED, subject=actor.session_id)
    return right


def change_password(
    database: Database,
    settings: Settings,
    at: datetime,
    actor: Actor,
    *,
    current: str,
    password: str,
    origin: Origin,
    end_keys: bool = False,
) -> int:
    """Changes the actor's own password and ends the actor's other sessions. Returns the number of ended sessions.

    `end_keys`: true ends the actor's own API keys too, but not the keys of a shelter's software. The change needs the
    current password and a fresh second factor, because an open session alone is not enough. Raises `TooManyTries`,
    `NotAllowed` or `Invalid`.
    """
    if actor.factor is Factor.MISSING:
        raise NotAllowed("passkey_needed")
    subject = subject_of("password in session", str(actor.session_id))
    rate_limits.count(database, BY_CALLER, subject, at)
    with database.transaction() as session:
        act = Act(session, actor, at, settings, origin)
        fresh_factor.require_fresh(act)
        require_running(act, Permission.PASSKEY_CHANGE)
        tried = account_lookup.account_of(session, actor.id).password_hash
    right = passwords.is_right(tried, current)
    with database.transaction() as session:
        act = Act(session, actor, at, settings, origin)
        fresh_factor.require_fresh(act)
        account = account_lookup.account_of(session, actor.id, lock=True)
        if right and account.password_hash == tried:  # the password was not changed meanwhile
            accounts.require_good_password(session, account.email, account.organisation_id, password)
            account.password_hash = passwords.hashed(password)
            rate_limits.let_off(session, subject)
            audit_log.write(act, Event.PASSWORD_CHANGED, subject=actor.id)
            if end_keys:
                api_keys.end_all(act, actor.id)
            return sessions.end_all(act, actor.id, but=actor.session_id)
        audit_log.write(act, Event.PASSWORD_REFUSED, subject=actor.id)
    raise Invalid.at("current", "password_not_right")


def _count(database: Database, at: datetime, caller: Caller, email: str) -> str:
    """Counts an attempt for the account and, if the browser is unknown, for the network. Returns the key of the
    account's rate limit (`rate_limits.subject_of`).
    """
    with database.transaction() as session:
        account = accounts.with_email(session, email)
        known = account is not None and _is_known(session, at, caller, account.id)
    subject = subject_of("sign-in", email, str(caller.device) if known else caller.network)
    rate_limits.count(database, BY_CALLER, subject, at)
    if not known:
        count_network(database, at, _by_network(caller))
    return subject


def count_network(database: Database, at: datetime, subject: str) -> None:
    """Counts an attempt from a network. `subject`: the network and the kind of attempt. Raises `TooManyTries`."""
    if wait := rate_limits.spend(database, subject, at, BY_NETWORK):
        raise TooManyTries(wait)


def _is_known(session: Session, at: datetime, caller: Caller, account_id: str | None) -> bool:
    device = session.get(KnownDevice, (fingerprint(caller.device or ""), account_id or ""))
    return device is not None and device.expires_on >= day_of(at)


def _try_challenge(database: Database, at: datetime, challenge: str) -> str | None:
    """Counts an attempt with a challenge. Returns the account of the challenge if the answer may be checked, and
    otherwise `None`.
    """
    this = col(SignInChallenge.fingerprint) == fingerprint(challenge)
    open_still = col(SignInChallenge.tries) < CODES_A_CHALLENGE, col(SignInChallenge.expires_at) > at
    with database.transaction() as session:
        done = session.exec(update(SignInChallenge).where(this, *open_still).values(tries=SignInChallenge.tries + 1))
        if done.rowcount == 0:
            return None
        return session.get_one(SignInChallenge, fingerprint(challenge)).account_id


def _may_try_code(database: Database, at: datetime, caller: Caller, account_id: str | None) -> bool:
    """Checks the rate limit for codes. The answer to the caller must not show this limit, because it would disclose
    that the password was correct.
    """
    with database.transaction() as session:
        if _is_known(session, at, caller, account_id):
            return True
    return rate_limits.take(database, BY_CODE, subject_of("codes", account_id or caller.network), at) == 0


def _begin(act: Act, caller: Caller, account: Account, found: SignInChallenge) -> Begun:
    rate_limits.let_off(act.session, found.subject)
    rate_limits.let_off(act.session, subject_of("codes", account.id))
    rate_limits.give_back(act.session, _by_network(caller), BY_NETWORK)
    act.session.delete(found)
    return start(act, caller, account, SsoSignIn(found.sso_subject, found.sso_session))


def _device_of(act: Act, caller: Caller, account: Account) -> str:
    """Returns the browser's secret. A known browser keeps its secret, even if several users sign in with it."""
    ours = select(KnownDevice).where(KnownDevice.fingerprint == fingerprint(caller.device or ""))
    secret = caller.device if caller.device and act.session.exec(ours).first() else new_secret("pld")
    known = KnownDevice(fingerprint=fingerprint(secret), account_id=account.id, expires_on=act.day + DEVICE_KNOWN_FOR)
    act.session.merge(known)
    return secret


def _by_network(caller: Caller) -> str:
    return subject_of("sign-in from", caller.network)
