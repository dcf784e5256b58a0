"""The export: imported into an empty database, it gives the same register, and the same problem for the engine."""

import io
import json
from datetime import date, timedelta
from zipfile import ZipFile

import pytest
from sqlmodel import select

from fixtures.buildings import building_rows
from fixtures.countries import COUNTRIES
from matching import write_problem
from placement.capacity.report import RoomInput, report_capacity
from placement.core.codes import Role, Scheme
from placement.core.context import SYSTEM, Act, Actor
from placement.core.errors import Invalid, NotAllowed
from placement.exchange.export import CAPACITY, Form, register_rows, written
from placement.exchange.hsds import write_hsds
from placement.exchange.importing import import_file
from placement.exchange.template import headings_of
from placement.shelters import closing, register
from placement.solver.snapshot import snapshot
from placement.tables import Room, Shelter
from tests.support.audit_log import logged
from tests.support.exchange.books import book, read, saved
from tests.support.stores import AT
from tests.support.town import COORDINATOR, DESK, TODAY

FORMS = [(Form.XLSX, "nl"), (Form.XLSX, "en"), (Form.CSV, "nl"), (Form.HSDS, "nl"), (Form.ODS, "nl")]


class Place:
    """A store, and acts in it."""

    def __init__(self, made):
        self.database, self.settings = made.database, made.settings

    def do(self, verb, *args, actor=DESK, **facts):
        with self.database.transaction() as session:
            return verb(Act(session, actor, AT, self.settings), *args, **facts)

    def exported(self, form=Form.XLSX, language="nl"):
        rows = self.do(register_rows)
        return write_hsds(rows, AT) if form is Form.HSDS else written(rows, form, language)

    def rows(self):
        """The register; the day of opening of what was there before the service is not known, and is not compared."""
        return {
            name: [{column: value for column, value in row.items() if column != "opens_on"} for row in rows]
            for name, rows in self.do(register_rows).items()
        }

    def problem(self):
        return write_problem(self.do(lambda act: snapshot(act).problem, actor=SYSTEM))

    def report_all_free(self):
        with self.database.transaction() as session:
            shelters = session.exec(select(Shelter.id)).all()
        for shelter_id in shelters:
            staff = Actor(shelter_id, Role.SHELTER_STAFF, shelter_id=shelter_id, session_id="Z")
            rooms = [row["id"] for row in self.do(register_rows)["rooms"] if row["id"].startswith(f"{shelter_id}-")]
            self.do(report_capacity, shelter_id, [RoomInput(room) for room in rooms], actor=staff)


def houses(database, _):
    """The shelters of the small country, without anybody in them."""
    with database.transaction() as session:
        for rows in building_rows(COUNTRIES["small"]):
            session.add_all(rows)
            session.flush()


@pytest.mark.wide
@pytest.mark.parametrize(("form", "language"), FORMS)
def test_export_and_import_give_the_same_register_and_problem(stores, form, language):
    source, copy = Place(stores.make("houses", houses)), Place(stores.make("empty"))
    outcome = copy.do(import_file, source.exported(form, language), f"register.{form}", language)
    assert [one for one in outcome.findings if one.blocks] == []
    assert outcome.carried_out
    assert copy.rows() == source.rows()
    for place in (source, copy):
        place.report_all_free()
    assert copy.problem() == source.problem()
    assert copy.rows() == source.rows()


@pytest.mark.wide
def test_export_of_the_synthetic_country_gives_its_register(stores):
    source, copy = Place(stores.make("small")), Place(stores.make("empty"))
    assert copy.do(import_file, source.exported(), "register.xlsx", "nl").carried_out
    there, here = source.rows(), copy.rows()
    capacity = there.pop("capacity"), here.pop("capacity")  # of those who live there nothing is exported
    assert here == there
    assert [len(rows) for rows in capacity] == [len(there["rooms"])] * 2
    found, wanted = json.loads(copy.problem()), json.loads(source.problem())
    assert found["locations"] == wanted["locations"]
    of_people = {"freshness", "high_care_limit", "free_beds", "free_from", "occupants"}
    for part in ("units", "rooms"):
        assert [_without(row, of_people) for row in found[part]] == [_without(row, of_people) for row in wanted[part]]


def _without(row, names):
    return {name: value for name, value in row.items() if name not in names}


@pytest.mark.wide
@pytest.mark.parametrize(("form", "language"), FORMS)
def test_export_imported_where_it_came_from_changes_nothing(town, form, language):
    place = Place(town)
    outcome = place.do(import_file, place.exported(form, language), f"register.{form}", language)
    assert (outcome.carried_out, outcome.steps) == (True, [])


