"""The scheduler, which runs the jobs in a separate process. `placement scheduler` and `placement serve` start it.
Several schedulers can run at the same time, because each time slot is done once (`periodic.run`). The timer uses the
wall clock. If that clock is changed, the scheduler restarts the intervals of the jobs.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_PAUSED
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.audit.watcher import Watcher
from placement.backup.creation import is_set_up, make_due
from placement.core import clock, practice_mode, signals
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotMigrated, kind_and_place
from placement.core.logging import set_up_logging
from placement.core.settings import Settings
from placement.events import replanning
from placement.jobs.clock_steps import ClockSteps
from placement.jobs.daily import Daily, dailies, last_due, run_due
from placement.jobs.periodic import JOBS, Job, run, slot_of
from placement.jobs.reactions import REACTIONS
from placement.leave.ended_service import require_not_left
from placement.notifications.delivery import deliver_mail
from placement.notifications.ring_delivery import deliver_pushes, deliver_sms
from placement.notifications.webhook_pool import WebhookPool
from placement.outbox.log_shipping import LogShipper
from placement.storage import job_failures
from placement.storage.database import Database
from placement.storage.database_faults import facts_of, reason_of

_LOG = structlog.get_logger()
_LOOK_EVERY_SECONDS = 0.5
_WAIT_SECONDS = 1.0
_DAILY_EVERY_SECONDS = 30
_POST_EVERY_SECONDS = 5
_BACKUP_LOOKED_AT_EVERY_SECONDS = 300


def scheduler_of(database: Database, settings: Settings, pool: WebhookPool) -> BackgroundScheduler:
    """Returns a scheduler with every job. The scheduler is not started yet."""
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
    for job in JOBS:
        scheduler.add_job(
            _run_one, "interval", seconds=job.every.total_seconds(), args=[database, settings, job], id=job.name
        )
    for daily in dailies(settings):
        every = {"seconds": _DAILY_EVERY_SECONDS, "id": daily.name}
        scheduler.add_job(_run_daily, "interval", args=[database, settings, daily], **every)
    post = {
        "deliver_mail": partial(deliver_mail, database, settings),
        "deliver_webhooks": pool.wake,
        "deliver_pushes": partial(deliver_pushes, database, settings),
        "deliver_sms": partial(deliver_sms, database, settings),
        "ship_log": LogShipper(database, settings).ship,
    }
    for name, deliver in post.items():
        scheduler.add_job(_guarded, "interval", seconds=_POST_EVERY_SECONDS, args=[name, deliver], id=name)
    args = ["plan_again", partial(replanning.plan_again, database, settings)]
    scheduler.add_job(_guarded, "interval", seconds=replanning.EVERY_SECONDS, args=args, id="plan_again")
    if is_set_up(settings):
        args = ["backup", partial(_back_up, database, settings)]
        scheduler.add_job(_guarded, "interval", seconds=_BACKUP_LOOKED_AT_EVERY_SECONDS, args=args, id="backup")
    return scheduler


def take_up(scheduler: BackgroundScheduler) -> None:
    """Runs each job now, and then at its interval. Called after the clock was set, because due times are then wrong."""
    for job in scheduler.get_jobs():
        trigger = IntervalTrigger(seconds=round(job.trigger.interval_length), timezone="UTC")
        job.modify(trigger=trigger, next_run_time=clock.real_now())


def stand_aside(scheduler: BackgroundScheduler, settings: Settings) -> None:
    """Pauses the jobs while another process moves the clock of a practice room and runs the jobs itself."""
    if practice_mode.is_moved(settings.var):
        scheduler.pause()
    elif scheduler.state == STATE_PAUSED:
        scheduler.resume()


def serve_jobs(database: Database, settings: Settings, *, beside: int | None = None) -> None:
    """Runs the jobs until a signal stops the process, or until the parent process (`beside`) has ended."""
    set_up_logging()
    signals.react(REACTIONS)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it is not an error if a run waits for the former run
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pool = WebhookPool(database, settings)
    scheduler = scheduler_of(database, settings, pool)
    _wait_until_usable(database, stop)
    database.sealer.start()
    watcher = Watcher(database, settings)
    watcher.start()
    names = {*(job.name for job in JOBS), *(daily.name for daily in dailies(settings))}
    _guarded("forget_failures", partial(_forget_others, database, names))
    scheduler.start()
    for job in JOBS:
        _run_one(database, settings, job)  # runs the jobs that became due while no scheduler ran
    for daily in dailies(settings):
        _run_daily(database, settings, daily)
    steps = ClockSteps()
    while not stop.wait(_LOOK_EVERY_SECONDS):
        stand_aside(scheduler, settings)
        if (step := steps.step()) is not None:
            _LOG.warning("clock.stepped", seconds=round(step.total_seconds()))
            take_up(scheduler)
        if beside is not None and os.getppid() != beside:
            break
    scheduler.shutdown()
    pool.close()
    watcher.stop()
    database.sealer.stop()


def _wait_until_usable(database: Database, stop: threading.Event) -> None:
    """Waits until the database answers and is migrated. Raises `Misconfigured` if the service cannot use it."""
    logged = ""
    while not stop.is_set():
        try:
            database.require_usable()
            with database.transaction() as session:
                return require_not_left(session)
        except (DBAPIError, NoConnectionInTime) as error:
            if logged != (logged := reason_of(error)):
                _LOG.error("database.fault", waits=True, **facts_of(error))
            stop.wait(_WAIT_SECONDS)
        except NotMigrated as error:
            if logged != (logged := str(error)):
                _LOG.error("database.fault", waits=True, reason=logged)
            stop.wait(_WAIT_SECONDS)
    return None


def _back_up(database: Database, settings: Settings) -> None:
    made = make_due(database, settings, lambda session: Act(session, SYSTEM, clock.now(), settings))
    if made is not None:
        _LOG.info("backup.made", id=made.id, data=made.data is not None)


def _run_one(database: Database, settings: Settings, job: Job) -> None:
    at = clock.now()
    note = partial(_note, database, job.name, slot_of(job, at))
    _guarded(job.name, lambda: run(database, settings, job, at, now=clock.now), note)


def _run_daily(database: Database, settings: Settings, daily: Daily) -> None:
    at = clock.now()

    def run_it() -> None:
        for done in run_due(database, settings, daily, at, now=clock.now):
            _LOG.info("daily.done", job=done.job, day=done.day.isoformat(), late=done.late)

    _guarded(daily.name, run_it, partial(_note, database, daily.name, last_due(daily, at)))


def _guarded(name: str, do: Callable[[], object], note: Callable[[], object] | None = None) -> None:
    """Runs a job, and logs its failure. `note`: a function that records the failure, if runs are recorded."""
    try:
        do()
    except Exception as error:  # noqa: BLE001  (the next slot tries again; a job that fails must not end the others)
        # No traceback, because it would show values of the rows that the job was working on.
        why = facts_of(error) if isinstance(error, DBAPIError | NoConnectionInTime) else kind_and_place(error)
        _LOG.error("job.failed", job=name, **why)
        if note is not None:
            _guarded("note_failure", note)


def _note(database: Database, name: str, due: datetime) -> None:
    with database.transaction() as session:
        job_failures.note(session, name, due, clock.now())


def _forget_others(database: Database, names: Collection[str]) -> None:
    with database.transaction() as session:
        job_failures.forget_others(session, names)
