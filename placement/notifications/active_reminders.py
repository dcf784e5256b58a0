"""Active reminders of the actor, as the first page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.room_state import last_confirmed
from placement.core.codes import HoldStatus, ReminderKind, StayStatus
from placement.core.context import Act
from placement.tables import Hold, Reminder, Stay

_LOOKED_AT = 200
"""More rows than are active at any time; only the newest are read."""


@dataclass(frozen=True, slots=True)
class ActiveReminder:
    reminder: Reminder
    registration_id: str | None
    """The registration that it is about, if any."""


def active_reminders(act: Act) -> list[ActiveReminder]:
    """The newest reminder of each subject, the newest first."""
    found: dict[str, ActiveReminder] = {}
    for one in sorted((*_of_holds(act), *_of_stays(act), *_of_counts(act)), key=lambda one: one.reminder.made_at):
        found[one.reminder.subject_id] = one
    shown = [one.registration_id for one in found.values() if one.registration_id]
    audit_log.write(act, Event.REMINDERS_LISTED, shown=shown, found=len(found))
    return sorted(found.values(), key=lambda one: one.reminder.made_at, reverse=True)


def _of_holds(act: Act) -> Iterator[ActiveReminder]:
    mine = scoped_queries.holds_of(act.actor).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER)
    cases = {held.id: held.registration_id for held in act.session.exec(mine)}
    yield from _about(act, ReminderKind.HOLD_WAITS, cases)


def _of_stays(act: Act) -> Iterator[ActiveReminder]:
    mine = scoped_queries.stays_of(act.actor).where(Stay.status == StayStatus.IN_HOUSE)
    cases = {stay.id: stay.registration_id for stay in act.session.exec(mine)}
    yield from _about(act, ReminderKind.STAY_IS_LONG, cases)


def _about(act: Act, kind: ReminderKind, cases: dict[str, str]) -> Iterator[ActiveReminder]:
    query = select(Reminder).where(Reminder.kind == kind, col(Reminder.subject_id).in_(cases))
    for one in act.session.exec(query.order_by(col(Reminder.made_at), Reminder.id)):
        yield ActiveReminder(one, cases[one.subject_id])


def _of_counts(act: Act) -> Iterator[ActiveReminder]:
    query = select(Reminder).where(Reminder.kind == ReminderKind.COUNT_IS_MISSING)
    if act.actor.shelter_id is not None:
        query = query.where(Reminder.subject_id == act.actor.shelter_id)
    reported = last_confirmed(act.session)
    for one in act.session.exec(query.order_by(col(Reminder.made_at).desc()).limit(_LOOKED_AT)):
        last = reported.get(one.subject_id)
        if last is None or last < one.made_at:
            yield ActiveReminder(one, None)
