"""Truncation of the audit log. It deletes the oldest audit events when they need not be kept any longer (NEN 7513: five
years). First, an audit event announces the last event to be deleted, and the hash of that event. The hash chain
continues from this hash. Then the events are deleted in batches. The database refuses to delete events that no
truncation has announced, and events that are too young (docs/guide/audit.md).
"""

from datetime import timedelta

from sqlalchemy import delete, text
from sqlmodel import col, func, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.retention.legal_hold import kept_registrations
from placement.storage import hash_chain, log_index, log_keys
from placement.storage.database import Database
from placement.storage.log_index import Wanted
from placement.tables import AuditEvent, AuditIndex

KEPT = timedelta(days=5 * 366)
"""The least age of an event that may be deleted: five leap years, so that the age is always above the database's own
limit.
"""

BATCH = 5_000


def last_due(act: Act) -> int:
    """Returns the number of the last event that may be deleted: it is old enough, and no event up to this number is
    about a case with a legal hold.
    """
    young = act.session.exec(select(func.min(AuditEvent.id)).where(col(AuditEvent.at) >= act.at - KEPT)).one()
    end = hash_chain.head(act.session)[0] + 1 if young is None else young
    for case in act.session.scalars(kept_registrations(act.session, act.at)):
        needed = log_index.find(act.session, Wanted(case=case, before=end))
        end = needed[-1].id if needed else end
    return end - 1


def announce(act: Act, keys: log_keys.LogKeys) -> int:
    """Announces a truncation. Returns the number of the last event that may be deleted. If no further event is due,
    this is the number of the last earlier announcement.
    """
    _require_owner(act)
    hash_chain.lock(act.session)
    through, before = last_due(act), hash_chain.last_truncated(act.session, keys)
    link = act.session.exec(select(AuditEvent.link).where(AuditEvent.id == through)).first()
    if link is None or (before is not None and through <= before["through"]):
        return 0 if before is None else int(before["through"])
    audit_log.write(
        act,
        Event.LOG_TRUNCATED,
        through=through,
        link=link,
        key=hash_chain.name_of(keys.at(act.session, through + 1)),
        in_force=hash_chain.name_of(keys.at(act.session)),
    )
    return through


def delete_through(database: Database, last: int) -> int:
    """Deletes the announced audit events. Returns their number. After an interruption, it can be called again."""
    gone = 0
    while True:
        with database.transaction() as session:
            first = session.exec(select(func.min(AuditEvent.id))).one()
            if first is None or first > last:
                return gone
            end = min(first + BATCH - 1, last)
            session.execute(delete(AuditIndex).where(col(AuditIndex.line) <= end))
            session.execute(delete(AuditEvent).where(col(AuditEvent.id) <= end))
            gone += end + 1 - first


def _require_owner(act: Act) -> None:
    """Raises `Misconfigured` if the database role may not delete audit events. The role of the running service may not
    delete them.
    """
    may = text("SELECT has_table_privilege('auditevent', 'DELETE')")
    if act.session.get_bind().dialect.name == "postgresql" and not act.session.execute(may).scalar():
        raise Misconfigured("this role only adds to the log: give DATABASE_URL with the role that owns the tables")
