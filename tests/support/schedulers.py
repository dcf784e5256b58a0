"""Schedulers, each a process of its own, over one database and one clock that a test moves. The process that holds a
slot can be killed.

`python -m tests.support.schedulers CLOCK [BROKEN]` starts a copy of itself at each line that it reads, so that a killed
scheduler is replaced at once. At the line `FAILING` it starts a copy whose jobs all fail. Each copy is `serve_jobs` of
the service; only its clock, and the library's timer, are replaced. No process leads: each slot is held by the first
process that wrote its row, until it commits.
"""

import fcntl
import mmap
import os
import signal
import struct
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.base import STATE_RUNNING
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text

from placement.core import clock
from placement.core.settings import Settings
from placement.jobs import daily, periodic, scheduler
from placement.notifications import delivery
from placement.storage.database import Database
from placement.tables import JobRun
from tests.support.settings import changed

EFFECTS = "CREATE TABLE effect_of_test (job VARCHAR NOT NULL, due VARCHAR NOT NULL, pid INTEGER NOT NULL)"
_NUMBER = struct.Struct("<q")
_MOMENT, _COUNTDOWN, _STEPS, _SIZE = 0, 8, 16, 24


class SharedClock:
    """A file of three numbers: the seconds of the clock, the points that are passed until a process is killed, and the
    seconds by which the clock was set. The monotonic clock does not show the last.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_SIZE))
        self.file = file
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _SIZE)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._read(_MOMENT), UTC)

    def monotonic(self) -> float:
        return self._read(_MOMENT) - self._read(_STEPS)

    def set(self, moment: datetime) -> None:
        """Lets the time pass until this moment."""
        self._write(_MOMENT, int(moment.timestamp()))

    def step(self, moment: datetime) -> None:
        """Sets the clock to this moment; no time passes."""
        by = int(moment.timestamp()) - self._read(_MOMENT)
        self._write(_STEPS, self._read(_STEPS) + by)
        self.set(moment)

    def _read(self, place: int) -> int:
        return int(_NUMBER.unpack_from(self._map, place)[0])

    def _write(self, place: int, number: int) -> None:
        _NUMBER.pack_into(self._map, place, number)

    def kill_at(self, points: int) -> None:
        """Sets the kill of the process that passes the last of so many points, counted over all
        processes from now on.
        """
        self._write(_COUNTDOWN, points)

    @property
    def kills(self) -> bool:
        """Checks whether a process is still to be killed."""
        return self._read(_COUNTDOWN) > 0

    def point(self) -> None:
        with self.file.open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            left = self._read(_COUNTDOWN)
            if left > 0:
                self._write(_COUNTDOWN, left - 1)
            if left == 1:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class _Timed:
    do: object
    every: timedelta
    next_at: datetime
    running: Future[None] | None = None

    @property
    def trigger(self) -> IntervalTrigger:
        return IntervalTrigger(seconds=round(self.every.total_seconds()), timezone="UTC")

    def modify(self, *, trigger: IntervalTrigger, next_run_time: datetime) -> None:
        self.every, self.next_at = trigger.interval, next_run_time


class TimerOfThatClock:
    """A timer with the abilities that the service uses: jobs at intervals, missed runs once, no job twice at a time,
    ten threads.
    """

    shared: SharedClock
    seen: Path
    state = STATE_RUNNING

    def __init__(self, **_: object) -> None:
        self._jobs: list[_Timed] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def add_job(self, do, trigger, *, seconds, args, id):  # noqa: A002  (the library's name)
        _ = trigger, id
        every = timedelta(seconds=seconds)
        self._jobs.append(_Timed(lambda: do(*args), every, self.shared.now()))  # at once, as the service does too

    def get_jobs(self) -> list[_Timed]:
        return self._jobs

    def start(self) -> None:
        self._thread.start()

    def shutdown(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(10) as threads:
            while not self._stop.wait(0.01):
                at = self.shared.now()
                begun = []
                for job in self._jobs:
                    if job.next_at <= at and (job.running is None or job.running.done()):
                        job.next_at = at + job.every
                        job.running = threads.submit(job.do)
                        begun.append(job.running)
                for one in begun:
                    one.result()
                self.seen.write_text(at.isoformat())


def _with_effect(shared, name, due_of, do):
    """Wraps the job with one row more in its transaction, and points before and after its work."""

    def run(act, *due, **more):
        shared.point()
        do(act, *due, **more)
        row = {"job": name, "due": due_of(act, *due).isoformat(), "pid": os.getpid()}
        act.session.execute(text("INSERT INTO effect_of_test VALUES (:job, :due, :pid)"), row)
        act.session.flush()
        shared.point()

    return run


def _periodic(shared, job):
    def slot(act):
        seconds = job.every.total_seconds()
        return datetime.fromtimestamp(act.at.timestamp() // seconds * seconds, UTC)

    return replace(job, run=_with_effect(shared, job.name, slot, job.run))


def _daily(shared, one):
    """Returns the job without its question to the engine, which takes seconds."""
    return replace(one, run=_with_effect(shared, one.name, lambda _, due: due, one.run), ahead=None)


def _no_lock(database, settings, job, at, **_):
    with database.transaction() as session:
        job.run(periodic.Act(session, periodic.SYSTEM, at, settings))
    return True


def _local_slots(database, settings, job, at, **_):
    """Names the slot by the time on the wall, which comes twice on a night in October."""
    seconds = job.every.total_seconds()
    here = at.astimezone(clock.AMSTERDAM).replace(tzinfo=UTC).timestamp()
    name = {"job": f"local {job.name}", "slot": datetime.fromtimestamp(here // seconds * seconds, UTC)}
    with database.transaction() as session:
        if session.get(JobRun, tuple(name.values())) is not None:
            return False
    if not periodic.run(database, settings, job, at):
        return False
    with database.transaction() as session:
        session.add(JobRun(**name))
    return True


def _days_without_a_row(database, settings, job, at, **_):
    today = clock.day_of(at)
    due = clock.moment_of(today, job.at)
    if due <= at < due + timedelta(minutes=30):
        with database.transaction() as session:
            job.run(daily.Act(session, daily.SYSTEM, at, settings), due)
    return []


BROKEN = {
    "no lock on a slot": ("run", _no_lock),
    "a slot in local time": ("run", _local_slots),
    "no row of a day": ("run_due", _days_without_a_row),
}


def set_up(shared: SharedClock, broken: str | None) -> None:
    clock.now = clock.real_now = shared.now
    settle = delivery.settle

    def settle_after_a_point(*said, **more):
        shared.point()  # the mail is handed over, and not settled
        settle(*said, **more)

    delivery.settle = settle_after_a_point
    TimerOfThatClock.shared = shared
    scheduler.BackgroundScheduler = TimerOfThatClock
    scheduler.ClockSteps = partial(scheduler.ClockSteps, monotonic=shared.monotonic)
    scheduler.JOBS = tuple(_periodic(shared, job) for job in periodic.JOBS)
    dailies = scheduler.dailies
    scheduler.dailies = lambda settings: tuple(_daily(shared, one) for one in dailies(settings))
    if broken:
        setattr(scheduler, *BROKEN[broken])


FAILING = "one that fails\n"


def _failing(do):
    """Does all of the work and then fails, so that nothing of it is stored."""

    def run(*args, **more):
        do(*args, **more)
        raise OSError("this machine fails")

    return run


def fail_at_all(settings: Settings) -> Settings:
    """Makes all jobs of this process fail. Returns its settings, with a mail server that does not answer."""
    scheduler.JOBS = tuple(replace(job, run=_failing(job.run)) for job in scheduler.JOBS)
    dailies = scheduler.dailies
    scheduler.dailies = lambda said: tuple(replace(one, run=_failing(one.run)) for one in dailies(said))
    return changed(settings, smtp=replace(settings.smtp, port=1))


def main() -> None:
    shared = SharedClock(Path(sys.argv[1]))
    set_up(shared, sys.argv[2] if len(sys.argv) > 2 else None)
    settings = Settings.from_environment()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            settings = fail_at_all(settings) if line == FAILING else settings
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            TimerOfThatClock.seen = shared.file.with_name(f"seen-{os.getpid()}")
            scheduler.serve_jobs(Database.open(settings), settings, beside=os.getppid())
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
