"""Four schedulers over a shared store; the holder of a slot is killed again and again, over clock changes.

No process leads: the first process that writes the row of a slot holds it. It is killed there, after its work, after
its commit, or between a mail and the note that it was sent. Each job that is due has its effect once all the same.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.audit import verification
from placement.core import clock
from placement.core.clock import AMSTERDAM
from placement.core.codes import MessageStatus
from placement.jobs.daily import dailies
from placement.jobs.periodic import JOBS
from placement.storage import job_failures, store_records
from placement.tables import DailyReport
from tests.support.audit_log import logged
from tests.support.four_schedulers import four, moment
from tests.support.ledger import Ledger, commit
from tests.support.messages import sent
from tests.support.proof import FULL
from tests.support.schedulers import FAILING
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

STEP = timedelta(minutes=15)
"""Less than what jobs take for an outage, and a divisor of the interval of each longer job: a tick meets each slot."""

DAY = timedelta(days=1)
"""A job of this interval may run at any time of its slot: a day after the scheduler began, not at midnight."""

CHANGES = (date(2027, 3, 28), date(2027, 10, 31))
KILLS, LIVES = (13, 2) if FULL else (5, 1)
"""In each life of two nights and a day; four lives on each store."""


def live(town, folder, change, kills, *, seed=1, broken=(), days=(-1, 1), failing=False):
    """Lives from the evening of the first of these days to the morning of the last, counted from the change.

    Returns how many processes were killed. `failing`: a process fails at all that it does, and mail is never answered.
    """
    chance = random.Random(seed)
    first, last = (change + timedelta(days=number) for number in days)
    begin, end = moment(first, 22), moment(last, 8)
    steps = int((end - begin) / STEP)
    to_kill = set(chance.sample(range(1, steps), kills))
    with four(town, folder, begin, broken) as processes:
        if failing:
            processes.begin(FAILING)
        processes.fill_up()
        for number in range(steps + 1):
            if number in to_kill:
                processes.shared.kill_at(chance.randint(1, 60))
            processes.tick(begin + number * STEP)
            if number == 1:
                town.hold_in(town.register(), "U2-family")  # ends while the clock changes
        killed = processes.killed
        assert_each_effect_once(town, processes)
    return killed


def assert_each_effect_once(town, processes):
    ticks = processes.ticks
    town.database.seal_log()  # what a process stored that was killed
    with town.database.transaction() as session:
        rows = session.execute(text("SELECT job, due FROM effect_of_test")).all()
        effects = Counter((row.job, datetime.fromisoformat(row.due)) for row in rows)
        reports = session.exec(select(DailyReport.on).order_by(DailyReport.on)).all()
        lines = logged(session)
    twice = {what: number for what, number in effects.items() if number != 1}
    assert twice == {}, f"more than once: {twice}"
    slots = {
        (job.name, datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC))
        for job in JOBS
        for seconds in [job.every.total_seconds()]
        for at in ticks
    }
    days = {clock.day_of(at) for at in ticks}
    due = {(one.name, clock.moment_of(day, one.at)) for one in dailies(town.settings) for day in sorted(days)}
    due = {(name, at) for name, at in due if at <= ticks[-1]}
    assert set(effects) <= slots | due
    every = {job.name: job.every for job in JOBS}
    later = {(name, at) for name, at in slots if every[name] >= DAY and at + every[name] > ticks[-1]}
    missed = sorted((slots - later | due) - set(effects))
    failed = [line for line in processes.log.read_text().splitlines() if "job.failed" in line]
    assert missed == [], f"missed: {missed}; {failed}"
    mornings = [clock.moment_of(day, dailies(town.settings)[-1].at) for day in sorted(days)]
    assert reports == [clock.day_of(at) for at in mornings if at <= ticks[-1]]
    assert {at.astimezone(AMSTERDAM).hour for at in mornings} == {7}
    expired = Counter(line.object_id for line in lines if line.event == "hold:expired")
    assert list(expired.values()) == [1, 1]
    told = [(line.object_id, line.facts) for line in lines if line.event == "reminder:made"]
    marks = Counter((what, facts["kind"], facts["mark"]) for what, facts in told)
    assert set(marks.values()) == {1}
    assert Counter(mark for _, kind, mark in marks if kind == "hold_waits") == {"1": 2, "2": 2, "3.5": 2}
    mails = [one for one in sent(town) if one.account_id]
    assert {one.status for one in mails} <= {MessageStatus.DELIVERED, MessageStatus.MOOT, MessageStatus.WAITING}
    delivered = {f"<{one.id}@placement.example>" for one in mails if one.status is MessageStatus.DELIVERED}
    assert delivered
    assert set(processes.box.ids) == delivered
    read = verification.verify(town.database, verification.read_heads(town.settings.audit_heads))
    assert (read.first_bad, read.why) == (None, None)


@pytest.mark.wide
@both_stores
def test_slot_holder_killed_in_a_night_has_one_effect(town, tmp_path):
    assert live(town, tmp_path, CHANGES[0], 2, days=(-1, 0)) == 2


@pytest.mark.wide
@both_stores
def test_scheduler_that_fails_keeps_no_other_from_its_work(town, tmp_path):
    live(town, tmp_path, CHANGES[0], 0, days=(-1, 0), failing=True)
    assert "job.failed" in (tmp_path / "log").read_text()
    with town.database.transaction() as session:
        assert job_failures.failing(session, store_records.records(session)) is None


@pytest.mark.long
@both_stores
@pytest.mark.parametrize("change", CHANGES)
def test_slot_holder_killed_over_days_has_one_effect(stores, change, tmp_path, request):
    """A life that passed at this commit is not lived again."""
    from tests.support.town import town_of  # noqa: PLC0415

    passed = Ledger(f"schedulers-{request.node.callspec.params['stores']}-{change}", commit())
    while seeds := passed.left(range(LIVES), 1):
        folder = tmp_path / str(seeds[0])
        folder.mkdir()
        town = town_of(stores)
        town.settings = changed(town.settings, audit_heads=folder / "heads.jsonl")  # of this life's log alone
        live(town, folder, change, KILLS, seed=seeds[0])
        passed.add(seeds)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("broken", "shows"),
    [
        ("no lock on a slot", "more than once"),
        ("a slot in local time", "missed.*2027, 10, 31, 1, 0"),
        ("no row of a day", "more than once.*make_report"),
    ],
)
def test_four_schedulers_detect_a_broken_service(town, tmp_path, broken, shows):
    with pytest.raises(AssertionError, match=shows):
        live(town, tmp_path, CHANGES[1], 1, broken=(broken,), days=(-1, 0))
