"""Concurrency on PostgreSQL: one outcome, no rule broken between two transactions, and no deadlock."""

import pytest
from sqlmodel import select

from placement.core.codes import DecisionStatus, HoldStatus, ProposalStatus, RegistrationStatus
from placement.core.errors import Conflict, PlacementError
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.registrations import registrations
from placement.solver import snapshot
from placement.tables import Decision, Hold
from tests.support.simultaneous_acts import at_once, worked
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, F, M

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


def live(town):
    return town.all(select(Hold).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER))


@pytest.mark.wide
@pytest.mark.parametrize("number", range(3))
def test_two_decisions_on_the_last_bed_one_gets_it(town, number):
    town.full("R1", "R3", "R4", "R5", "R6", "R7")
    one, other = town.register(urgency=1 + number), town.register(urgency=2)
    proposals = [town.propose(one), town.propose(other)]
    outcomes = at_once(
        lambda: town.decide_on(one, "U1-women", proposal=proposals[0], actor=DESK),
        lambda: town.decide_on(other, "U1-women", proposal=proposals[1], actor=OTHER_DESK),
    )
    assert len(worked(outcomes)) == len(live(town)) == 1
    assert {one.code for one in outcomes if isinstance(one, PlacementError)} == {"rooms_gone"}


@pytest.mark.wide
def test_four_decisions_on_one_proposal_one_succeeds(town):
    proposal = town.propose(town.register())
    outcomes = at_once(*[lambda: town.decide(proposal)] * 3, lambda: town.decline(proposal, "unreachable"))
    assert len(worked(outcomes)) == 1
    assert len(town.all(select(Decision))) == 1
    assert town.one("proposal", proposal).status in {ProposalStatus.ACCEPTED, ProposalStatus.DECLINED}


@pytest.mark.wide
@pytest.mark.parametrize("rule", ["keep_apart", "high_care", "gender"])
def test_concurrent_decisions_keep_apart_is_not_broken(town, rule):
    if rule == "keep_apart":
        town.full("R4", "R5", "R6", "R7")
        one = town.register()
        other = town.register(parts={"keep_apart": [one]})
        units = ("U1-women", "U2-family")
    elif rule == "high_care":
        one, other = [town.register(high_care=True, needs=["psychiatric"]) for _ in range(2)]
        units = ("U3-omm", "U3-omm")
    else:  # one room of two beds is left in U5-social
        one, other = [town.register(((who, 30),), residence_basis="dutch") for who in (F, M)]
        units = ("U5-social", "U5-social")
    proposals = [town.propose(one), town.propose(other)]
    at_once(
        lambda: town.decide_on(one, units[0], proposal=proposals[0]),
        lambda: town.decide_on(other, units[1], proposal=proposals[1]),
    )
    assert len(live(town)) == 1
    # The other waits for a place, or for a second person who has to agree with the broken rule.
    kept = town.all(select(Hold).where(Hold.status == HoldStatus.RESERVED))
    assert len(town.problem().registrations) + len(kept) == 1


@pytest.mark.wide
@pytest.mark.parametrize("answer", ["confirm", "refuse"])
def test_answer_racing_the_expiry_has_one_outcome(town, answer):
    client = town.register()
    held = town.hold_in(client)
    just_before = town.at + town.settings.hold_lifetime
    late = type(town)(town.database, town.settings)
    late.at = just_before
    outcomes = at_once(
        lambda: town.confirm(held) if answer == "confirm" else town.refuse(held, "house_mix"),
        lambda: late.do(holds.expire_due),
        lambda: late.do(holds.expire_due),
    )
    status = town.one("hold", held).status
    expired = sum(one for one in outcomes[1:] if isinstance(one, int))
    if expired:
        assert (status, expired) == (HoldStatus.EXPIRED, 1)
        assert outcomes[0].code == "hold_expired"
        assert town.registration(client).status is RegistrationStatus.OPEN
    else:
        assert status is (HoldStatus.CONFIRMED if answer == "confirm" else HoldStatus.REFUSED)
    assert len(town.claims(client)) == (1 if status is HoldStatus.CONFIRMED else 0)


