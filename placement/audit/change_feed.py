"""Whether anything has changed since: what a page that updates by itself asks, twice a second.

The log has an audit event for every change, numbered without a gap and stored with the change itself. So the number of
the last audit event is a mark that holds over every process and on both stores, and only later audit events are read.
"""

from sqlmodel import Session, col, or_, select

from placement.access import scoped_queries
from placement.audit.log import Event
from placement.core.codes import Action
from placement.core.context import Actor
from placement.storage import hash_chain
from placement.tables import AuditEvent, Registration

_OF_ROOMS = (Event.CAPACITY_REPORTED, Event.CAPACITY_CORRECTED, Event.CONFIRMATION_ASKED, Event.PROFILE_CHANGED)


def newest_event(session: Session) -> int:
    return hash_chain.head(session)[0]


def changed_since(session: Session, actor: Actor, last: int) -> int | None:
    """The newest audit event after this one about a change to rooms, or to a case that this actor sees."""
    known = scoped_queries.registrations_of(actor).with_only_columns(col(Registration.id))
    changes = select(AuditEvent.id).where(
        AuditEvent.id > last,
        AuditEvent.action == Action.CHANGE,
        or_(
            col(AuditEvent.event).in_([event.value for event in _OF_ROOMS]),
            col(AuditEvent.registration_id).in_(known),
        ),
    )
    return session.exec(changes.order_by(col(AuditEvent.id).desc()).limit(1)).first()