def test_text_that_no_workbook_can_hold_is_written_without_it(town):
    with town.database.transaction() as session:
        session.exec(select(Room)).first().name = "Kamer \x07\ufffe\uffff9"  # as a name could be once
    found = read(Place(town).exported())
    assert "Kamer 9" in {row.values.get("name") for table in found.tables for row in table.rows}


def test_features_in_another_order_are_no_change(town):
    with town.database.transaction() as session:
        session.exec(select(Room)).first().features = ["wheelchair", "ground_floor"]
    place = Place(town)
    assert place.do(import_file, place.exported(), "register.xlsx", "nl").steps == []


def test_export_has_what_is_planned_or_closing_and_no_more(town):
    day = TODAY + timedelta(days=40)
    town.do(register.make_room, "U5-social", "later", 1, opens_on=day)
    town.do(closing.close, Room, "R5", 1, day)
    town.do(closing.close, Room, "R1", 1, TODAY)
    rooms = {row["name"]: row for row in town.do(register_rows)["rooms"]}
    assert "R1" not in rooms
    assert (rooms["later"]["opens_on"], rooms["R5"]["closes_on"]) == (day, day)


def test_export_keeps_the_last_day_and_the_days_of_a_closing(town):
    since, day = TODAY + timedelta(days=10), TODAY + timedelta(days=40)
    town.do(register.change_unit, "U1-women", 1, {"open_until": day})
    town.do(closing.close, Room, "R5", 1, day, no_new_from=since)
    found = town.do(register_rows)
    [unit] = [row for row in found["units"] if row["id"] == "U1-women"]
    [room] = [row for row in found["rooms"] if row["name"] == "R5"]
    assert unit["open_until"] == day
    assert (room["closes_on"], room["no_new_from"], room.get("open_until")) == (day, since, None)
    place = Place(town)
    assert place.do(import_file, place.exported(), "register.xlsx", "nl").steps == []


@pytest.mark.wide
def test_export_has_no_address_and_no_client(town):
    town.register(alias="Merel")
    for form, language in FORMS:
        content = Place(town).exported(form, language)
        assert b"Geheimstraat" not in _unpacked(content)
        assert b"Merel" not in _unpacked(content)


def _unpacked(content):
    if not content.startswith(b"PK"):
        return content
    with ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.wide
@pytest.mark.parametrize(("form", "language"), FORMS)
def test_what_the_register_may_hold_is_imported_again(stores, form, language):
    """The cases are a room without beds, the largest room, a unit without a profile, and a shelter without a house."""
    source, copy = Place(stores.make("houses", houses)), Place(stores.make("empty"))
    there = source.rows()
    unit, location = there["units"][0]["id"], there["locations"][0]["id"]
    source.do(register.make_room, unit, "hall", 100)
    attic = source.do(register.make_room, unit, "attic", 1)
    source.do(register.change_room, attic.id, attic.version, {"beds": 0})
    source.do(register.make_unit, location, "new", Scheme.COSM)
    source.do(register.make_shelter, source.do(register.make_provider, "new").id, "without a house")
    outcome = copy.do(import_file, source.exported(form, language), f"register.{form}", language)
    assert [one for one in outcome.findings if one.blocks] == []
    assert _register(copy) == _register(source)


def _register(place):
    return {name: rows for name, rows in place.rows().items() if name != "capacity"}


def test_export_of_two_things_of_one_name_names_them_by_id(town):
    town.do(register.make_shelter, "P2", "Opvang 1")
    again = Place(town)
    rows = again.do(register_rows)["locations"]
    assert [row["shelter"] for row in rows] == ["S1", "Opvang 2", "Opvang 3"]
    assert again.do(import_file, again.exported(), "register.xlsx", "nl").steps == []


def test_export_by_another_than_the_desk_is_refused(town):
    with pytest.raises(NotAllowed):
        town.do(register_rows, actor=COORDINATOR)


def test_export_leaves_counts_in_the_log(town):
    town.do(register_rows)
    [event] = logged(town, event="register:exported")
    assert event.facts["counts"] == {"shelters": 3, "locations": 3, "units": 5, "rooms": 7, "capacity": 7} | {
        "municipalities": 0,
        "areas": 16,
    }


def test_capacity_in_a_file_is_left_out_and_said(town):
    content = saved(book(Capaciteit=[headings_of(CAPACITY, "nl"), ["R1", None, None, None, "R1", 9]]))
    [finding] = town.do(import_file, content, "register.xlsx", "nl").findings
    assert (finding.code, finding.blocks) == ("import_capacity_is_read_only", False)


