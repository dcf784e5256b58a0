"""Stays: arrival, stay and end; claims keep their periods, and a stay that breaks off reopens the registration."""

from datetime import timedelta

import pytest

from placement.core.codes import RegistrationStatus, StayStatus, Urgency
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.reason_codes import BREAKS_OFF, LEFT_UNKNOWN, Step, reasons_for
from placement.placements.stays import stays
from placement.registrations import case_rows, registrations
from tests.support.stores import one_store
from tests.support.town import ELSEWHERE, ROOMS, TODAY


def confirmed(town):
    client = town.register()
    held = town.hold_in(client)
    town.confirm(held)
    return client, held


def test_arrival_starts_the_stay(town):
    client, held = confirmed(town)
    town.later(hours=3)
    stay = town.arrive(held)
    assert (stay.status, stay.arrived_at) == (StayStatus.IN_HOUSE, town.at)
    assert town.registration(client).status is RegistrationStatus.PLACED
    assert "stay:arrived" in town.events()


def test_arrival_at_an_unconfirmed_hold_is_refused(town):
    held = town.hold_in(town.register())
    with pytest.raises(Conflict) as refused:
        town.arrive(held)
    assert (refused.value.code, refused.value.facts) == ("hold_not_confirmed", {"status": "waiting_for_shelter"})
    town.refuse(held, "house_mix")
    with pytest.raises(Conflict):
        town.arrive(held)


def test_second_arrival_is_refused(town):
    _, held = confirmed(town)
    town.arrive(held)
    with pytest.raises(Conflict) as refused:
        town.arrive(held)
    assert (refused.value.code, refused.value.facts) == ("stay_not_planned", {"status": "in_house"})


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    "reason", [reason.code for reason in reasons_for(Step.END) if not reason.needs_text and reason.code != "no_show"]
)
def test_stay_end_frees_beds_and_reopens_or_closes_registration(town, reason):
    client = town.register()
    before = town.registration(client)
    stay = town.house(client)
    town.later(days=20)
    ended = town.end(stay, reason)
    assert (ended.status, ended.ended_on, ended.end_reason) == (
        StayStatus.ENDED, TODAY + timedelta(days=20), reason
    )  # fmt: skip
    assert [(claim.starts_on, claim.ends_on) for claim in town.claims(client)] == [(TODAY, TODAY + timedelta(days=20))]
    after = town.registration(client)
    if reason in BREAKS_OFF:
        assert (after.status, after.waits_since) == (RegistrationStatus.OPEN, before.waits_since)
        assert town.row(client)
    elif reason == LEFT_UNKNOWN:
        assert (after.status, after.closed_on) == (RegistrationStatus.MISSING, None)
    else:
        assert (after.status, after.closed_reason) == (RegistrationStatus.CLOSED, reason)
    town.report("S1")
    other = town.register()
    town.hold_in(other, town.one("stay", stay).unit_id)  # the bed is free from today on


@pytest.mark.wide
@pytest.mark.parametrize(
    ("reason", "avoided"), [("moved_for_safety", ("location", "L1")), ("asked_to_leave", ("unit", "U1-women"))]
)
def test_end_that_breaks_off_avoids_the_place_and_asks_tonight(town, reason, avoided):
    case = town.register(urgency=3)
    stay = town.house(case, "U1-women")
    town.later(days=20)
    for shelter_id in ROOMS:
        town.report(shelter_id)
    town.end(stay, reason)
    after = town.registration(case)
    assert (after.status, after.urgency, after.needed_by) == (
        RegistrationStatus.OPEN, Urgency.TONIGHT, TODAY + timedelta(days=20)
    )  # fmt: skip
    assert town.avoided(case) == {avoided}
    at_l1 = {"U1-women", "U2-family"} & town.eligible_units(case)
    assert at_l1 == (set() if reason == "moved_for_safety" else {"U2-family"})
    assert town.one("proposal", town.propose(case)).unit_id in town.eligible_units(case)
    with town.act() as act:
        [avoidance] = case_rows.active_avoidances(act, case)
    town.do(registrations.lift_avoidance, case, avoidance.id)
    assert "U1-women" in town.eligible_units(case)


def test_no_show_leaves_no_avoidance_and_the_urgency(town):
    case = town.register(urgency=3)
    held = town.hold_in(case)
    town.confirm(held)
    town.no_show(held)
    assert (town.avoided(case), town.registration(case).urgency) == (set(), 3)


def test_an_end_needs_a_reason_and_other_a_text(town):
    stay = town.house(town.register())
    for reason, field, code in (
        (None, "reason", "reason_missing"), ("house_mix", "reason", "reason_unknown"), ("other", "text", "text_missing")
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            town.end(stay, reason)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert town.end(stay, "other", "naar zee").end_text == "naar zee"


def test_a_stay_ends_once(town):
    stay = town.house(town.register())
    town.end(stay)
    with pytest.raises(Conflict) as refused:
        town.end(stay)
    assert refused.value.code == "stay_ended"


def test_stay_ended_on_its_first_day_has_an_empty_period(town):
    client = town.register()
    town.end(town.house(client))
    assert [(claim.starts_on, claim.ends_on, claim.cancelled) for claim in town.claims(client)] == [
        (TODAY, TODAY, False)
    ]


def test_a_planned_stay_that_ends_never_had_the_beds(town):
    client, held = confirmed(town)
    town.no_show(held)
    assert town.claims(client) == []
    assert town.registration(client).status is RegistrationStatus.OPEN
    with pytest.raises(Conflict):
        town.arrive(held)


def test_a_stay_of_another_region_is_not_found(town):
    stay = town.house(town.register())
    with pytest.raises(NotFound):
        town.do(stays.end, stay, "own_housing", actor=ELSEWHERE)


def test_no_show_after_arrival_is_refused(town):
    stay = town.house(town.register())
    with pytest.raises(Conflict) as refused:
        town.end(stay, "no_show")
    assert refused.value.code == "arrived_already"
