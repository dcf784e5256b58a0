"""Telephone entries: the desk enters the shelter's answer; the shelter is notified and can contradict it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.audit.events import Event
from placement.capacity.report import RoomInput
from placement.core.codes import HoldStatus, MessageKind, RegistrationStatus, StayStatus
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.telephone_codes import Heard, TelephoneUse
from placement.placements import address_disclosure
from placement.placements.holds import telephone_entries, telephone_records
from placement.retention.job import erase_everything_due
from tests.support.audit_log import logged
from tests.support.stores import both_stores
from tests.support.telephone import (
    CALL,
    NUMBER,
    STAFF,
    fresh,
    newest,
    says_yes,
    told,
    with_accounts,
    without_accounts,
)
from tests.support.town import DESK, OTHER_DESK, shelter


@pytest.fixture
def house(town):
    return without_accounts(town)


@pytest.fixture
def staffed(town):
    return with_accounts(town)


def asked(town):
    return town.hold_in(town.register(), "U1-women")


def erased(town):
    return list(erase_everything_due(town.database, town.act_now))


def address(town, hold, actor=DESK):
    return town.do(address_disclosure.address_of, hold, actor=fresh(town, actor)).address


@pytest.mark.wide
def test_shelter_without_an_account_from_count_to_end(house):
    house.later(hours=80)
    house.do(telephone_entries.enter_count, "S1", CALL, [RoomInput(room) for room in ("R1", "R2", "R3")])
    case = house.register()
    hold = house.hold_in(case, "U1-women")
    says_yes(house, hold)
    assert house.one("hold", hold).status is HoldStatus.CONFIRMED
    stay = house.do(telephone_entries.enter_arrival, hold, CALL)
    assert house.registration(case).status is RegistrationStatus.PLACED
    ended = house.do(telephone_entries.enter_end, stay.id, CALL, "own_housing")
    assert ended.status is StayStatus.ENDED
    house.do(telephone_entries.enter_confirmation, "S1", CALL)
    entries = house.do(telephone_records.listed, "S1")[::-1]
    kinds = (Heard.COUNT, Heard.YES, Heard.ARRIVAL, Heard.END, Heard.COUNT_CONFIRMED)
    assert {one.content.kind for one in entries} == set(kinds)
    assert {(one.caller, one.content.number) for one in entries} == {(("groepsleider", "De stem"), NUMBER)}
    assert all(one.content.to_read_back for one in entries)


@pytest.mark.wide
def test_refusal_has_the_effects_of_a_refusal(house):
    case = house.register()
    house.do(telephone_entries.enter_no, house.hold_in(case, "U1-women"), CALL, "house_mix")
    assert ("unit", "U1-women") in house.avoided(case)
    assert newest(house).content.kind is Heard.NO


def test_refused_verb_leaves_no_entry(house):
    with pytest.raises(Invalid):
        house.do(telephone_entries.enter_no, asked(house), CALL, None)
    assert house.do(telephone_records.listed) == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (replace(CALL, use=TelephoneUse.NIGHT), "no_such_number"),
        (replace(CALL, caller_name=" "), "empty"),
        (replace(CALL, caller_role="x" * 101), "text_too_long"),
    ],
)
def test_call_that_is_not_known_is_refused(house, call, code):
    with pytest.raises(Invalid) as refused:
        house.do(telephone_entries.enter_confirmation, "S1", call)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_call_to_come_is_refused(house):
    call = replace(CALL, heard_at=house.at + timedelta(minutes=1))
    with pytest.raises(Invalid):
        house.do(telephone_entries.enter_confirmation, "S1", call)


@pytest.mark.wide
def test_yes_counts_from_the_moment_of_the_call(house):
    hold = asked(house)
    called = house.at + timedelta(hours=3)
    house.later(hours=5)
    says_yes(house, hold, call=replace(CALL, heard_at=called))
    assert house.one("hold", hold).answered_at == called


@pytest.mark.wide
def test_address_waits_for_a_call_back_by_another_person(house):
    hold = asked(house)
    says_yes(house, hold)
    with pytest.raises(Conflict, match="shelter_not_asked_again"):
        address(house, hold)
    entry = newest(house)
    with pytest.raises(Conflict, match="second_person_needed"):
        house.do(telephone_entries.ring_back, entry.id, CALL, agrees=True, actor=OTHER_DESK)
    house.do(telephone_entries.ring_back, entry.id, CALL, agrees=True, actor=DESK)
    assert address(house, hold) == "Geheimstraat 1"


@pytest.mark.wide
def test_address_after_the_shelter_agreed_with_its_own_account(staffed):
    hold = asked(staffed)
    says_yes(staffed, hold)
    staffed.do(telephone_entries.agree, newest(staffed).id, actor=STAFF)
    assert address(staffed, hold) == "Geheimstraat 1"


@pytest.mark.wide
def test_shelter_is_told_and_contradicts_for_a_day(staffed):
    hold = asked(staffed)
    says_yes(staffed, hold)
    assert told(staffed, MessageKind.TELEPHONE_ENTERED) == {STAFF.id}
    entry = newest(staffed)
    with pytest.raises(NotFound):
        staffed.do(telephone_entries.contradict, entry.id, "Wij niet.", actor=replace(shelter("S2"), id="A-S2"))
    staffed.later(hours=23, minutes=59)
    found = staffed.do(telephone_entries.contradict, entry.id, "Wij zeiden nee.", actor=STAFF)
    assert found.content.is_contradicted
    assert staffed.one("hold", hold).status is HoldStatus.CONFIRMED  # reverses nothing by itself


@pytest.mark.wide
def test_contradiction_after_a_day_is_too_late(staffed):
    says_yes(staffed, asked(staffed))
    entry = newest(staffed)
    staffed.later(hours=24)
    with pytest.raises(Conflict, match="contradicted_too_late"):
        staffed.do(telephone_entries.contradict, entry.id, "Wij niet.", actor=STAFF)


@pytest.mark.wide
def test_contradicted_yes_shows_no_address_before_agreement(staffed):
    hold = asked(staffed)
    says_yes(staffed, hold)
    entry = newest(staffed)
    staffed.do(telephone_entries.ring_back, entry.id, CALL, agrees=True, actor=DESK)
    assert address(staffed, hold)
    staffed.later(minutes=1)
    staffed.do(telephone_entries.contradict, entry.id, "Wij zeiden nee.", actor=STAFF)
    with pytest.raises(Conflict, match="shelter_not_asked_again"):
        address(staffed, hold)
    with pytest.raises(Conflict, match="second_person_needed"):
        staffed.do(telephone_entries.settle, entry.id, "Gebeld.", actor=OTHER_DESK)
    staffed.do(telephone_entries.settle, entry.id, "Gebeld.", actor=DESK)
    [settled] = logged(staffed, event=Event.TELEPHONE_SETTLED)
    assert (settled.actor, settled.object_id, settled.facts) == (DESK.id, entry.id, {})
    assert settled.registration_id == staffed.one("hold", hold).registration_id
    with pytest.raises(Conflict, match="shelter_not_asked_again"):
        address(staffed, hold)
    staffed.later(minutes=1)
    staffed.do(telephone_entries.agree, entry.id, actor=STAFF)
    assert address(staffed, hold)


def test_decider_enters_no_yes_while_another_is_on_duty(house):
    with pytest.raises(Conflict, match="decided_by_you"):
        says_yes(house, asked(house), by=DESK)


@pytest.mark.wide
def test_decider_alone_at_night_enters_the_yes(house):
    house.later(hours=13)  # after the hours of duty, and nobody is on call
    for room in ("S1", "S2", "S3"):
        house.report(room)
    hold = asked(house)
    says_yes(house, hold, by=DESK)
    assert newest(house).content.alone
    with pytest.raises(Conflict, match="shelter_not_asked_again"):
        address(house, hold)


@pytest.mark.wide
def test_entry_of_a_yes_waits_until_the_stay_is_over(house):
    hold = asked(house)
    says_yes(house, hold)
    with house.act() as act:
        assert [one.content.hold for one in telephone_records.waiting(act)] == [hold]
    house.release(hold)
    with house.act() as act:
        assert telephone_records.waiting(act) == []


@pytest.mark.wide
@both_stores
def test_caller_is_erased_after_30_days_the_entry_after_a_year(house):
    house.do(telephone_entries.enter_confirmation, "S1", CALL)
    house.later(days=30)
    erased(house)
    assert newest(house).caller is None
    house.later(days=336)
    erased(house)
    with house.act() as act:
        assert telephone_records.waiting(act) == []
