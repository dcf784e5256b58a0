"""Active reminders of the actor, as the first page shows them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists
from sqlalchemy.orm import Mapped
from sqlmodel import col, or_, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import HoldStatus, ReminderKind, StayStatus
from placement.core.context import Act
from placement.tables import CapacityReport, Hold, Reminder, Shelter, Stay

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
    rows = [
        ActiveReminder(reminder, of_hold or of_stay, shelter)
        for reminder, of_hold, of_stay, shelter in act.session.exec(
            select(Reminder, Hold.registration_id, Stay.registration_id, Shelter.name)
            .join(Hold, _is_about(ReminderKind.HOLD_WAITS, col(Hold.id)), isouter=True)
            .join(Stay, _is_about(ReminderKind.STAY_IS_LONG, col(Stay.id)), isouter=True)
            .join(Shelter, _is_about(ReminderKind.COUNT_IS_MISSING, col(Shelter.id)), isouter=True)
            .where(or_(*_active(act)))
            .order_by(col(Reminder.made_at), Reminder.id)
        )
    ]
    found: dict[str, ActiveReminder] = {}
    for one in sorted(rows, key=lambda one: (one.reminder.made_at, _ORDER.get(one.reminder.kind, len(_ORDER)))):
        found[one.reminder.subject_id] = one
    shown = [one.registration_id for one in found.values() if one.registration_id]
    audit_log.write(act, Event.REMINDERS_LISTED, shown=shown, found=len(found))
    return sorted(found.values(), key=lambda one: one.reminder.made_at, reverse=True)


def _is_about(kind: ReminderKind, subject: Mapped[str]) -> ColumnElement[bool]:
    return and_(col(Reminder.kind) == kind, col(Reminder.subject_id) == subject)


def _active(act: Act) -> tuple[ColumnElement[bool], ...]:
    """What this actor is still to do: a hold to answer, a long stay, a shelter that has not reported since."""
    waiting = scoped_queries.holds_of(act.session, act.actor).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER)
    in_house = scoped_queries.stays_of(act.session, act.actor).where(Stay.status == StayStatus.IN_HOUSE)
    reported = exists().where(
        col(CapacityReport.confirmed),
        col(CapacityReport.shelter_id) == col(Reminder.subject_id),
        col(CapacityReport.at) >= col(Reminder.made_at),
    )
    mine = () if act.actor.shelter_id is None else (col(Reminder.subject_id) == act.actor.shelter_id,)
    return (
        col(Hold.id).in_(waiting.with_only_columns(col(Hold.id))),
        col(Stay.id).in_(in_house.with_only_columns(col(Stay.id))),
        and_(col(Reminder.kind) == ReminderKind.COUNT_IS_MISSING, ~reported, *mine),
    )
