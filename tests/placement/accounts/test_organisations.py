"""Organisations: named and rung by what an admin wrote, and by no constant."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.accounts import accounts, organisations
from placement.core.context import Actor
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.telephone_codes import TelephoneUse
from placement.tables import Location, Unit
from tests.support.accounts import add_shelter_staff
from tests.support.audit_log import logged
from tests.support.stores import both_stores, one_store
from tests.support.town import ADMIN, COORDINATOR, DESK

NUMBERS = {TelephoneUse.PLACING: "030 000 00 01", TelephoneUse.NIGHT: "+31 30 000 00 03", TelephoneUse.GENERAL: " "}
KEPT = {TelephoneUse.PLACING: "+31300000001", TelephoneUse.NIGHT: "+31300000003"}


@pytest.fixture
def centre(town):
    return town.do(accounts.coordination_centre, actor=ADMIN).id


def change(town, organisation_id, actor=ADMIN, **changes):
    return town.do(organisations.change, organisation_id, changes, actor=actor)


def test_change_is_kept_unreadable_and_named_in_the_log(town, centre):
    change(town, centre, name="  Het   Centrum ", telephones=NUMBERS, service_address="https://plaatsing.example.nl/")
    with town.act() as act:
        found = organisations.centre(act.session)
        assert (found.name, found.service_address) == ("Het Centrum", "https://plaatsing.example.nl")
        assert organisations.telephones_of(found) == KEPT
        assert "3000000" not in str(act.session.execute(text("SELECT telephones FROM organisation")).all())
    [event] = logged(town, event="organisation:changed")
    assert (event.actor, event.object_id) == (ADMIN.id, centre)
    assert event.facts == {"changed": ["name", "service_address", "telephones"], "replaced": []}
    change(town, centre, telephones={TelephoneUse.PLACING: "030 000 00 01"})
    with town.act() as act:
        found = organisations.centre(act.session)
        assert (found.name, organisations.telephones_of(found)) == (
            "Het Centrum", {TelephoneUse.PLACING: KEPT[TelephoneUse.PLACING]},
        )  # fmt: skip


@pytest.mark.wide
@both_stores
def test_numbers_that_another_actor_saved_are_not_replaced(town, centre):
    seen = dict.fromkeys(TelephoneUse)
    wanted = {"telephones": {TelephoneUse.PLACING: "030 000 00 02"}}
    town.do(organisations.change, centre, {"telephones": NUMBERS}, seen=seen, actor=ADMIN)
    for shown in (seen, KEPT | {TelephoneUse.NIGHT: None}):
        with pytest.raises(Conflict, match="telephones_otherwise") as refused:
            town.do(organisations.change, centre, wanted, seen=shown, actor=ADMIN)
        assert refused.value.facts == {"found": ["030 000 00 01", "030 000 00 03"]}
    found = town.do(organisations.change, centre, wanted, seen=KEPT, actor=ADMIN)
    assert organisations.telephones_of(found) == {TelephoneUse.PLACING: "+31300000002"}


def test_telephones_of_units_are_those_of_their_shelters(town):
    add_shelter_staff(town)
    change(town, "O-S1", telephones=NUMBERS)
    with town.act() as act:
        of_s1 = select(Unit.id).join(Location).where(Location.shelter_id == "S1")
        units = set(act.session.exec(of_s1))
        found = organisations.telephones_of_units(act.session, set(act.session.exec(select(Unit.id))))
    assert units
    assert found == dict.fromkeys(units, KEPT)


def test_centre_of_an_empty_store_is_none(town):
    with town.act() as act:
        assert organisations.centre(act.session) is None
        assert organisations.telephones_of(None) == {}


@one_store
def test_centre_is_made_under_the_name_that_was_given(town):
    assert town.do(accounts.coordination_centre, "Het Centrum", actor=ADMIN).name == "Het Centrum"
    assert town.do(accounts.coordination_centre, "Een ander", actor=ADMIN).name == "Het Centrum"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"name": "  "}, [("name", "name_missing")]),
        ({"telephones": {TelephoneUse.PLACING: "30 123 45 67", TelephoneUse.NIGHT: "030 1"}},
         [("telephones.placing", "telephone_country"), ("telephones.night", "telephone_dutch")]),
        ({"service_address": "http://plaatsing.example.nl"}, [("service_address", "service_address_wrong")]),
        ({"service_address": "https://"}, [("service_address", "service_address_wrong")]),
        ({"service_address": "https://plaatsing.example.nl/?a=1"}, [("service_address", "service_address_wrong")]),
    ],
)  # fmt: skip
@one_store
def test_change_what_is_wrong_is_said_by_field(town, centre, changes, found):
    with pytest.raises(Invalid) as refused:
        change(town, centre, **changes)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == found


@one_store
def test_improbable_number_is_kept_once_it_is_confirmed(town, centre):
    numbers = {TelephoneUse.PLACING: "030 123 45", TelephoneUse.NIGHT: "039 123 45 67"}
    with pytest.raises(Invalid) as refused:
        change(town, centre, telephones=numbers)
    found = [(fault.field, fault.code) for fault in refused.value.faults]
    assert found == [("telephones.placing", "telephone_dutch"), ("telephones.night", "telephone_improbable")]
    with pytest.raises(Invalid, match="invalid"):  # another number was confirmed
        town.do(organisations.change, centre, {"telephones": numbers}, sure_of=["030 123 45"], actor=ADMIN)
    kept = town.do(organisations.change, centre, {"telephones": numbers}, sure_of=numbers.values(), actor=ADMIN)
    assert organisations.telephones_of(kept) == {
        TelephoneUse.PLACING: "+313012345",
        TelephoneUse.NIGHT: "+31391234567",
    }
    change(town, centre, name="Het Centrum", telephones=numbers)  # the stored numbers are not asked about again


@one_store
def test_change_address_of_a_shelter_is_refused(town):
    add_shelter_staff(town)
    with pytest.raises(Invalid) as refused:
        change(town, "O-S1", service_address="https://plaatsing.example.nl")
    assert refused.value.faults[0].code == "service_address_not_wanted"


@one_store
def test_change_needs_an_admin_in_a_session(town, centre):
    for actor in (DESK, COORDINATOR, Actor(ADMIN.id, ADMIN.role)):
        with pytest.raises(NotAllowed):
            change(town, centre, actor, name="-")
    with pytest.raises(NotFound):
        change(town, "O-0", name="-")
