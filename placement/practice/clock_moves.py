"""Moves of the clock of a practice room. During a move the scheduler pauses, and this module runs the jobs.

The jobs run every hour. While a hold waits for an answer they run every 15 minutes, because its reminders can be due
within an hour.
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from placement.core import clock, run_folder, signals
from placement.core.codes import HoldStatus
from placement.core.errors import Invalid
from placement.core.practice_mode import clock_file, mover_folder
from placement.core.settings import Settings
from placement.events.replanning import plan_again
from placement.jobs.daily import dailies, run_due
from placement.jobs.periodic import JOBS, NOTICES, run, slot_of
from placement.jobs.reactions import REACTIONS
from placement.notifications.delivery import deliver_mail
from placement.notifications.ring_delivery import deliver_pushes, deliver_sms
from placement.notifications.webhook_pool import WebhookPool
from placement.storage.database import Database
from placement.tables import Hold

STEP = timedelta(minutes=15)
"""The longest time between two runs of the job that detects outages. It is too short to count as an outage."""
QUIET_STEP = timedelta(hours=1)
"""The longest time between two runs of the other jobs, while no hold waits."""
LONGEST = timedelta(days=7)
FURTHER = (deliver_mail, deliver_pushes, deliver_sms, plan_again)
"""Work that the scheduler does beside its jobs, except calls of webhooks."""


def require_ahead(now: datetime, until: datetime) -> None:
    """Raises `Invalid` if the clock would go back, or forward by more than a week."""
    if not now < until <= now + LONGEST:
        raise Invalid.at("until", "practice_clock", most=LONGEST.days)


def move(settings: Settings, until: datetime) -> None:
    """Moves the clock to this time."""
    signals.react(REACTIONS)
    done: dict[str, datetime] = {}
    with closing(Database.open(settings)) as database, run_folder.held(mover_folder(settings.var)):
        pool = WebhookPool(database, settings)
        while (now := clock.now()) < until:
            step = STEP if _does_a_hold_wait(database) else QUIET_STEP
            goal = min(_next(settings, now, step), until)
            while (now := now + STEP) < goal:
                _put(settings, now)
                run(database, settings, NOTICES, clock.now(), now=clock.now)
            _put(settings, goal)
            _work(database, settings, pool, done)
        pool.close()


def _put(settings: Settings, at: datetime) -> None:
    clock.put_ahead(clock_file(settings.var), at - clock.real_now())


def _does_a_hold_wait(database: Database) -> bool:
    waits = select(Hold.id).where(col(Hold.status).in_([HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER]))
    with database.transaction() as session:
        return session.exec(waits.limit(1)).first() is not None


def _next(settings: Settings, now: datetime, longest: timedelta) -> datetime:
    """Returns the next time to run the jobs: a multiple of the longest step, or an earlier time of a daily job."""
    seconds = longest.total_seconds()
    step = datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)
    due = (clock.moment_of(clock.day_of(at), one.at) for at in (now, step) for one in dailies(settings))
    return min([step, *(moment for moment in due if now < moment)])


def _work(database: Database, settings: Settings, pool: WebhookPool, done: dict[str, datetime]) -> None:
    at = clock.now()
    for job in JOBS:
        if done.get(job.name) != (slot := slot_of(job, at)):
            run(database, settings, job, at, now=clock.now)
            done[job.name] = slot
    for daily in dailies(settings):
        run_due(database, settings, daily, at, now=clock.now)
    for do in FURTHER:
        do(database, settings)
    pool.wake()
    pool.finish()
