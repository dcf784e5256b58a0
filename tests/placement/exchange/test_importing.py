"""Imports on a town of three shelters: what is made, changed and closed, and that all of a file counts or nothing."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from placement.core.codes import Region, Scheme
from placement.core.context import by_command
from placement.core.errors import Invalid, NotAllowed
from placement.core.geography import Cell, places
from placement.core.place_codes import PlaceStatus
from placement.exchange import importing
from placement.exchange.import_messages import step_in_words
from placement.exchange.mapping import read_mapping
from placement.tables import (
    AuditEvent,
    Bed,
    ImportMapping,
    Location,
    Organisation,
    Provider,
    RegisterVersion,
    Room,
    SecondPersonRequest,
    Shelter,
    Unit,
)
from tests.support import second_person
from tests.support.accounts import add_accounts
from tests.support.exchange.books import book, placed, saved
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, shelter

NEW = {
    "Opvang": [["Opvang", "Aanbieder"], ["De Berk", "Stichting Berk"]],
    "Locaties": [["Opvang", "Locatie", "Plaats", "Adres"], ["De Berk", "Noord", "Zwolle", "Geheimlaan 7, Zwolle"]],
    "Units": [
        ["Locatie", "Unit", "Regeling", "Voor wie", "Kinderen tot en met", "Talen"],
        ["Noord", "Gezinnen", "Vrouwenopvang", "vrouw", 12, "Nederlands, Engels"],
    ],
    "Kamers": [
        ["Unit", "Kamer", "Bedden", "Voorzieningen"],
        ["Gezinnen", "1", 2, "begane grond"],
        ["Gezinnen", "2", 3],
    ],
}


def give(town, sheets, *, actor=DESK, **more):
    return town.do(importing.import_file, saved(book(**sheets)), "register.xlsx", "nl", actor=actor, **more)


def kinds(outcome):
    return [(str(step.kind), step.what, step.name) for step in outcome.steps]


def everything(town):
    """All rows of the register."""
    tables = (Provider, Shelter, Location, Unit, Room, Bed, SecondPersonRequest, RegisterVersion, Organisation)
    return [row.model_dump() for table in tables for row in town.all(select(table).order_by(table.id))]


def test_import_makes_a_shelter_with_all_that_is_in_it(town):
    outcome = give(town, NEW)
    assert (outcome.carried_out, outcome.findings) == (True, [])
    assert kinds(outcome) == [
        ("make", "provider", "Stichting Berk"), ("make", "shelter", "De Berk"), ("make", "location", "Noord"),
        ("ask", "location", "Noord"), ("make", "unit", "Gezinnen"), ("make", "room", "1"), ("make", "room", "2"),
    ]  # fmt: skip
    [unit] = town.all(select(Unit).where(Unit.name == "Gezinnen"))
    assert (unit.scheme, unit.admits, unit.languages) == (Scheme.WOMENS, ["female"], ["nl", "en"])
    assert (unit.children_max_age, unit.boys_max_age, unit.min_age, unit.max_age) == (12, 12, 18, 120)
    rooms = town.all(select(Room).where(Room.unit_id == unit.id).order_by(Room.name))
    assert [room.features for room in rooms] == [["ground_floor"], []]
    assert [len(town.all(select(Bed).where(Bed.room_id == room.id))) for room in rooms] == [2, 3]
    [location] = town.all(select(Location).where(Location.name == "Noord"))
    cell = Cell.of(places()["zwolle"].point)
    assert (location.cell_row, location.cell_column, location.region) == (cell.row, cell.column, Region.OOST_NEDERLAND)
    assert town.all(select(Organisation).where(col(Organisation.name) == "De Berk"))


def test_import_of_an_address_waits_for_a_second_person(town):
    add_accounts(town, DESK)
    give(town, NEW)
    [asked] = town.all(select(SecondPersonRequest))
    town.do(second_person.grant, asked.id, "Geheimlaan 7, Zwolle", actor=OTHER_DESK)
    [location] = town.all(select(Location).where(Location.name == "Noord"))
    assert location.address == "Geheimlaan 7, Zwolle"


def test_import_of_addresses_is_one_request(town):
    add_accounts(town, DESK)
    addresses = {"Noord": "Geheimlaan 7, Zwolle", "Zuid": "Verborgenweg 3, Kampen"}
    rows = [["De Berk", name, "Zwolle", address] for name, address in addresses.items()]
    give(town, NEW | {"Locaties": [NEW["Locaties"][0], *rows]})
    [asked] = town.all(select(SecondPersonRequest))
    known = {one.id: addresses[one.name] for one in town.all(select(Location)) if one.name in addresses}
    wrong = dict(list(known.items())[:1])
    with pytest.raises(Invalid) as refused:
        town.do(second_person.grant, asked.id, addresses=wrong, actor=OTHER_DESK)
    assert [fault.field for fault in refused.value.faults] == [f"addresses.{one}" for one in known if one not in wrong]
    assert not any(one.address for one in town.all(select(Location)) if one.id in known)
    town.do(second_person.grant, asked.id, addresses=known, actor=OTHER_DESK)
    assert {one.id: one.address for one in town.all(select(Location)) if one.id in known} == known


def test_import_the_same_file_twice_changes_nothing(town):
    give(town, NEW)
    before = everything(town)
    again = give(town, NEW)
    assert (again.carried_out, kinds(again)) == (True, [])
    assert placed(again.findings) == {("import_address_is_there", 2, "D", False)}
    assert everything(town) == before


@pytest.mark.wide
def test_import_tried_changes_nothing_and_says_all(town):
    before = everything(town)
    tried = give(town, NEW, dry_run=True)
    assert not tried.carried_out
    assert tried.counts() == {"ask:location": 1, "make:location": 1, "make:provider": 1, "make:room": 2} | {
        "make:shelter": 1,
        "make:unit": 1,
    }
    assert everything(town) == before


@pytest.mark.parametrize("wrong", [[], [[None, "Gezinnen", "3", "veel"]]])
def test_import_not_carried_out_names_no_new_id(town, wrong):
    """If the file gives no id, a new row has an id only once the import is carried out."""
    rows = [["Id", "Unit", "Kamer", "Bedden"], ["K-2345-6789-ABCD", "Gezinnen", "1", 2], [None, "Gezinnen", "2", 3]]
    tried = give(town, {**NEW, "Kamers": [*rows, *wrong]}, dry_run=not wrong)
    ids = {step.name: step.thing for step in tried.steps if step.what == "room"}
    assert ids == {"1": "K-2345-6789-ABCD", "2": ""}
    assert {step.thing for step in tried.steps if step.what != "room"} == {""}
    assert [step_in_words(step, "nl") for step in tried.steps if step.what == "room"] == [
        "nieuw: kamer 1 (K-2345-6789-ABCD)",
        "nieuw: kamer 2",
    ]


def test_import_carried_out_names_each_id(town):
    done = give(town, NEW)
    assert all(step.thing for step in done.steps)
    assert f"({done.steps[0].thing})" in step_in_words(done.steps[0], "nl")


def test_import_with_one_wrong_cell_changes_nothing(town):
    before = everything(town)
    wrong = {**NEW, "Kamers": [["Unit", "Kamer", "Bedden"], ["Gezinnen", "1", 2], ["Gezinnen", "2", "veel"]]}
    outcome = give(town, wrong)
    assert not outcome.carried_out
    assert placed(outcome.findings) == {("import_not_whole", 3, "C", True)}
    assert everything(town) == before


def test_import_names_every_fault_of_the_register_at_its_cell(town):
    outcome = give(
        town,
        {
            "Locaties": [
                ["Opvang", "Locatie", "Plaats"],
                ["Opvang 9", "A", "Zwolle"],
                ["Opvang 1", "B", "Nergenshuizen"],
            ],
            "Units": [["Locatie", "Unit", "Regeling", "Voor wie"], ["A", "X", "COSM", "vrouw"]],
            "Kamers": [
                ["Unit", "Kamer", "Bedden"],
                ["X", "1", 1],
                ["U9", "1", 1],
                ["U1-women", "R1", 2],
                ["U1-women", "r1", 2],
            ],
        },
    )
    assert placed(outcome.findings) == {
        ("import_part_unknown", 2, "A", True),
        ("place_unknown", 3, "C", True),
        ("import_part_unknown", 3, "A", True),
        ("import_row_twice", 5, "B", True),
    }


def test_import_of_half_a_point_or_of_a_place_beside_one_is_told(town):
    head = ["Opvang", "Locatie", "Plaats", "Breedtegraad", "Lengtegraad"]
    outcome = give(town, {"Locaties": [head, ["S1", "Een", "Zwolle", 52.1, None], ["S1", "Twee", None, None, 5.1]]})
    assert placed(outcome.findings) == {("place_or_point", 2, "D", True), ("place_or_point", 3, "E", True)}
    outcome = give(town, {"Locaties": [head, ["S1", "Drie", "Zwolle", 52.1, 5.1]]})
    assert placed(outcome.findings) == {("import_point_counts", 2, "C", False)}
    assert outcome.carried_out


def test_import_of_a_location_without_its_name_is_told(town):
    outcome = give(town, {"Locaties": [["Opvang", "Locatie", "Plaats"], ["S1", None, "Zwolle"]]})
    assert placed(outcome.findings) == {("import_value_missing", 2, "B", True)}


def test_import_names_a_room_of_two_sheets_as_the_same(town):
    rows = [["Unit", "Kamer", "Bedden"], ["U1-women", "R9", 1]]
    outcome = give(town, {"Kamers": rows, "Kameroverzicht": rows})
    assert [(one.sheet, one.code, one.row) for one in outcome.findings] == [("Kameroverzicht", "import_row_twice", 2)]


def test_import_changes_what_differs_by_id_and_by_name(town):
    outcome = give(
        town,
        {
            "Opvang": [["Id", "Opvang", "Aanbieder"], ["S1", "Opvang Een", "Een"]],
            "Units": [["Locatie", "Unit", "Regeling", "Voor wie", "Zware zorg hoogstens"],
                      ["L2", "U3-omm", "OMM", "vrouw, anders", 2]],
            "Kamers": [["Unit", "Kamer", "Bedden"], ["U1-women", "R1", 3], ["U2-family", "R3", 2]],
        },
    )  # fmt: skip
    assert [(step.thing, step.facts["columns"]) for step in outcome.steps] == [
        ("S1", ["name"]), ("U3-omm", ["high_care_limit"]), ("R1", ["beds"]), ("R3", ["beds"]),
    ]  # fmt: skip
    assert outcome.carried_out
    assert town.all(select(Shelter.name).where(Shelter.id == "S1")) == ["Opvang Een"]


def test_import_does_not_change_a_profile_of_a_shelter(town):
    rows = [["Locatie", "Unit", "Regeling", "Voor wie"], ["L2", "U3-omm", "OMM", "man"]]
    assert placed(give(town, {"Units": rows}).findings) == {("import_profile_is_the_shelters", 2, "D", True)}


def test_new_unit_says_all_of_its_profile_or_nothing(town):
    headings = ["Opvang", "Locatie", "Unit", "Regeling", "Voor wie", "Vanaf leeftijd"]
    rows = [headings, ["S1", "L1", "empty", "COSM", "", ""], ["S1", "L1", "half", "COSM", "", 21]]
    assert placed(give(town, {"Units": rows}).findings) == {
        ("import_no_profile", 2, "E", False),
        ("import_admits_missing", 3, "E", True),
    }


def test_import_moves_a_unit_to_another_location_of_its_shelter(town):
    give(town, {"Locaties": [["Opvang", "Locatie", "Plaats"], ["S1", "Zuid", "Alkmaar"]]})
    rows = [
        ["Id", "Locatie", "Unit", "Regeling", "Voor wie"],
        ["U1-women", "Zuid", "U1-women", "COSM", "vrouw, anders"],
    ]
    outcome = give(town, {"Units": rows})
    assert kinds(outcome) == [("move", "unit", "U1-women")]
    [moved] = town.all(select(Location.name).join(Unit).where(Unit.id == "U1-women"))
    assert moved == "Zuid"


def test_import_does_not_move_a_room_to_another_unit(town):
    rows = [["Id", "Unit", "Kamer", "Bedden"], ["R1", "U2-family", "R1", 2]]
    assert placed(give(town, {"Kamers": rows}).findings) == {("import_cannot_change", 2, "B", True)}


def test_import_with_an_id_gives_it_to_what_is_new(town):
    rows = [["Id", "Unit", "Kamer", "Bedden"], ["K-2345-6789-ABCD", "U1-women", "R9", 1]]
    assert give(town, {"Kamers": rows}).steps[0].thing == "K-2345-6789-ABCD"


def test_import_with_an_id_of_another_program_is_refused(town):
    rows = [["Id", "Unit", "Kamer", "Bedden"], ["kamer van Maria", "U1-women", "R9", 1]]
    assert placed(give(town, {"Kamers": rows}).findings) == {("import_id_not_ours", 2, "A", True)}


def test_import_of_a_name_that_several_have_asks_for_more(town):
    give(town, {"Kamers": [["Unit", "Kamer", "Bedden"], ["U2-family", "R1", 1]]})
    give(town, {"Locaties": [["Opvang", "Locatie", "Plaats"], ["S2", "Locatie 1", "Zwolle"]]})
    unit = ["Unit", "Regeling", "Voor wie"]
    outcome = give(town, {"Units": [["Locatie", *unit], ["Locatie 1", "X", "COSM", "vrouw"]]})
    assert placed(outcome.findings) == {("import_ambiguous", 2, "A", True)}
    assert outcome.findings[0].facts["found"] == "Locatie 1"
    told = give(town, {"Units": [["Opvang", "Locatie", *unit], ["Opvang 1", "Locatie 1", "X", "COSM", "vrouw"]]})
    assert told.carried_out


def test_import_of_beds_in_repair_makes_a_room_with_them(town):
    outcome = give(town, {"Kamers": [["Unit", "Kamer", "Bedden"], ["U1-women", "R9", "2 (1 in onderhoud)"]]})
    assert outcome.carried_out
    assert placed(outcome.findings) == {("import_beds_out_of_service", 2, "C", False)}


def test_import_of_beds_in_repair_does_not_add_to_a_room(town):
    rows = [["Unit", "Kamer", "Bedden"], ["U1-women", "R2", "2 (1 in onderhoud)"]]
    assert ("import_beds_report_first", 2, "C", True) in placed(give(town, {"Kamers": rows}).findings)


def test_import_closes_what_has_a_day_and_makes_what_comes_later(town):
    day = TODAY + timedelta(days=30)
    rows = [
        ["Unit", "Kamer", "Bedden", "Open vanaf", "Sluit op"],
        ["U1-women", "R1", 2, None, day],
        ["U1-women", "R9", 1, day, None],
    ]
    outcome = give(town, {"Kamers": rows})
    assert kinds(outcome) == [("make", "room", "R9"), ("close", "room", "R1")]
    statuses = dict(town.all(select(Room.id, Room.status).where(col(Room.name).in_(["R1", "R9"]))))
    assert statuses["R1"] is PlaceStatus.CLOSING
    assert set(statuses.values()) == {PlaceStatus.CLOSING, PlaceStatus.PLANNED}
    assert kinds(give(town, {"Kamers": rows})) == []


def test_imported_place_that_is_open_until_a_day_is_open(town):
    last = TODAY + timedelta(days=21)
    rows = [["Aanbieder", "Opvang", "Open tot"], ["Een", "Hotel De Brug", last]]
    rooms = [["Unit", "Kamer", "Bedden", "Laatste dag"], ["U1-women", "R9", 2, last], ["U1-women", "R1", 2, last]]
    outcome = give(town, {"Opvang": rows, "Kamers": rooms})
    assert kinds(outcome)[1:] == [("make", "room", "R9"), ("change", "room", "R1")]
    [hotel] = town.all(select(Shelter).where(Shelter.name == "Hotel De Brug"))
    assert (hotel.status, hotel.open_until, hotel.closes_on) == (PlaceStatus.OPEN, last, None)
    assert {
        row[1:]
        for row in town.all(select(Room.name, Room.status, Room.open_until).where(col(Room.open_until).is_not(None)))
    } == {(PlaceStatus.OPEN, last)}
    assert kinds(give(town, {"Opvang": rows, "Kamers": rooms})) == []


def test_import_gives_the_day_from_which_a_room_is_closed(town):
    last, since = TODAY + timedelta(days=21), TODAY + timedelta(days=7)
    rows = [["Unit", "Kamer", "Bedden", "Sluit op", "Niemand nieuw vanaf"], ["U1-women", "R1", 2, last, since]]
    assert kinds(give(town, {"Kamers": rows})) == [("close", "room", "R1")]
    room = town.one("room", "R1")
    assert (room.status, room.closes_on, room.no_new_from) == (PlaceStatus.CLOSING, last, since)
    assert kinds(give(town, {"Kamers": rows})) == []
    rows[1][3] = None
    assert placed(give(town, {"Kamers": rows}).findings) == {("missing", 2, "D", True)}


def test_import_of_a_closed_thing_by_its_id_is_refused(town):
    rows = [["Id", "Unit", "Kamer", "Bedden", "Sluit op"], ["R1", "U1-women", "R1", 2, TODAY]]
    assert give(town, {"Kamers": rows}).carried_out
    assert placed(give(town, {"Kamers": rows}).findings) == {("import_is_closed", 2, "A", True)}


def test_import_of_a_closing_in_the_past_is_refused(town):
    rows = [["Unit", "Kamer", "Bedden", "Sluit op"], ["U1-women", "R1", 2, date(2020, 1, 1)]]
    assert placed(give(town, {"Kamers": rows}).findings) == {("day_past", 2, "D", True)}


def test_import_of_a_new_room_past_its_closing_day_closes_it(town):
    rows = [["Unit", "Kamer", "Bedden", "Sluit op"], ["U1-women", "R9", 2, date(2020, 1, 1)]]
    outcome = give(town, {"Kamers": rows})
    assert placed(outcome.findings) == {("import_closes_today", 2, "D", False)}
    assert kinds(outcome) == [("make", "room", "R9"), ("close", "room", "R9")]
    assert town.all(select(Room.status).where(Room.name == "R9")) == [PlaceStatus.CLOSED]


@pytest.mark.parametrize("actor", [COORDINATOR, shelter("S1")], ids=["coordinator", "shelter"])
def test_import_by_another_than_the_desk_is_refused(town, actor):
    with pytest.raises(NotAllowed):
        give(town, NEW, actor=actor)


def test_import_at_the_command_line_is_the_operators(town):
    with town.database.transaction() as session:
        act = by_command(session, town.settings, town.at)
        assert importing.import_file(act, saved(book(**NEW)), "register.xlsx", "nl").carried_out


@pytest.mark.wide
def test_import_leaves_counts_and_ids_alone_in_the_log(town):
    give(town, NEW, dry_run=True)
    give(town, NEW)
    events = town.all(select(AuditEvent))
    tried = next(event for event in events if event.event == "register:import_tried")
    done = next(event for event in events if event.event == "register:imported")
    assert (tried.facts["faults"], done.facts["counts"]) == (0, tried.facts["counts"])
    written = str([event.content for event in town.all(select(AuditEvent))])
    for text in ("Berk", "Noord", "Geheim", "Gezinnen", "register.xlsx"):
        assert text not in written


def test_import_tried_leaves_one_line_in_the_log(town):
    before = len(town.all(select(AuditEvent)))
    give(town, NEW, dry_run=True)
    assert len(town.all(select(AuditEvent))) == before + 1


OWN = saved(book(Overzicht=[["Groepje", "Nr", "Plek"], ["U1-women", "R9", 1]]))
MAP = read_mapping(b'[sheets."Overzicht"]\nis = "rooms"\ncolumns = { Groepje = "unit", Nr = "name", Plek = "beds" }\n')


def test_import_with_a_mapping_keeps_it_for_the_next_file(town):
    assert not give_own(town).carried_out
    assert give_own(town, given=MAP).carried_out
    assert kinds(give_own(town)) == []
    assert give_own(town).carried_out
    assert [kept.sheet for kept in town.all(select(ImportMapping))] == ["rooms"]


@pytest.mark.wide
def test_import_tried_with_a_mapping_keeps_nothing(town):
    assert give_own(town, given=MAP, dry_run=True).is_right
    assert town.all(select(ImportMapping)) == []


def give_own(town, **more):
    return town.do(importing.import_file, OWN, "eigen.xlsx", "nl", **more)


def test_import_of_a_broken_file_is_refused_as_a_whole(town):
    with pytest.raises(Invalid) as wrong:
        town.do(importing.import_file, b"PK\x03\x04", "register.xlsx", "nl")
    assert wrong.value.faults[0].code == "import_file_damaged"
