"""Idempotency: a write that is sent twice with the same key and body is carried out once, and gets the same answer.

A key is claimed in a separate transaction before the act. The answer is stored in the transaction of the act. So after
a crash, either the answer exists, or nothing was done and another attempt can take over the claim.
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
"""The time after which an unfinished attempt is dead, and the next attempt takes over: twice the limit of an answer."""

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The right to carry out a write."""

    key: str
    """The pseudonym of the actor and the idempotency key."""
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer to the first request."""

    status: int
    headers: Mapping[str, str]
    body: str
    registration: str | None = None
    """The case in the answer; `None` without a case."""


def claim(database: Database, actor: str, key: str, fingerprint: str, at: datetime) -> Attempt | Answer:
    """Returns the right to carry out this write, or its stored answer.

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
    """Stores the answer in the transaction of the act. Raises `Conflict` if the attempt was taken over meanwhile."""
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
    """Releases the claim of an attempt that did nothing, so that a corrected request can use the key."""
    with database.transaction() as session:
        session.execute(delete(IdempotentRequest).where(*_is(attempt), col(IdempotentRequest.status).is_(None)))


def pseudonym_of(database: Database, actor: str, key: str) -> str:
    """Returns the pseudonym of a write. It hides the actor, and does not change if the log gets a new key."""
    return log_cipher.token(database.audit_keys.lasting, "write", actor, key).hex()


def _found(database: Database, attempt: Attempt, fingerprint: str, at: datetime) -> Attempt | Answer:
    with database.transaction() as session:
        row = session.get(IdempotentRequest, attempt.key, with_for_update=True)
        if row is None:  # abandoned after our insert and before this read
            raise Conflict("request_in_progress")
        if row.fingerprint != fingerprint:
            raise Invalid.at("Idempotency-Key", "key_used_otherwise")
        if row.status is not None:
            return Answer(row.status, row.headers, row.body, row.registration_id)
        if row.started_at > at - TAKEN_OVER_AFTER:
            raise Conflict("request_in_progress")
        row.attempt, row.started_at = attempt.name, at
        flag_modified(row, "fingerprint")  # encrypts it with the key of its new day
    return attempt


def _is(attempt: Attempt) -> tuple[ColumnElement[bool], ...]:
    return col(IdempotentRequest.key) == attempt.key, col(IdempotentRequest.attempt) == attempt.name
