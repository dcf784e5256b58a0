"""Members of an event: cases that are added as a whole, and the cases of all members."""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.event_codes import MOST_MEMBERS
from placement.core.ids import new_id
from placement.events.events import event_of, member_rows, require_live
from placement.registrations.case_lookup import cases_named
from placement.storage.field_sealing import destroy_keys
from placement.tables import EventMember, MassEvent, Registration
from placement.tables.event import MemberContent


@needs(Permission.EVENT_CHANGE)
def add_cases(act: Act, event_id: str, registration_ids: Sequence[str]) -> Sequence[EventMember]:
    """Adds existing cases to an event, such as the clients of a shelter that closes. `registration_ids`: references, or
    handles of two words. Skips cases that are already members. Raises `Invalid` with each case that the actor does not
    see.
    """
    event = event_of(act, event_id, lock=True)
    require_live(event)
    known = {row.registration_id for row in member_rows(act, event)}
    wanted, faults = cases_named(act, "registrations", registration_ids, but="")
    if faults:
        raise Invalid(faults)
    return [add(act, event, MemberContent(position=0), one) for one in dict.fromkeys(wanted) if one not in known]


@needs(Permission.EVENT_CHANGE)
def remove(act: Act, event_id: str, member_id: str) -> None:
    """Removes a row of the event. A registered case stays unchanged, but is no longer a member."""
    event = event_of(act, event_id, lock=True)
    require_live(event)
    row = existing(next((one for one in member_rows(act, event) if one.id == member_id), None))
    audit_log.write(act, Event.EVENT_MEMBER_REMOVED, subject=event.id, registration=row.registration_id)
    forget(act, row)


def forget(act: Act, row: EventMember) -> None:
    """Deletes the row of a member, and destroys the key of the row."""
    act.session.delete(row)
    act.session.flush()
    destroy_keys(act, [row.key_owner])


def add(act: Act, event: MassEvent, content: MemberContent, registration_id: str | None = None) -> EventMember:
    """Stores a new row at the end of the grid. Raises `Conflict` if the event has too many rows."""
    rows = member_rows(act, event)
    if len(rows) >= MOST_MEMBERS:
        raise Conflict("too_many_members", most=MOST_MEMBERS)
    position = max((row.content.position for row in rows), default=0) + 1
    row = EventMember(
        id=new_id("EM"),
        event_id=event.id,
        registration_id=registration_id,
        content=content.model_copy(update={"position": position}),
    )
    act.session.add(row)
    act.session.flush()
    audit_log.write(act, Event.EVENT_MEMBER_ADDED, subject=event.id, registration=registration_id)
    return row


def registrations_of(act: Act, event: MassEvent) -> Sequence[Registration]:
    """Returns the members' cases that the actor sees, each once, in the order of the rows."""
    ids = case_ids(member_rows(act, event))
    found = {one.id: one for one in act.session.exec(select(Registration).where(col(Registration.id).in_(ids)))}
    return [found[one] for one in ids if one in found]


def case_ids(rows: Iterable[EventMember]) -> list[str]:
    return list(dict.fromkeys(row.registration_id for row in rows if row.registration_id))
