"""After an outage nothing lapses for an hour, and what waits for a person has the time that it had before."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import (
    Channel,
    DecisionStatus,
    HoldStatus,
    LegalHoldStatus,
    MessageKind,
    MessageStatus,
    StoreFact,
)
from placement.core.errors import Conflict
from placement.jobs.periodic import JOBS, run
from placement.outbox import outbox, webhooks
from placement.outbox.outbox import Result
from placement.placements.decisions import decisions
from placement.registrations import registrations
from placement.retention import legal_hold
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.storage import outage
from placement.tables import StoreRecord
from tests.support.messages import sent
from tests.support.stores import both_stores, one_store
from tests.support.town import ADMIN, AT, COORDINATOR, DESK


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


@one_store
def test_nothing_lapses_while_the_outage_is_not_noticed(town, monkeypatch):
    """The job that notices the outage fails, as the first jobs may fail when a database is just back."""
    held = town.hold_in(town.register(), "U1-women")
    passing(town, "expire_holds")
    town.later(hours=9)
    with monkeypatch.context() as patch:
        patch.setattr(outage, "record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            passing(town)
        run(town.database, town.settings, next(job for job in JOBS if job.name == "expire_holds"), town.at)
    assert town.one("hold", held).status is HoldStatus.WAITING_FOR_SHELTER


@one_store
def test_hold_lapses_by_a_job_as_of_a_moment_to_come(town):
    """By hand, as in the tutorial: nothing was away until then."""
    held = town.hold_in(town.register(), "U1-women")
    passing(town)
    town.later(hours=9)
    expiry = next(job for job in JOBS if job.name == "expire_holds")
    run(town.database, town.settings, expiry, town.at, by_hand=True)
    assert town.one("hold", held).status is HoldStatus.EXPIRED


@pytest.mark.wide
@one_store
def test_decision_can_be_answered_in_the_first_hour_after(town):
    """Nobody could answer it before, and no other way is there to enter it; later than that its time has run out."""
    one, other = (town.decide_on(town.register(actor=COORDINATOR), "U1-women", actor=COORDINATOR) for _ in range(2))
    passing(town, "expire_decisions")
    town.later(hours=48)
    passing(town, "expire_decisions")
    town.do(decisions.answer_decision, one.id, granted=False, text="full", actor=DESK)
    assert town.one("decision", one.id).status is DecisionStatus.REFUSED
    town.later(hours=1)
    with pytest.raises(Conflict, match="decision_not_waiting"):
        town.do(decisions.answer_decision, other.id, granted=True, actor=DESK)


def legal_hold_asked(town, days):
    """Returns a closed case with a legal hold asked on the day before its last, so many days before the outage."""
    client = town.register()
    town.do(registrations.close, client, "entered_in_error")
    town.later(days=CONTENT_FOR.days - days)
    town.do(legal_hold.ask, client, "complaint", town.at.date() + timedelta(days=90), actor=DESK)
    town.later(days=days)
    passing(town)
    return client


def is_erased(town, client):
    passing(town, "lapse_legal_holds", "erase_registration_content")
    return town.registration(client).content_erased_at is not None


def days_pass(town, days):
    """With the job that notices outages."""
    end = town.at + timedelta(days=days)
    while town.at < end:
        town.later(minutes=29)
        passing(town)
    town.at = end


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("asked", "away", "given"), [(6, 10, 2), (5, 30, 3)])
def test_legal_hold_has_its_time_besides_that_of_an_outage(town, asked, away, given):
    client = legal_hold_asked(town, asked)
    town.later(days=away)
    passing(town)
    town.later(minutes=40)  # a short one counts with it
    passing(town)
    days_pass(town, given - 1 / 24)
    assert not is_erased(town, client)
    assert town.do(legal_hold.newest_of, client, actor=DESK).status is LegalHoldStatus.ASKED
    days_pass(town, 1 / 12)
    assert is_erased(town, client)


@one_store
def test_legal_hold_asked_after_an_outage_has_a_week(town):
    legal_hold_asked(town, 6)
    town.later(days=10)
    passing(town)
    town.later(minutes=1)
    client = town.register()
    town.do(legal_hold.ask, client, "complaint", town.at.date() + timedelta(days=90), actor=DESK)
    town.later(days=6, hours=23)
    with town.act() as act:
        assert client in act.session.scalars(legal_hold.kept_registrations(act.session, act.at)).all()
    town.later(hours=1)
    with town.act() as act:
        assert client not in act.session.scalars(legal_hold.kept_registrations(act.session, act.at)).all()


@pytest.mark.wide
@pytest.mark.parametrize(("days", "expected"), [(2, MessageStatus.WAITING), (3, MessageStatus.FAILED)])
@one_store
def test_message_is_tried_as_long_besides_an_outage(town, days, expected):
    """The mail server is often back later than the service."""
    town.do(outbox.put, MessageKind.CASE_CLOSED, "x", accounts=["A-desk"])
    passing(town)
    town.later(days=7)
    passing(town)
    days_pass(town, days)
    claimed = outbox.Due(town.database, Channel.MAIL).claim(town.at)
    with town.database.transaction() as session:
        outbox.settle(session, town.settings, town.at, claimed, Result("no_connection"))
    [one] = sent(town)
    assert one.status is expected


@pytest.mark.wide
@pytest.mark.parametrize(("days", "disabled"), [(2, False), (3, True)])
@one_store
def test_webhook_is_called_as_long_besides_an_outage(town, days, disabled):
    _, made = town.do(webhooks.make, "https://receiver.example/", [MessageKind.REPORT_MADE], actor=ADMIN)

    def fails():
        with town.database.transaction() as session:
            webhooks.note(session, town.settings, town.at, made.id, Result("no_connection"))

    fails()
    passing(town)
    town.later(days=7)
    passing(town)
    days_pass(town, days)
    fails()
    assert (town.one("webhook", made.id).disabled_at is not None) is disabled


@one_store
def test_outage_of_a_clock_put_back_keeps_nothing_from_lapsing(town):
    """It went wrong by a year for a while, as the clock of a machine that starts does."""
    held = town.hold_in(town.register(), "U1-women")
    passing(town, "expire_holds")
    town.later(days=365)
    passing(town)
    town.later(days=-365, minutes=1)
    passing(town)
    days_pass(town, 9 / 24)
    passing(town, "expire_holds")
    assert town.one("hold", held).status is HoldStatus.EXPIRED


@one_store
def test_outages_of_each_night_do_not_add_up_for_ever(town):
    with town.database.transaction() as session:
        for night in range(100):
            outage.record(session, AT + timedelta(days=night), AT + timedelta(days=night, hours=12))
        assert outage.last(session).away == timedelta(days=28)
        back = outage.last(session).back
        assert outage.away_since(session, back - timedelta(hours=1)) == timedelta(hours=1)
        outage.record(session, back + timedelta(hours=1), back + timedelta(days=40))
        assert outage.last(session).away == timedelta(days=39, hours=23)


def test_jobs_that_end_what_was_not_answered_wait_after_one():
    assert {job.name for job in JOBS if job.lapses} == {"expire_holds", "expire_decisions", "lapse_requests"}
    assert JOBS[0].name == "notice_outage"
