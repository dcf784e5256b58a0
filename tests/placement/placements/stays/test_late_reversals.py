"""Changes between an end, or an arrival, and its reversal: the household, the house, the case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.errors import Conflict
from placement.core.reason_codes import ChangeReason
from placement.placements.moves import room_moves
from placement.placements.stays import fact_changes, reversals, stays
from placement.placements.stays.place_fit import broken_where_lived
from placement.registrations.case import PointInput, ThreatInput
from placement.retention import fact_erasure
from placement.tables import FactChange, KeepApart, Registration
from tests.support.duty import accepted, answered, mandated, peopled
from tests.support.moving_client import MOVE_HELD, MOVING, SAFETY, ask, moving, status, withdraw
from tests.support.town import COORDINATOR, DESK, F, M, person_of, shelter

STAFF = shelter("S1")


def reverse(town, stay, actor=DESK):
    return town.do(reversals.reverse_end, stay, actor=actor)


def refused(do, code):
    with pytest.raises(Conflict) as wrong:
        do()
    assert wrong.value.code == code


def listed(town):
    with town.act() as act:
        return [one.id for one in reversals.reversible_ends(act)]


def household(town, case, *persons):
    said = {"persons": [person_of(one, persons) for one in persons], "reason": ChangeReason.JOINS, "confirm": True}
    return town.do(fact_changes.change, case, town.registration(case).version, {}, actor=COORDINATOR, **said)


def seated(town, case):
    """The persons of the claims that count."""
    return sorted(str(claim.person_id) for claim in town.claims(case) if claim.ends_on is None)


@pytest.mark.wide
def test_earlier_of_two_ends_of_a_client_is_final(town):
    case = town.register()
    first = town.house(case, "U4-crisis")
    town.later(hours=1)
    town.end(first, "asked_to_leave")
    town.later(hours=1)
    second = town.house(case, "U1-women")
    town.later(hours=1)
    town.end(second, "asked_to_leave")
    refused(lambda: reverse(town, first, DESK), "case_gone_on")
    assert listed(town) == [second]
    assert reverse(town, second).status is StayStatus.IN_HOUSE


@pytest.mark.wide
def test_end_of_a_client_living_elsewhere_is_not_listed(town):
    case = town.register()
    stay = town.house(case, "U4-crisis")
    town.end(stay, "asked_to_leave")
    assert listed(town) == [stay]
    town.house(case, "U1-women")
    assert listed(town) == []
    with town.act() as act:
        assert reversals.reversible_end_of(act, case) is None


@pytest.mark.wide
@pytest.mark.parametrize("now", [((F, 30),), ((F, 31),), ((F, 30), (F, 31), (F, 33))])
def test_reversal_seats_the_household_of_now(town, now):
    case = town.register(persons=((F, 30), (F, 31)))
    stay = town.house(case, "U2-family")
    town.later(days=2)
    town.end(stay, "asked_to_leave")
    household(town, case, *now)
    reverse(town, stay)
    assert seated(town, case) == sorted(one.id for one in town.registration(case).persons)


@pytest.mark.wide
def test_reversed_arrival_says_what_breaks_in_the_old_place(town):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.confirm(held)
    town.arrive(held)
    [left] = [town.one("bed", one.bed_id).room_id for one in town.claims(client) if one.stay_id == stay]
    [room] = {"R5", "R6"} - {left}
    other = town.one("stay", town.take_over("U4-crisis", room, persons=((F, 40),))).registration_id
    with town.act() as act:
        act.session.add(KeepApart(registration_id=client, other_id=other))
    town.do(reversals.reverse_arrival, held, actor=DESK)
    assert status(town, client) is MOVE_HELD
    with town.act() as act:
        broken = broken_where_lived(act, act.session.get_one(Registration, client))
    assert [one.rule for one in broken] == ["keep_apart"]


@pytest.mark.wide
def test_end_as_of_before_rooms_were_changed_is_reversed(town):
    given = {"confirm": True}
    one, other = (town.take_over("U1-women", room, ago=9, given=given) for room in ("R1", "R2"))
    town.later(days=2)
    town.do(room_moves.swap, one, other, actor=STAFF)
    town.later(days=2)
    town.do(stays.end, one, "own_housing", None, town.at - timedelta(days=3), actor=STAFF)
    assert reverse(town, one).status is StayStatus.IN_HOUSE


def test_arrival_is_final_once_another_place_was_sought(town):
    case = town.register()
    held = town.hold_in(case)
    town.confirm(held)
    town.arrive(held)
    ask(town, case, SAFETY)
    withdraw(town, case)
    refused(lambda: town.do(reversals.reverse_arrival, held, actor=DESK), "case_gone_on")
    assert status(town, case) is RegistrationStatus.PLACED
    assert len(town.registration(case).requests) == 2


@pytest.mark.wide
def test_place_that_the_desk_sent_back_since_is_left_again(town):
    peopled(town)
    mandated(town)
    decision = accepted(town)
    held = town.hold_of(decision.id).id
    town.confirm(held)
    stay = town.arrive(held).id
    town.later(hours=1)
    town.end(stay, "own_housing")
    town.later(hours=1)
    answered(town, decision.id, granted=False, text="Niet hier")
    reverse(town, stay, STAFF)
    assert (status(town, decision.registration_id), town.one("stay", stay).status) == (MOVING, StayStatus.IN_HOUSE)
    last = town.registration(decision.registration_id).requests[-1]
    assert (last.kind.value, last.ground.value, last.text) == ("transfer", "need", "Niet hier")
    town.end(stay, "own_housing")
    reverse(town, stay, STAFF)
    assert status(town, decision.registration_id) is MOVING


def test_erased_change_is_not_kept_for_a_reversal(town):
    case = town.register(persons=((F, 30), (F, 31)))
    stay = town.house(case, "U2-family")
    household(town, case, (F, 30))
    [change] = town.all(select(FactChange))
    assert town.one("stay", stay).before["persons"]
    town.do(fact_erasure.erase_change, case, change.id, actor=replace(DESK, verified_at=town.at))
    assert town.one("stay", stay).before is None


@pytest.mark.wide
@pytest.mark.parametrize("said", ["before", "since"])
def test_reversal_keeps_what_breaks_where_the_client_is_expected(town, said):
    client, stay = moving(town)
    town.hold_in(client, "U1-women")
    threat = ThreatInput(PointInput("Alkmaar"), min_km=40)
    danger = {"threats": [threat], "reason": ChangeReason.NEW_DANGER, "confirm": True, "actor": COORDINATOR}
    if said == "since":
        town.end(stay, "asked_to_leave")
    town.do(fact_changes.change, client, town.registration(client).version, {}, **danger)
    if said == "before":
        town.end(stay, "asked_to_leave")
    reverse(town, stay)
    assert (status(town, client), town.registration(client).breaks) == (MOVE_HELD, ["threat_distance"])


def test_what_broke_when_a_client_was_taken_over_is_no_task(town):
    stay = town.take_over("U1-women", "R1", ago=9, persons=((M, 40),), given={"confirm": True})
    case = town.one("stay", stay).registration_id
    town.end(stay)
    reverse(town, stay)
    assert town.registration(case).breaks == []
