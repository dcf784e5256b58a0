"""The clock jumps a day ahead and back: jobs go on, and what was done in the future does not count."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text
from sqlmodel import select

from placement.core import clock
from placement.jobs import daily, periodic
from placement.jobs.clock_steps import LEAST, ClockSteps
from placement.jobs.daily import Daily
from placement.jobs.periodic import Job
from placement.jobs.scheduler import take_up
from placement.reports import store as report_store
from placement.reports.inputs import read_rows
from placement.tables import DailyReport, DailyRun
from tests.support.four_schedulers import four, moment
from tests.support.outages import until
from tests.support.stores import both_stores

DAY = timedelta(days=1)
PATIENCE = 60


class Clocks:
    def __init__(self):
        self.wall, self.seconds = datetime(2026, 11, 30, 12, tzinfo=UTC), 100.0
        self.steps = ClockSteps(lambda: self.wall, lambda: self.seconds)

    def pass_by(self, seconds, step=timedelta()):
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds) + step


def test_step_is_what_the_monotonic_clock_does_not_show():
    clocks = Clocks()
    for step, found in ((timedelta(), None), (DAY, DAY), (timedelta(), None), (-DAY, -DAY)):
        clocks.pass_by(3600, step)
        assert clocks.steps.step() == found
    clocks.pass_by(1, LEAST / 2)
    assert clocks.steps.step() is None


def test_jobs_that_wait_for_another_day_are_taken_up():
    """The library leaves jobs so when the clock was put back: each waits for its time of the day ahead."""
    ran, scheduler = threading.Event(), BackgroundScheduler(timezone="UTC")
    tomorrow = datetime.now(UTC) + DAY
    trigger = IntervalTrigger(seconds=5, start_date=tomorrow, timezone="UTC")
    scheduler.add_job(ran.set, trigger, next_run_time=tomorrow, id="work")
    scheduler.start()
    try:
        take_up(scheduler)
        assert ran.wait(PATIENCE)
        ran.clear()
        assert ran.wait(PATIENCE)
    finally:
        scheduler.shutdown()


def test_jobs_go_on_in_practice_after_its_clock_moved(tmp_path, monkeypatch):
    clock.put_ahead(tmp_path / "clock", DAY)
    monkeypatch.setattr(clock._Practice, "ahead", tmp_path / "clock")
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    scheduler.add_job(list, "interval", seconds=5, id="work")
    take_up(scheduler)
    assert [one.next_run_time <= datetime.now(UTC) for one in scheduler.get_jobs()] == [True]
    scheduler.shutdown()


def runs_of(done):
    return Daily("work", time(7), lambda act, due: done.append((act.at, due)))


def test_day_done_in_the_future_is_done_again(town):
    done, today = [], datetime(2026, 11, 24, 12, tzinfo=UTC)
    job = runs_of(done)
    for at in (today, today + DAY, today, today + timedelta(hours=1), today + timedelta(hours=20)):
        daily.run_due(town.database, town.settings, job, at)
    seven = datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert done == [(today, seven), (today + DAY, seven + DAY), (today + timedelta(hours=20), seven + DAY)]
    assert [(row.day.day, row.ran_at) for row in town.all(select(DailyRun).order_by(DailyRun.day))] == [
        (24, today),
        (25, today + timedelta(hours=20)),
    ]


def test_day_is_not_done_again_by_a_clock_that_ran_behind(town):
    done, today = [], datetime(2026, 11, 24, 12, tzinfo=UTC)
    job = runs_of(done)
    for at in (today - DAY, today, today - DAY, today):
        daily.run_due(town.database, town.settings, job, at)
    assert [at for at, _ in done] == [today - DAY, today]


def test_slot_done_in_the_future_is_done_again(town):
    """The run of a later hour and the run of the hour that has begun both lie in the future."""
    done, at = [], datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
    job = Job("work", timedelta(hours=1), lambda act: done.append(act.at))
    ahead, later = timedelta(minutes=40), timedelta(minutes=1)
    for moment_ in (at + DAY + ahead, at, at + DAY, at + DAY + later):
        periodic.run(town.database, town.settings, job, moment_)
    assert done == [at + DAY + ahead, at, at + DAY]


def test_process_that_stood_still_forgets_no_run(town):
    """It read the clock 40 minutes ago; another process ran this slot, and the day, just now."""
    done, at = [], datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
    job, day = Job("work", timedelta(hours=1), lambda act: done.append(act.at)), runs_of(done)
    now = at + timedelta(minutes=40)
    for moment_ in (now, at):
        periodic.run(town.database, town.settings, job, moment_, now=lambda: now)
        daily.run_due(town.database, town.settings, day, moment_, now=lambda: now)
    assert done == [now, (now, datetime(2026, 11, 24, 6, tzinfo=UTC))]


@pytest.mark.wide
def test_report_made_in_the_future_gets_a_new_version(town):
    today = town.at
    tomorrow = (today + DAY).date()

    def make(at, on):
        town.at = at
        return town.do(lambda act: report_store.make(act, on))

    ahead = make(today + DAY, tomorrow)
    town.at = today
    with town.act() as act:
        assert report_store.days(act.session, act.at, 10) == ([], 0)
        with pytest.raises(report_store.Invalid):
            report_store.stored_on(act, tomorrow)
    town.register()
    again = make(today + timedelta(hours=22), tomorrow)
    assert (again.version, again.made_at) == (2, today + timedelta(hours=22))
    assert [len(read_rows(one.rows).waiting) for one in (ahead, again)] == [0, 1]
    assert make(today + DAY, tomorrow).version == 2


def done_by(town, job, due):
    with town.database.transaction() as session:
        found = text("SELECT count(*) FROM effect_of_test WHERE job = :job AND due = :due")
        return session.execute(found, {"job": job, "due": due.isoformat()}).scalar_one()


@pytest.mark.wide
@both_stores
def test_four_schedulers_go_on_over_a_jump_of_the_clock(town, tmp_path):
    begin = moment(date(2026, 11, 30), 12)
    tomorrow = begin.date() + DAY
    with four(town, tmp_path, begin) as processes:
        processes.fill_up()
        processes.tick(begin)
        processes.step(begin + DAY)
        until(lambda: done_by(town, "make_report", moment(tomorrow, 7)) == 1)
        for minutes in (20, 40):  # the clock is right again
            at = begin + timedelta(minutes=minutes)
            (processes.step if minutes == 20 else processes.tick)(at)
            until(lambda at=at: done_by(town, "change_register", at) == 1)
        processes.tick(moment(tomorrow, 7, 20))
        until(lambda: done_by(town, "make_report", moment(tomorrow, 7)) == 2)
        until(lambda: done_by(town, "change_register", moment(tomorrow, 7, 20)) == 1)  # holds do not lapse yet
    rows = town.all(select(DailyReport).where(DailyReport.on == tomorrow).order_by(DailyReport.version))
    assert [row.made_at for row in rows] == [begin + DAY, moment(tomorrow, 7, 20)]
