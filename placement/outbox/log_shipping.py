"""The copy of the audit log on another host. Audit events are sent by syslog, in the order of the log.

The sent messages identify nobody. They contain the event's number, link, kind, action, outcome, role, protocol and
request. The link is the hash of the event in the hash chain. With the last link that it received, the other host can
detect that events were removed from the end of the log. Number and link let the receiver drop a repeated event.

The last event that the receiver accepted is stored in the key store, beside the watcher's state
(`placement/storage/watch.py`). After a crash, the last batch can be sent twice, but no event is lost. If the database
was restored from a backup, the whole log is sent again.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from placement.core.codes import Outcome
from placement.core.errors import Conflict
from placement.core.settings import Settings
from placement.core.syslog_settings import Syslog
from placement.crypto.watch_files import Work
from placement.outbox import syslog_client
from placement.outbox.syslog_client import LogMessage, NotTaken
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.storage.watch import Mark, Sent, contains, watch_of
from placement.tables import AuditEvent

BATCH = 1_000
_INFORMATION, _NOTICE = 6, 5
"""Severities of RFC 5424."""
_UNREADABLE = "log:unreadable"
"""The kind that is sent for an event whose content cannot be decrypted. Its number and link are sent too."""
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Backlog:
    """The events that the receiver has not accepted yet: their number, and the time of the oldest."""

    count: int
    since: datetime | None


class LogShipper:
    """The sender of audit events in a process. Several processes may have a sender, but they do not send at the same
    time.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._trouble = ""

    def ship(self) -> int:
        """Sends all waiting events, if a receiver is configured. Returns how many the receiver accepted."""
        receiver, count = self._settings.syslog, 0
        if receiver is None:
            return 0
        with watch_of(self._database.engine.dialect).alone(Work.SHIPPING) as is_alone:
            while is_alone and (sent := self._ship_batch(receiver)):
                count += sent
        return count

    def _ship_batch(self, receiver: Syslog) -> int:
        database = self._database
        watch = watch_of(database.engine.dialect)
        before = watch.newest(database.audit_keys).sent
        with database.transaction() as session:
            events = _waiting(session, before.mark, BATCH)
            messages = [_message(one) for one in events]
        if not messages:
            return 0
        try:
            syslog_client.send(receiver, messages)
        except NotTaken as error:
            if error.trouble != self._trouble:
                _LOG.warning("log.not_shipped", trouble=error.trouble)
            self._trouble = error.trouble
            return 0
        self._trouble = ""
        watch.state(database.audit_keys, Sent(before.number + 1, Mark(events[-1].id, events[-1].link)))
        return 0 if watch.fault else len(events)


def backlog(session: Session, database: Database) -> Backlog:
    """Returns the number and age of the events that the receiver has not accepted yet."""
    sent = watch_of(database.engine.dialect).newest(database.audit_keys).sent
    oldest = _waiting(session, sent.mark, 1)
    return Backlog(hash_chain.head(session)[0] + 1 - oldest[0].id, oldest[0].at) if oldest else Backlog(0, None)


def _waiting(session: Session, mark: Mark, most: int) -> Sequence[AuditEvent]:
    """Returns at most `most` events after the last accepted event (`mark`), in order. Begins at the first event if the
    log does not contain the mark.
    """
    after = mark.line if contains(session, mark, Mark(*hash_chain.head(session))) else 0
    query = select(AuditEvent).where(col(AuditEvent.id) > after).order_by(col(AuditEvent.id)).limit(most)
    return session.exec(query).all()


def _message(event: AuditEvent) -> LogMessage:
    facts = {"line": str(event.id), "link": event.link}
    try:
        content = event.content
    except Conflict:
        return LogMessage(event.at, _NOTICE, socket.gethostname(), _UNREADABLE, facts)
    facts |= {"action": content.action, "outcome": content.outcome, "role": content.role or "-"}
    facts |= {"protocol": content.protocol, "request": content.request_id}
    severity = _INFORMATION if content.outcome is Outcome.DONE else _NOTICE
    return LogMessage(event.at, severity, socket.gethostname(), content.event, facts)
