"""Sessions of signed-in browsers. Every request looks up its session, so an ended session ends in every process."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete
from sqlmodel import Session, col, select

from placement.access import case_access
from placement.access.permissions import Permission
from placement.accounts import session_files
from placement.accounts.factors import factor_of, has_passkey
from placement.areas.lookup import areas, reach_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of, monday_of
from placement.core.codes import Role, Sees, roles_that_see
from placement.core.context import Act, Actor
from placement.core.errors import NotAllowed, Unauthenticated, existing
from placement.core.ids import fingerprint, new_id, new_secret
from placement.core.settings import Settings
from placement.duty.hours import duty_of
from placement.storage.database import Database
from placement.tables import (
    AccessGrant,
    Account,
    AccountSession,
    KnownDevice,
    OpenImport,
    Organisation,
    SignInChallenge,
)

WRITTEN_EVERY = timedelta(minutes=1)


def start(
    act: Act,
    account: Account,
    client: str,
    device: str | None = None,
    *,
    is_known: bool = True,
    sso_session: str | None = None,
) -> str:
    """Starts a session with a new secret, and returns the value of the new cookie. Ignores a cookie that the browser
    had before. `device`: the secret that the browser keeps for all its users; `None` if it keeps no secret. `is_known`:
    false if the account has never used this browser. `sso_session`: the name of the session at the provider of single
    sign-on.
    """
    secret = new_secret("pls")
    made = AccountSession(
        id=new_id("Z"),
        fingerprint=fingerprint(secret),
        account_id=account.id,
        client=client,
        browser=fingerprint(device or new_secret("pld")),
        sso_session=sso_session,
        is_known=is_known or None,
        ends_on=day_of(act.at + act.settings.session_lifetime),
        began_at=act.at,
        last_used_at=act.at,
    )
    act.session.add(made)
    if account.signed_in_on != monday_of(act.day):
        account.signed_in_on = monday_of(act.day)
    begun = replace(act, actor=actor_for(act.session, account, act.at))
    audit_log.write(begun, Event.SESSION_BEGAN, subject=made.id, new_browser=not is_known)
    return secret


def actor_of(session: Session, at: datetime, settings: Settings, secret: str, *, used: bool = True) -> Actor:
    """Returns the actor of a cookie, with today's rights. Raises the same `Unauthenticated` whatever ended the session.
    `used`: true if a user made the request; false if a page made it by itself, which does not prolong the session.
    """
    found = session.exec(_OF_SECRET, params={"fingerprint": fingerprint(secret)}).first()
    if found is None:
        raise Unauthenticated("session_refused")
    facts = {"account_id": found.account_id, "known": found.account_id, "browser": found.browser, "day": day_of(at)}
    facts |= {"at": at, "latest": case_access.latest_begin(at)}
    rows = session.execute(_WITH_RIGHTS, facts).all()
    if not rows or rows[0][0].disabled_at is not None:
        raise Unauthenticated("session_refused")
    account, organisation, _, has_one, browser_is_known = rows[0]
    longer = _lasts_on_duty(found, account.role) and browser_is_known
    if not _alive(found, at, settings, longer=longer):
        raise Unauthenticated("session_refused")
    if used and at - found.last_used_at >= WRITTEN_EVERY:
        found.last_used_at = at
    opened = frozenset(grant.registration_id for _, _, grant, *_ in rows if grant is not None)
    latest = found.began_at + settings.session_lifetime
    return Actor(
        account.id,
        account.role,
        _areas_of(session, account, at),
        None if organisation is None else organisation.shelter_id,
        frozenset({"read", "write"}),
        session_id=found.id,
        verified_at=found.verified_at,
        browser=found.browser,
        factor=factor_of(settings, account, has_passkey=has_one),
        ends_at=min(_idle_until(found.last_used_at, settings, longer=longer), latest),
        ends_at_latest=latest,
        email=account.email,
        organisation=None if organisation is None else organisation.name,
        opened=opened if _opens(account.role, found.id) else frozenset(),
    )


def _areas_of(session: Session, account: Account, at: datetime) -> frozenset[str]:
    """Returns the areas whose cases this account sees today; an empty set if the role does not see cases by area."""
    if account.role.sees is not Sees.REGIONS:
        return frozenset()
    return reach_of(areas(session, day_of(at)), account.regions, account.organisation_id)


def _opens(role: Role, session_id: str | None) -> bool:
    """Checks whether access grants apply to this actor. They apply in a signed-in session, and never to an API key."""
    return session_id is not None and role in Permission.REGISTRATION_OPEN.reach


def actor_for(
    session: Session,
    account: Account,
    at: datetime,
    scopes: frozenset[str] = frozenset({"read", "write"}),
    *,
    session_id: str | None = None,
) -> Actor:
    """Returns the actor of an account, with today's rights."""
    organisation = None
    if account.organisation_id is not None:
        organisation = session.get_one(Organisation, account.organisation_id)
    regions = _areas_of(session, account, at)
    return Actor(
        account.id,
        account.role,
        regions,
        None if organisation is None else organisation.shelter_id,
        scopes,
        session_id=session_id,
        email=account.email,
        organisation=None if organisation is None else organisation.name,
        opened=case_access.opened_by(session, account.id, at) if _opens(account.role, session_id) else frozenset(),
    )


