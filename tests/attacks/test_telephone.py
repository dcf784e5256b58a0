"""An attacker who wants an address, or a client in a chosen place, by entries by telephone alone.

The ways are: the own decision and the own yes; a changed number; a key; another role; a colleague's open browser.
Others are an ignored contradiction, a typed number, and a row in the database.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import select

from placement.access.permissions import Permission
from placement.accounts import shelter_telephones
from placement.audit import anomaly_review, row_check
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, Role
from placement.core.context import Actor
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound, SealBroken
from placement.core.telephone_codes import NumberConfirmed, TelephoneUse
from placement.duty import absences, rota
from placement.duty.hours import duty_of
from placement.placements import address_disclosure
from placement.placements.holds import holds, telephone_entries
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_entries import Call
from placement.tables import Anomaly, Hold, NumberChange, TelephoneEntry
from tests.support.stores import each_store, one_store
from tests.support.telephone import (
    ANOTHER,
    CALL,
    STAFF,
    checked,
    fresh,
    newest,
    numbered,
    says_yes,
    with_accounts,
)
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, shelter, town_of

ENTRIES = TelephoneEntry.__table__
CHANGES = NumberChange.__table__
KEY_OF_THE_DESK = replace(DESK, session_id=None)
KEY_OF_THE_SHELTER = Actor("S1", Role.SHELTER, shelter_id="S1")


@pytest.fixture
def house(stores):
    return with_accounts(town_of(stores))


def asked(town):
    """Makes a hold by a decision of `DESK`."""
    return town.hold_in(town.register(), "U1-women")


def shows(town, hold, *actors):
    """Checks whether any of these actors gets the address."""
    for actor in actors or (DESK, OTHER_DESK, COORDINATOR):
        try:
            town.do(address_disclosure.address_of, hold, actor=fresh(town, actor))
        except (Conflict, NotAllowed, NotFound, SealBroken):
            continue
        return True
    return False


def is_kept(town, hold):
    return town.one("hold", hold).status is HoldStatus.CONFIRMED


def write(town, statement):
    with town.database.engine.begin() as connection:
        connection.execute(statement)


def is_found(town):
    with town.database.transaction() as session:
        return bool(list(row_check.broken_rows(session))) or row_check.difference(session) != 0


def night(town):
    town.later(hours=13)
    for one in ("S1", "S2", "S3"):
        town.report(one)


def test_own_decision_and_own_yes_keep_no_bed_by_day(house):
    hold = asked(house)
    with pytest.raises(Conflict, match="decided_by_you"):
        says_yes(house, hold, by=DESK)
    assert not is_kept(house, hold)


@one_store
def test_own_yes_on_a_colleagues_open_browser_keeps_no_bed(house):
    case = house.register()
    actor = replace(DESK, browser="b")
    hold = house.hold_of(house.decide(house.propose(case, actor=actor), actor=actor).id).id
    with pytest.raises(Conflict, match="decided_by_you"):
        says_yes(house, hold, by=replace(OTHER_DESK, browser="b"))
    assert not is_kept(house, hold)


@one_store
def test_own_yes_at_night_is_an_anomaly_and_shows_no_address(house):
    night(house)
    hold = asked(house)
    says_yes(house, hold, by=DESK)
    assert not shows(house, hold)
    with house.act() as act:
        anomaly_review.find_anomalies(act.by_the_system())
    assert "own_yes" in {
        one.rule for one in house.all(select(Anomaly)) for one in [one[0] if isinstance(one, tuple) else one]
    }


@one_store
def test_own_yes_at_night_is_refused_with_a_colleague_on_call(house):
    night(house)
    today = duty_of(house.settings).day_of_call(house.at)
    house.do(rota.name, OTHER_DESK.id, today, today)
    with pytest.raises(Conflict, match="decided_by_you"):
        says_yes(house, asked(house), by=DESK)


@one_store
def test_own_yes_with_all_colleagues_away_shows_no_address(house):
    today = day_of(house.at)
    house.do(absences.name, today, today, None, actor=OTHER_DESK)
    hold = asked(house)
    says_yes(house, hold, by=DESK)
    assert newest(house).content.alone
    assert not shows(house, hold)


@one_store
@pytest.mark.parametrize("actor", [OTHER_DESK, replace(DESK, browser="same")])
def test_call_back_by_the_enterer_or_at_that_browser_is_refused(house, actor):
    hold = asked(house)
    says_yes(house, hold, by=replace(OTHER_DESK, browser="same"))
    with pytest.raises(Conflict, match="second_"):
        house.do(telephone_entries.ring_back, newest(house).id, CALL, agrees=True, actor=actor)
    assert not shows(house, hold)


@pytest.mark.parametrize("by", [DESK, STAFF])
def test_new_number_gives_no_yes_and_no_call_back(house, by):
    hold, other = asked(house), asked(house)
    says_yes(house, other)
    numbered(house, ANOTHER, by=by)
    house.later(hours=3)
    with pytest.raises(Conflict, match="number_is_new"):
        says_yes(house, hold)
    with pytest.raises(Conflict, match="number_is_new"):
        house.do(telephone_entries.ring_back, newest(house).id, CALL, agrees=True)
    assert not is_kept(house, hold)
    assert not shows(house, other)


@one_store
def test_number_for_another_use_is_new_as_well(house):
    hold = asked(house)
    numbered(house, ANOTHER, use=TelephoneUse.NIGHT)
    with pytest.raises(Invalid):  # the new number has replaced the first number
        says_yes(house, hold)
    with pytest.raises(Conflict, match="number_is_new"):
        says_yes(house, hold, call=replace(CALL, use=TelephoneUse.NIGHT))


@one_store
def test_number_changed_twice_keeps_the_trusted_former_one(house):
    numbered(house, ANOTHER)
    house.later(minutes=1)
    numbered(house, "+31300000277")
    numbers = house.do(shelter_telephones.read, "S1").numbers
    assert {one.change.former for one in numbers} == {"+31300000211"}
    with pytest.raises(Conflict, match="second_person_needed"):
        checked(house, NumberConfirmed.IN_PERSON, by=DESK)


@one_store
@pytest.mark.parametrize("actor", [KEY_OF_THE_DESK, KEY_OF_THE_SHELTER, COORDINATOR, STAFF, shelter("S2")])
def test_key_and_every_other_role_enter_nothing(house, actor):
    hold = asked(house)
    with pytest.raises((NotAllowed, NotFound)):
        says_yes(house, hold, by=actor)
    with pytest.raises((NotAllowed, NotFound)):
        house.do(telephone_entries.enter_confirmation, "S1", CALL, actor=actor)
    assert not is_kept(house, hold)


@one_store
def test_desk_gives_no_answer_of_a_shelter_without_a_call(house):
    hold = asked(house)
    with pytest.raises(NotAllowed):
        house.do(holds.confirm, hold, ArrivalDetails(house.at + timedelta(hours=9), None, None), actor=OTHER_DESK)
    assert Role.DESK not in Permission.HOLD_ANSWER.reach


@one_store
@pytest.mark.parametrize("call", [replace(CALL, use=TelephoneUse.GENERAL), Call("+31301234567", "x", "y")])
def test_number_that_the_shelter_has_not_is_refused(house, call):
    hold = asked(house)
    with pytest.raises(Invalid):
        says_yes(house, hold, call=call)
    assert not is_kept(house, hold)


@one_store
def test_number_of_another_shelter_is_none_of_this_one(house):
    hold = house.hold_in(house.register(needs=["psychiatric"], multiple_problems=True), "U3-omm")
    with pytest.raises(Invalid):  # S2 has no number, whatever S1 has
        says_yes(house, hold)


@one_store
def test_contradiction_is_not_settled_by_the_enterer(house):
    hold = asked(house)
    says_yes(house, hold)
    entry = newest(house)
    house.do(telephone_entries.contradict, entry.id, "Wij zeiden nee.", actor=STAFF)
    for verb in (telephone_entries.settle, telephone_entries.agree):
        more = ("Gebeld.",) if verb is telephone_entries.settle else ()
        with pytest.raises((Conflict, NotAllowed)):
            house.do(verb, entry.id, *more, actor=OTHER_DESK)
    house.do(telephone_entries.settle, entry.id, "Gebeld.", actor=DESK)
    assert not shows(house, hold)


@one_store
def test_another_shelter_agrees_with_nothing(house):
    hold = asked(house)
    says_yes(house, hold)
    with pytest.raises(NotFound):
        house.do(telephone_entries.agree, newest(house).id, actor=replace(shelter("S2"), id="A-S2"))
    assert not shows(house, hold)


@one_store
def test_arrival_by_telephone_makes_a_yes_no_more_certain(house):
    hold = asked(house)
    says_yes(house, hold)
    house.do(telephone_entries.enter_arrival, hold, CALL, actor=OTHER_DESK)
    assert not shows(house, hold)


@each_store
def test_rows_written_into_the_database_show_no_address(house):
    hold = asked(house)
    says_yes(house, hold)
    write(house, update(Hold.__table__).values(heard=None))
    assert not shows(house, hold)
    write(house, update(Hold.__table__).values(answered_by=None))
    assert not shows(house, hold)
    write(house, delete(ENTRIES))
    assert not shows(house, hold)
    assert is_found(house)


@each_store
def test_change_of_a_number_written_or_deleted_is_found(house):
    numbered(house, ANOTHER)
    write(house, update(CHANGES).values(confirmed_at=house.at, confirmed_by=OTHER_DESK.id, confirmed_how="in_person"))
    with pytest.raises(Conflict, match="number_is_new"):
        says_yes(house, asked(house))
    write(house, delete(CHANGES))
    assert is_found(house)
