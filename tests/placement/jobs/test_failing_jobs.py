"""A job that fails each time: reported to the people who can have it mended, until the job succeeds."""

from datetime import time, timedelta
from functools import partial

import pytest

from placement.core import clock
from placement.core.context import Act
from placement.jobs import daily as daily_jobs
from placement.jobs import periodic, scheduler
from placement.jobs.daily import Daily, run_due
from placement.jobs.periodic import Job
from placement.tasks.set_up import set_up
from tests.support.stores import both_stores
from tests.support.town import ADMIN, COORDINATOR, DESK

pytestmark = both_stores


class Jobs:
    """Jobs of the scheduler that fail as long as they are in `broken`; `told`: the failures that a reader sees."""

    def __init__(self, town, patch):
        self.town, self.broken = town, {"first", "second", "daily"}
        patch.setattr(clock, "now", lambda: town.at)

    def run(self, *names):
        for name in names:
            do = partial(self._do, name)
            if name == "daily":
                daily = Daily(name, time(7), do)
                scheduler._run_daily(self.town.database, self.town.settings, daily)
            else:
                job = Job(name, timedelta(seconds=30), do)
                scheduler._run_one(self.town.database, self.town.settings, job)

    def _do(self, name, *_):
        if name in self.broken:
            self.meanwhile()
            raise ValueError(name)

    def meanwhile(self):
        """While a job fails: nothing."""

    def told(self, actor=ADMIN):
        with self.town.database.transaction() as session:
            found = set_up(Act(session, actor, self.town.at, self.town.settings)).fails
        return found and (found.job, found.since)


@pytest.fixture
def jobs(town, monkeypatch):
    return Jobs(town, monkeypatch)


@pytest.mark.parametrize("name", ["first", "daily"])
def test_job_that_fails_is_told_to_the_actor_until_done(jobs, name):
    began = jobs.town.at
    jobs.run(name)
    jobs.town.later(minutes=5)
    assert jobs.told() is None
    jobs.town.later(seconds=1)
    jobs.run(name)
    assert jobs.told() == jobs.told(DESK) == (name, began)
    assert jobs.told(COORDINATOR) is None
    jobs.broken.discard(name)
    jobs.run(name)
    assert jobs.told() is None


def test_next_job_that_fails_is_told_where_the_first_was_done(jobs):
    jobs.run("first", "second")
    jobs.town.later(minutes=6)
    jobs.broken.discard("first")
    jobs.run("first", "second")
    again = jobs.town.at
    assert jobs.told() is None
    jobs.town.later(minutes=6)
    jobs.run("first", "second")
    assert jobs.told(DESK) == ("second", again)


@pytest.mark.parametrize("later", [-1, 1])
def test_job_that_another_process_did_meanwhile_is_not_told(jobs, monkeypatch, later):
    """It waited for the row of the slot, and begins once that row is rolled back. Either process may report first."""
    town, began = jobs.town, jobs.town.at
    works = Job("first", timedelta(hours=1), lambda _: None)
    note = scheduler._note
    monkeypatch.setattr(jobs, "meanwhile", lambda: town.later(seconds=2))

    def at_last(*about):
        if later < 0:
            assert periodic.run(town.database, town.settings, works, began)
        note(*about)
        if later > 0:
            assert periodic.run(town.database, town.settings, works, began)

    monkeypatch.setattr(scheduler, "_note", at_last)
    fails = Job("first", timedelta(hours=1), partial(jobs._do, "first"))
    scheduler._run_one(town.database, town.settings, fails)
    town.later(minutes=6)
    assert jobs.told() is None


def test_daily_job_done_by_another_while_it_failed_is_not_told(jobs, monkeypatch):
    town, began = jobs.town, jobs.town.at
    monkeypatch.setattr(jobs, "meanwhile", lambda: town.later(seconds=2))
    jobs.run("daily")
    assert run_due(town.database, town.settings, Daily("daily", time(7), lambda *_: None), began)
    town.later(minutes=6)
    assert jobs.told() is None


def test_look_for_missed_days_that_fails_once_is_not_told(jobs, monkeypatch):
    jobs.broken.discard("daily")
    jobs.run("daily")
    jobs.town.later(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(daily_jobs, "_days_due", lambda *_: 1 / 0)
        jobs.run("daily")
    jobs.town.later(minutes=6)
    jobs.run("daily")
    assert jobs.told() is None


def test_failure_of_a_job_that_is_no_more_hides_no_other(jobs):
    jobs.run("first")
    jobs.town.later(minutes=6)
    scheduler._forget_others(jobs.town.database, {"first", "second"})
    assert jobs.told()[0] == "first"
    scheduler._forget_others(jobs.town.database, {"second"})
    assert jobs.told() is None
    jobs.run("second")
    jobs.town.later(minutes=6)
    assert jobs.told()[0] == "second"
