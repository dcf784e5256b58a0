"""Active reminders of the actor, as the first page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import and_, col, func, or_, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.room_state import last_confirmed
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, ReminderKind, StayStatus
from placement.core.context import Act
from placement.tables import Hold, Reminder, Shelter, Stay

_ORDER = {kind: at for at, kind in enumerate((ReminderKind.HOLD_WAITS, ReminderKind.STAY_IS_LONG))}
"""Of reminders that were made at the same moment."""


@dataclass(frozen=True, slots=True)
class ActiveReminder:
    reminder: Reminder
    registration_id: str | None
    """The registration that it is about, if any."""

    shelter: str | None
    """The name of the shelter that it is about, if any."""


def active_reminders(act: Act) -> list[ActiveReminder]:
    """The newest reminder of each subject, the newest first."""
    rows = [*_of_holds(act), *_of_stays(act), *_of_counts(act)]
    found: dict[str, ActiveReminder] = {}
    for one in sorted(rows, key=lambda one: (one.reminder.made_at, _ORDER.get(one.reminder.kind, len(_ORDER)))):
        found[one.reminder.subject_id] = one
    shown = [one.registration_id for one in found.values() if one.registration_id]
    audit_log.write(act, Event.REMINDERS_LISTED, shown=shown, found=len(found))
    return sorted(found.values(), key=lambda one: one.reminder.made_at, reverse=True)


def _of_holds(act: Act) -> list[ActiveReminder]:
    """Of holds that wait for an answer."""
    waiting = scoped_queries.holds_of(act.session, act.actor).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER)
    cases = act.session.execute(waiting.with_only_columns(col(Hold.id), col(Hold.registration_id)))
    return _about(act, ReminderKind.HOLD_WAITS, {hold: case for hold, case in cases})  # noqa: C416  (rows of a query)


def _of_stays(act: Act) -> list[ActiveReminder]:
    """Of long stays that go on."""
    in_house = scoped_queries.stays_of(act.session, act.actor).where(Stay.status == StayStatus.IN_HOUSE)
    cases = act.session.execute(in_house.with_only_columns(col(Stay.id), col(Stay.registration_id)))
    return _about(act, ReminderKind.STAY_IS_LONG, {stay: case for stay, case in cases})  # noqa: C416  (rows of a query)


def _about(act: Act, kind: ReminderKind, cases: Mapping[str, str]) -> list[ActiveReminder]:
    about = select(Reminder).where(Reminder.kind == kind, col(Reminder.subject_id).in_(cases))
    found = act.session.exec(about.order_by(Reminder.id)) if cases else ()
    return [ActiveReminder(row, cases[row.subject_id], None) for row in found]


def _of_counts(act: Act) -> list[ActiveReminder]:
    """Of shelters that have not reported since: the reminders of the last day on which there was one."""
    of_counts = select(col(Reminder.subject_id), func.max(Reminder.made_on)).where(
        Reminder.kind == ReminderKind.COUNT_IS_MISSING
    )
    if act.actor.shelter_id is not None:
        of_counts = of_counts.where(Reminder.subject_id == act.actor.shelter_id)
    reported = last_confirmed(act.session)
    newest = [
        and_(col(Reminder.subject_id) == shelter_id, col(Reminder.made_on) == day)
        for shelter_id, day in act.session.exec(of_counts.group_by(col(Reminder.subject_id)))
        if (last := reported.get(shelter_id)) is None or day_of(last) <= day
    ]
    if not newest:
        return []
    rows = act.session.exec(select(Reminder).where(Reminder.kind == ReminderKind.COUNT_IS_MISSING, or_(*newest))).all()
    names = dict(act.session.exec(select(Shelter.id, Shelter.name)).all())
    return [
        ActiveReminder(row, None, names[row.subject_id])
        for row in rows
        if (last := reported.get(row.subject_id)) is None or last < row.made_at
    ]
