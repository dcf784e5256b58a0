"""Daily jobs: at their time in Amsterdam, once however many processes run them, and made up in order after a pause."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from placement.core import clock
from placement.core.clock import AMSTERDAM
from placement.core.settings import Settings
from placement.jobs.daily import Daily, dailies, run_due
from placement.tables import DailyRun, Provider
from tests.support.simultaneous_acts import at_once
from tests.support.stores import one_store

SEVEN = time(7)


class Work:
    """A job that keeps for which moments it ran."""

    def __init__(self, at=SEVEN, fails=()):
        self.moments, self.fails = [], set(fails)
        self.job = Daily("work", at, self.do)

    def do(self, act, due):
        assert act.session.get(DailyRun, ("work", clock.day_of(due)))
        if due in self.fails:
            raise RuntimeError
        self.moments.append(due)


def run(town, work, at):
    return run_due(town.database, town.settings, work.job, at)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("change", "hours"),
    [
        (date(2027, 3, 28), {date(2027, 3, 27): 6, date(2027, 3, 28): 5, date(2027, 3, 29): 5}),
        (date(2027, 10, 31), {date(2027, 10, 30): 5, date(2027, 10, 31): 6, date(2027, 11, 1): 6}),
    ],
)
def test_daily_runs_once_at_seven_amsterdam_over_clock_changes(town, change, hours):
    work, at = Work(), clock.start_of(change - timedelta(days=1))
    while at < clock.start_of(change + timedelta(days=2)):
        run(town, work, at)
        at += timedelta(minutes=10)
    # seven in Amsterdam is 06:00 UTC in winter and 05:00 in summer
    assert work.moments == [utc(day.year, day.month, day.day, hour) for day, hour in hours.items()]
    assert {moment.astimezone(AMSTERDAM).hour for moment in work.moments} == {7}
    assert {row.late for row in town.all(select(DailyRun))} == {False}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("second", "days"), [(-1, 0), (0, 1), (1, 1)])
def test_daily_runs_at_its_time_and_not_before(town, second, days):
    with freeze_time(utc(2026, 11, 24, 6) + timedelta(seconds=second), ignore=["sqlalchemy", "psycopg"]):
        assert len(run(town, Work(), clock.now())) == days


@one_store
@pytest.mark.parametrize(("minutes", "late"), [(0, False), (5, False), (6, True)])
def test_daily_more_than_five_minutes_late_is_marked_late(town, minutes, late):
    [row] = run(town, Work(), utc(2026, 11, 24, 6, minutes))
    assert (row.late, row.due_at) == (late, utc(2026, 11, 24, 6))


def test_daily_missed_days_are_made_up_in_order(town):
    work = Work()
    run(town, work, utc(2026, 11, 24, 6))
    rows = run(town, work, utc(2026, 11, 27, 5, 59))
    assert [(row.day.day, row.late) for row in rows] == [(25, True), (26, True)]
    assert [row.day.day for row in run(town, work, utc(2026, 11, 27, 6))] == [27]
    assert work.moments == [utc(2026, 11, day, 6) for day in (24, 25, 26, 27)]


@one_store
def test_daily_after_a_long_pause_makes_up_two_weeks(town):
    work = Work()
    run(town, work, utc(2026, 11, 1, 6))
    assert [row.day for row in run(town, work, utc(2026, 12, 24, 7))] == [date(2026, 12, day) for day in range(10, 25)]


@one_store
def test_daily_on_a_new_installation_begins_today(town):
    assert [row.day for row in run(town, Work(), utc(2026, 11, 24, 20))] == [date(2026, 11, 24)]


def test_daily_failed_day_is_rolled_back_and_retried_first(town):
    work = Work(fails=[utc(2026, 11, 25, 6)])
    run(town, work, utc(2026, 11, 24, 6))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            run(town, work, utc(2026, 11, 26, 6))
    assert [row.day.day for row in town.all(select(DailyRun))] == [24]
    work.fails.clear()
    assert [row.day.day for row in run(town, work, utc(2026, 11, 26, 6))] == [25, 26]


def test_daily_in_four_processes_runs_each_day_once(town):
    work = Work()
    run(town, work, utc(2026, 11, 24, 6))
    done = at_once(*[lambda: run(town, work, utc(2026, 11, 27, 6))] * 4)
    assert sorted(row.day.day for rows in done for row in rows) == [25, 26, 27]
    assert sorted(work.moments) == [utc(2026, 11, day, 6) for day in (24, 25, 26, 27)]


@one_store
def test_job_with_an_integrity_error_does_not_count_as_done(town):
    def twice(act, _):
        act.session.add(Provider(id="P1", name="again"))
        act.session.flush()

    with pytest.raises(IntegrityError, match=r"(?i)provider"):
        run_due(town.database, town.settings, Daily("twice", SEVEN, twice), utc(2026, 11, 24, 6))


def test_daily_times_avoid_clock_change_hours():
    jobs = dailies(Settings())
    assert {(job.name, job.at.hour) for job in jobs} == {
        ("ask_counts_0600", 6), ("ask_counts_1600", 16), ("watch_stays", 6), ("watch_keys", 6),
        ("give_review_days", 6), ("forget_what_was", 6), ("send_sheet", 16), ("make_report", 7),
        ("make_count_releases", 4), ("close_lapsed_accounts", 6),
    }  # fmt: skip
