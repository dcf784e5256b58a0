"""The check whether anything has changed for a user. Pages that update by themselves use it twice a second.

Every change has an audit event, and the events are numbered without gaps. So a check reads only the events after a
number.

A shelter is informed of changes of its own rooms, holds, stays and decisions. It is not informed of changes of a case,
because the case may have moved to another shelter.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.access import scoped_queries
from placement.audit.events import Event
from placement.core.codes import Action
from placement.core.context import Actor
from placement.storage import hash_chain, log_index
from placement.storage.bed_claims import claiming_in_shelter
from placement.tables import AuditEvent, Hold, Location, Registration, Unit

_OF_ROOMS = (Event.CAPACITY_REPORTED, Event.CAPACITY_CORRECTED, Event.CONFIRMATION_ASKED, Event.PROFILE_CHANGED)


def newest_event(session: Session) -> int:
    log_index.wait_for_chain(session)  # otherwise the user's own act would look like a change by somebody else
    return hash_chain.head(session)[0]


@dataclass(frozen=True, slots=True)
class Looked:
    """The result of `look`. `change`: the newest event of a change, or `None`. `through`: the last event that was read;
    the next check begins after it.
    """

    change: int | None
    through: int


def look(session: Session, actor: Actor, last: int) -> Looked:
    """Searches the audit events after `last` for changes of rooms, and of cases that the actor sees. For a shelter,
    searches for changes of its own rooms, holds, stays and decisions.
    """
    events = session.exec(select(AuditEvent).where(AuditEvent.id > last).order_by(col(AuditEvent.id).desc())).all()
    changes = [event for event in events if event.action is Action.CHANGE]
    if actor.shelter_id is not None:
        own = _of_shelter(session, actor.shelter_id) if changes else frozenset()
        found = (event.id for event in changes if event.object_id in own)
        return Looked(next(found, None), events[0].id if events else last)
    cases = {event.registration_id for event in changes} - {None}
    known: set[str] = set()
    if cases:
        seen = scoped_queries.registrations_of(actor).with_only_columns(col(Registration.id))
        known = set(session.scalars(seen.where(col(Registration.id).in_(cases))))
    found = (event.id for event in changes if event.event in _OF_ROOMS or event.registration_id in known)
    return Looked(next(found, None), events[0].id if events else last)


def _of_shelter(session: Session, shelter_id: str) -> frozenset[str]:
    """Returns the ids of the shelter, its units, and its holds, stays and decisions."""
    here = claiming_in_shelter(session, shelter_id)
    decisions = session.exec(select(Hold.decision_id).where(col(Hold.id).in_(here.holds)))
    units = session.exec(select(Unit.id).join(Location).where(Location.shelter_id == shelter_id))
    return frozenset({shelter_id, *units, *here.holds, *here.stays, *decisions})
