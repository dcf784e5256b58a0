"""The certificate of a destruction. It states the destroyed keys, the time, the persons, the last audit event, and the
data that others must still destroy. It is computed from the database alone, so its content is the same each time.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from placement.audit.events import Event
from placement.core.codes import StoreFact
from placement.core.setting_limits import KEY_BACKUPS_KEPT
from placement.storage import log_index, store_records
from placement.storage.hash_chain import START
from placement.storage.log_index import Wanted
from placement.tables import AuditEvent, DataKey, SecondPersonRequest
from placement.tables.keys import KINDS, OTHERS, kind_of
from placement.text.catalogue import Language, translate

FORMAT = 1
TO_DESTROY = ("key_store_backups", "database_backups", "service_keys", "database", "exports")
"""Data and keys that others must destroy, because the service cannot reach them."""
WORDS = ("title", "agreed", "done", "keys", "earlier", "log", "still", "clear", *KINDS, OTHERS, *TO_DESTROY)
"""Ids of the certificate's texts in the catalogue (`certificate`)."""


@dataclass(frozen=True, slots=True)
class KeysOfKind:
    """The destroyed keys of a kind. `made_from`, `made_until`: the first and the last time at which a key was made."""

    kind: str
    count: int
    made_from: str
    made_until: str
    destroyed_from: str
    destroyed_until: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: the number and the hash of the last audit event."""

    number: int
    link: str


@dataclass(frozen=True, slots=True)
class ToDestroy:
    """Data or keys that others must destroy. `known`: recorded facts about it. `until`: the day by which it must be
    destroyed; `None` without such a day.
    """

    what: str
    who: str
    known: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate. Times are in ISO 8601, UTC. `earlier`: the number of keys that retention had already destroyed.
    `unnamed`: the number of stored keys to which no row refers, because nothing was encrypted with them.
    """

    format: int
    id: str
    reason: str
    asked_by: str
    asked_at: str
    granted_by: str
    granted_at: str
    begun_at: str
    done_at: str
    key_store: str
    keys: list[KeysOfKind]
    earlier: int
    unnamed: int
    log_before: Head
    log_after: Head
    to_destroy: list[ToDestroy]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def counts_of(session: Session, request: SecondPersonRequest) -> dict[str, int]:
    """Returns, by kind, the number of keys that were destroyed since this request was begun."""
    return {row.kind: row.count for row in _keys(session, request)}


def certificate_of(session: Session, request_id: str) -> Certificate:
    request = session.get_one(SecondPersonRequest, request_id)
    begun, done = (_event(session, event, request_id) for event in (Event.DESTRUCTION_BEGUN, Event.DESTRUCTION_DONE))
    before = session.get(AuditEvent, begun.id - 1)
    earlier = select(func.count()).select_from(DataKey).where(col(DataKey.destroyed_at) < request.begun_at)
    return Certificate(
        format=FORMAT,
        id=request.id,
        reason=request.facts["reason"],
        asked_by=request.asked_by,
        asked_at=_moment(request.asked_at),
        granted_by=str(request.settled_by),
        granted_at=_moment(request.settled_at),
        begun_at=_moment(request.begun_at),
        done_at=_moment(request.done_at),
        key_store=done.facts["key_store"],
        keys=_keys(session, request),
        earlier=session.exec(earlier).one(),
        unnamed=done.facts["unnamed"],
        log_before=Head(begun.id - 1, before.link if before else START),
        log_after=Head(done.id, done.link),
        to_destroy=_to_destroy(session, request),
    )


def in_words(certificate: Certificate, language: Language) -> str:
    """Returns the certificate as plain text, to be signed and stored."""

    def say(text: str, **facts: object) -> str:
        return translate("certificate", text, language, **facts)

    one = certificate
    lines = [
        say("title", id=one.id),
        "",
        say("agreed", asked=one.asked_by, at=one.asked_at, granted=one.granted_by, granted_at=one.granted_at),
        say("done", begun=one.begun_at, done=one.done_at, store=one.key_store),
        "",
        *(_line_of(row, language) for row in one.keys),
        say("earlier", count=one.earlier, unnamed=one.unnamed),
        "",
        say("log", before=one.log_before.number, after=one.log_after.number),
        f"  {one.log_before.link}",
        f"  {one.log_after.link}",
        "",
        say("still"),
        *(f"- {say(row.what, known=row.known or '-', until=row.until or '-')}" for row in one.to_destroy),
        "",
        say("clear"),
    ]
    return "\n".join(lines) + "\n"


def _line_of(row: KeysOfKind, language: Language) -> str:
    kind = translate("certificate", row.kind, language)
    facts = {"since": row.made_from, "until": row.made_until, "done": row.destroyed_until}
    return "- " + translate("certificate", "keys", language, kind=kind, count=row.count, **facts)


def _keys(session: Session, request: SecondPersonRequest) -> list[KeysOfKind]:
    gone = select(DataKey).where(col(DataKey.destroyed_at) >= request.begun_at).order_by(DataKey.owner)
    by_kind: dict[str, list[DataKey]] = {kind: [] for kind in (*KINDS, OTHERS)}
    for key in session.exec(gone):
        by_kind[kind_of(key.owner)].append(key)
    return [_of_kind(kind, keys) for kind, keys in by_kind.items() if keys]


def _of_kind(kind: str, keys: list[DataKey]) -> KeysOfKind:
    made = [key.made_at for key in keys]
    gone = [key.destroyed_at for key in keys if key.destroyed_at]
    moments = (min(made), max(made), min(gone), max(gone))
    return KeysOfKind(kind, len(keys), *(_moment(one) for one in moments))


def _to_destroy(session: Session, request: SecondPersonRequest) -> list[ToDestroy]:
    """Returns the data and keys that the operator must still destroy, with the recorded facts about each of them."""
    known = store_records.records(session)

    def at(fact: StoreFact) -> str | None:
        return _moment(known[fact].at) if fact in known else None

    last_key_backup = (request.done_at + KEY_BACKUPS_KEPT).date().isoformat() if request.done_at else None
    recorded = {"database_backups": at(StoreFact.BACKUP_MADE), "service_keys": at(StoreFact.KEYS_COPIED)}
    until = {"key_store_backups": last_key_backup}
    return [ToDestroy(what, "operator", recorded.get(what), until.get(what)) for what in TO_DESTROY]


def _event(session: Session, event: Event, request_id: str) -> AuditEvent:
    """Returns the first audit event with this name about the request."""
    found = log_index.find(session, Wanted(event=event.value))
    return next(one for one in reversed(found) if one.object_id == request_id)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")
