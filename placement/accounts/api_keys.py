"""API keys, and the short-lived tokens for which software exchanges a key. A key only gives the right to get tokens,
and only its fingerprint is stored. Users make keys for their own account. Staff of a shelter, or the operator at the
command line, make keys for the shelter's software.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import COUNTS_SEND, REGISTER, SEND, Permission, require
from placement.accounts.sessions import actor_for
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of, monday_of
from placement.core.codes import Protocol, Role, Sees
from placement.core.context import Act, Actor, Origin
from placement.core.errors import Invalid, Unauthenticated, existing
from placement.core.ids import fingerprint, new_id, new_secret
from placement.core.settings import Settings
from placement.tables import AccessToken, Account, ApiKey, Shelter

_OF_TOKEN = select(AccessToken).where(col(AccessToken.fingerprint) == bindparam("fingerprint"))
_OF_KEY = (
    select(ApiKey, Account).select_from(ApiKey).join(Account, isouter=True).where(ApiKey.id == bindparam("key_id"))
)
"""The queries that run at each request with a token. They are built only once."""

LONGEST_LIFE = timedelta(days=90)
ENDS_SOON = timedelta(days=14)
"""The period before the end of a key in which its owners are notified, if the key is used (assumed)."""
SCOPES = ("read", "write")
"""The scopes of a key that is made without a choice of scopes."""
_OF_EVERY_SHELTER = frozenset({*Permission.ACCOUNT_CHANGE.reach, Role.SYSTEM})
"""Roles that list and revoke the keys of every shelter. An admin cannot make such a key, because it would give access
to data of residents.
"""


def new_key(
    session: Session,
    at: datetime,
    *,
    account_id: str | None = None,
    shelter_id: str | None = None,
    scopes: Iterable[str] = SCOPES,
    lifetime: timedelta = LONGEST_LIFE,
) -> str:
    """Makes a key for an account or a shelter, and returns its secret, which is shown only once."""
    secret, row = _new_key(at, account_id, shelter_id, scopes, lifetime)
    session.add(row)
    return secret


def make(act: Act, shelter_id: str | None, scopes: Collection[str], days: int) -> tuple[str, ApiKey]:
    """Makes a key for the actor, or for the named shelter. Returns its secret, which is shown only once.

    - Raises `NotAllowed` if the second factor is not fresh: an unattended session could give access for 90 days.
    - Raises `NotAllowed` for the scope `register` if the actor may not read the register.
    - Raises `Invalid` if the actor may not make keys for this shelter. An unknown shelter gets the same message.
    - Raises `Invalid` for the scope `write` without `read`, because the answer to a write shows data.
    - Raises `Invalid` for a scope that the actor's role does not use. A registrant's key can have only
      `registration:send` and `counts:send`. No other key can have `registration:send`.
    """
    if act.actor.session_id is not None:
        require_fresh(act)
    if "write" in scopes and "read" not in scopes:
        raise Invalid.at("scopes", "write_without_read")
    sends = Permission.SENT_SEND.is_of(act.actor)
    counts = [COUNTS_SEND] if Permission.COUNT_SEND.is_of(act.actor) else []
    theirs = [SEND, *counts] if sends else [*SCOPES, REGISTER, *counts]
    if not {*scopes} <= {*theirs}:
        raise Invalid.at("scopes", "scope_not_yours", expected=theirs)
    mine = shelter_id is None
    if mine and REGISTER in scopes:
        require(act.actor, Permission.REGISTER_READ)
    if not mine and not _may_for_shelter(act, shelter_id):
        raise Invalid.at("shelter", "target_unknown", kind="shelter", found=shelter_id)
    secret, row = _new_key(act.at, act.actor.id if mine else None, shelter_id, scopes, timedelta(days=days))
    row.made_by = act.actor.id if act.actor.role is not Role.SYSTEM else None
    act.session.add(row)
    audit_log.write(act, Event.KEY_MADE, subject=row.id, shelter=shelter_id, scopes=row.scopes)
    return secret, row


def listed(act: Act) -> SelectOfScalar[ApiKey]:
    """Returns the query of usable keys that the actor may see, newest first. Users see their own keys. An admin also
    sees the keys of every shelter; staff of a shelter also see its keys.
    """
    return (
        _theirs(act.actor)
        .where(col(ApiKey.revoked_at).is_(None), col(ApiKey.expires_at) > act.at)
        .order_by(col(ApiKey.created_at).desc(), ApiKey.id)
    )


def revoke(act: Act, key_id: str) -> ApiKey:
    """Revokes a key, together with the tokens that were issued for it."""
    row = existing(act.session.exec(listed(act).where(ApiKey.id == key_id)).first())
    row.revoked_at = act.at
    audit_log.write(act, Event.KEY_REVOKED, subject=row.id)
    return row


def is_replaced(session: Session, key: ApiKey, ends: datetime) -> bool:
    """Checks whether the owner of the key has a newer key that ends after `ends`. Ignores a key that was made long
    before `ends`, because it belongs to other software.
    """
    newer = select(col(ApiKey.id)).where(
        col(ApiKey.shelter_id).is_not_distinct_from(key.shelter_id),
        col(ApiKey.account_id).is_not_distinct_from(key.account_id),
        col(ApiKey.revoked_at).is_(None),
        col(ApiKey.created_at) > max(key.created_at, ends - 2 * ENDS_SOON),
        col(ApiKey.expires_at) > ends,
    )
    return session.exec(newer.limit(1)).first() is not None


def ending_of_accounts(act: Act) -> list[ApiKey]:
    """Returns each key of an account that was used, ends soon, and has no newer key."""
    ends = col(ApiKey.expires_at)
    used = select(ApiKey).where(col(ApiKey.account_id).is_not(None), col(ApiKey.last_used_on).is_not(None))
    soon = used.where(col(ApiKey.revoked_at).is_(None), ends > act.at, ends <= act.at + ENDS_SOON)
    found = act.session.exec(soon.order_by(ends, ApiKey.id)).all()
    return [key for key in found if not is_replaced(act.session, key, key.expires_at)]


def end_all(act: Act, account_id: str) -> None:
    """Ends an account's keys and the tokens issued for them. Enabling the account does not restore them."""
    _end(act, col(ApiKey.account_id) == account_id)


