"""A rule about danger is broken only by two persons who gave their second factor again just now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import AvoidedKind, DecisionKind, DecisionStatus
from placement.core.errors import NotAllowed
from placement.placements.decisions import decisions
from placement.registrations.case_rows import AvoidedInput
from tests.support.town import DESK, OTHER_DESK, TODAY

UNIT, OVERRIDE = "U1-women", DecisionKind.OVERRIDE


@pytest.fixture
def unsafe(town):
    """A proposal of a client who avoids the unit, and what is decided on it."""
    client = town.register(parts={"avoided": [AvoidedInput(AvoidedKind.UNIT, UNIT)]})
    facts = {"unit_id": UNIT, "reason": "safety_judgement", "review_on": TODAY + timedelta(days=1)}
    return town.propose(client), facts


def fresh(actor, town, **ago):
    return replace(actor, verified_at=town.at - timedelta(**ago))


def test_override_of_a_safety_rule_needs_a_fresh_factor(town, unsafe):
    proposal, facts = unsafe
    for actor in (DESK, fresh(DESK, town, minutes=5)):
        with pytest.raises(NotAllowed, match="second_factor_needed"):
            town.decide(proposal, OVERRIDE, actor=actor, **facts)
    assert town.decide(proposal, OVERRIDE, actor=fresh(DESK, town, minutes=4), **facts).broken == ["avoided_unit"]


def test_grant_of_a_broken_safety_rule_needs_a_fresh_factor(town, unsafe):
    proposal, facts = unsafe
    decision = town.decide(proposal, OVERRIDE, actor=fresh(DESK, town), **facts)
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    granted = town.do(decisions.answer_decision, decision.id, granted=True, actor=fresh(OTHER_DESK, town))
    assert granted.status is DecisionStatus.FINAL


@pytest.mark.wide
def test_refusal_and_other_rules_need_no_fresh_factor(town, unsafe):
    proposal, facts = unsafe
    decision = town.decide(proposal, OVERRIDE, actor=fresh(DESK, town), **facts)
    town.do(decisions.answer_decision, decision.id, granted=False, actor=OTHER_DESK)
    plain = town.override(town.propose(town.register(needs=["psychiatric"])), UNIT)
    assert town.do(decisions.answer_decision, plain.id, granted=True, actor=OTHER_DESK).status is DecisionStatus.FINAL
