"""Idempotency of writes: if a request is sent again with the same key and body, the service returns the first answer
and does not repeat the write.

The key is claimed in its own transaction before the write. The answer is stored in the transaction of the write. So
after a crash either the answer is stored, or nothing was done and a retry can take over the claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col

from placement.core.errors import Conflict, Invalid
from placement.core.ids import new_secret
from placement.crypto import log_cipher
from placement.storage.database import Database
from placement.storage.field_sealing import place_named, seal
from placement.tables import IdempotentRequest
from placement.tables.audit import answers_of

TAKEN_OVER_AFTER = timedelta(seconds=10)
"""The age at which an unfinished attempt counts as dead: twice the time limit of a request. A retry may then take over.
"""

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claim on a key: the right to carry out the write."""

    key: str
    """The pseudonym of the actor and the key."""
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer to the first request with a key."""

    status: int
    headers: Mapping[str, str]
    body: str
    registration: str | None = None
    """The id of the case in the answer, or `None`."""


def claim(database: Database, actor: str, key: str, fingerprint: str, at: datetime) -> Attempt | Answer:
    """Claims the key for this write. Returns the stored answer instead if the write was already carried out.

    Raises `Invalid` if the key was used for another request, and `Conflict` while another attempt is in progress.
    """
    attempt = Attempt(pseudonym_of(database, actor, key), new_secret("attempt"), at)
    try:
        with database.transaction() as session:
            session.add(
                IdempotentRequest(key=attempt.key, fingerprint=fingerprint, attempt=attempt.name, started_at=at)
            )
    except IntegrityError:
        return _found(database, attempt, fingerprint, at)
    return attempt


def finish(session: Session, attempt: Attempt, answer: Answer) -> None:
    """Stores the answer in the transaction of the write. Raises `Conflict` if another attempt took over the claim."""
    day = answers_of(attempt.at)
    said = {"headers": dict(answer.headers), "body": answer.body, "registration_id": answer.registration}
    sealed = {
        name: None if value is None else seal(session, day, value, place_named(IdempotentRequest, name, attempt.key))
        for name, value in said.items()
    }
    done = session.execute(update(IdempotentRequest).where(*_is(attempt)).values(status=answer.status, **sealed))
    if done.rowcount != 1:  # type: ignore[attr-defined]  # a cursor's result has it
        raise Conflict("request_in_progress")


def abandon(database: Database, attempt: Attempt) -> None:
    """Releases the claim of an attempt that changed nothing. A corrected request can then use the key."""
    with database.transaction() as session:
        session.execute(delete(IdempotentRequest).where(*_is(attempt), col(IdempotentRequest.status).is_(None)))


def pseudonym_of(database: Database, actor: str, key: str) -> str:
    """Returns a pseudonym of actor and `Idempotency-Key`, which hides the actor. A new log key does not change it."""
    return log_cipher.token(database.audit_keys.lasting, "write", actor, key).hex()


def _found(database: Database, attempt: Attempt, fingerprint: str, at: datetime) -> Attempt | Answer:
    with database.transaction() as session:
        row = session.get(IdempotentRequest, attempt.key, with_for_update=True)
        if row is None:  # another request released the claim after our insert
            raise Conflict("request_in_progress")
        if row.fingerprint != fingerprint:
            raise Invalid.at("Idempotency-Key", "key_used_otherwise")
        if row.status is not None:
            return Answer(row.status, row.headers, row.body, row.registration_id)
        if row.started_at > at - TAKEN_OVER_AFTER:
            raise Conflict("request_in_progress")
        row.attempt, row.started_at = attempt.name, at
        flag_modified(row, "fingerprint")  # marks it as changed, so that it is encrypted with the key of the new day
    return attempt


def _is(attempt: Attempt) -> tuple[ColumnElement[bool], ...]:
    return col(IdempotentRequest.key) == attempt.key, col(IdempotentRequest.attempt) == attempt.name
