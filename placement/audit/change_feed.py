"""A check whether anything has changed since: a page that updates by itself asks twice a second.

A shelter receives changes of its own rooms, and of requests to it, by hold, stay and decision. It never receives
changes by case alone, since the case may long be another shelter's.

The log has an audit event for every change, in its chain or soon to be, numbered without a gap. So the number of the
last audit event is a valid mark for every process and on both stores. Only later audit events are read.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.access import scoped_queries
from placement.audit.log import Event
from placement.core.codes import Action
from placement.core.context import Actor
from placement.storage import hash_chain, log_index
from placement.storage.bed_claims import claiming_in_shelter
from placement.tables import AuditEvent, Hold, Location, Registration, Unit

_OF_ROOMS = (Event.CAPACITY_REPORTED, Event.CAPACITY_CORRECTED, Event.CONFIRMATION_ASKED, Event.PROFILE_CHANGED)


def newest_event(session: Session) -> int:
    log_index.wait_for_chain(session)  # else the reader's own act would seem to be a change since
    return hash_chain.head(session)[0]


@dataclass(frozen=True, slots=True)
class Looked:
    """`change`: the newest audit event of a change, if any. `through`: up to which it was looked for: what was looked
    through needs not be opened a second time.
    """

    change: int | None
    through: int


def look(session: Session, actor: Actor, last: int) -> Looked:
    """For the newest audit event after this one about a change to rooms, or to a case that this actor sees; for a
    shelter about its own.
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
    """The ids of the shelter, its units, and the holds, stays and decisions about its beds."""
    here = claiming_in_shelter(session, shelter_id)
    decisions = session.exec(select(Hold.decision_id).where(col(Hold.id).in_(here.holds)))
    units = session.exec(select(Unit.id).join(Location).where(Location.shelter_id == shelter_id))
    return frozenset({shelter_id, *units, *here.holds, *here.stays, *decisions})