def active(act: Act) -> list[AccountSession]:
    """Returns the actor's active sessions. The session that was used last comes first."""
    found = _with_length(act, AccountSession.account_id == act.actor.id)
    alive = sorted((one for one, longer in found if _alive(one, act.at, act.settings, longer=longer)), key=_id)
    return sorted(alive, key=lambda one: one.last_used_at, reverse=True)


def end(act: Act, session_id: str) -> AccountSession:
    """Ends a session of the actor. If it is in another browser, that browser is no longer known for the account. Raises
    `NotFound` if the session has ended, or if it belongs to another account.
    """
    found = existing(next((one for one in active(act) if one.id == session_id), None))
    _end(act, [found])
    if found.browser != act.actor.browser:
        _forget_browsers(act, act.actor.id, col(KnownDevice.fingerprint) == found.browser)
    return found


def end_all(act: Act, account_id: str, *, but: str | None = None, forget_browsers: bool = True) -> int:
    """Ends every session of an account except `but`, and its incomplete sign-ins, because their first step may be
    outdated. Returns the number of ended sessions.

    `forget_browsers`: true makes the account's other browsers unknown (`login.py`).
    """
    if forget_browsers:
        kept = act.actor.browser if but is not None else None
        _forget_browsers(act, account_id, col(KnownDevice.fingerprint) != (kept or ""))
    act.session.execute(delete(SignInChallenge).where(col(SignInChallenge.account_id) == account_id))
    theirs = select(AccountSession).where(AccountSession.account_id == account_id, AccountSession.id != (but or ""))
    return _end(act, act.session.exec(theirs))


def end_of_provider(act: Act, sso_session: str) -> int:
    """Ends the sessions and the incomplete sign-ins that have this name at the provider of single sign-on. Returns the
    number of ended sessions.
    """
    act.session.execute(delete(SignInChallenge).where(col(SignInChallenge.sso_session) == sso_session))
    return _end(act, act.session.exec(select(AccountSession).where(AccountSession.sso_session == sso_session)))


def _forget_browsers(act: Act, account_id: str, which: ColumnElement[bool]) -> None:
    act.session.execute(delete(KnownDevice).where(col(KnownDevice.account_id) == account_id, which))


def _end(act: Act, sessions: Iterable[AccountSession]) -> int:
    found = [one for one in sessions if one.ended_at is None]
    for one in found:
        one.ended_at = act.at
        audit_log.write(act, Event.SESSION_ENDED, subject=one.id)
    session_files.end(act, col(OpenImport.session_id).in_([one.id for one in found]))
    return len(found)


def end_files(act: Act) -> int:
    """Ends imports whose time limit has passed, or whose session has ended. Returns their number."""
    if act.session.exec(select(OpenImport.id).limit(1)).first() is None:
        return 0
    known = _with_length(act, col(AccountSession.ends_on) >= act.day)
    alive = [one.id for one, longer in known if _alive(one, act.at, act.settings, longer=longer)]
    has_left = col(OpenImport.session_id).is_not(None) & col(OpenImport.session_id).not_in(alive)
    return session_files.end(act.by_the_system(), (col(OpenImport.ends_at) <= act.at) | has_left)


