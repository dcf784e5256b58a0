"""Overrides: with a reason, and with a second person if a rule is broken."""

from datetime import timedelta

import pytest

from placement.core.codes import AvoidedKind, DecisionStatus, HoldStatus, ProposalStatus, RegistrationStatus
from placement.core.errors import Conflict, Invalid
from placement.placements.decisions import decisions
from placement.registrations.case import AvoidedInput, PointInput, ThreatInput
from placement.tables import Unit
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, holds_in


def test_override_is_a_decision_for_another_unit(town):
    proposal = town.propose(town.register())
    with pytest.raises(Invalid) as refused:
        town.decide(proposal, unit_id="U4-crisis")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("unit", "unit_not_proposed")]


def test_acceptance_of_a_proposal_without_unit_is_refused(town):
    town.full("R1", "R2", "R3", "R4", "R5", "R6", "R7")
    proposal = town.propose(town.register())
    with pytest.raises(Conflict) as refused:
        town.decide(proposal)
    assert refused.value.code == "nothing_proposed"


# overrides


def test_a_soft_override_needs_a_reason_and_keeps_what_it_costs(town):
    client = town.register()
    proposal = town.propose(client)
    with pytest.raises(Invalid) as refused:
        town.override(proposal, "U4-crisis", reason=None)
    assert [fault.code for fault in refused.value.faults] == ["reason_missing"]
    decision = town.override(proposal, "U4-crisis")
    assert decision.status is DecisionStatus.FINAL
    assert decision.broken == []
    assert decision.loss == 800  # one step down in the client's schemes: cosm, crisis
    assert town.one("proposal", proposal).status is ProposalStatus.OVERRIDDEN
    assert town.hold_of(decision.id).unit_id == "U4-crisis"


def test_the_reason_other_needs_a_text(town):
    proposal = town.propose(town.register())
    with pytest.raises(Invalid) as refused:
        town.override(proposal, "U4-crisis", reason="other", text=" ")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("text", "text_missing")]
    assert town.override(proposal, "U4-crisis", reason="other", text="omdat").text == "omdat"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("unit", "code"), [(None, "missing"), ("U9", "unit_unknown"), ("proposed", "unit_is_proposed")]
)
def test_an_override_names_another_unit_that_exists(town, unit, code):
    proposal = town.propose(town.register())
    unit = town.one("proposal", proposal).unit_id if unit == "proposed" else unit
    with pytest.raises(Invalid) as refused:
        town.override(proposal, unit)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("unit", code)]


@pytest.mark.wide
def test_hard_override_waits_for_another_second_person(town):
    client = town.register(needs=["psychiatric"], multiple_problems=True)
    proposal = town.propose(client)
    decision = town.override(proposal, "U1-women", actor=DESK, reason="safety_judgement")
    assert (decision.status, decision.broken) == (DecisionStatus.WAITING_FOR_SECOND, ["needs"])
    assert [held.status for held in holds_in(town)] == [HoldStatus.RESERVED]
    with pytest.raises(Conflict) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True, actor=DESK)
    assert refused.value.code == "second_person_needed"
    granted = town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    assert (granted.status, granted.answer.by, granted.second_by) == (DecisionStatus.FINAL, OTHER_DESK.id, None)
    assert town.hold_of(decision.id).unit_id == "U1-women"


@pytest.mark.wide
def test_override_refused_by_second_person_reopens_registration(town):
    client = town.register(needs=["psychiatric"])
    decision = town.override(town.propose(client), "U1-women")
    refused = town.do(decisions.answer_decision, decision.id, granted=False, actor=OTHER_DESK)
    assert refused.status is DecisionStatus.REFUSED
    assert town.one("proposal", decision.proposal_id).status is ProposalStatus.DECLINED
    assert town.registration(client).status is RegistrationStatus.OPEN
    assert [(held.status, held.reason) for held in holds_in(town)] == [(HoldStatus.RELEASED, "decision_refused")]
    assert town.claims(client) == []
    town.decide(town.propose(client))  # and somebody can decide again


@pytest.mark.parametrize("actor", [COORDINATOR, DESK])
def test_override_without_a_free_bed_is_refused(town, actor):
    town.full("R1", "R2")
    proposal = town.propose(town.register(), actor=actor)
    with pytest.raises(Conflict) as refused:
        town.override(proposal, "U1-women", actor=actor)
    assert refused.value.code == "rooms_gone"
    assert refused.value.facts["why"] == "too_few_beds"


def safety(town):
    """For each safety rule what makes it break in U1-women."""
    other = town.register()
    town.house(other, "U1-women")
    danger = ThreatInput(PointInput(place="Alkmaar"), 30)
    return {
        "threat_distance": {"threats": [danger]},
        "avoided_region": {"avoided": [AvoidedInput(AvoidedKind.REGION, "noord-holland")]},
        "avoided_location": {"avoided": [AvoidedInput(AvoidedKind.LOCATION, "L1")]},
        "avoided_provider": {"avoided": [AvoidedInput(AvoidedKind.PROVIDER, "P1")]},
        "avoided_unit": {"avoided": [AvoidedInput(AvoidedKind.UNIT, "U1-women")]},
        "keep_apart": {"keep_apart": [other]},
    }


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("rule", sorted(decisions.SAFETY_RULES))
def test_safety_rule_override_needs_a_review_date(town, rule):
    client = town.register(parts=safety(town)[rule])
    proposal = town.propose(client)
    for review_on, code in ((None, "review_missing"), (TODAY, "day_passed")):
        with pytest.raises(Invalid) as refused:
            town.override(proposal, "U1-women", review_on=review_on)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [("review_on", code)]
    decision = town.override(proposal, "U1-women", review_on=TODAY + timedelta(days=1))
    assert decision.broken == [rule]
    assert decision.review_on == TODAY + timedelta(days=1)
    assert decision.status is DecisionStatus.WAITING_FOR_SECOND


def test_second_person_is_asked_again_if_a_new_rule_is_broken(town):
    client = town.register(needs=["psychiatric"])
    decision = town.override(town.propose(client), "U1-women")
    with town.database.transaction() as session:
        session.get_one(Unit, "U1-women").min_age = 50
    with pytest.raises(Conflict) as refused:
        town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    assert (refused.value.code, refused.value.facts["rules"]) == ("situation_changed", ["age"])


# whose turn it is
