"""Decisions: accept, override, decline; required agreement; and outdated proposals."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.capacity import report as capacity_report
from placement.core.codes import (
    DecisionKind,
    DecisionStatus,
    HoldStatus,
    ProposalStatus,
    RegistrationStatus,
    ResidenceBasis,
)
from placement.core.errors import Conflict, Invalid, NotFound
from placement.placements.proposals import proposals
from placement.registrations import registrations
from placement.registrations.case import PersonInput
from placement.tables import BedClaim, Unit
from tests.support.stores import one_store
from tests.support.town import ELSEWHERE, F, M, holds_in, shelter


def test_acceptance_holds_the_proposed_beds_for_the_shelter(town):
    client = town.register()
    proposal = town.propose(client)
    decision = town.decide(proposal)
    assert decision.status is DecisionStatus.FINAL
    assert town.one("proposal", proposal).status is ProposalStatus.ACCEPTED
    held = town.hold_of(decision.id)
    assert held.status is HoldStatus.WAITING_FOR_SHELTER
    assert held.unit_id == town.one("proposal", proposal).unit_id
    assert held.expires_at == town.at + timedelta(hours=4)
    assert town.registration(client).status is RegistrationStatus.HELD
    assert [claim.hold_id for claim in town.claims(client)] == [held.id]


def test_a_proposal_is_decided_once(town):
    proposal = town.propose(town.register())
    town.decide(proposal)
    with pytest.raises(Conflict) as refused:
        town.decide(proposal)
    assert (refused.value.code, refused.value.facts["status"]) == ("proposal_not_open", "accepted")
    assert len(holds_in(town)) == 1


def test_a_superseded_proposal_cannot_be_decided(town):
    client = town.register()
    first = town.propose(client)
    town.propose(client)
    with pytest.raises(Conflict) as refused:
        town.decide(first)
    assert refused.value.facts["status"] == "superseded"
    assert "proposal:superseded" in town.events()


@pytest.mark.parametrize(("hours", "open_still"), [(3.999, True), (4, False), (5, False)])
def test_proposal_expires_on_time_with_or_without_the_job(town, hours, open_still):
    proposal = town.propose(town.register())
    town.later(hours=hours)
    if open_still:
        assert town.decide(proposal).status is DecisionStatus.FINAL
    else:
        with pytest.raises(Conflict) as refused:
            town.decide(proposal)
        assert refused.value.facts["status"] == "expired"


def test_the_job_marks_expired_proposals_once(town):
    proposal = town.propose(town.register())
    town.later(hours=4)
    assert town.do(proposals.expire_proposals) == 1
    assert town.do(proposals.expire_proposals) == 0
    assert town.one("proposal", proposal).status is ProposalStatus.EXPIRED


def test_a_changed_registration_needs_a_new_proposal(town):
    client = town.register()
    proposal = town.propose(client)
    town.do(registrations.change, client, 1, {"urgency": 1})
    with pytest.raises(Conflict) as refused:
        town.decide(proposal)
    assert refused.value.facts["status"] == "superseded"


def test_proposal_of_another_region_is_not_found(town):
    proposal = town.propose(town.register())
    with pytest.raises(NotFound):
        town.decide(proposal, actor=ELSEWHERE)


@pytest.mark.wide
def test_a_stale_count_is_confirmed_before_the_shelter_is_asked(town):
    client = town.register()
    town.later(hours=72, seconds=1)
    decision = town.decide(town.propose(client))
    assert decision.status is DecisionStatus.WAITING_FOR_SHELTER
    assert [held.status for held in holds_in(town)] == [HoldStatus.RESERVED]
    assert town.count_asked_at("S1") == town.at
    town.report("S2")  # somebody else's word changes nothing
    assert [held.status for held in holds_in(town)] == [HoldStatus.RESERVED]
    town.report("S1")
    [held] = holds_in(town)
    assert (held.decision_id, held.status) == (decision.id, HoldStatus.WAITING_FOR_SHELTER)
    assert town.one("decision", decision.id).status is DecisionStatus.FINAL
    assert town.registration(client).status is RegistrationStatus.HELD
    assert town.count_asked_at("S1") is None


def test_decision_waits_until_no_room_has_a_stale_count(town):
    client = town.register()
    town.later(hours=72, seconds=1)
    decision = town.decide(town.propose(client))
    staff = shelter("S1")
    for room in ("R1", "R2"):
        town.do(capacity_report.report_room, "S1", room, lambda known: known, actor=staff)
        assert town.one("decision", decision.id).status is DecisionStatus.WAITING_FOR_SHELTER
    assert town.count_asked_at("S1") == town.at
    town.do(capacity_report.report_room, "S1", "R3", lambda known: known, actor=staff)
    assert town.one("decision", decision.id).status is DecisionStatus.FINAL


def test_an_ageing_count_is_good_enough(town):
    town.later(hours=72)
    assert town.decide(town.propose(town.register())).status is DecisionStatus.FINAL


@pytest.mark.wide
def test_decision_on_a_bed_no_longer_reported_lapses(town):
    town.full("R2", "R3", "R4", "R5", "R6", "R7")
    one, other = town.register(private_room=True), town.register(private_room=True)
    town.later(hours=73)
    first = town.decide_on(one, "U1-women")
    second = town.propose(other)
    with pytest.raises(Conflict) as refused:  # the bed is kept for the first, also while the count is stale
        town.override(second, "U1-women")
    assert refused.value.code == "rooms_gone"
    town.full("R1", "R2", "R3")
    assert town.one("decision", first.id).status is DecisionStatus.LAPSED
    assert [(held.status, held.reason) for held in holds_in(town)] == [(HoldStatus.EXPIRED, "decision_lapsed")]
    assert town.registration(one).status is RegistrationStatus.OPEN


# facts that changed since


def test_acceptance_is_refused_if_a_rule_is_broken_by_now(town):
    proposal = town.propose(town.register())
    with town.database.transaction() as session:
        for unit in session.exec(select(Unit)):
            unit.min_age = 40
    with pytest.raises(Conflict) as refused:
        town.decide(proposal)
    assert (refused.value.code, refused.value.facts["rules"]) == ("situation_changed", ["age"])


@pytest.mark.wide
def test_acceptance_of_a_taken_room_holds_the_best_free_one(town):
    town.full("R3", "R4", "R5", "R6", "R7")
    client, other = town.register(), town.register()
    proposal = town.propose(client)
    town.hold_in(other)
    decision = town.decide(proposal)
    assert town.hold_of(decision.id).unit_id == "U1-women"
    beds = [claim.bed_id for claim in town.all(select(BedClaim))]
    assert len(beds) == len(set(beds)) == 2


@pytest.mark.wide
def test_acceptance_without_a_free_bed_holds_nothing(town):
    town.full("R1", "R3", "R4", "R5", "R6", "R7")
    client, other = town.register(), town.register()
    first, second = town.propose(client), town.propose(other)
    town.decide_on(client, "U1-women", proposal=first)
    with pytest.raises(Conflict) as refused:
        town.decide_on(other, "U1-women", proposal=second)
    assert refused.value.code == "rooms_gone"
    assert len(holds_in(town)) == 1


# declines


@one_store
@pytest.mark.parametrize(
    ("reason", "effect"),
    [
        ("declines_place", {("unit", "U2-family")}),
        ("declines_region", {("region", "noord-holland")}),
        ("declines_shared_room", "private_room"),
        ("declines_mixed", "refuses_mixed"),
        ("unreachable", None),
        ("found_other_place", "closed"),
        ("withdraws_consent", "closed"),
        ("duplicate_registration", "closed"),
        ("not_entitled", "closed"),
        ("entered_in_error", "closed"),
    ],
)
def test_decline_reason_has_its_effect_and_keeps_the_priority(town, reason, effect):
    client = town.register(((F, 30), (F, 5)))  # a mother: U2-family is the only possible unit
    before = town.registration(client)
    proposal = town.propose(client)
    town.later(hours=1)
    decision = town.decline(proposal, reason)
    after = town.registration(client)
    assert (decision.status, decision.reason) == (DecisionStatus.FINAL, reason)
    assert town.one("proposal", proposal).status is ProposalStatus.DECLINED
    assert holds_in(town) == []
    assert (after.waits_since, after.urgency) == (before.waits_since, before.urgency)
    assert after.version > before.version
    assert (after.status is RegistrationStatus.CLOSED) == (effect == "closed")
    assert after.closed_reason == (reason if effect == "closed" else None)
    assert after.private_room is (effect == "private_room")
    assert after.accepts_mixed is (effect != "refuses_mixed")
    assert town.avoided(client) == (effect if isinstance(effect, set) else set())


def test_a_decline_needs_a_reason_of_its_step(town):
    proposal = town.propose(town.register())
    for reason, code in ((None, "reason_missing"), ("no_capacity", "reason_unknown"), ("nonsense", "reason_unknown")):
        with pytest.raises(Invalid) as refused:
            town.decline(proposal, reason)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [("reason", code)]
    assert town.one("proposal", proposal).status is ProposalStatus.MADE


def test_a_household_with_a_man_is_not_put_among_women(town):
    pair = town.register(((F, 30), (M, 31)), residence_basis=ResidenceBasis.VICTIM_PERMIT)
    proposal = town.propose(pair)
    assert town.one("proposal", proposal).unit_id == "U5-social"
    decision = town.override(proposal, "U2-family")
    assert decision.broken == ["scheme", "gender"]
    assert decision.kind is DecisionKind.OVERRIDE


def test_proposal_without_an_open_scheme_names_the_ground(town):
    girl = town.register(((F, 17),), residence_basis=ResidenceBasis.DUTCH)
    with pytest.raises(Conflict) as refused:
        town.propose(girl)
    assert refused.value.code == "no_scheme_open"
    assert refused.value.facts["ground"] == "Jeugdwet"


@pytest.mark.parametrize("draft", [True])
def test_proposal_for_a_draft_is_refused(town, draft):
    with pytest.raises(Conflict) as refused:
        town.propose(town.register(draft=draft))
    assert refused.value.code == "registration_not_open"


def test_proposal_for_an_outdated_registration_is_not_stored(town):
    from matching import advise  # noqa: PLC0415

    client = town.register()
    prepared = town.do(proposals.prepare, client)
    town.do(registrations.change, client, 1, {}, persons=[PersonInput(F, 31)])
    with pytest.raises(Conflict) as refused:
        town.do(proposals.record, prepared, advise(prepared.problem, client))
    assert refused.value.code == "registration_changed"
