"""Daily jobs, which run at a fixed time in Amsterdam. Missed days are done later.

The transaction of the work also writes a row whose key is the job and the day. So each day is done once, even with
several processes or a wrong clock. Summer time begins and ends between 02:00 and 03:00, when no job is due. Missed days
are done in order, and marked late. If the clock was ahead, a run may be recorded for a future day. When that day comes,
the row of the run is deleted, and the work is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from placement.accounts import recertification
from placement.core.clock import CLOCKS_DIFFER, Clock, day_of, moment_of
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.counts.releases import building
from placement.notifications import duty_sheet, reminders, subscriptions
from placement.outbox import announcements
from placement.placements.decisions import override_review
from placement.placements.stays import reversals
from placement.reports import engine_causes, moments
from placement.reports import store as report_store
from placement.reports.causes import BlockingCauses
from placement.storage.daily_runs import first_day_to_do
from placement.storage.database import Database
from placement.tables import DailyRun

LATE_AFTER = timedelta(minutes=5)
"""The delay from which a run is marked late. Jobs are checked every minute, so a punctual run never has this delay."""

_RELEASES_AT = time(4)

Run = Callable[[Act, datetime], object]


@dataclass(frozen=True, slots=True)
class Daily:
    name: str
    at: time
    run: Run
    """The function of the job. Its second argument is the time at which the job was due."""

    ahead: Callable[[Database, Settings, datetime], Run] | None = None
    """Does slow work before the transaction. Returns the function that then runs in the transaction."""


def make_report(act: Act, due: datetime, blocking_causes: BlockingCauses | None = None) -> None:
    """Makes the report of this day, mails it to subscribers, and notifies software. `blocking_causes`: the engine's
    result about the causes of blocked beds today.
    """
    day = day_of(due)
    report_store.make(act, day, blocking_causes if day == act.day else None)
    subscriptions.put_report(act, day)
    announcements.announce_report(act, day.isoformat())


def _close_lapsed(act: Act, _: datetime) -> None:
    recertification.close_lapsed(act)


def dailies(settings: Settings) -> tuple[Daily, ...]:
    return (
        *(Daily(f"ask_counts_{at:%H%M}", at, reminders.remind_of_counts) for at in settings.remind_at),
        Daily("watch_stays", settings.remind_at[0], reminders.remind_of_stays),
        Daily("watch_keys", settings.remind_at[0], reminders.remind_of_keys),
        Daily("close_lapsed_accounts", settings.remind_at[0], _close_lapsed),
        Daily("give_review_days", settings.remind_at[0], override_review.give_days),
        Daily("forget_what_was", settings.remind_at[0], reversals.forget),
        Daily("send_sheet", duty_sheet.AT, duty_sheet.put),
        Daily("make_count_releases", _RELEASES_AT, building.make, _make_releases),
        Daily(report_store.JOB, time(moments.HOUR), make_report, _ask_the_engine),
    )


def run_due(
    database: Database, settings: Settings, job: Daily, at: datetime, *, now: Clock | None = None
) -> list[DailyRun]:
    """Runs the job for every due day that was not done, oldest first. Returns the days that this call has done. `now`:
    as in `periodic.run`.
    """
    done = []
    with database.transaction() as session:
        waiting = _days_due(session, job, at)
    run = job.ahead(database, settings, at) if job.ahead is not None and waiting else job.run
    for day in waiting:
        due = moment_of(day, job.at)
        row = DailyRun(job=job.name, day=day, due_at=due, ran_at=at, late=at - due > LATE_AFTER)
        try:
            with database.transaction() as session:
                if not _forget_future(session, job, day, now or (lambda: at)):
                    continue  # another process was faster
                session.add(row)
                session.flush()
                run(Act(session, SYSTEM, at, settings), due)
        except IntegrityError as error:
            if "dailyrun" not in str(error.orig).lower():
                raise
            continue  # another process has just recorded this day
        done.append(row)
    return done


def begin_today(session: Session, settings: Settings, at: datetime) -> None:
    """Records the last due day of each job as done. Used for a practice room, which begins in the middle of a day and
    must not do missed jobs.
    """
    for job in dailies(settings):
        due = last_due(job, at)
        session.add(DailyRun(job=job.name, day=day_of(due), due_at=due, ran_at=due, late=False))


def _forget_future(session: Session, job: Daily, day: date, now: Clock) -> bool:
    """Deletes the run of this day if its time is in the future. Returns true if the day must still be done. The clock
    is read after the row, so that a run that another process makes meanwhile is not deleted.
    """
    key = col(DailyRun.job) == job.name, col(DailyRun.day) == day
    ran_at = session.exec(select(DailyRun.ran_at).where(*key)).first()
    if ran_at is None:
        return True
    if ran_at <= now() + CLOCKS_DIFFER:
        return False
    session.execute(delete(DailyRun).where(*key, col(DailyRun.ran_at) == ran_at))
    return True


def last_due(job: Daily, at: datetime) -> datetime:
    """Returns the last time at which the job was due, even if it was not done then."""
    today = day_of(at)
    due = moment_of(today, job.at)
    return due if due <= at else moment_of(today - timedelta(days=1), job.at)


def _make_releases(database: Database, settings: Settings, at: datetime) -> Run:
    """Computes the figures of requested releases. This can take minutes, so no transaction is open. Returns the
    function that stores the figures.
    """
    _ = settings
    with database.transaction() as session:
        asked = building.asked_until(session, day_of(at))
    return partial(building.make, contents=building.contents_of(asked))


def _ask_the_engine(database: Database, settings: Settings, at: datetime) -> Run:
    return partial(make_report, blocking_causes=engine_causes.ask(database, settings, at))


def _days_due(session: Session, job: Daily, at: datetime) -> list[date]:
    """Returns the days after the last day that was done whose due time has come, at most those of `MADE_UP_FOR`. In a
    new installation, returns today, or nothing before the due time.
    """
    today = day_of(at)
    first = first_day_to_do(session, job.name, at)
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    return [day for day in days if moment_of(day, job.at) <= at]
