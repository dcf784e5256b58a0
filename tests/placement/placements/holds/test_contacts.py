"""Contacts of holds: placers see the shelter's number; the shelter's people see the placer, after confirmation only."""

import pytest
from sqlmodel import select

from api.v1.holds import serialize_holds
from placement.accounts import account_changes, details, organisations
from placement.accounts.details import Details
from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.telephone_codes import TelephoneUse
from placement.duty import absences
from placement.placements.holds import contacts
from placement.placements.holds.contacts import HoldContacts
from placement.tables import Hold
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK, TODAY, shelter

NOOR, SEM = Details("Medewerker Een", "plaatser", "+31300000002"), Details("Medewerker Twee", None, "+31300000003")
NUMBERS = {TelephoneUse.PLACING: "+31300000100"}


@pytest.fixture
def asked(town):
    """A hold that the desk made and S1 is asked for; everybody can be rung."""
    add_shelter_staff(town)
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR)
    town.do(details.change, NOOR, actor=DESK)
    town.do(details.change, SEM, actor=OTHER_DESK)
    town.do(organisations.change, "O-S1", {"telephones": NUMBERS}, actor=ADMIN)
    return town, town.hold_in(town.register(), "U1-women")


def seen(town, hold_id, actor):
    """Returns the contacts of the hold that this actor sees; `None` if there are no contacts."""
    with town.act(actor) as act:
        held = act.session.exec(select(Hold).where(Hold.id == hold_id)).all()
        return contacts.contacts_of(act, held).get(hold_id)


@pytest.mark.wide
def test_placer_is_told_after_confirmation_alone(asked):
    town, hold = asked
    assert seen(town, hold, shelter("S1")) is None
    town.confirm(hold)
    assert seen(town, hold, shelter("S1")) == HoldContacts(None, [NOOR])


@pytest.mark.wide
def test_no_number_is_told_after_the_end_of_the_stay(asked):
    town, hold = asked
    town.confirm(hold)
    town.end(town.arrive(hold).id)
    for actor in (shelter("S1"), DESK):
        with town.act(actor) as act:
            [said] = serialize_holds(act, [act.session.get_one(Hold, hold)])
        assert (said.placers, said.shelter_telephones) == ([], None)


def test_placer_is_not_told_to_a_key_of_the_shelter(asked):
    town, hold = asked
    town.confirm(hold)
    assert seen(town, hold, Actor("S1", Role.SHELTER, shelter_id="S1")) is None


def test_deputy_of_the_placer_is_told_too(asked):
    town, hold = asked
    town.confirm(hold)
    town.do(absences.name, TODAY, TODAY, OTHER_DESK.id, actor=DESK)
    assert seen(town, hold, shelter("S1")) == HoldContacts(None, [NOOR, SEM])


@pytest.mark.wide
def test_actor_of_a_disabled_account_is_not_rung(asked):
    town, hold = asked
    town.confirm(hold)
    town.do(absences.name, TODAY, TODAY, OTHER_DESK.id, actor=DESK)
    town.do(account_changes.disable, DESK.id, actor=ADMIN)
    assert seen(town, hold, shelter("S1")) == HoldContacts(None, [SEM])


def test_person_without_a_number_is_not_told(asked):
    town, hold = asked
    town.confirm(hold)
    town.do(details.change, Details("Medewerker Een"), actor=DESK)
    assert seen(town, hold, shelter("S1")) == HoldContacts(None, [])


def test_placers_are_told_the_numbers_of_the_shelter(asked):
    town, hold = asked
    for actor in (DESK, COORDINATOR):
        assert seen(town, hold, actor) == HoldContacts(NUMBERS, [])
    town.confirm(hold)
    assert seen(town, hold, COORDINATOR) == HoldContacts(NUMBERS, [])


@pytest.mark.wide
def test_shelter_without_a_number_has_none(asked):
    town, _ = asked
    other = town.hold_in(town.register(needs=["psychiatric"], multiple_problems=True), "U3-omm")
    assert seen(town, other, DESK) == HoldContacts(None, [])
