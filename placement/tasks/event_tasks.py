"""Tasks about events: beds for members who have no bed yet, late members, and the end of an event."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlmodel import col, func, select

from placement.access.permissions import Permission
from placement.core.clock import start_of
from placement.core.codes import HoldStatus, Role, Urgency
from placement.core.context import Act
from placement.core.event_codes import EventStatus
from placement.events.beds import beds_tonight
from placement.events.events import keeps_beds, live_events, member_rows
from placement.events.members import case_ids
from placement.registrations.registrations import urgency_by
from placement.tables import EventMember, Hold, MassEvent
from placement.tasks.task import Task, TaskKind


def of_events(act: Act) -> Iterator[Task]:
    """Yields a task for each event whose beds are kept, until a person ends the event. The urgency follows from the day
    of the event; when it is under way and everybody has a bed, the task can wait. Each lost place notifies the owners
    again.
    """
    if act.actor.role is not Role.SYSTEM and not Permission.EVENT_CHANGE.is_of(act.actor):
        return
    for event in live_events(act):
        if not keeps_beds(event, act.day):
            continue
        said = event.content
        is_open = beds_tonight(act, event).without > 0 or event.status is EventStatus.PLANNED
        urgency = urgency_by(act.day, said.day) if is_open else Urgency.CAN_WAIT
        since = start_of(max(event.made_on, said.keep_from))
        due, turn = start_of(said.day), str(_lost(act, event) or "")
        yield Task(TaskKind.EVENT, None, int(urgency), since, due, place=said.name, about=event.id, turn=turn)


def _lost(act: Act, event: MassEvent) -> int:
    """Returns how many holds of the event's members were refused, or not answered in time."""
    of_members = col(Hold.registration_id).in_(case_ids(member_rows(act, event)))
    lost = select(func.count()).where(of_members, col(Hold.status).in_((HoldStatus.REFUSED, HoldStatus.EXPIRED)))
    return act.session.exec(lost).one()


def late_together(act: Act, tasks: Iterable[Task]) -> Iterator[Task]:
    """Yields these tasks. Replaces the tasks about several late members of the same event and region by a single task.
    That task is done on the page of the event's day. If a further member is late, the owners are notified again. A
    shelter keeps a separate task for each client.
    """
    known = list(tasks)
    late = [] if act.actor.shelter_id is not None else [one for one in known if one.kind is TaskKind.LATE]
    events = _events_of(act, [str(one.registration) for one in late]) if len(late) > 1 else {}
    groups: defaultdict[tuple[str, str | None], list[Task]] = defaultdict(list)
    for one in late:
        if event := events.get(str(one.registration)):
            groups[event.id, one.area].append(one)
    several = {key: theirs for key, theirs in groups.items() if len(theirs) > 1}
    joined = {one.key for theirs in several.values() for one in theirs}
    yield from (one for one in known if one.key not in joined)
    for (event_id, area), theirs in several.items():
        yield Task(
            TaskKind.EVENT_LATE,
            None,
            int(Urgency.TONIGHT),
            min(one.since for one in theirs if one.since),
            place=events[str(theirs[0].registration)].content.name,
            cause=area,
            about=event_id,
            area=area,
            turn=max(one.turn for one in theirs),
            rows=tuple(sorted(one.about for one in theirs)),
        )


def _events_of(act: Act, registration_ids: Iterable[str]) -> Mapping[str, MassEvent]:
    """Returns, for each registration, the event in progress of which it is a member, if any."""
    live = {event.id: event for event in live_events(act)}
    rows = act.session.exec(select(EventMember).where(col(EventMember.registration_id).in_(registration_ids))).all()
    return {str(row.registration_id): live[row.event_id] for row in rows if row.event_id in live}
