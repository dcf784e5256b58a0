"""The agreement that a decision waits for: whose it is, and for how long."""

import pytest

from placement.access import scoped_queries
from placement.core.codes import AvoidedKind, DecisionStatus, HoldStatus, RegistrationStatus, ResidenceBasis
from placement.core.errors import Conflict
from placement.placements.decisions import decisions
from placement.placements.proposals import presentation
from placement.registrations import case_rows, registrations
from placement.registrations.case import AvoidedInput
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, holds_in


@pytest.mark.parametrize("unit", ["U1-women", "U3-omm"])
def test_coordinator_decision_in_cosm_and_omm_waits_for_the_desk(town, unit):
    facts = {"needs": ["psychiatric"]} if unit == "U3-omm" else {}
    client = town.register(actor=COORDINATOR, **facts)
    if unit == "U1-women":
        town.full("R3")
    proposal = town.propose(client, actor=COORDINATOR)
    assert town.one("proposal", proposal).unit_id == unit
    decision = town.decide(proposal, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK
    assert [(held.unit_id, held.status) for held in holds_in(town)] == [(unit, HoldStatus.RESERVED)]
    town.do(decisions.answer_decision, decision.id, granted=True, actor=DESK)
    assert [(held.unit_id, held.status) for held in holds_in(town)] == [(unit, HoldStatus.WAITING_FOR_SHELTER)]
    assert town.registration(client).status is RegistrationStatus.HELD


def test_coordinator_decision_in_other_schemes_needs_no_desk(town):
    client = town.register(actor=COORDINATOR, residence_basis=ResidenceBasis.DUTCH)
    decision = town.decide(town.propose(client, actor=COORDINATOR), actor=COORDINATOR)
    assert decision.status is DecisionStatus.FINAL
    assert [held.unit_id for held in holds_in(town)] == ["U5-social"]


@pytest.mark.wide
def test_desk_preconfirmation_covers_acceptance_as_proposed_only(town):
    town.having(standing_confirmation=True)
    client = town.register(actor=COORDINATOR)
    assert town.decide(town.propose(client, actor=COORDINATOR), actor=COORDINATOR).status is DecisionStatus.FINAL
    other = town.register(actor=COORDINATOR)
    proposal = town.propose(other, actor=COORDINATOR)
    wanted = ({"U1-women", "U2-family"} - {town.one("proposal", proposal).unit_id}).pop()
    decision = town.override(proposal, wanted, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK


def asked_twice(town, client):
    town.propose(client, actor=COORDINATOR)


def avoided_one(town, client):
    word = AvoidedInput(AvoidedKind.UNIT, "U2-family")
    town.do(registrations.change, client, 1, {}, avoided=[word], actor=COORDINATOR)


def avoided_and_lifted(town, client):
    avoided_one(town, client)
    with town.act() as act:
        [avoidance] = case_rows.active_avoidances(act, client)
    town.do(registrations.lift_avoidance, client, avoidance.id, actor=COORDINATOR)


def declined_one(town, client):
    town.decline(town.propose(client, actor=COORDINATOR), "declines_shared_room", actor=COORDINATOR)


def gave_a_hold_back(town, client):
    held = town.hold_in(client)
    town.later(minutes=1)
    town.release(held, "unreachable", actor=COORDINATOR)


def was_refused_by_a_shelter(town, client):
    hold = town.hold_in(client)
    town.later(minutes=1)
    town.refuse(hold, "staff_shortage")


def was_not_answered_in_time(town, client):
    town.hold_in(client)
    town.later(hours=4)


def was_refused_and_asked_twice(town, client):
    was_refused_by_a_shelter(town, client)
    town.later(minutes=1)
    asked_twice(town, client)


@one_store
@pytest.mark.parametrize(
    ("what", "asks_the_desk"),
    [
        (avoided_and_lifted, True),
        pytest.param(gave_a_hold_back, True, marks=pytest.mark.wide),
        pytest.param(asked_twice, True, marks=pytest.mark.wide),
        pytest.param(avoided_one, True, marks=pytest.mark.wide),
        pytest.param(declined_one, True, marks=pytest.mark.wide),
        pytest.param(was_refused_by_a_shelter, False, marks=pytest.mark.wide),
        pytest.param(was_not_answered_in_time, False, marks=pytest.mark.wide),
        pytest.param(was_refused_and_asked_twice, True, marks=pytest.mark.wide),
    ],
)
def test_preconfirmation_is_for_an_unsteered_first_proposal(town, what, asks_the_desk):
    town.having(standing_confirmation=True)
    client = town.register(actor=COORDINATOR)
    what(town, client)
    town.later(minutes=1)
    proposal = town.propose(client, actor=COORDINATOR)
    with town.act(COORDINATOR) as act:
        chosen = presentation.serialize(
            act, scoped_queries.proposal_of(act.session, COORDINATOR, proposal), "en"
        ).chosen
    assert ("desk" in chosen.must_agree) is asks_the_desk
    waits = town.decide(proposal, actor=COORDINATOR).status is DecisionStatus.WAITING_FOR_DESK
    assert waits is asks_the_desk


@pytest.mark.wide
@one_store
def test_avoidance_at_registration_counts_as_steering(town):
    town.having(standing_confirmation=True)
    client = town.register(actor=COORDINATOR, parts={"avoided": [AvoidedInput(AvoidedKind.UNIT, "U2-family")]})
    decision = town.decide(town.propose(client, actor=COORDINATOR), actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK


def test_decision_that_is_not_pending_cannot_be_answered(town):
    decision = town.decide(town.propose(town.register()))
    with pytest.raises(Conflict) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    assert refused.value.code == "decision_not_waiting"


@pytest.mark.parametrize(("hours", "waits"), [(3.999, True), (4, False)])
def test_a_decision_waits_as_long_as_a_hold_and_then_is_dropped(town, hours, waits):
    client = town.register(actor=COORDINATOR)
    decision = town.decide(town.propose(client, actor=COORDINATOR), actor=COORDINATOR)
    town.later(hours=hours)
    if waits:
        assert town.do(decisions.expire_waiting) == 0
        town.do(decisions.answer_decision, decision.id, granted=True)
        return
    with pytest.raises(Conflict):  # the job has not come by yet, and it makes no difference
        town.do(decisions.answer_decision, decision.id, granted=True)
    assert [town.do(decisions.expire_waiting) for _ in range(2)] == [1, 0]
    assert town.one("decision", decision.id).status is DecisionStatus.LAPSED
    assert "decision:lapsed" in town.events()
    assert "decision:refused" not in town.events()
    assert town.registration(client).status is RegistrationStatus.OPEN
    assert town.claims(client) == []


# a stale count
