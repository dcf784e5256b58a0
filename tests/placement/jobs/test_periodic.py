"""Periodic jobs: once for each slot of time, idempotent, retried after a failure."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from structlog.testing import capture_logs

from placement.cli.server import pause_after
from placement.core.codes import DecisionStatus, HoldStatus, ProposalStatus, RegistrationStatus
from placement.jobs import periodic
from placement.jobs.daily import dailies
from placement.jobs.periodic import JOBS, Job
from placement.jobs.scheduler import _run_one, scheduler_of
from placement.notifications.webhook_pool import WebhookPool
from placement.tables import AccessToken, Hold, JobRun, Provider
from tests.support.simultaneous_acts import at_once
from tests.support.town import AT, COORDINATOR

BY_NAME = {job.name: job for job in JOBS}


def run(town, name, at=None):
    return periodic.run(town.database, town.settings, BY_NAME[name], at or town.at)


def overdue(town):
    """Makes everything that a job ends: a hold, a decision and a proposal; and a client who is late."""
    held, proposed, absent, waiting = (town.register(actor=COORDINATOR) for _ in range(4))
    town.hold_in(held)
    town.confirm(town.hold_in(absent))
    town.decide(town.propose(waiting, actor=COORDINATOR), actor=COORDINATOR)
    town.propose(proposed)
    town.later(days=2)
    return held, absent


def state(town):
    return (
        [row.model_dump() for row in town.all(select(Hold).order_by(Hold.id))],
        len(town.events()),
        town.problem(),
    )


@pytest.mark.wide
def test_every_job_ends_what_is_due_and_is_idempotent(town):
    held, absent = overdue(town)
    for name in BY_NAME:
        assert run(town, name) is True
    assert [row.status for row in town.all(select(Hold))].count(HoldStatus.EXPIRED) == 2  # one asked, one kept
    from placement.tables import Decision, Proposal  # noqa: PLC0415

    statuses = {row.status for row in town.all(select(Decision))}
    assert statuses == {DecisionStatus.FINAL, DecisionStatus.LAPSED}
    assert [row.status for row in town.all(select(Proposal))].count(ProposalStatus.MADE) == 0
    assert town.registration(held).status is RegistrationStatus.OPEN
    assert (
        town.registration(absent).status is RegistrationStatus.HELD
    )  # the clock alone never marks a client as a no-show
    after = state(town)
    town.later(seconds=0.001)
    for name, job in BY_NAME.items():
        assert run(town, name) is False  # this slot was done
        town.do(job.run)  # and by hand it does no harm
    assert state(town) == after


def test_a_slot_is_done_once_and_the_next_one_again(town):
    start = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)
    done = [run(town, "expire_holds", start + timedelta(seconds=second)) for second in (0, 1, 29.999, 30, 59, 60)]
    assert done == [True, False, False, True, False, True]


def test_slots_follow_utc_when_summer_time_ends(town):
    """On 25 October 2026 at 01:00 UTC the clock in Amsterdam shows 02:00 to 03:00 a second time."""
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    done = [run(town, "expire_proposals", start + timedelta(minutes=minute)) for minute in range(0, 180, 20)]
    assert done == [True] * 9


def test_clock_put_back_stops_no_job(town):
    """By an hour, of which each slot was done already: those of the next minutes alone are not done again."""
    minutes = range(0, 60, 5)
    assert all(run(town, "remind_of_holds", AT + timedelta(minutes=one)) for one in minutes)
    assert [run(town, "remind_of_holds", AT + timedelta(minutes=one)) for one in minutes] == [
        False,
        False,
        *[True] * 10,
    ]


def test_jobs_are_late_whatever_ran_by_a_clock_put_back(town):
    run(town, "remind_of_holds", AT + timedelta(days=365))
    run(town, "remind_of_holds", AT)
    with town.act() as act:
        assert not periodic.are_late(act.session, AT + timedelta(minutes=5))
        assert periodic.are_late(act.session, AT + timedelta(minutes=6))


def test_failed_job_is_rolled_back_and_retried(town):
    def fails(act):
        act.session.add(Provider(id="P9", name="half-way"))
        act.session.flush()
        raise RuntimeError

    broken = Job("broken", timedelta(minutes=1), fails)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            periodic.run(town.database, town.settings, broken, town.at)
    assert [row.job for row in town.all(select(JobRun))] == []
    assert "P9" not in town.all(select(Provider.id))


def test_job_with_an_integrity_error_does_not_count_as_done(town):
    def twice(act):
        act.session.add(Provider(id="P1", name="again"))
        act.session.flush()

    with pytest.raises(IntegrityError):
        periodic.run(town.database, town.settings, Job("twice", timedelta(minutes=1), twice), town.at)


@pytest.mark.parametrize("gate", [True, False])
def test_periodic_in_four_processes_ends_the_hold_once(town, gate):
    town.hold_in(town.register())
    town.later(hours=4)
    since = len(town.events())
    expire = BY_NAME["expire_holds"].run
    done = at_once(*[lambda: run(town, "expire_holds") if gate else town.do(expire)] * 4)
    assert sorted(done) == [0, 0, 0, 1]
    assert town.events(since) == ["hold:expired", "registration:reopened"]


def test_expired_rows_only_are_erased(town):
    from placement.accounts import api_keys  # noqa: PLC0415

    with town.database.transaction() as session:
        key = api_keys.new_key(session, AT, shelter_id="S1")
    with town.database.transaction() as session:
        api_keys.issue_token(session, AT, town.settings, key)
    run(town, "expire_holds")
    for days, tokens in ((0, 1), (1, 0)):
        town.at = AT + timedelta(days=days)
        town.do(BY_NAME["erase_access_tokens"].run)
        assert len(town.all(select(AccessToken))) == tokens
    assert len(town.all(select(JobRun))) == 1
    town.later(days=2)
    town.do(BY_NAME["erase_job_runs"].run)
    assert town.all(select(JobRun)) == []


@pytest.mark.wide
def test_the_real_scheduler_runs_a_job(town, monkeypatch):
    client = town.register()
    town.hold_in(client)
    ran = threading.Event()

    def expire(act):
        BY_NAME["expire_holds"].run(act)
        ran.set()

    monkeypatch.setattr("placement.jobs.scheduler.JOBS", (Job("expire_holds", timedelta(seconds=1), expire),))
    monkeypatch.setattr("placement.core.clock.now", lambda: town.at + timedelta(hours=4))
    scheduler = scheduler_of(town.database, town.settings, WebhookPool(town.database, town.settings))
    scheduler.start()
    try:
        assert ran.wait(60)
    finally:
        scheduler.shutdown()
    assert town.registration(client).status is RegistrationStatus.OPEN


def test_the_scheduler_knows_every_job_at_its_interval(town):
    scheduled = scheduler_of(town.database, town.settings, WebhookPool(town.database, town.settings)).get_jobs()
    every = {job.name: job.every for job in JOBS}
    every |= {daily.name: timedelta(seconds=30) for daily in dailies(town.settings)}
    post = ("deliver_mail", "deliver_webhooks", "deliver_pushes", "deliver_sms", "ship_log", "plan_again")
    every |= dict.fromkeys(post, timedelta(seconds=5))
    assert {job.id: job.trigger.interval for job in scheduled} == every


@pytest.mark.wide
def test_failed_job_does_not_end_the_scheduler(town):
    def fails(_act):
        raise RuntimeError("Kanarie")

    with freeze_time(AT, ignore=["sqlalchemy", "psycopg"]), capture_logs() as lines:
        _run_one(town.database, town.settings, Job("broken", timedelta(minutes=1), fails))
    assert [(line["event"], line["job"]) for line in lines] == [("job.failed", "broken")]


def test_scheduler_restart_backs_off_unless_it_had_lived():
    pauses = [0.0]
    for _ in range(10):
        pauses.append(pause_after(0.5, pauses[-1]))
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert pause_after(3600, 60) == 0