@pytest.mark.wide
def test_report_racing_stale_count_decisions_leaves_none_waiting(town):
    own = [town.register() for _ in range(2)]
    town.later(hours=73)
    proposals = [town.propose(client) for client in own]
    at_once(
        lambda: town.decide_on(own[0], "U1-women", proposal=proposals[0]),
        lambda: town.decide_on(own[1], "U1-women", proposal=proposals[1]),
        lambda: town.report("S1"),
    )
    for decision in town.all(select(Decision)):
        # The decision waits only if the report came first; then the count is fresh at the second look.
        assert decision.status in {DecisionStatus.FINAL, DecisionStatus.WAITING_FOR_SHELTER}
        if decision.status is DecisionStatus.WAITING_FOR_SHELTER:
            assert town.count_asked_at("S1") is not None
    town.report("S1")
    assert len(live(town)) == 2


@pytest.mark.wide
@pytest.mark.parametrize("number", range(3))
def test_change_decision_and_proposal_at_once_do_not_deadlock(town, number):
    client = town.register(actor=COORDINATOR)
    proposal = town.propose(client)
    outcomes = at_once(
        lambda: town.decide(proposal),
        lambda: town.do(registrations.change, client, 1, {"urgency": 1 + number}),
        lambda: town.propose(client),
        lambda: town.do(registrations.close, client, "not_entitled"),
    )
    assert worked(outcomes)
    assert len(live(town)) == (town.registration(client).status is RegistrationStatus.HELD)


@pytest.mark.wide
def test_report_refusal_and_confirmation_of_a_shelter_take_turns(town):
    holds = [town.hold_in(town.register(), "U1-women") for _ in range(3)]
    other = town.register()
    proposal = town.propose(other)
    outcomes = at_once(
        lambda: town.refuse(holds[0], "no_capacity"),
        lambda: town.refuse(holds[1], "room_out_of_service"),
        lambda: town.confirm(holds[2]),
        lambda: town.report("S1"),
        lambda: town.decide_on(other, "U2-family", proposal=proposal),
    )
    assert len(worked(outcomes)) == 5
    assert town.problem()


@pytest.mark.wide
def test_second_person_answering_twice_at_once_answers_once(town):
    client = town.register(needs=["psychiatric"])
    decision = town.override(town.propose(client), "U1-women")
    outcomes = at_once(
        lambda: town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK),
        lambda: town.do(decisions.answer_decision, decision.id, granted=False, actor=OTHER_DESK),
        lambda: town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK),
    )
    assert len(worked(outcomes)) == 1
    assert len(live(town)) == (town.one("decision", decision.id).status is DecisionStatus.FINAL)


@pytest.mark.wide
@pytest.mark.parametrize("seen", ["in_a_bed_that_was_left", "waiting_and_then_held"])
def test_snapshot_read_during_writes_is_valid(town, monkeypatch, seen):
    """Between the reading of rooms and of registrations another transaction is committed."""
    client = town.register()
    held = town.hold_in(client) if seen == "in_a_bed_that_was_left" else None
    proposal = None if held else town.propose(client)
    read_rooms = snapshot.room_states

    def and_meanwhile(session, day, **rest):
        rooms = read_rooms(session, day, **rest)
        monkeypatch.setattr(snapshot, "room_states", read_rooms)
        if held:
            town.release(held)
        else:
            town.decide(proposal)
        return rooms

    monkeypatch.setattr(snapshot, "room_states", and_meanwhile)
    assert town.problem().registrations == ()


@pytest.mark.wide
def test_proposal_for_a_client_held_meanwhile_is_refused(town, monkeypatch):
    client = town.register()
    proposal = town.propose(client)
    read_rooms = snapshot.room_states

    def and_meanwhile(session, day, **rest):
        monkeypatch.setattr(snapshot, "room_states", read_rooms)
        town.decide(proposal)
        return read_rooms(session, day, **rest)

    monkeypatch.setattr(snapshot, "room_states", and_meanwhile)
    with pytest.raises(Conflict) as refused:
        town.propose(client)
    assert refused.value.code == "registration_changed"
