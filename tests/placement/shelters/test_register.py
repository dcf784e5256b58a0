"""The register: what is made and changed, by which actor, and what was before."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from placement.accounts import organisations
from placement.accounts.accounts import make_organisation
from placement.capacity.room_state import room_states
from placement.core.codes import OrganisationKind, Region, Scheme
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound, VersionPassed
from placement.core.geography import Cell, places
from placement.core.place_codes import PlaceStatus, RegisterKind
from placement.registrations.case import PointInput
from placement.shelters import closing, reads, register, versions
from placement.tables import Organisation, Room, Shelter, Unit
from tests.support.simultaneous_acts import beside
from tests.support.stores import both_stores
from tests.support.town import ADMIN, COORDINATOR, TODAY, shelter

ZWOLLE = PointInput(place="Zwolle")


def states(town):
    with town.act() as act:
        return room_states(act.session, act.day)


def a_shelter(town):
    provider = town.do(register.make_provider, "Drie")
    return town.do(register.make_shelter, provider.id, "Opvang 4")


def test_new_shelter_has_an_organisation_for_its_staff(town):
    made = a_shelter(town)
    [found] = town.all(select(Organisation).where(Organisation.shelter_id == made.id))
    assert found.name == "Opvang 4"


NO_NAMES = ["  ", "\u200b", "\x85\u2028"], ["a\0b", "Kamer \x07", "x\ufffe", "\ufdd0x", "\u202eremak", "a\u2066b"]


@pytest.mark.wide
@both_stores
def test_name_that_cannot_be_shown_is_refused_everywhere(town):
    shelter_of_ours, unit, room = (town.all(select(table))[0] for table in (Shelter, Unit, Room))
    location, provider = unit.location_id, shelter_of_ours.provider_id
    acts = [
        lambda name: town.do(register.make_provider, name),
        lambda name: town.do(register.rename_provider, provider, 1, name),
        lambda name: town.do(register.make_shelter, provider, name),
        lambda name: town.do(register.change_shelter, shelter_of_ours.id, 1, {"name": name}),
        lambda name: town.do(register.make_location, shelter_of_ours.id, name, ZWOLLE),
        lambda name: town.do(register.change_location, location, 1, {"name": name}),
        lambda name: town.do(register.make_unit, location, name, Scheme.COSM),
        lambda name: town.do(register.change_unit, unit.id, 1, {"name": name}),
        lambda name: town.do(register.make_room, unit.id, name, 1),
        lambda name: town.do(register.change_room, room.id, 1, {"name": name}),
        lambda name: town.do(make_organisation, name, OrganisationKind.OVERSIGHT, actor=ADMIN),
    ]
    for names, code in zip(NO_NAMES, ("name_missing", "text_not_plain"), strict=True):
        for name in names:
            for act in acts:
                with pytest.raises(Invalid) as refused:
                    act(name)
                assert [(fault.field, fault.code) for fault in refused.value.faults] == [("name", code)]


def test_name_is_kept_with_single_spaces_and_any_letters(town):
    unit = town.all(select(Unit.id))[0]
    made = town.do(register.make_room, unit, " Zolder\n\xa0 \U0001f469\u200d\U0001f467 =1 ", 1)
    assert made.name == "Zolder \U0001f469\u200d\U0001f467 =1"
    with pytest.raises(Invalid) as refused:
        town.do(register.make_room, unit, made.name.replace(" ", " \u200b \ufeff"), 1)
    assert refused.value.faults[0].code == "name_taken"
    renamed = town.do(register.change_room, made.id, 1, {"name": "Kelder  1"})
    assert renamed.name == "Kelder 1"


def test_renamed_shelter_renames_its_organisation(town):
    """An organisation that got a name of its own keeps it."""
    made = a_shelter(town)
    wanted = select(Organisation.name).where(Organisation.shelter_id == made.id)
    town.do(register.change_shelter, made.id, 1, {"name": "Opvang 5"})
    assert town.all(wanted) == ["Opvang 5"]
    [organisation] = town.all(select(Organisation.id).where(Organisation.shelter_id == made.id))
    town.do(organisations.change, organisation, {"name": "Stichting Vijf"}, actor=ADMIN)
    town.do(register.change_shelter, made.id, 2, {"name": "Opvang 6"})
    assert town.all(wanted) == ["Stichting Vijf"]


def test_location_by_place_keeps_the_cell_alone(town):
    made = town.do(register.make_location, a_shelter(town).id, "Locatie 1", ZWOLLE)
    point = places()["zwolle"].point
    assert (made.cell_row, made.cell_column) == (Cell.of(point).row, Cell.of(point).column)
    assert made.region is Region.OOST_NEDERLAND
    assert str(point.lat) not in str(made.model_dump())


def test_location_by_point_gets_the_region_of_the_nearest_place(town):
    made = town.do(register.make_location, a_shelter(town).id, "Locatie 1", PointInput(lat=50.85, lon=5.69))
    assert made.region is Region.LIMBURG


def test_location_without_a_known_place_is_refused_by_field(town):
    with pytest.raises(Invalid) as refused:
        town.do(register.make_location, a_shelter(town).id, "Locatie 1", PointInput(place="Nergens"))
    assert [fault.field for fault in refused.value.faults] == ["where.place"]


def test_room_of_a_taken_name_is_refused(town):
    with pytest.raises(Invalid):
        town.do(register.make_room, "U1-women", "R1", 1)
    assert town.do(register.make_room, "U2-family", "R1", 1).name == "R1"


def test_shelter_makes_rooms_in_its_own_units_only(town):
    made = town.do(register.make_room, "U1-women", "R8", 2, actor=shelter("S1"))
    assert made.status is PlaceStatus.OPEN
    with pytest.raises(NotFound):
        town.do(register.make_room, "U3-omm", "R8", 2, actor=shelter("S1"))


def test_coordinator_changes_nothing_in_the_register(town):
    with pytest.raises(NotAllowed):
        town.do(register.make_room, "U1-women", "R8", 2, actor=COORDINATOR)
    with pytest.raises(NotAllowed):
        town.do(register.make_provider, "Vier", actor=COORDINATOR)


def test_change_of_an_older_version_is_refused(town):
    town.do(register.change_room, "R1", 1, {"name": "Kamer 1"})
    with pytest.raises(VersionPassed):
        town.do(register.change_room, "R1", 1, {"name": "Kamer 2"})


def test_planned_room_counts_from_its_day_on(town):
    day = TODAY + timedelta(days=2)
    made = town.do(register.make_room, "U1-women", "R8", 2, opens_on=day)
    assert made.status is PlaceStatus.PLANNED
    assert made.id not in states(town)
    town.later(days=2)
    town.do(closing.carry_out_due)
    assert town.one("room", made.id).status is PlaceStatus.OPEN
    assert len(states(town)[made.id].beds) == 2


def test_room_opens_no_earlier_than_its_unit(town):
    day = TODAY + timedelta(days=9)
    unit = town.do(register.make_unit, "L1", "Nieuw", Scheme.COSM, opens_on=day)
    room = town.do(register.make_room, unit.id, "R8", 1)
    assert room.opens_on == day
    town.do(register.change_unit, unit.id, 1, {"opens_on": day + timedelta(days=5)})
    assert town.one("room", room.id).opens_on == day + timedelta(days=5)
    town.later(days=13)
    assert room.id not in states(town)


def test_day_of_opening_of_an_open_room_is_refused(town):
    with pytest.raises(Conflict):
        town.do(register.change_room, "R1", 1, {"opens_on": TODAY + timedelta(days=5)})


def test_unit_without_a_profile_gets_no_client_proposed(town):
    unit = town.do(register.make_unit, "L1", "Nieuw", Scheme.COSM)
    town.do(register.make_room, unit.id, "R8", 3)
    client = town.register()
    proposal = town.one("proposal", town.propose(client))
    assert proposal.unit_id != unit.id
    assert unit.id not in {one.id for one in town.problem().units}


def test_names_of_a_past_day_are_answered_as_they_were(town):
    town.do(register.change_room, "R1", 1, {"name": "Blauw"})
    town.later(days=1)
    town.do(register.change_room, "R1", 2, {"name": "Groen", "beds": 5})
    names = {
        day: next((room.values["name"], room.beds) for room in town.do(reads.rooms_on, "S1", day) if room.id == "R1")
        for day in (TODAY - timedelta(days=30), TODAY, TODAY + timedelta(days=1))
    }
    assert list(names.values()) == [("R1", 2), ("Blauw", 2), ("Groen", 5)]


def test_versions_never_hold_an_address(town):
    town.do(register.change_location, "L1", 1, {"name": "Hoofdhuis"})
    with town.act() as act:
        kept = versions.as_of(act.session, RegisterKind.LOCATION, ["L1"], TODAY)
    assert kept["L1"]["name"] == "Hoofdhuis"
    assert "Geheimstraat" not in str(kept)


def test_location_that_moves_loses_its_address(town):
    town.do(register.change_location, "L1", 1, {}, PointInput(place="Alkmaar"))
    assert town.one("location", "L1").address == "Geheimstraat 1"
    town.do(register.change_location, "L1", 2, {}, ZWOLLE)
    assert town.one("location", "L1").address is None


def test_shelter_reads_its_own_register_only(town):
    assert [one.id for one in town.do(reads.shelters, actor=shelter("S1"))] == ["S1"]
    with pytest.raises(NotFound):
        town.do(reads.shelter_tree, "S2", actor=shelter("S1"))
    tree = town.do(reads.shelter_tree, "S1", actor=shelter("S1"))
    assert (tree.provider.name, sum(tree.beds.values())) == ("Een", 6)


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_organisation_named_with_its_shelter_keeps_its_own_name(town):
    made = a_shelter(town)
    [found] = town.all(select(Organisation).where(Organisation.shelter_id == made.id))
    rename = partial(town.do, register.change_shelter, made.id, made.version, {"name": "Opvang 5"})
    with town.act(ADMIN) as act:
        organisations.change(act, found.id, {"name": "Stichting Opvang"})
        act.session.flush()
        renaming = beside(town, rename)
    renaming.join()
    [found] = town.all(select(Organisation).where(Organisation.shelter_id == made.id))
    assert found.name == "Stichting Opvang"
