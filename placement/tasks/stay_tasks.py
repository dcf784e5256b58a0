"""Tasks about holds, expected clients and stays. Every account that sees the hold or the stay gets them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.capacity.newest_reports import counted_at, has_rooms_to_count, oldest_count
from placement.capacity.vacancy import is_counted
from placement.core.clock import start_of
from placement.core.codes import DecisionStatus, HoldStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.holds.arrival_details import agreed_of, late_at
from placement.placements.stays.stay_clock import StayWithClock
from placement.placements.stays.stays import asked_at_mark
from placement.storage.bed_claims import STANDING, claiming_in_shelter
from placement.tables import Decision, Hold, Shelter, Stay
from placement.tasks.task import Task, TaskKind, WaitingDecision

_LEAST = int(Urgency.CAN_WAIT)


def of_stays(act: Act, housed: Iterable[StayWithClock]) -> Iterator[Task]:
    for one in housed:
        if is_readable(one.stay.starts_on, one.stay.limit_on, one.stay.unit_id, one.stay.blocked_on):
            yield from _long_stay(act, one)


def _long_stay(act: Act, one: StayWithClock) -> Iterator[Task]:
    """Yields the task that asks about a long stay, until the stay ends or the obstacle to leaving is recorded."""
    stay, mark = one.stay, asked_at_mark(one.stay, act.day, one.began_on)
    if mark is not None:
        reached, limit = start_of(one.began_on + timedelta(days=mark)), start_of(stay.limit_on)
        what = TaskKind.STAY_IS_LONG, stay.registration_id, _LEAST, reached, limit
        yield Task(*what, about=stay.id, unit=stay.unit_id, cause=str(mark))


def asked_of(act: Act, shelter_id: str) -> Iterator[Task]:
    """Yields the tasks of a shelter: holds to answer, arrivals to report, and counts to confirm for a decision."""
    holds = scoped_queries.holds_of(act.session, act.actor, *STANDING)
    for held in act.session.exec(holds.where(Hold.status == HoldStatus.WAITING_FOR_SHELTER)).all():
        if is_readable(held.unit_id, held.asked_at, held.expires_at):
            yield hold_task(held, _LEAST)
    planned = scoped_queries.stays_of(act.session, act.actor, *STANDING).where(Stay.status == StayStatus.PLANNED)
    expected = {stay.hold_id for stay in act.session.exec(planned)}
    for held in act.session.exec(holds.where(col(Hold.id).in_(expected))).all():
        if is_readable(held.unit_id, held.expected_at):
            yield arrival_task(act, held, _LEAST)
    kept = claiming_in_shelter(act.session, shelter_id, *STANDING).holds
    for_count = (
        select(Decision, Hold)
        .join(Hold, col(Hold.decision_id) == Decision.id)
        .where(col(Hold.id).in_(kept), Hold.status == HoldStatus.RESERVED)
        .where(Decision.status == DecisionStatus.WAITING_FOR_SHELTER)
    )
    for decision, held in act.session.exec(for_count).all():
        due = held.expires_at if is_readable(held.expires_at) else None
        waits = WaitingDecision(decision.id, decision.status, decision.decided_by)
        yield Task(
            TaskKind.DECISION,
            None,
            _LEAST,
            decision.decided_at,
            due,
            decision=waits,
            about=decision.id,
            shelter=shelter_id,
        )


def last_reports(act: Act, shelter_id: str | None = None) -> dict[str, datetime | None]:
    """Returns the time of the oldest room count that is still used, for each open shelter or only for this shelter. The
    time is `None` if the shelter never counted.
    """
    wanted = select(Shelter.id, counted_at(oldest_count())).where(has_rooms_to_count()).order_by(Shelter.id)
    if shelter_id is not None:
        wanted = wanted.where(Shelter.id == shelter_id)
    return dict(act.session.exec(wanted).all())


def missing_counts(act: Act, reports: Mapping[str, datetime | None]) -> Iterator[Task]:
    """Yields a task for each shelter without a fresh count. `reports`: a result of `last_reports`."""
    for one, last in reports.items():
        if not is_counted(last, act.at, act.settings.fresh_within):
            since = None if last is None else last + act.settings.fresh_within
            yield Task(TaskKind.COUNT_MISSING, None, _LEAST, since, about=one, shelter=one)


def hold_task(held: Hold, urgency: int, place: str | None = None, *, is_open: bool = True) -> Task:
    since, due = (held.waits_since, held.expires_at) if is_open else (None, None)
    unit = held.unit_id if is_readable(held.unit_id) else None
    return Task(TaskKind.HOLD, held.registration_id, urgency, since, due, place, about=held.id, unit=unit)


def arrival_task(act: Act, held: Hold, urgency: int, place: str | None = None) -> Task:
    """Returns the task about a client who is expected, or who is an hour late. `held`: a confirmed hold with a planned
    stay.
    """
    agreed = agreed_of(held)
    turn = agreed.expected_at.isoformat() if agreed.expected_at else ""
    task = partial(Task, place=place, about=held.id, unit=held.unit_id, agreed=agreed, turn=turn)
    late = late_at(held)
    if late is not None and late <= act.at:
        return task(TaskKind.LATE, held.registration_id, int(Urgency.TONIGHT), late)
    since = held.answered_at if is_readable(held.answered_at) else None
    return task(TaskKind.ARRIVAL, held.registration_id, urgency, since, agreed.expected_at)
