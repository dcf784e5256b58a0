"""Address disclosure: to coordinator and desk only, after every check, and no longer than needed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import Action, Region, ResidenceBasis
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.placements import address_disclosure
from placement.placements.decisions import decisions
from placement.placements.moves import room_moves
from placement.tables import AuditEvent, Location, Unit
from tests.support.accounts import add_accounts
from tests.support.duty import accepted, answered, mandated, peopled
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, shelter


@pytest.fixture
def staffed(town):
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR, ELSEWHERE)
    return town


def reveal(town, hold, actor=COORDINATOR, **facts):
    fresh = replace(actor, session_id="Z", **({"verified_at": town.at} | facts))
    return town.do(address_disclosure.address_of, hold, actor=fresh).address


def not_shown(town, hold, actor=COORDINATOR):
    with pytest.raises(Conflict) as refused:
        reveal(town, hold, actor)
    return refused.value.code


def held(town, **facts):
    """A hold in COSM: the coordinator accepted, the desk confirmed."""
    client = town.register(actor=COORDINATOR, **facts)
    decision = town.decide_on(client, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, actor=DESK, granted=True)
    return client, town.hold_of(decision.id).id


@pytest.mark.wide
def test_address_from_confirmation_to_end_of_stay_with_an_event(staffed):
    client, hold = held(staffed)
    assert not_shown(staffed, hold) == "address_not_shown"
    staffed.confirm(hold)
    assert reveal(staffed, hold) == "Geheimstraat 1"
    stay = staffed.arrive(hold)
    assert reveal(staffed, hold) == "Geheimstraat 1"
    staffed.end(stay.id)
    assert not_shown(staffed, hold) == "address_not_shown"
    lines = [line for line in staffed.all(select(AuditEvent)) if line.event == "address:read"]
    assert [(line.actor, line.action, line.registration_id, line.object_id) for line in lines] == [
        (COORDINATOR.id, Action.READ, client, hold)
    ] * 2
    assert "Geheim" not in repr([line.facts for line in staffed.all(select(AuditEvent))])


@pytest.mark.wide
def test_address_is_that_to_which_the_shelter_moved_the_client(staffed):
    _, hold = held(staffed)
    staffed.confirm(hold)
    stay = staffed.arrive(hold)
    with staffed.act() as act:  # a second location of S1
        act.session.get_one(Unit, "U2-family").location_id = "L2"
        act.session.flush()
        act.session.get_one(Location, "L2").shelter_id = "S1"
    staffed.do(room_moves.move, stay.id, ["R3"], actor=shelter("S1"))
    assert reveal(staffed, hold) == "Geheimstraat 2"


@pytest.mark.wide
def test_address_is_not_shown_where_the_desk_sent_back(town):
    peopled(town)
    mandated(town)
    decision = accepted(town)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.arrive(hold)
    assert not_shown(town, hold) == "desk_has_not_agreed"
    answered(town, decision.id, granted=False, text="Niet hier")
    assert not_shown(town, hold) == "desk_has_not_agreed"


@pytest.mark.wide
@one_store
def test_address_of_a_provisional_place_waits_for_the_desk(town):
    """Whatever the desk agrees with beforehand since it was carried out."""
    peopled(town)
    mandated(town)
    decision = accepted(town)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.having(standing_confirmation=True)
    assert not_shown(town, hold) == "desk_has_not_agreed"
    answered(town, decision.id, granted=True)
    assert reveal(town, hold) == "Geheimstraat 1"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("way", ["refused", "released", "released_after_yes", "expired", "no_show"])
def test_ended_hold_discloses_no_address(staffed, way):
    _, hold = held(staffed)
    if way == "refused":
        staffed.refuse(hold, "staff_shortage")
    elif way == "released":
        staffed.release(hold)
    elif way == "expired":
        staffed.later(hours=5)
    else:
        staffed.confirm(hold)
        assert reveal(staffed, hold)
        if way == "no_show":
            staffed.no_show(hold)
        else:
            staffed.release(hold)
    assert not_shown(staffed, hold) == "address_not_shown"


@one_store
def test_address_needs_a_second_factor_within_five_minutes(staffed):
    _, hold = held(staffed)
    staffed.confirm(hold)
    for given in (None, staffed.at - timedelta(minutes=5)):
        for case in (hold, "H-2222-2222-2222"):
            with pytest.raises(NotAllowed) as refused:
                reveal(staffed, case, verified_at=given)
            assert refused.value.code == "second_factor_needed"
    assert reveal(staffed, hold, verified_at=staffed.at - timedelta(minutes=4, seconds=59))


@one_store
def test_address_is_for_own_coordinator_and_desk_only(staffed):
    client, hold = held(staffed)
    staffed.confirm(hold)
    with pytest.raises(NotFound):
        reveal(staffed, hold, ELSEWHERE)
    with pytest.raises(NotFound):
        reveal(staffed, hold, ELSEWHERE, opened=frozenset({client}))  # breaking the glass does not show it either
    for actor, code in ((shelter("S2"), "role_may_not"), (DESK, "reason_needed")):
        with pytest.raises(NotAllowed) as refused:
            reveal(staffed, hold, actor)
        assert refused.value.code == code
    assert reveal(staffed, hold, DESK, opened=frozenset({client})) == "Geheimstraat 1"


@pytest.mark.wide
@one_store
def test_coordinator_gets_the_address_only_if_the_desk_agreed(staffed):
    """A coordinator places in an emergency bed alone: there the desk discloses the address, or has decided."""
    alone = staffed.register(actor=COORDINATOR, residence_basis=ResidenceBasis.NONE_YET)
    decision = staffed.decide_on(alone, "U4-crisis", actor=COORDINATOR)
    hold = staffed.hold_of(decision.id).id
    staffed.confirm(hold)
    assert not_shown(staffed, hold) == "desk_has_not_agreed"
    staffed.having(standing_confirmation=True)  # which is about COSM and OMM
    assert not_shown(staffed, hold) == "desk_has_not_agreed"
    assert reveal(staffed, hold, DESK, opened=frozenset({alone})) == "Geheimstraat 2"
    by_the_desk = staffed.register(region=Region.AMSTERDAM, residence_basis=ResidenceBasis.NONE_YET)
    other = staffed.hold_of(staffed.decide_on(by_the_desk, "U4-crisis").id).id
    staffed.confirm(other)
    assert reveal(staffed, other) == "Geheimstraat 2"


@one_store
def test_preconfirmed_decision_counts_as_desk_agreement(staffed):
    staffed.having(standing_confirmation=True)
    client = staffed.register(actor=COORDINATOR)
    decision = staffed.decide(staffed.propose(client, actor=COORDINATOR), actor=COORDINATOR)
    hold = staffed.hold_of(decision.id).id
    staffed.confirm(hold)
    assert reveal(staffed, hold).startswith("Geheimstraat")


@one_store
def test_missing_address_is_reported_as_unknown(staffed):
    _, hold = held(staffed)
    staffed.confirm(hold)
    with staffed.database.transaction() as session:
        session.get_one(Location, "L1").address = None
    assert not_shown(staffed, hold) == "address_unknown"
