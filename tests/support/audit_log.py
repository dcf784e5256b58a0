"""An audit log with some lines, and what a test does to it as the owner of the database."""

from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import text
from sqlmodel import Session, select

from placement.audit import log as audit_log
from placement.audit import log_key
from placement.audit.events import Event
from placement.core.codes import Protocol
from placement.core.context import Act, Origin
from placement.crypto import cipher
from placement.storage import log_keys, log_rows
from placement.storage.database import Database
from placement.storage.log_keys import LogKeys
from placement.tables import AuditEvent
from placement.tables.audit import AnomalyContent
from tests.support.town import AT, DESK

READ_BY_THE_DESK = (
    ("/on-call", Event.ON_CALL_LISTED),
    ("/mandates", Event.MANDATES_LISTED),
    ("/telephone-entries", Event.TELEPHONE_LISTED),
    ("/shelters/S01/telephones", Event.NUMBERS_READ),
)
"""Addresses that the desk reads, with the event that each leaves."""


def logged(place, since=0, **said):
    """Returns the audit events with all these values, in order. Their content is sealed, so that no query can find
    them.

    `place`: an object with a database, or a session.
    """
    if not isinstance(place, Session):
        with place.database.transaction() as session:
            return logged(session, since, **said)
    events = place.exec(select(AuditEvent).where(AuditEvent.id > since).order_by(AuditEvent.id)).all()
    return [event for event in events if all(getattr(event, name) == value for name, value in said.items())]


def anomaly(session, name, at, **facts):
    """Adds an anomaly for a test to the store."""
    said = {"rule": "night", "span": name, "actor": "A-somebody", "registration_id": None, **facts}
    content = AnomalyContent(first_line=1, last_line=1, counted=1, at=at, **said)
    found = log_rows.new_anomaly(session, name, at, content)
    session.add(found)
    return found


def write_lines(country, number):
    with country.database.transaction() as session:
        act = Act(session, DESK, AT, country.settings, Origin(Protocol.SESSION, "192.0.2.1"))
        for one in range(number):
            event = Event.REGISTRATION_READ if one % 3 else Event.REGISTRATIONS_LISTED
            shown = None if one % 3 else [f"R-{one}", f"R-{one + 1}"]
            audit_log.write(act, event, registration=f"R-{one}", shown=shown, page=one)


def open_up(country):
    """Removes the triggers, as an attacker who owns the database can do."""
    with country.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE auditevent DISABLE TRIGGER USER"))
            for table in ("auditindex", "audittruncation"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for table in ("auditevent", "auditindex", "audittruncation"):
                for act in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_is_append_only_{act}"))


class InOneTransaction(Database):
    """The log as it is in the midst of a transaction that will be rolled back."""

    @classmethod
    def of(cls, country, connection):
        made = cls(country.database.engine, country.database.audit_keys)
        made.__dict__["connection"] = connection
        return made

    @contextmanager
    def transaction(self):
        with Session(bind=self.__dict__["connection"], join_transaction_mode="create_savepoint") as session:
            log_rows.use_keys(session, self.audit_keys)
            yield session


OLD, NEW, NEWER = cipher.new_key(), cipher.new_key(), cipher.new_key()


def keys(*written):
    return LogKeys(log_keys.keys_of(" ".join(written)))


def as_known(country, *written):
    """Returns the service as a process that knows these keys sees it."""
    return replace(country, database=Database(country.database.engine, keys(*written)))


def replace_key(country):
    with country.database.transaction() as session:
        return log_key.replace(Act(session, DESK, AT, country.settings), country.database.audit_keys)