# HSDS


def test_hsds_has_the_fields_that_it_requires(town):
    told = json.loads(Place(town).exported(Form.HSDS))
    required = {
        "organization": {"id", "name", "description"},
        "location": {"id", "location_type"},
        "service": {"id", "organization_id", "name", "status"},
        "service_at_location": {"id", "service_id", "location_id"},
        "service_capacity": {"id", "service_id", "unit_id", "available", "updated"},
        "unit": {"id", "name"},
        "language": {"id", "name"},
        "attribute": {"id", "link_id", "taxonomy_term_id", "link_entity"},
        "taxonomy": {"id", "name", "description"},
        "taxonomy_term": {"id", "name", "description"},
    }
    assert told.keys() == required.keys()
    for name, fields in required.items():
        assert all(row.keys() >= fields for row in told[name]), name
        assert len({row["id"] for row in told[name]}) == len(told[name])


def test_hsds_refers_to_what_is_in_it(town):
    told = json.loads(Place(town).exported(Form.HSDS))
    ids = {name: {row["id"] for row in rows} for name, rows in told.items()}
    for row in told["attribute"]:
        assert row["link_id"] in ids[row["link_entity"]]
        assert row["taxonomy_term_id"] in ids["taxonomy_term"]
    for row in told["service_capacity"]:
        assert row["service_id"] in ids["service"]
        assert row["unit_id"] in ids["unit"]
    assert {row["location_id"] for row in told["service_at_location"]} == ids["location"]
    assert {row.get("parent_organization_id") for row in told["organization"]} <= {*ids["organization"], None}


def test_hsds_capacity_is_what_is_free(town):
    told = json.loads(Place(town).exported(Form.HSDS))
    free = {row["description"]: (row["available"], row["maximum"]) for row in told["service_capacity"]}
    assert free == {"R1": (2, 2), "R2": (1, 1), "R3": (3, 3), "R4": (2, 2), "R5": (1, 1), "R6": (1, 1), "R7": (2, 2)}


OF_OTHERS = {
    "organization": [{"id": "o1", "name": "House of Help", "description": "-"}],
    "location": [{"id": "l1", "organization_id": "o1", "name": "North", "latitude": 52.1, "longitude": 5.1}],
    "service": [{"id": "s1", "organization_id": "o1", "name": "Women", "status": "active", "minimum_age": 18}],
    "service_at_location": [{"id": "x", "service_id": "s1", "location_id": "l1"}],
    "language": [{"id": "y", "service_id": "s1", "name": "Dutch"}],
    "attribute": [
        {"id": "a", "link_id": "s1", "taxonomy_term_id": "t1", "value": "womens"},
        {"id": "b", "link_id": "s1", "taxonomy_term_id": "t2", "value": "female"},
    ],
    "taxonomy_term": [{"id": "t1", "code": "scheme"}, {"id": "t2", "code": "admits"}],
    "service_capacity": [{"id": "c1", "service_id": "s1", "maximum": 2, "description": "Room 1"}],
}


def test_hsds_of_another_directory_is_imported_by_name(town):
    outcome = town.do(import_file, json.dumps(OF_OTHERS).encode(), "directory.json", "en")
    assert [one for one in outcome.findings if one.blocks] == []
    assert [(step.what, step.name) for step in outcome.steps] == [
        ("provider", "House of Help"),
        ("shelter", "House of Help"),
        ("location", "North"),
        ("unit", "Women"),
        ("room", "Room 1"),
    ]


def test_hsds_that_lacks_what_we_need_says_what(town):
    told = {**OF_OTHERS, "attribute": []}
    outcome = town.do(import_file, json.dumps(told).encode(), "directory.json", "en")
    codes = {"import_value_missing", "import_admits_missing"}
    assert {(one.sheet, one.code) for one in outcome.findings if one.blocks} == {("units", code) for code in codes}


@pytest.mark.parametrize(
    "content",
    [b"{", b"{}", b'{"organization": 3}', b"{" * 100_000, b'{"organization": [3]}', b'{"organization": [{"id": []}]}'],
)
def test_hsds_that_is_none_is_refused(town, content):
    with pytest.raises(Invalid) as wrong:
        town.do(import_file, content, "directory.json", "en")
    assert wrong.value.faults[0].code in {"import_hsds_broken", "import_file_empty"}


@pytest.mark.wide
def test_export_day_is_a_day_in_every_form(town):
    town.do(closing.close, Room, "R5", 1, date(2027, 1, 31))
    for form, language in FORMS:
        place = Place(town)
        assert place.do(import_file, place.exported(form, language), f"register.{form}", language).steps == []
