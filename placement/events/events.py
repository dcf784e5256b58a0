"""Events: how they are made, changed, started and ended, and which events an actor sees.

An event joins ordinary registrations. The rules, decisions, tasks and erasure of a registration do not depend on the
event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, Reach, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import LanguageLevel, Role
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.event_codes import KEPT_BEFORE, EventKind, EventStatus
from placement.core.ids import new_id
from placement.core.read_ahead import Rows, rows_of
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin as begin_state
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import MassEventMove
from placement.registrations import case_check
from placement.registrations.case import Case, PointInput, ThreatInput
from placement.registrations.registrations import require_version
from placement.tables import Account, EventMember, MassEvent
from placement.tables.event import EventContent, Forecast, LeftPlace, SharedFacts
from placement.tables.facts import SpokenLanguage

LIVE = Rows(MassEvent, col(MassEvent.status) != EventStatus.DONE)
_PLACES = ("region", "registrant_unit")
_OF_CASE = {"threats": "dangers", "languages": "languages", "region": "region", "registrant_unit": "registrant_unit"}
"""Maps a fact of a case to the fact of the event that supplies its value. A fault in the case is shown at the fact of
the event.
"""


@dataclass(frozen=True, slots=True)
class EventInput:
    """The facts of an event, as a person typed them. Without `leader`, the person who makes the event leads it. Without
    `keep_from`, beds are reserved from five days before the day of the event.
    """

    name: str
    kind: EventKind
    day: date
    leader: str | None = None
    keep_from: date | None = None
    shared: SharedFacts = field(default_factory=SharedFacts)
    forecast: Forecast = field(default_factory=Forecast)


@needs(Permission.EVENT_CHANGE)
def make(act: Act, given: EventInput, *, left: LeftPlace | None = None) -> MassEvent:
    """Makes a planned event. `left`: the place to be evacuated. Raises `Invalid` with all wrong fields."""
    content = _checked(act, given, None)
    content = content.model_copy(update={"left": left})
    row = MassEvent(id=new_id("E"), made_on=act.day, content=content)
    begin_state(act, row, MassEventMove.PLAN, kind=given.kind.value)
    act.session.add(row)
    act.session.flush()
    return row


@needs(Permission.EVENT_CHANGE)
def change(act: Act, event_id: str, version: int, given: EventInput) -> MassEvent:
    """Replaces the facts of an event. Registered members keep their own facts. Raises `VersionPassed` if another person
    changed the event meanwhile, and `Conflict` if the event is done.
    """
    row = event_of(act, event_id, lock=True)
    require_version(version, row.version)
    require_live(row)
    replace_content(act, row, _checked(act, given, row.content))
    return row


@needs(Permission.EVENT_CHANGE)
def start(act: Act, event_id: str) -> MassEvent:
    """Starts a planned event. From now on, beds can be reserved for its members, even before the day `keep_from`."""
    row = event_of(act, event_id, lock=True)
    carry_out(act, row, MassEventMove.BEGIN)
    return row


@needs(Permission.EVENT_CHANGE)
def finish(act: Act, event_id: str) -> MassEvent:
    """Ends an event. Its members stay ordinary cases."""
    row = event_of(act, event_id, lock=True)
    row.ended_on = act.day
    carry_out(act, row, MassEventMove.FINISH)
    return row


def event_of(act: Act, event_id: str, *, lock: bool = False) -> MassEvent:
    """Returns an event that the actor may see. The desk sees every event; a coordinator sees events with a member of
    the coordinator's regions. Raises the same `NotFound` for an unknown and for a hidden event.
    """
    query = select(MassEvent).where(MassEvent.id == event_id)
    found = existing(act.session.exec(query.with_for_update() if lock else query).first())
    existing(found if _sees_all(act) or member_rows(act, found) else None)
    return found


@needs(Permission.EVENT_READ)
def listed(act: Act) -> Sequence[MassEvent]:
    """Returns the events that the actor may see. Events that are not done come first, by their day."""
    query = select(MassEvent)
    if not _sees_all(act):
        own = act.session.exec(select(EventMember.event_id, EventMember.registration_id)).all()
        seen = scoped_queries.visible_registrations(act.session, act.actor, [case for _, case in own if case])
        query = query.where(col(MassEvent.id).in_({event for event, case in own if case in seen}))
    audit_log.write(act, Event.EVENTS_LISTED)
    rows = [row for row in act.session.exec(query) if is_readable(row.content)]
    return sorted(rows, key=lambda row: (row.status is EventStatus.DONE, row.content.day, row.id))


def live_events(act: Act) -> Sequence[MassEvent]:
    """Returns the events that are not done, for the desk or the service."""
    return [row for row in sorted(rows_of(act.session, LIVE), key=lambda row: row.id) if is_readable(row.content)]


def member_rows(act: Act, event: MassEvent) -> Sequence[EventMember]:
    """Returns the rows of the members in their order. A coordinator gets only the rows with a case of the coordinator's
    regions.
    """
    rows = act.session.exec(select(EventMember).where(EventMember.event_id == event.id)).all()
    if not _sees_all(act):
        ids = [row.registration_id for row in rows if row.registration_id]
        seen = scoped_queries.visible_registrations(act.session, act.actor, ids)
        rows = [row for row in rows if row.registration_id in seen]
    readable = [row for row in rows if is_readable(row.content)]
    return sorted(readable, key=lambda row: (row.content.position, row.id))


def keeps_beds(event: MassEvent, day: date) -> bool:
    """Checks whether beds may be reserved for the members on this day. If not, no line of the plan can be accepted."""
    if event.status is EventStatus.PLANNED:
        return day >= event.content.keep_from
    return event.status is EventStatus.UNDER_WAY


def require_live(event: MassEvent) -> None:
    """Raises `Conflict` if the event is done."""
    if event.status is EventStatus.DONE:
        raise Conflict(MassEventMove.FINISH.refusal, status=event.status.value)


def replace_content(act: Act, event: MassEvent, content: EventContent) -> None:
    """Stores the new content of an event, and writes the names of the changed facts into the log."""
    before = event.content
    fields = sorted(name for name in EventContent.model_fields if getattr(content, name) != getattr(before, name))
    event.content, event.version = content, event.version + 1
    audit_log.write(act, Event.EVENT_CHANGED, subject=event.id, fields=fields)


def _sees_all(act: Act) -> bool:
    return act.actor.role is Role.SYSTEM or Permission.EVENT_READ.reach_of(act.actor) is Reach.ALL


def _checked(act: Act, given: EventInput, before: EventContent | None) -> EventContent:
    faults: list[Fault] = []
    name, leader = given.name.strip(), given.leader or (before.leader if before else act.actor.id)
    if not name:
        faults.append(Fault("name", "missing"))
    account = act.session.get(Account, leader)
    if given.leader is not None and (
        account is None or account.disabled_at is not None or not Permission.EVENT_READ.is_of_role(account.role)
    ):
        faults.append(Fault("leader", "target_unknown", {"found": leader, "kind": "account"}))
    if before is None and given.day < act.day:
        faults.append(Fault("day", "day_past"))
    keep_from = given.keep_from or given.day - KEPT_BEFORE
    if keep_from > given.day:
        faults.append(Fault("keep_from", "day_after_last", {"last": given.day.isoformat()}))
    shared, wrong = _shared(act, given.shared)
    if faults or wrong:
        raise Invalid([*faults, *wrong])
    if before is not None:
        changed = {"name": name, "kind": given.kind, "day": given.day, "leader": leader, "keep_from": keep_from}
        return before.model_copy(update={**changed, "shared": shared, "forecast": given.forecast})
    return EventContent(
        name=name,
        kind=given.kind,
        day=given.day,
        leader=leader,
        made_by=act.actor.id,
        keep_from=keep_from,
        shared=shared,
        forecast=given.forecast,
    )


def _shared(act: Act, given: SharedFacts) -> tuple[SharedFacts, list[Fault]]:
    """Returns the shared facts, with codes instead of the names of places, and the faults of these facts."""
    values: dict[str, object] = {
        "languages": [SpokenLanguage(code=code, level=LanguageLevel.FLUENT) for code in given.languages],
        "language_required": bool(given.languages) and given.language_required,
        "threats": [ThreatInput(PointInput(place=one.place), one.min_km) for one in given.dangers],
    }
    values |= {name: said for name in _PLACES if (said := getattr(given, name))}
    checked = case_check.check(act, Case.of(values), draft=True)
    faults = [
        Fault(f"shared.{_OF_CASE[whole]}{fault.field.removeprefix(whole)}", fault.code, fault.facts)
        for fault in checked.faults
        if (whole := fault.field.split(".")[0]) in values
    ]
    found: dict[str, object] = {name: getattr(checked.case, name) for name in _PLACES if name in values}
    return given.model_copy(update=found), faults
