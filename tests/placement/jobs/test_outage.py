"""After an outage nothing lapses for an hour, so that what happened meanwhile can be entered."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import HoldStatus, StoreFact
from placement.jobs.periodic import JOBS, run
from placement.tables import StoreRecord
from tests.support.stores import both_stores, one_store
from tests.support.town import AT


def passing(town, *names):
    """These jobs as of now, after that which notices an outage."""
    for job in JOBS:
        if job.name in {"notice_outage", *names}:
            run(town.database, town.settings, job, town.at)


@pytest.mark.wide
@both_stores
def test_nothing_lapses_in_the_first_hour_after_an_outage(town):
    held = town.hold_in(town.register(), "U1-women")
    passing(town, "expire_holds")
    town.later(hours=9)
    for _ in range(4):
        passing(town, "expire_holds")
        town.later(minutes=15)
    town.later(seconds=-1)
    passing(town, "expire_holds")
    assert town.one("hold", held).status is HoldStatus.WAITING_FOR_SHELTER
    town.later(seconds=1)
    passing(town, "expire_holds")
    assert town.one("hold", held).status is HoldStatus.EXPIRED


@one_store
def test_outage_is_noticed_after_half_an_hour_and_not_at_first(town):
    def back():
        return [row.at for row in town.all(select(StoreRecord)) if row.fact is StoreFact.SERVICE_BACK]

    passing(town)
    assert back() == []
    for minutes, known in ((29, []), (1, []), (30, [AT + timedelta(minutes=60)])):
        town.later(minutes=minutes)
        passing(town)
        assert back() == known
    town.later(seconds=30)
    passing(town)
    assert back() == known


def test_jobs_that_end_what_was_not_answered_wait_after_one():
    assert {job.name for job in JOBS if job.lapses} == {"expire_holds", "expire_decisions", "lapse_legal_holds"}
    assert JOBS[0].name == "notice_outage"
