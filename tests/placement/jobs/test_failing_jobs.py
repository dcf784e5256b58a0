"""A job that fails each time is told to who can have it mended, until it is done again."""

from datetime import time, timedelta
from functools import partial

import pytest

from placement.core import clock
from placement.core.context import Act
from placement.jobs import scheduler
from placement.jobs.daily import Daily
from placement.jobs.periodic import Job
from placement.tasks.set_up import set_up
from tests.support.stores import both_stores
from tests.support.town import ADMIN, COORDINATOR, DESK

pytestmark = both_stores


class Jobs:
    """Jobs of the scheduler that fail as long as they are told to; `told`: what is seen of it."""

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
            raise ValueError(name)

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
