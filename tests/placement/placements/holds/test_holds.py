"""A hold: which beds it claims, how it ends, and what follows from each end."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, RegistrationStatus, ResidenceBasis, StayStatus
from placement.core.errors import Conflict, Invalid, NotFound
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import agreed_of
from placement.placements.holds.shelter_view import facts_of_holds
from placement.tables import Hold, Stay
from tests.support.stores import one_store
from tests.support.town import DESK, TODAY, F, M, shelter


def test_hold_claims_one_bed_per_person_from_today(town):
    town.full("R2", "R3")
    sisters = town.register(((F, 24), (F, 20)))
    held = town.hold_in(sisters, "U1-women")
    claims = town.claims(sisters)
    assert len({claim.bed_id for claim in claims}) == len({claim.person_id for claim in claims}) == 2
    assert {(claim.starts_on, claim.ends_on, claim.hold_id, claim.stay_id) for claim in claims} == {
        (TODAY, None, held, None)
    }
    assert town.room("R1").vacancy.free_beds == 0


@pytest.mark.wide
def test_ended_hold_tells_the_shelter_nothing_of_the_client(town):
    refused, released, expired = (town.hold_in(town.register(), "U1-women") for _ in range(3))
    town.refuse(refused, "need_beyond_unit")
    town.release(released)
    town.later(hours=4)
    town.do(holds.expire_due)
    for held in (refused, released, expired):
        with town.act(shelter("S1")) as act:
            [facts] = facts_of_holds(act, [act.session.get_one(Hold, held)]).values()
        assert (facts.persons, facts.languages, facts.rooms, facts.needed) == ([], [], [], False)


def test_private_household_claims_the_whole_room(town):
    mother = town.register(((F, 30), (F, 5)))
    held = town.hold_in(mother)
    assert [(claim.person_id is not None, claim.whole_room) for claim in town.claims(mother)] == [
        (True, True), (True, True), (False, True)
    ]  # fmt: skip
    with town.act(shelter("S1")) as act:
        [facts] = facts_of_holds(act, [act.session.get_one(Hold, held)]).values()
    assert facts.rooms == [("R3", "R3", 3, 2)]
    assert (facts.persons, facts.stay) == ([("female", 30, None), ("female", 5, None)], None)
    room = next(room for room in town.problem().rooms if room.id == "R3")
    assert (room.free_beds, len(room.occupants)) == (0, 2)  # the empty bed is nobody's, and not free


def test_private_household_does_not_claim_a_broken_bed(town):
    town.report("S1", R3=RoomInput("R3", out_of_service=1))
    mother = town.register(((F, 30), (F, 5)))
    town.hold_in(mother)
    assert len(town.claims(mother)) == 2
    vacancy = town.room("R3").vacancy
    assert (vacancy.free_beds, vacancy.discrepancy) == (0, None)


def test_the_shelter_confirms_and_the_stay_is_planned(town):
    client = town.register()
    held = town.hold_in(client)
    stay = town.confirm(held)
    answered = town.one("hold", held)
    assert (answered.status, answered.answered_by) == (HoldStatus.CONFIRMED, "S1")
    assert answered.expected_at == town.at + timedelta(hours=12)
    assert (stay.status, stay.starts_on, stay.limit_on) == (StayStatus.PLANNED, None, None)
    assert [claim.stay_id for claim in town.claims(client)] == [stay.id]
    assert town.registration(client).status is RegistrationStatus.HELD


def test_a_dublin_claimant_stays_thirty_days(town):
    client = town.register(residence_basis=ResidenceBasis.REFLECTION_DUBLIN)
    assert town.one("stay", town.house(client)).limit_on == TODAY + timedelta(days=30)


def test_the_agreed_moment_is_not_in_the_past(town):
    held = town.hold_in(town.register())
    with pytest.raises(Invalid) as refused:
        town.confirm(held, town.at - timedelta(seconds=1))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("expected_at", "moment_passed")]
    assert town.confirm(held, town.at).status is StayStatus.PLANNED


# beds that come free later

LATER = TODAY + timedelta(days=5)


def later_bed(town):
    """The one bed of R2 is used by another client for five days; all else in S1 is full."""
    words = {room: RoomInput(room, used_by_others=[OtherUse(beds, F)]) for room, beds in (("R1", 2), ("R3", 3))}
    town.report("S1", R2=RoomInput("R2", used_by_others=[OtherUse(1, F, until=LATER)]), **words)
    return town.hold_in(town.register(), "U1-women")


def test_hold_of_a_bed_freed_later_starts_that_day(town):
    held = town.one("hold", later_bed(town))
    assert held.starts_on == LATER
    vacancy = town.room("R2").vacancy
    assert (vacancy.free_beds, vacancy.free_now, vacancy.discrepancy) == (0, 0, None)


def test_hold_expected_arrival_is_not_before_the_bed_is_free(town):
    held = later_bed(town)
    with pytest.raises(Invalid) as refused:
        town.confirm(held, town.at + timedelta(days=4))
    assert [fault.code for fault in refused.value.faults] == ["bed_not_free_yet"]
    assert day_of(agreed_of(town.one("hold", town.confirm(held).hold_id)).expected_at) == LATER


def test_early_arrival_claims_from_today_and_may_end_same_day(town):
    held = later_bed(town)
    client = town.one("hold", held).registration_id
    town.confirm(held)
    stay = town.arrive(held)
    assert stay.starts_on == TODAY
    town.end(stay.id, "moved_for_safety")
    assert [(claim.starts_on, claim.ends_on) for claim in town.claims(client)] == [(TODAY, TODAY)]
    assert town.row(client)  # open again, and in no bed: the problem is valid


# refusals

REFUSALS = {
    "no_capacity": "corrected",
    "room_out_of_service": "closed",
    "need_beyond_unit": "question",
    "age_or_children_limit": "question",
    "no_interpreter": "question",
    "safety_of_location": "location",
    "house_mix": None,
    "staff_shortage": "corrected",
    "contra_indication": "question",
}


def test_every_refusal_reason_is_covered():
    from placement.core.reason_codes import Step, reasons_for  # noqa: PLC0415

    assert {reason.code for reason in reasons_for(Step.REFUSE)} == set(REFUSALS)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("reason", "effect"), sorted(REFUSALS.items()))
def test_refusal_reason_has_its_effect_and_keeps_the_priority(town, reason, effect):
    town.full("R2", "R3")
    client = town.register()
    before = town.registration(client)
    held = town.hold_in(client, "U1-women")
    town.refuse(held, reason, "Welke")
    after = town.registration(client)
    assert town.one("hold", held).status is HoldStatus.REFUSED
    assert (after.status, after.waits_since, after.urgency) == (
        RegistrationStatus.OPEN, before.waits_since, before.urgency
    )  # fmt: skip
    assert town.claims(client) == []
    location = {("location", "L1")} if effect == "location" else set()
    assert town.avoided(client) == {("unit", "U1-women")} | location
    room = town.room("R1")
    assert room.vacancy.free_beds == (0 if effect in {"corrected", "closed"} else 2)
    assert room.report.withheld == (2 if effect == "corrected" else 0)
    assert room.report.out_of_service == (2 if effect == "closed" else 0)
    assert (town.count_asked_at("S1") is not None) == (effect in {"corrected", "closed"})
    assert ("profile:questioned" in town.events()) == (effect == "question")
    assert "U1-women" in town.row(client).avoided_units
    assert town.one("proposal", town.propose(client)).unit_id != "U1-women"


def test_corrected_count_is_available_after_the_next_report(town):
    town.full("R2", "R3")
    town.refuse(town.hold_in(town.register(), "U1-women"), "no_capacity")
    assert town.room("R1").vacancy.discrepancy is None  # the service corrected it: it does not accuse the shelter
    assert town.room("R2").vacancy.free_beds == 0  # the report of other rooms is still valid
    town.report("S1")
    assert town.room("R1").vacancy.free_beds == 2
    assert town.count_asked_at("S1") is None


def test_closed_rooms_open_again_on_the_day_that_was_given(town):
    town.full("R2", "R3")
    held = town.hold_in(town.register(), "U1-women")
    with pytest.raises(Invalid) as refused:
        town.refuse(held, "room_out_of_service", None, TODAY)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("until", "day_passed")]
    town.refuse(held, "room_out_of_service", None, TODAY + timedelta(days=3))
    vacancy = town.room("R1").vacancy
    assert (vacancy.free_now, vacancy.free_from) == (0, TODAY + timedelta(days=3))


@pytest.mark.wide
@pytest.mark.parametrize("before", [None, TODAY + timedelta(days=30)])
def test_refusal_until_opens_no_bed_that_was_shut_for_longer(town, before):
    town.full("R2", "R3")
    town.report("S1", R1=RoomInput("R1", out_of_service=1, out_until=before), R2=RoomInput("R2", out_of_service=1))
    held = town.hold_in(town.register(), "U1-women")
    town.refuse(held, "room_out_of_service", None, TODAY + timedelta(days=3))
    town.later(days=4)
    assert town.room("R1").vacancy.free_now == 0


@pytest.mark.wide
def test_ended_closure_is_not_counted_with_a_new_one(town):
    broken = RoomInput("R1", out_of_service=1, out_until=TODAY + timedelta(days=1))
    town.report("S1", R1=broken, R2=RoomInput("R2", out_of_service=1), R3=RoomInput("R3", out_of_service=3))
    town.later(days=1)
    town.report("S2")
    client = town.register()
    town.hold_in(town.register(), "U1-women")
    held = town.hold_in(client, "U1-women")
    town.refuse(held, "room_out_of_service")
    assert town.room("R1").report.out_of_service == 1
    assert town.room("R1").vacancy.discrepancy is None


@pytest.mark.wide
@pytest.mark.parametrize(("days", "free"), [(4, 0), (5, 3)])
def test_staff_shortage_closes_the_unit_until_its_day(town, days, free):
    until = TODAY + timedelta(days=5)
    leaving = town.house(town.register(), "U1-women")
    held = town.hold_in(town.register(), "U1-women")
    town.refuse(held, "staff_shortage", None, until)
    town.end(leaving)  # what comes free meanwhile is not given out either
    later = {room: town.room(room).vacancy for room in ("R1", "R2")}
    assert [(one.free_now, one.free_from) for one in later.values()] == [(0, until), (0, until)]
    assert town.room("R3").vacancy.free_now == 3  # another unit of the same shelter
    town.later(days=days)
    assert sum(town.room(room).vacancy.free_now for room in ("R1", "R2")) == free
    other = town.register(needed_by=TODAY + timedelta(days=4))
    assert ("U1-women" in town.eligible_units(other)) is bool(free)


def test_staff_shortage_without_a_day_withholds_the_unit(town):
    town.refuse(town.hold_in(town.register(), "U1-women"), "staff_shortage")
    assert [town.room(room).vacancy.free_beds for room in ("R1", "R2", "R3")] == [0, 0, 3]
    assert town.count_asked_at("S1") == town.at
    town.report("S1")
    assert [town.room(room).vacancy.free_beds for room in ("R1", "R2", "R3")] == [2, 1, 3]


@one_store
@pytest.mark.parametrize("reason", sorted(set(REFUSALS) - {"room_out_of_service", "staff_shortage"}))
def test_refuse_until_with_a_reason_without_a_day_is_invalid(town, reason):
    held = town.hold_in(town.register())
    with pytest.raises(Invalid) as refused:
        town.refuse(held, reason, "Welke", TODAY + timedelta(days=3))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("until", "until_without_effect")]
    assert town.one("hold", held).status is HoldStatus.WAITING_FOR_SHELTER


def test_refuse_until_too_far_ahead_is_invalid(town):
    held = town.hold_in(town.register())
    with pytest.raises(Invalid) as refused:
        town.refuse(held, "staff_shortage", None, TODAY + timedelta(days=4000))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("until", "free_too_far_ahead")]


def test_refusal_without_a_reason_of_its_step_changes_nothing(town):
    held = town.hold_in(town.register())
    for reason, code in ((None, "reason_missing"), ("declines_place", "reason_unknown")):
        with pytest.raises(Invalid) as refused:
            town.refuse(held, reason)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [("reason", code)]
    assert town.one("hold", held).status is HoldStatus.WAITING_FOR_SHELTER


def test_a_hold_is_answered_once_and_by_its_own_shelter(town):
    held = town.hold_in(town.register())
    with pytest.raises(NotFound):
        town.confirm(held, actor=shelter("S2"))
    town.confirm(held)
    for again in (lambda: town.confirm(held), lambda: town.refuse(held, "house_mix")):
        with pytest.raises(Conflict) as refused:
            again()
        assert (refused.value.code, refused.value.facts) == ("hold_not_open", {"status": "confirmed"})


# expiry


@one_store
@pytest.mark.parametrize("job_first", [True, False])
@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_hold_expires_on_time_with_or_without_the_job(town, seconds, expired, job_first):
    client = town.register()
    held = town.hold_in(client)
    town.later(hours=4, seconds=seconds)
    if job_first:
        assert town.do(holds.expire_due) == int(expired)
    if expired:
        with pytest.raises(Conflict) as refused:
            town.confirm(held)
        assert refused.value.code == "hold_expired"
    else:
        assert town.confirm(held).status is StayStatus.PLANNED


def test_expired_hold_frees_the_bed_and_keeps_the_priority(town):
    client = town.register()
    before = town.registration(client)
    held = town.hold_in(client)
    town.later(hours=4)
    assert [town.do(holds.expire_due) for _ in range(2)] == [1, 0]
    assert town.one("hold", held).status is HoldStatus.EXPIRED
    assert town.claims(client) == []
    assert town.avoided(client) == set()
    after = town.registration(client)
    assert (after.status, after.waits_since) == (RegistrationStatus.OPEN, before.waits_since)


@pytest.mark.wide
def test_asking_for_a_proposal_ends_what_expired_first(town):
    town.full("R1", "R3", "R4", "R5", "R6", "R7")
    town.hold_in(town.register())
    other = town.register()
    assert town.one("proposal", town.propose(other)).unit_id is None
    town.later(hours=4)
    town.hold_in(other, "U1-women")


# releases


@pytest.mark.parametrize("confirmed", [False, True])
def test_hold_is_released_before_or_after_confirmation(town, confirmed):
    client = town.register()
    held = town.hold_in(client)
    unit = town.one("hold", held).unit_id
    if confirmed:
        town.confirm(held)
    town.release(held)
    assert town.one("hold", held).status is HoldStatus.RELEASED
    assert town.claims(client) == []
    assert town.registration(client).status is RegistrationStatus.OPEN
    assert town.avoided(client) == {("unit", unit)}
    stays = town.all(select(Stay))
    assert [(stay.status, stay.end_reason) for stay in stays] == (
        [(StayStatus.ENDED, "declines_place")] if confirmed else []
    )
    assert ("stay:ended" in town.events()) == confirmed
    town.hold_in(client)


def test_release_with_a_closing_reason_closes_the_registration(town):
    client = town.register()
    held = town.hold_in(client)
    town.confirm(held)
    town.release(held, "found_other_place")
    assert town.registration(client).status is RegistrationStatus.CLOSED
    assert town.claims(client) == []


def test_hold_with_a_stay_cannot_be_released(town):
    held = town.hold_in(town.register())
    town.confirm(held)
    town.arrive(held)
    with pytest.raises(Conflict) as refused:
        town.release(held)
    assert refused.value.code == "hold_not_open"


def test_avoidance_given_at_a_release_applies_from_then(town):
    client = town.register()
    town.release(town.hold_in(client), "declines_shared_room")
    assert town.row(client).private_room


def test_persons_can_be_changed_after_a_refused_hold(town):
    from placement.registrations import registrations  # noqa: PLC0415
    from placement.registrations.case import PersonInput  # noqa: PLC0415

    client = town.register()
    town.refuse(town.hold_in(client), "house_mix")
    version = town.registration(client).version
    town.do(registrations.change, client, version, {}, persons=[PersonInput(F, 31, guardian=True), PersonInput(M, 2)])
    assert [(person.gender, person.age) for person in town.row(client).persons] == [("female", 31), ("male", 2)]


def test_hold_names_the_deciding_actor(town):
    held = town.one("hold", town.hold_in(town.register()))
    assert (held.made_by, held.made_at, held.starts_on) == (DESK.id, town.at, date(2026, 11, 24))


def test_a_bed_is_kept_for_two_weeks_at_most(town):
    held = town.hold_in(town.register())
    with pytest.raises(Invalid) as refused:
        town.confirm(held, town.at + timedelta(days=15))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("expected_at", "too_far_ahead")]
    town.confirm(held, town.at + timedelta(days=14))
