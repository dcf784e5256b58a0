"""The actor's active reminders, as the first page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import union_all
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.newest_reports import has_rooms_to_count, last_confirmed
from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.notice_codes import ReminderKind
from placement.storage.bed_claims import STANDING
from placement.tables import Hold, Reminder, Shelter, Stay

_ORDER = {kind: at for at, kind in enumerate((ReminderKind.HOLD_WAITS, ReminderKind.STAY_IS_LONG))}
"""The display order of reminders that were made at the same time."""


@dataclass(frozen=True, slots=True)
class ActiveReminder:
    reminder: Reminder
    registration_id: str | None
    """The id of the registration that the reminder is about, if any."""

    shelter: str | None
    """The name of the shelter that the reminder is about, if any."""


def active_reminders(act: Act) -> list[ActiveReminder]:
    """Returns the newest reminder about each subject, newest first."""
    rows = _active(act)
    found: dict[str, ActiveReminder] = {}
    for one in sorted(rows, key=lambda one: (one.reminder.made_at, _ORDER.get(one.reminder.kind, len(_ORDER)))):
        found[one.reminder.subject_id] = one
    shown = [one.registration_id for one in found.values() if one.registration_id]
    audit_log.write(act, Event.REMINDERS_LISTED, shown=shown, found=len(found))
    return sorted(found.values(), key=lambda one: one.reminder.made_at, reverse=True)


def _active(act: Act) -> list[ActiveReminder]:
    """Returns the reminders of unanswered holds, long current stays and missing counts. For a shelter whose count is
    still missing, returns only the reminders of the newest day.
    """
    asked = scoped_queries.holds_of(act.session, act.actor, *STANDING)
    waiting = asked.where(Hold.status == HoldStatus.WAITING_FOR_SHELTER)
    in_house = scoped_queries.stays_of(act.session, act.actor, *STANDING).where(Stay.status == StayStatus.IN_HOUSE)
    subjects = union_all(
        waiting.with_only_columns(col(Hold.id), col(Hold.registration_id)),
        in_house.with_only_columns(col(Stay.id), col(Stay.registration_id)),
    )
    cases: dict[str, str] = {subject: case for subject, case in act.session.execute(subjects)}  # noqa: C416  (rows of a query)
    other = aliased(Reminder)
    last_day = (
        select(func.max(other.made_on))
        .where(other.kind == Reminder.kind, other.subject_id == Reminder.subject_id)
        .scalar_subquery()
    )
    of_counts = col(Reminder.kind) == ReminderKind.COUNT_IS_MISSING
    mine = () if act.actor.shelter_id is None else (col(Reminder.subject_id) == act.actor.shelter_id,)
    wanted = or_(
        and_(col(Reminder.kind) != ReminderKind.COUNT_IS_MISSING, col(Reminder.subject_id).in_(cases)),
        and_(of_counts, col(Reminder.made_on) == last_day, *mine),
    )
    rows = act.session.exec(select(Reminder).where(wanted).order_by(Reminder.id)).all()
    of_cases = [ActiveReminder(row, cases[row.subject_id], None) for row in rows if row.subject_id in cases]
    missing = [row for row in rows if row.kind is ReminderKind.COUNT_IS_MISSING]
    return [*of_cases, *_not_reported_since(act, missing)] if missing else of_cases


def _not_reported_since(act: Act, missing: Sequence[Reminder]) -> list[ActiveReminder]:
    reported = last_confirmed(act.session)
    names = dict(act.session.exec(select(Shelter.id, Shelter.name).where(has_rooms_to_count())).all())
    return [
        ActiveReminder(row, None, names[row.subject_id])
        for row in missing
        if row.subject_id in names and ((last := reported.get(row.subject_id)) is None or last < row.made_at)
    ]
