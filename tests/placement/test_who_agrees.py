"""Whose agreement a decision waits for, and for how long."""

import pytest
from sqlmodel import select
from story import COORDINATOR, DESK, OTHER_DESK

from placement import deciding
from placement.errors import Conflict
from placement.tables import Hold
from placement.vocabulary import (
    DecisionStatus,
    RegistrationStatus,
    ResidenceBasis,
)


def holds(town):
    return town.all(select(Hold))


@pytest.mark.parametrize("unit", ["U1-women", "U3-omm"])
def test_what_a_coordinator_decides_in_cosm_and_omm_waits_for_the_desk(town, unit):
    facts = {"needs": ["psychiatric"]} if unit == "U3-omm" else {}
    her = town.register(actor=COORDINATOR, **facts)
    if unit == "U1-women":
        town.full("R3")
    proposal = town.propose(her, actor=COORDINATOR)
    assert town.one("proposal", proposal).unit_id == unit
    decision = town.decide(proposal, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK
    assert holds(town) == []
    assert town.registration(her).status is RegistrationStatus.OPEN
    town.do(deciding.answer_decision, decision.id, granted=True, actor=DESK)
    assert [held.unit_id for held in holds(town)] == [unit]
    assert town.registration(her).status is RegistrationStatus.HELD


def test_elsewhere_a_coordinator_decides_herself(town):
    her = town.register(actor=COORDINATOR, residence_basis=ResidenceBasis.DUTCH)
    decision = town.decide(town.propose(her, actor=COORDINATOR), actor=COORDINATOR)
    assert decision.status is DecisionStatus.FINAL
    assert [held.unit_id for held in holds(town)] == ["U5-social"]


def test_the_desk_can_confirm_beforehand_what_is_accepted_as_proposed_and_nothing_else(town):
    town.having(standing_confirmation=True)
    her = town.register(actor=COORDINATOR)
    assert town.decide(town.propose(her, actor=COORDINATOR), actor=COORDINATOR).status is DecisionStatus.FINAL
    other = town.register(actor=COORDINATOR)
    proposal = town.propose(other, actor=COORDINATOR)
    wanted = ({"U1-women", "U2-family"} - {town.one("proposal", proposal).unit_id}).pop()
    decision = town.override(proposal, wanted, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK


def test_a_decision_that_waits_for_nobody_cannot_be_answered(town):
    decision = town.decide(town.propose(town.register()))
    with pytest.raises(Conflict) as refused:
        town.do(deciding.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    assert refused.value.code == "decision_not_waiting"


@pytest.mark.parametrize(("hours", "waits"), [(3.999, True), (4, False)])
def test_a_decision_waits_as_long_as_a_hold_and_then_is_dropped(town, hours, waits):
    her = town.register(actor=COORDINATOR)
    decision = town.decide(town.propose(her, actor=COORDINATOR), actor=COORDINATOR)
    town.later(hours=hours)
    if waits:
        assert town.do(deciding.expire_waiting) == 0
        town.do(deciding.answer_decision, decision.id, granted=True)
        return
    with pytest.raises(Conflict):  # the job has not come by yet, and it makes no difference
        town.do(deciding.answer_decision, decision.id, granted=True)
    assert [town.do(deciding.expire_waiting) for _ in range(2)] == [1, 0]
    assert town.one("decision", decision.id).status is DecisionStatus.REFUSED
    assert town.registration(her).status is RegistrationStatus.OPEN


# a stale count
