"""A pending decision: keeps its beds, excludes a second decision, and ends in four possible ways."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.access import scoped_queries
from placement.core.codes import DecisionStatus, HoldStatus, RegistrationStatus
from placement.core.errors import Conflict, Invalid, NotFound
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.tables import Hold, Unit
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, shelter


def waiting(town, who="desk"):
    """A case whose one possible bed waits for the desk, for a second person, or for the shelter's count."""
    town.full("R1", "R3", "R4", "R5", "R6", "R7")
    case = town.register(actor=COORDINATOR, **({"needs": ["psychiatric"]} if who == "second" else {}))
    if who == "shelter":
        town.later(hours=73)
    actor = COORDINATOR if who == "desk" else DESK
    return case, town.decide_on(case, "U1-women", actor=actor)


WAITS = {
    "desk": DecisionStatus.WAITING_FOR_DESK,
    "second": DecisionStatus.WAITING_FOR_SECOND,
    "shelter": DecisionStatus.WAITING_FOR_SHELTER,
}


@pytest.mark.wide
@pytest.mark.parametrize("who", WAITS)
def test_decision_that_waits_keeps_its_bed(town, who):
    other = town.register()
    case, decision = waiting(town, who)
    assert decision.status is WAITS[who]
    assert town.registration(case).status is RegistrationStatus.HELD
    assert len(town.claims(case)) == 1
    assert town.room("R2").vacancy.free_beds == 0
    assert town.one("proposal", town.propose(other)).unit_id is None


@pytest.mark.parametrize("who", WAITS)
def test_second_try_names_the_first_decision(town, who):
    case, decision = waiting(town, who)
    with pytest.raises(Conflict) as refused:
        town.propose(case)
    assert refused.value.code == "decision_waits"
    assert refused.value.facts["decision"] == decision.id
    assert refused.value.facts["status"] == WAITS[who].value
    day = f"{decision.decided_at:%d-%m}"
    assert [refused.value.facts[name].split()[0] for name in ("since", "until")] == [day, day]


def test_second_decision_on_another_proposal_is_refused(town):
    case = town.register(actor=COORDINATOR)
    first, second = town.propose(case, actor=COORDINATOR), town.propose(case, actor=COORDINATOR)
    town.decide(second, actor=COORDINATOR)
    with pytest.raises(Conflict) as refused:
        town.decide(first, actor=DESK)
    assert refused.value.code == "proposal_not_open"


def test_answer_that_agrees_and_says_why_not_does_nothing(town):
    _, decision = waiting(town)
    with pytest.raises(Invalid) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True, text="Te dichtbij")
    assert [(one.field, one.code) for one in refused.value.faults] == [("text", "why_not_though_granted")]
    town.do(decisions.answer_decision, decision.id, granted=True, text=" ")
    assert town.one("hold", town.all(select(Hold))[0].id).status is HoldStatus.WAITING_FOR_SHELTER


def test_pending_decision_hides_the_client_from_the_shelter(town):
    case, decision = waiting(town)
    [held] = town.all(select(Hold))
    with town.act(shelter("S1")) as act:
        assert act.session.exec(scoped_queries.holds_of(act.session, act.actor)).all() == []
        with pytest.raises(NotFound):
            scoped_queries.hold_of(act.session, act.actor, held.id)
    town.do(decisions.answer_decision, decision.id, granted=True)
    with town.act(shelter("S1")) as act:
        assert [one.registration_id for one in act.session.exec(scoped_queries.holds_of(act.session, act.actor))] == [
            case
        ]


def test_shelter_cannot_answer_what_it_was_not_asked(town):
    waiting(town)
    [held] = town.all(select(Hold))
    for verb in (holds.confirm, holds.refuse):
        with pytest.raises(NotFound):
            town.do(verb, held.id, None, actor=shelter("S1"))


def test_shelter_has_its_whole_time_from_the_moment_it_is_asked(town):
    _, decision = waiting(town)
    town.later(hours=3)
    town.do(decisions.answer_decision, decision.id, granted=True)
    [held] = town.all(select(Hold))
    assert (held.asked_at, held.expires_at) == (town.at, town.at + timedelta(hours=4))
    assert held.made_at == town.at - timedelta(hours=3)


@pytest.mark.wide
def test_agreed_decision_takes_the_room_that_is_right_now(town):
    town.full("R2", "R3", "R4", "R5", "R6", "R7")
    case = town.register(actor=COORDINATOR)
    decision = town.decide_on(case, "U1-women", actor=COORDINATOR)
    assert {claim.bed_id for claim in town.claims(case)} <= set(town.room("R1").beds)
    town.full("R1", "R3")  # others took R1 meanwhile; R2 came free
    town.do(decisions.answer_decision, decision.id, granted=True)
    assert {claim.bed_id for claim in town.claims(case)} == set(town.room("R2").beds)


def test_agreed_decision_without_a_bed_is_refused_and_stays(town):
    _, decision = waiting(town)
    town.full("R1", "R2", "R3")
    with pytest.raises(Conflict) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True)
    assert refused.value.code == "rooms_gone"
    assert town.one("decision", decision.id).status is DecisionStatus.WAITING_FOR_DESK


def test_agreed_decision_that_breaks_a_new_rule_is_refused(town):
    _, decision = waiting(town)
    with town.database.transaction() as session:
        session.get_one(Unit, "U1-women").min_age = 50
    with pytest.raises(Conflict) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True)
    assert (refused.value.code, refused.value.facts["rules"]) == ("situation_changed", ["age"])


@pytest.mark.wide
def test_counted_decision_that_breaks_a_new_rule_lapses(town):
    case, decision = waiting(town, "shelter")
    with town.database.transaction() as session:
        session.get_one(Unit, "U1-women").min_age = 50
    town.report("S1")
    assert town.one("decision", decision.id).status is DecisionStatus.LAPSED
    assert (town.registration(case).status, town.claims(case)) == (RegistrationStatus.OPEN, [])


@pytest.mark.wide
@pytest.mark.parametrize("who", WAITS)
def test_given_back_reservation_withdraws_the_decision(town, who):
    case, decision = waiting(town, who)
    [held] = town.all(select(Hold))
    with pytest.raises(NotFound):
        town.release(held.id, actor=ELSEWHERE)
    town.release(held.id, "unreachable", actor=COORDINATOR)
    assert town.one("decision", decision.id).status is DecisionStatus.WITHDRAWN
    assert town.one("hold", held.id).status is HoldStatus.RELEASED
    assert town.registration(case).status is RegistrationStatus.OPEN
    assert town.claims(case) == []
    with pytest.raises(Conflict):
        town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    town.later(hours=5)
    assert town.do(decisions.expire_waiting) == 0


def test_lapsed_decision_frees_the_bed_once(town):
    case, _ = waiting(town)
    town.later(hours=4)
    assert town.do(holds.expire_due) == 0  # no shelter was late with an answer
    assert [town.do(decisions.expire_waiting) for _ in range(2)] == [1, 0]
    assert town.room("R2").vacancy.free_beds == 1
    town.hold_in(case, "U1-women")