def end_made_by(act: Act, account_id: str) -> None:
    """Ends the keys that this account made for a shelter's software. Called when the account's user no longer works for
    the shelter.
    """
    _end(act, and_(ApiKey.made_by == account_id, col(ApiKey.shelter_id).is_not(None)), because="maker_left")


class IssuedToken(NamedTuple):
    token: str
    expires_at: datetime
    key_expires_at: datetime


def issue_token(
    session: Session, at: datetime, settings: Settings, key: str, origin: Origin | None = None
) -> IssuedToken:
    """Returns a token for a key. If the key is not accepted, raises the same `Unauthenticated` for every reason."""
    query = select(ApiKey, Account).select_from(ApiKey).join(Account, isouter=True)
    found = session.exec(query.where(ApiKey.fingerprint == fingerprint(key))).first()
    if found is None or not _alive(*found, at):
        raise Unauthenticated("key_refused")
    row, account = found
    token = new_secret("plt")
    expires_at = min(at + settings.token_lifetime, row.expires_at)
    issued = AccessToken(fingerprint=fingerprint(token), key_id=row.id, issued_on=day_of(at), expires_at=expires_at)
    session.add(issued)
    if row.last_used_on != (week := monday_of(day_of(at))):
        row.last_used_on = week
    came_from = replace(origin or Origin(), protocol=Protocol.API_KEY)
    act = Act(session, _actor(session, row, account, at), at, settings, came_from)
    audit_log.write(act, Event.TOKEN_ISSUED, subject=row.id)
    return IssuedToken(token, expires_at, row.expires_at)


def actor_of(session: Session, at: datetime, settings: Settings, token: str) -> Actor:
    """Returns the actor of a token, with today's rights. Rejects a token whose key was revoked or whose account was
    disabled. Also rejects a token that ends more than twice its lifetime from now: it was made while a clock was ahead.
    """
    issued = session.exec(_OF_TOKEN, params={"fingerprint": fingerprint(token)}).first()
    if issued is None or not at < issued.expires_at <= at + 2 * settings.token_lifetime:
        raise Unauthenticated("token_refused")
    found = session.exec(_OF_KEY, params={"key_id": issued.key_id}).first()
    if found is None or not _alive(*found, at):
        raise Unauthenticated("token_refused")
    return _actor(session, *found, at)


def actor_of_key(act: Act, key_id: str) -> Actor | None:
    """Returns the actor of a key, with today's rights. Returns `None` if the key is no longer accepted."""
    found = act.session.exec(_OF_KEY, params={"key_id": key_id}).first()
    return _actor(act.session, *found, act.at) if found is not None and _alive(*found, act.at) else None


def _alive(key: ApiKey, account: Account | None, at: datetime) -> bool:
    """Checks whether the key can be used. `account`: the account of the key; `None` for the key of a shelter."""
    if key.revoked_at is not None or key.expires_at <= at:
        return False
    return key.account_id is None or (account is not None and account.disabled_at is None)


def _actor(session: Session, key: ApiKey, account: Account | None, at: datetime) -> Actor:
    scopes = frozenset(key.scopes)
    if account is not None:
        return replace(actor_for(session, account, at, scopes), key_id=key.id)
    return Actor(str(key.shelter_id), Role.SHELTER, shelter_id=key.shelter_id, scopes=scopes, key_id=key.id)


def _new_key(
    at: datetime, account_id: str | None, shelter_id: str | None, scopes: Iterable[str], lifetime: timedelta
) -> tuple[str, ApiKey]:
    secret = new_secret("plk")
    row = ApiKey(
        id=new_id("K"),
        fingerprint=fingerprint(secret),
        account_id=account_id,
        shelter_id=shelter_id,
        scopes=sorted(scopes),
        created_at=at,
        expires_at=at + min(lifetime, LONGEST_LIFE),
    )
    return secret, row


def _end(act: Act, which: ColumnElement[bool], **facts: str) -> None:
    for row in act.session.exec(select(ApiKey).where(which, col(ApiKey.revoked_at).is_(None))).all():
        row.revoked_at = act.at
        audit_log.write(act, Event.KEY_REVOKED, subject=row.id, shelter=row.shelter_id, **facts)


def _may_for_shelter(act: Act, shelter_id: str | None) -> bool:
    """Checks whether the actor may make keys for this shelter. The shelter's staff and the operator may; readers of the
    report in the same organisation may not.
    """
    if act.actor.role is Role.SYSTEM:
        return act.session.get(Shelter, shelter_id) is not None
    return act.actor.role.is_person and act.actor.role.sees is Sees.SHELTER and act.actor.shelter_id == shelter_id


def _theirs(actor: Actor) -> SelectOfScalar[ApiKey]:
    own = ApiKey.account_id == actor.id
    if actor.role in _OF_EVERY_SHELTER:
        return select(ApiKey).where(or_(own, col(ApiKey.shelter_id).is_not(None)))
    if actor.role.is_person and actor.role.sees is Sees.SHELTER:
        return select(ApiKey).where(or_(own, ApiKey.shelter_id == actor.shelter_id))
    return select(ApiKey).where(own)
