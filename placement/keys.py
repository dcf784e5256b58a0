"""Keys, and the short tokens they are exchanged for. A key does nothing else, and only its fingerprint is stored."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from placement import audit
from placement.acting import Act, Actor, Origin
from placement.audit import Event
from placement.errors import Unauthenticated
from placement.identity import fingerprint, new_id, new_secret
from placement.settings import Settings
from placement.tables import AccessToken, Account, ApiKey
from placement.vocabulary import Protocol, Role

LONGEST_LIFE = timedelta(days=90)
SCOPES = ("read", "write")


def new_key(
    session: Session,
    at: datetime,
    *,
    account_id: str | None = None,
    shelter_id: str | None = None,
    scopes: Iterable[str] = SCOPES,
    lifetime: timedelta = LONGEST_LIFE,
) -> str:
    """Makes a key for a person or a shelter and returns it: it can be seen this once only."""
    secret = new_secret("plk")
    session.add(
        ApiKey(
            id=new_id("K"),
            fingerprint=fingerprint(secret),
            account_id=account_id,
            shelter_id=shelter_id,
            scopes=sorted(scopes),
            created_at=at,
            expires_at=at + min(lifetime, LONGEST_LIFE),
        )
    )
    return secret


def issue_token(
    session: Session, at: datetime, settings: Settings, key: str, origin: Origin | None = None
) -> tuple[str, datetime]:
    """A token for a key, and until when it lives. Raises `Unauthenticated`, in one way for every reason."""
    row = session.exec(select(ApiKey).where(ApiKey.fingerprint == fingerprint(key))).first()
    if row is None or not _alive(session, row, at):
        raise Unauthenticated("key_refused")
    token = new_secret("plt")
    expires_at = min(at + settings.token_lifetime, row.expires_at)
    session.add(AccessToken(fingerprint=fingerprint(token), key_id=row.id, expires_at=expires_at))
    row.last_used_at = at
    came_from = replace(origin or Origin(), protocol=Protocol.API_KEY)
    act = Act(session, _actor(session, row), at, settings, came_from)
    audit.write(act, Event.TOKEN_ISSUED, subject=row.id)
    return token, expires_at


def actor_of(session: Session, at: datetime, token: str) -> Actor:
    """Who a token stands for, now: a revoked key or a disabled account counts at once."""
    row = session.exec(
        select(AccessToken, ApiKey).join(ApiKey).where(AccessToken.fingerprint == fingerprint(token))
    ).first()
    if row is None or row[0].expires_at <= at or not _alive(session, row[1], at):
        raise Unauthenticated("token_refused")
    return _actor(session, row[1])


def _alive(session: Session, key: ApiKey, at: datetime) -> bool:
    if key.revoked_at is not None or key.expires_at <= at:
        return False
    if key.account_id is None:
        return True
    account = session.get_one(Account, key.account_id)
    return account.disabled_at is None


def _actor(session: Session, key: ApiKey) -> Actor:
    scopes = frozenset(key.scopes)
    if key.account_id is None:
        return Actor(id=str(key.shelter_id), role=Role.SHELTER, shelter_id=key.shelter_id, scopes=scopes)
    account = session.get_one(Account, key.account_id)
    return Actor(id=account.id, role=account.role, regions=frozenset(account.regions), scopes=scopes)
