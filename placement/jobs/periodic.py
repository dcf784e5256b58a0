"""Periodic jobs. Each job is a function that is called with an `Act`, and can be run twice without harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from placement.access import doubt_stop
from placement.accounts import sessions
from placement.audit import verification
from placement.capacity import elsewhere
from placement.core.clock import CLOCKS_DIFFER, Clock
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.counts import inbox
from placement.notifications import reminders, task_notices
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.placements.proposals import proposals
from placement.retention import job as retention_job
from placement.retention.schedule import SCHEDULE
from placement.second_person import requests
from placement.shelters import closing
from placement.storage import outage, row_order
from placement.storage.database import Database
from placement.tables import JobRun
from placement.tasks.second_person_kinds import KINDS

_LATE_AFTER = timedelta(minutes=5)

AWAY_AFTER = timedelta(minutes=30)
"""If no job ran for this time, the service had an outage (assumed)."""


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[Act], object]
    lapses: bool = False
    """True if the job ends unanswered requests. Such a job does not run in the first hour after an outage, and not
    while rows or the log are in doubt (`placement/access/doubt_stop.py`).
    """
    destroys: bool = False
    """True if the job destroys keys. Such a job does not run while rows or the log are in doubt."""


def notice_outage(act: Act) -> None:
    """Records that the service works again after an outage. Records nothing in a new installation."""
    outage.forget_later(act.session, act.at)
    last = _last_notice(act.session, act.at - timedelta(seconds=30))
    if last is not None and last <= act.at - AWAY_AFTER:
        outage.record(act.session, last, act.at)


def _is_unnoticed(act: Act) -> bool:
    """Checks whether an outage has not been recorded yet, because the job that records outages failed."""
    last = _last_notice(act.session, act.at)
    return last is not None and last <= act.at - AWAY_AFTER


def _last_notice(session: Session, until: datetime) -> datetime | None:
    before = select(JobRun.slot).where(JobRun.job == NOTICES.name, col(JobRun.slot) <= until)
    return session.exec(before.order_by(col(JobRun.slot).desc()).limit(1)).first()


def mix_rows(act: Act) -> None:
    """Rewrites rows of a table that names cases, so that their order on the disk does not show the order of entry."""
    row_order.mix(act.session, act.at)


def mix_all_rows(act: Act) -> None:
    """Rewrites all rows of these tables in one transaction. Stop the service first, because other transactions wait."""
    row_order.mix(act.session, act.at, None)


def lapse_requests(act: Act) -> int:
    """Ends the requests that no second person answered in time. Returns the number of ended requests."""
    return requests.lapse_due(act, KINDS)


NOTICES = Job("notice_outage", timedelta(seconds=30), notice_outage)

JOBS = (
    NOTICES,  # before the jobs that end unanswered requests
    Job("end_later_sessions", timedelta(seconds=30), sessions.end_later),
    Job("end_files", timedelta(minutes=1), sessions.end_files),
    Job("expire_holds", timedelta(seconds=30), holds.expire_due, lapses=True),
    Job("expire_decisions", timedelta(minutes=1), decisions.expire_waiting, lapses=True),
    Job("lapse_requests", timedelta(minutes=1), lapse_requests, lapses=True),
    Job("expire_proposals", timedelta(minutes=1), proposals.expire_proposals),
    Job("change_register", timedelta(minutes=1), closing.carry_out_due),
    Job("look_at_country", elsewhere.EVERY, elsewhere.look),
    Job("remind_of_holds", timedelta(minutes=1), reminders.remind_of_holds),
    Job("move_counts", timedelta(days=1), inbox.move),
    Job(row_order.JOB, row_order.EVERY, mix_rows),
    Job("write_audit_head", timedelta(hours=1), verification.write_head),
    *(
        Job(f"erase_{kind.name}", timedelta(hours=1), partial(retention_job.erase_due, kind=kind), destroys=True)
        for kind in SCHEDULE
        if kind.erase is not None
    ),
    Job("tell_of_tasks", timedelta(seconds=5), task_notices.tell_of_tasks),  # after the jobs that make and end tasks
)


def slot_of(job: Job, at: datetime) -> datetime:
    """Returns the beginning of the job's time slot that contains this time."""
    return datetime.fromtimestamp(at.timestamp() // job.every.total_seconds() * job.every.total_seconds(), UTC)


def run(
    database: Database, settings: Settings, job: Job, at: datetime, *, by_hand: bool = False, now: Clock | None = None
) -> bool:
    """Runs the job for the time slot that contains `at`. Returns false if another process already ran the job for that
    slot, or if the job leaves its work to the next slot. `by_hand`: true if an operator gave the time. A gap before
    this time is then not treated as an outage. `now`: a function that returns the present time, if the process may have
    been suspended since `at`; by default it returns `at`.

    The row of the slot is written first, in the transaction of the job. So only the first of two processes gets the
    slot. A failed job leaves no row, and is tried again. A run with a time in the future is ignored, because it was
    recorded while the clock was ahead.
    """
    slot = slot_of(job, at)
    try:
        with database.transaction() as session:
            session.add(JobRun(job=job.name, slot=slot, finished_at=at))
            session.flush()
            act = Act(session, SYSTEM, at, settings)
            is_back = outage.is_just_back(session, at) or (not by_hand and _is_unnoticed(act))
            is_stopped = (job.lapses or job.destroys) and doubt_stop.stop_of(session) is not None
            if not (job.lapses and is_back) and not is_stopped:
                job.run(act)
    except row_order.NotNow:
        return False
    except IntegrityError as error:
        if "jobrun" not in str(error.orig).lower():
            raise
        forgotten = _forget_future(database, job, at, now or (lambda: at))
        return slot in forgotten and run(database, settings, job, at, by_hand=by_hand, now=now)
    return True


def _forget_future(database: Database, job: Job, at: datetime, now: Clock) -> Sequence[datetime]:
    """Deletes the runs of a job whose slot is in the future, and returns these slots. Such runs exist if the clock was
    put back; the job would not run until then. The clock is read after the rows. So a run that another process makes
    meanwhile is never deleted.
    """
    with database.transaction() as session:
        later = col(JobRun.slot) > at - job.every, col(JobRun.finished_at) > at + CLOCKS_DIFFER
        found = session.exec(select(JobRun.slot, JobRun.finished_at).where(JobRun.job == job.name, *later)).all()
        slots = [slot for slot, ran_at in found if ran_at and ran_at > now() + CLOCKS_DIFFER]
        if slots:
            session.execute(delete(JobRun).where(col(JobRun.job) == job.name, col(JobRun.slot).in_(slots)))
    return slots


def last_runs(session: Session, at: datetime) -> dict[str, datetime | None]:
    """Returns the slot of each job's last run; `None` if no run is stored. Ignores slots in the future."""
    newest = select(JobRun.job, func.max(JobRun.slot)).where(col(JobRun.slot) <= at + _LATE_AFTER)
    found = dict(session.exec(newest.group_by(JobRun.job)).all())
    return {job.name: found.get(job.name) for job in JOBS}


def newest_slot(session: Session, at: datetime) -> datetime | None:
    """Returns the newest slot in which any process ran a job. Ignores slots in the future."""
    run_by_now = select(JobRun.slot).where(col(JobRun.slot) <= at + _LATE_AFTER)
    return session.exec(run_by_now.order_by(col(JobRun.slot).desc()).limit(1)).first()


def are_late(session: Session, at: datetime) -> bool:
    """Checks whether no job has run for so long that the scheduler has probably stopped."""
    last = newest_slot(session, at)
    return last is None or last < at - _LATE_AFTER
