"""An audit log with some lines, and what a test does to it as the owner of the database."""

from dataclasses import replace

from sqlalchemy import text

from placement.audit import log as audit_log
from placement.audit import log_key
from placement.audit.log import Event
from placement.core.codes import Protocol
from placement.core.context import Act, Origin
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.storage.hash_chain import LogKeys
from tests.support.town import AT, DESK


def write_lines(country, number):
    with country.database.transaction() as session:
        act = Act(session, DESK, AT, country.settings, Origin(Protocol.SESSION, "192.0.2.1"))
        for one in range(number):
            event = Event.REGISTRATION_READ if one % 3 else Event.REGISTRATIONS_LISTED
            shown = None if one % 3 else [f"R-{one}", f"R-{one + 1}"]
            audit_log.write(act, event, registration=f"R-{one}", shown=shown, page=one)


def open_up(country):
    """An attacker who owns the database: the triggers are gone."""
    with country.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE auditevent DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE auditshown DISABLE TRIGGER ALL"))
            connection.execute(text("ALTER TABLE auditshown DROP CONSTRAINT fk_auditshown_line"))
        else:
            for table in ("auditevent", "auditshown"):
                for act in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_is_append_only_{act}"))
        connection.execute(text("DELETE FROM auditshown WHERE line < 0"))


OLD, NEW, NEWER = hash_chain.new_key(), hash_chain.new_key(), hash_chain.new_key()


def keys(*written):
    return LogKeys(hash_chain.keys_of(" ".join(written)))


def as_known(country, *written):
    """The service, as a process sees it that knows these keys."""
    return replace(country, database=Database(country.database.engine, keys(*written)))


def replace_key(country):
    with country.database.transaction() as session:
        return log_key.replace(Act(session, DESK, AT, country.settings), country.database.audit_keys)
