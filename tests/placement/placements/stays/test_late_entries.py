"""Late entries: events during an outage, recorded with the time of the event and the time of entry."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from placement.core.arrival_codes import Rung
from placement.core.codes import HoldStatus, RegistrationStatus, StayStatus
from placement.core.consent_codes import Driver
from placement.core.errors import Conflict, Invalid
from placement.core.timeline_codes import About
from placement.placements.holds import arrivals, holds
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.stays import stays
from placement.placements.stays.late_entries import LONGEST
from placement.placements.timeline import timeline
from placement.tables import AuditEvent
from placement.tasks.board import of_cases
from placement.tasks.stay_tasks import asked_of
from tests.support.stores import one_store
from tests.support.town import AT, TODAY, shelter

YESTERDAY = TODAY - timedelta(days=1)
EVENING = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def faults(wrong):
    return [(fault.field, fault.code) for fault in wrong.value.faults]


def event(town, name):
    return next(one for one in reversed(town.all(select(AuditEvent).order_by(AuditEvent.id))) if one.event == name)


@pytest.fixture
def asked(town):
    """A hold that S1 was asked for yesterday at eight in the evening; it is the next morning."""
    town.at = EVENING
    town.report("S1")
    town.case = town.register()
    town.held = town.hold_in(town.case, "U1-women")
    town.at = EVENING + timedelta(hours=3, minutes=59)
    return town


def confirmed(town, *, at=EVENING + timedelta(minutes=10), expected=EVENING + timedelta(hours=2)):
    said = ArrivalDetails(expected, Driver.TAXI)
    return town.do(holds.confirm, town.held, said, at, actor=town.owner(town.held))


@pytest.mark.wide
def test_answer_arrival_and_end_have_their_real_times(asked):
    asked.at = MORNING
    answered, came, left = (EVENING + timedelta(minutes=minutes) for minutes in (10, 130, 600))
    confirmed(asked, at=answered)
    stay = asked.do(stays.arrive, asked.held, came)
    asked.do(stays.end, stay.id, "own_housing", None, left)
    held, ended = asked.one("hold", asked.held), asked.one("stay", stay.id)
    assert (held.answered_at, held.entered_at) == (answered, MORNING)
    assert (ended.arrived_at, ended.starts_on, ended.ended_on) == (came, YESTERDAY, TODAY)
    assert {(claim.starts_on, claim.ends_on) for claim in asked.claims(asked.case)} == {(YESTERDAY, TODAY)}
    for name, moment in (("hold:confirmed", answered), ("stay:arrived", came), ("stay:ended", left)):
        found = event(asked, name)
        assert (found.at, found.facts["happened_at"]) == (MORNING, moment.isoformat()), name
    assert asked.registration(asked.case).status is RegistrationStatus.CLOSED


@pytest.mark.wide
def test_end_on_an_earlier_day_frees_the_bed_from_that_day(town):
    stay = town.house(town.register(), "U1-women")
    town.later(days=3)
    left = AT + timedelta(days=1)
    town.do(stays.end, stay, "own_housing", None, left)
    found = town.one("stay", stay)
    assert (found.ended_on, found.status) == (TODAY + timedelta(days=1), StayStatus.ENDED)
    [claim] = town.claims(found.registration_id)
    assert claim.ends_on == TODAY + timedelta(days=1)


@pytest.mark.wide
@one_store
def test_refusal_afterwards_has_its_day_and_takes_effect(asked):
    asked.at = MORNING
    said = EVENING + timedelta(minutes=5)
    asked.refuse(asked.held, "staff_shortage", happened_at=said)
    held = asked.one("hold", asked.held)
    assert (held.status, held.answered_at, held.ended_on) == (HoldStatus.REFUSED, said, YESTERDAY)
    assert asked.registration(asked.case).status is RegistrationStatus.OPEN


@one_store
def test_answer_after_its_time_is_refused_as_it_would_be(asked):
    asked.at = MORNING
    late = EVENING + timedelta(hours=4)
    with pytest.raises(Conflict, match="hold_expired"):
        confirmed(asked, at=late, expected=MORNING)
    with pytest.raises(Conflict, match="hold_expired"):
        asked.confirm(asked.held, MORNING)


def lates(town):
    return [task.kind.value for task in town.do(of_cases).tasks].count("late")


@pytest.mark.wide
@one_store
def test_no_show_afterwards_is_of_its_day(asked):
    asked.at = MORNING
    stay = confirmed(asked)
    asked.do(arrivals.no_show, asked.held, Rung.NOT_COMING, EVENING + timedelta(minutes=150), wants_place=True)
    assert asked.one("stay", stay.id).ended_on == YESTERDAY
    assert asked.registration(asked.case).status is RegistrationStatus.OPEN


@one_store
def test_client_entered_as_expected_is_not_late_at_once(asked):
    asked.at = MORNING + timedelta(hours=6)
    stay = confirmed(asked)
    assert lates(asked) == 0
    asked.do(stays.arrive, asked.held, EVENING + timedelta(hours=2))
    assert asked.one("stay", stay.id).status is StayStatus.IN_HOUSE


@one_store
def test_client_entered_as_expected_is_late_an_hour_after_it(asked):
    asked.at = MORNING + timedelta(hours=6)
    confirmed(asked)
    asked.later(hours=1, seconds=-1)
    assert lates(asked) == 0
    asked.later(seconds=1)
    assert lates(asked) == 1


@one_store
@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (MORNING + timedelta(seconds=1), "not_yet_happened"),
        (MORNING - LONGEST - timedelta(seconds=1), "happened_too_long_ago"),
        (EVENING - timedelta(seconds=1), "happened_before_what_it_follows"),
    ],
)
def test_moment_that_cannot_be_is_refused_at_its_field(asked, moment, code):
    asked.at = MORNING
    with pytest.raises(Invalid) as wrong:
        confirmed(asked, at=moment)
    assert faults(wrong) == [("happened_at", code)]


@one_store
def test_arrival_and_end_are_not_before_what_they_follow(asked):
    asked.at = MORNING
    answered = EVENING + timedelta(minutes=10)
    confirmed(asked, at=answered)
    with pytest.raises(Invalid) as wrong:
        asked.do(stays.arrive, asked.held, answered - timedelta(minutes=1))
    assert faults(wrong) == [("happened_at", "happened_before_what_it_follows")]
    stay = asked.do(stays.arrive, asked.held, answered + timedelta(hours=1))
    with pytest.raises(Invalid) as wrong:
        asked.do(stays.end, stay.id, "own_housing", None, answered)
    assert faults(wrong) == [("happened_at", "happened_before_what_it_follows")]


@pytest.mark.wide
def test_decision_by_telephone_leads_the_night_into_the_log(town):
    """Decided, answered and arrived on paper before midnight; all of it entered in the morning."""
    town.at = MORNING
    town.report("S1")
    case = town.register()
    proposal = town.propose(case)
    unit = town.one("proposal", proposal).unit_id
    decided = town.decide(proposal, happened_at=EVENING)
    held = town.hold_of(decided.id)
    assert (held.asked_at, held.expires_at) == (EVENING, MORNING + town.settings.hold_lifetime)
    waiting = town.do(lambda act: list(asked_of(act, "S1")), actor=shelter("S1"))
    assert [one.since for one in waiting] == [MORNING]
    town.held = held.id
    confirmed(town)
    stay = town.do(stays.arrive, held.id, EVENING + timedelta(hours=2))
    found = town.one("stay", stay.id)
    assert (found.starts_on, found.unit_id, decided.decided_at) == (YESTERDAY, unit, MORNING)
    assert (found.limit_on - YESTERDAY).days == 90
    assert event(town, "decision:made").facts["happened_at"] == EVENING.isoformat()


@one_store
def test_timeline_says_both_times(asked):
    asked.at = MORNING
    confirmed(asked)
    entries = asked.do(timeline, asked.case, before=None, limit=50).entries
    [one] = [entry for entry in entries if entry.event == "hold:confirmed"]
    said = {detail.about: detail.values for detail in one.details}
    assert (one.at, said[About.HAPPENED]) == (MORNING, ((EVENING + timedelta(minutes=10)).isoformat(),))


@one_store
def test_act_of_now_says_one_time(asked):
    asked.at = EVENING + timedelta(hours=1)
    asked.confirm(asked.held, asked.at + timedelta(hours=1))
    assert "happened_at" not in event(asked, "hold:confirmed").facts
    assert asked.one("hold", asked.held).entered_at is None