def end_later(act: Act) -> int:
    """Ends sessions that began, or were last used, too far in the future. The clock was ahead at that time, so these
    sessions would last too long. Returns their number.
    """
    act, soon = act.by_the_system(), act.at + act.settings.session_idle
    alive = act.session.exec(select(AccountSession).where(col(AccountSession.ends_on) >= act.day))
    return _end(act, (one for one in alive if max(one.began_at, one.last_used_at) > soon))


def verified(act: Act) -> None:
    """Records that the user has just given the second factor again."""
    act.session.get_one(AccountSession, act.actor.session_id).verified_at = act.at
    audit_log.write(act, Event.SECOND_FACTOR_GIVEN, subject=act.actor.session_id)


def account_of_both(database: Database, earlier: str, now: str) -> str | None:
    """Returns the account to which both sessions belong, even if the earlier session is over. Returns `None` if the
    accounts differ.
    """
    with database.transaction() as session:
        found = [
            session.scalar(select(AccountSession.account_id).where(AccountSession.fingerprint == fingerprint(secret)))
            for secret in (earlier, now)
        ]
    return found[0] if found[0] == found[1] else None


def csrf_token_of(secret: str) -> str:
    """Returns the CSRF token that a page sends with every write. The token does not disclose the session's secret."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def require_csrf_token(secret: str, given: str) -> None:
    """Raises `NotAllowed` if the CSRF token is missing or wrong. Another site can make a browser send the cookie, but
    cannot send this token.
    """
    if not hmac.compare_digest(csrf_token_of(secret).encode(), given.encode()):
        raise NotAllowed("csrf_refused")


def _id(one: AccountSession) -> str:
    return one.id


def _with_length(act: Act, which: ColumnElement[bool] | bool) -> Iterator[tuple[AccountSession, bool]]:
    """Yields these sessions. Each comes with a flag: true if it may stay idle longer during the hours of duty."""
    for one in act.session.exec(select(AccountSession).where(which)):
        role = select(col(Account.role), _is_known_still(one.account_id, one.browser, act.day)).where(
            Account.id == one.account_id
        )
        of_desk = act.session.execute(role).first() if one.is_known else None
        yield one, of_desk is not None and _lasts_on_duty(one, of_desk[0]) and of_desk[1]


def _is_known_still(account_id: object, browser: object, day: object) -> ColumnElement[bool]:
    """Returns the SQL condition that, on this day, the browser still counts as known for this account (`login.py`)."""
    this = col(KnownDevice.account_id) == account_id, col(KnownDevice.fingerprint) == browser
    return select(KnownDevice.fingerprint).where(*this, col(KnownDevice.expires_on) >= day).exists()


_OF_SECRET = select(AccountSession).where(col(AccountSession.fingerprint) == bindparam("fingerprint"))
_WITH_RIGHTS = (
    select(Account, Organisation, AccessGrant)
    .add_columns(has_passkey(), _is_known_still(bindparam("known"), bindparam("browser"), bindparam("day")))
    .join(Organisation, col(Organisation.id) == col(Account.organisation_id), isouter=True)
    .join(
        AccessGrant,
        case_access.is_active(col(Account.id), bindparam("at"), bindparam("latest")),
        isouter=True,
    )
    .where(col(Account.id) == bindparam("account_id"))
)
"""The queries that run at each request with a session. The parameter `known` is the account's id too; it is separate
because `KnownDevice` stores that id as a pseudonym.
"""


def _lasts_on_duty(found: AccountSession, role: Role) -> bool:
    """Checks whether a session may stay idle longer during the hours of duty. This is so if the browser was known at
    the sign-in, and the account belongs to the desk today. Row seals protect both facts.
    """
    return found.is_known is True and role in roles_that_see(Sees.ALL)


def _idle_until(used_at: datetime, settings: Settings, *, longer: bool) -> datetime:
    """Returns the time at which a session ends if it is not used again. `longer`: true if it may stay idle for
    `session_on_duty`, but at most until the hours of duty end. It never ends earlier than without `longer`.
    """
    until = used_at + settings.session_idle
    on_duty_until = duty_of(settings).end_after(used_at) if longer else None
    return until if on_duty_until is None else max(until, min(used_at + settings.session_on_duty, on_duty_until))


def _alive(found: AccountSession, at: datetime, settings: Settings, *, longer: bool) -> bool:
    idle_until = _idle_until(found.last_used_at, settings, longer=longer)
    return found.ended_at is None and at < idle_until and at - found.began_at < settings.session_lifetime
