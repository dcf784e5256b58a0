"""Municipalities and areas from a file: the dated register gets them, with its past as it was."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import accounts
from placement.area_changes import register
from placement.area_changes.register import Listed
from placement.areas.lookup import areas, municipalities
from placement.core.area_codes import PlaceKind, SchemesOfArea
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.exchange import importing
from placement.exchange.area_sheets import area_sheets
from placement.exchange.export import Form, register_rows, written
from placement.tables import AuditEvent, PlaceEntry
from tests.support.exchange.books import book, placed, saved
from tests.support.stores import AT, both_stores
from tests.support.town import ADMIN, DESK, TODAY

LATER, LATER_STILL = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
GIVEN = {
    "Gemeenten": [
        ["Gemeentecode", "Gemeente", "Provincie", "Politie-eenheid"],
        ["0307", "Amersfoort", "Utrecht", "Midden-Nederland"],
        ["0342", "Soest", "Utrecht", "midden-nederland"],
    ],
    "Gebieden": [
        ["Code", "Gebied", "Gemeenten", "Vanaf leeftijd", "Tot en met leeftijd", "Gecoördineerd door", "Vanaf", "Tot"],
        ["eem", "Eemland", "Amersfoort; 0342", 18, 22, "Zorgcoördinatie Eem", LATER, LATER_STILL],
    ],
}


@pytest.fixture
def coordination(town):
    kind = OrganisationKind.CARE_COORDINATION
    return town.do(lambda act: accounts.make_organisation(act, "Zorgcoördinatie Eem", kind).id, actor=ADMIN)


def give(town, sheets=GIVEN, **more):
    return town.do(importing.import_file, saved(book(**sheets)), "register.xlsx", "nl", **more)


def kinds(outcome):
    return [(str(step.kind), step.what, step.thing) for step in outcome.steps]


def of_day(town, look_up, day):
    return town.do(lambda act: look_up(act.session, day))


def entries(town):
    return [row.model_dump() for row in town.all(select(PlaceEntry).order_by(PlaceEntry.kind, PlaceEntry.code))]


def test_import_of_areas_enters_them_from_their_day(town, coordination):
    outcome = give(town)
    assert (outcome.carried_out, outcome.findings) == (True, [])
    made = [("make", "municipalities", "0307"), ("make", "municipalities", "0342"), ("make", "areas", "eem")]
    assert kinds(outcome) == made
    assert of_day(town, municipalities, TODAY)["0342"].value.police_unit == "midden-nederland"
    assert "eem" not in of_day(town, areas, TODAY)
    found = of_day(town, areas, LATER)["eem"]
    assert (found.value.age_from, found.value.age_until, found.until) == (18, 23, LATER_STILL)
    assert (found.value.municipalities, found.value.coordinated_by) == (("0307", "0342"), (coordination,))
    assert "eem" not in of_day(town, areas, LATER_STILL)


@pytest.mark.usefixtures("coordination")
def test_import_of_areas_twice_changes_nothing(town):
    give(town)
    before = entries(town)
    again = give(town)
    assert (again.carried_out, again.steps, again.findings) == (True, [], [])
    town.later(days=90)
    assert give(town).steps == []
    assert entries(town) == before


@pytest.mark.usefixtures("coordination")
def test_code_that_lost_its_zeros_is_the_published_one(town):
    """A spreadsheet makes a number of 0307."""
    give(town)
    rows = [GIVEN["Gemeenten"][0], [307, "Amersfoort", "Utrecht", "Midden-Nederland"], ["14", "Groningen", "", ""]]
    areas_of = [["Code", "Gebied", "Gemeenten"], ["vecht", "Vechtland", "307; 14"]]
    outcome = give(town, {"Gemeenten": rows, "Gebieden": areas_of})
    assert [one.code for one in outcome.findings] == ["import_code_completed", "import_code_completed"]
    assert set(of_day(town, municipalities, TODAY)) == {"0307", "0342", "0014"}
    assert set(of_day(town, areas, TODAY)["vecht"].value.municipalities) == {"0307", "0014"}


@pytest.mark.usefixtures("coordination")
def test_published_list_without_its_zeros_ends_nothing(town):
    give(town)
    pasted = [
        Listed(code, {"name": name, "province": "Utrecht"}) for code, name in (("307", "Amersfoort"), ("342", "Soest"))
    ]
    counted = town.do(register.take_list, pasted, "CBS", TODAY, TODAY, rehearsed=False)
    assert (counted.made, counted.changed, counted.ended, counted.unchanged) == (0, 0, 0, 2)


@pytest.mark.usefixtures("coordination")
def test_code_known_without_its_zeros_alone_stays_so(town):
    """The municipality was taken over before codes were completed with zeros: regions name it by that code."""
    town.do(register.make, PlaceKind.MUNICIPALITY, "307", {"name": "Amersfoort"}, TODAY, None)
    rows = [GIVEN["Gemeenten"][0], [307, "Amersfoort", "", ""], [342, "Soest", "", ""]]
    areas_of = [["Code", "Gebied", "Gemeenten"], ["vecht", "Vechtland", "307; 342"]]
    assert [one.facts["found"] for one in give(town, {"Gemeenten": rows, "Gebieden": areas_of}).findings] == ["0342"]
    assert set(of_day(town, areas, TODAY)["vecht"].value.municipalities) == {"307", "0342"}
    pasted = [Listed("307", {"name": "Amersfoort"}), Listed("342", {"name": "Soest"})]
    counted = town.do(register.take_list, pasted, "CBS", TODAY, TODAY, rehearsed=False)
    assert (counted.made, counted.changed, counted.ended, counted.unchanged) == (0, 0, 0, 2)


@pytest.mark.usefixtures("coordination")
def test_import_of_areas_tried_changes_nothing(town):
    before = entries(town)
    assert give(town, dry_run=True).counts() == {"make:areas": 1, "make:municipalities": 2}
    assert entries(town) == before


def test_import_of_an_area_changes_what_differs(town):
    rows = [["Gebied", "Eiland", "Regelingen", "Vanaf"], ["limburg", "ja", "geen", TODAY - timedelta(days=400)]]
    outcome = give(town, {"Gebieden": rows})
    [step] = outcome.steps
    assert (step.kind, step.thing, step.facts["columns"]) == ("change", "limburg", ["island", "name", "schemes"])
    assert placed(outcome.findings) == {("import_holds_from_today", 2, "D", False)}
    yesterday, today = (of_day(town, areas, day)["limburg"].value for day in (TODAY - timedelta(days=1), TODAY))
    assert (yesterday.island, today.island, today.schemes) == (False, True, SchemesOfArea.NONE)
    assert give(town, {"Gebieden": rows}).findings == []


def test_import_of_an_area_without_code_makes_one_of_its_name(town):
    outcome = give(town, {"Gebieden": [["Gebied", "Eiland"], ["Regio Súdwest", "nee"], ["Limburg", "nee"]]})
    assert kinds(outcome) == [("make", "areas", "regio-sudwest")]


def test_import_of_areas_names_every_fault_at_its_cell(town):
    outcome = give(
        town,
        {
            "Gemeenten": GIVEN["Gemeenten"],
            "Gebieden": [
                ["Code", "Gebied", "Gemeenten", "Vanaf leeftijd", "Tot en met leeftijd", "Gecoördineerd door", "Tot"],
                ["a", "A", "Amersfort", None, None, None, None],
                ["b", "B", "Amersfoort", 23, 17, None, None],
                ["c", "C", "Amersfoort", None, None, "Wij", None],
                ["d", "D", "Amersfoort", None, None, None, TODAY],
                ["e f", "E", "Amersfoort", None, None, None, None],
                ["Limburg", "Limburg", None, None, None, None, None],
                ["limburg", "Limburg", None, None, None, None, None],
                ["g", "G", "Amersfoort", "veel", None, None, None],
            ],
        },
    )
    assert placed(outcome.findings) == {
        ("import_place_like", 2, "C", True),
        ("ages_reversed", 3, "E", True),
        ("import_coordination_unknown", 4, "F", True),
        ("ends_before_it_begins", 5, "G", True),
        ("import_code_not_plain", 6, "A", True),
        ("import_row_twice", 8, "A", True),
        ("import_not_whole", 9, "D", True),
    }
    assert not outcome.carried_out


def test_import_of_an_area_that_ended_begins_nothing(town):
    ends = [["Code", "Gebied", "Tot"], ["saba", "Saba", LATER]]
    give(town, {"Gebieden": ends})
    later = give(town, {"Gebieden": [ends[0], ["saba", "Saba", LATER_STILL]]})
    assert placed(later.findings) == {("import_place_ends_earlier", 2, "C", True)}
    town.later(days=31)
    again = give(town, {"Gebieden": [["Code", "Gebied"], ["saba", "Saba"]]})
    assert placed(again.findings) == {("import_place_has_ended", 2, "A", True)}


def test_import_of_areas_by_an_admin_is_refused_in_words(town):
    outcome = give(town, actor=ADMIN)
    assert {one.code for one in outcome.findings} == {"import_row_of_others"}
    assert outcome.findings[0].facts == {"roles": ["Plaatsingsdesk"]}


@pytest.mark.usefixtures("coordination")
def test_import_of_areas_leaves_counts_and_codes_in_the_log(town):
    give(town)
    assert "Eemland" not in "".join(str(event.facts) for event in town.all(select(AuditEvent)))


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("form", [Form.XLSX, Form.CSV])
def test_areas_exported_and_imported_are_the_same(stores, form):
    source, copy = stores.make("empty"), stores.make("empty")

    def do(place, verb, *given):
        with place.database.transaction() as session:
            return verb(Act(session, DESK, AT, place.settings), *given)

    kind = OrganisationKind.CARE_COORDINATION
    for place in (source, copy):
        do(place, accounts.make_organisation, "Zorgcoördinatie Eem", kind)
    assert do(source, importing.import_file, saved(book(**GIVEN)), "register.xlsx", "nl").carried_out
    content = written(do(source, register_rows), form, "nl")
    assert do(copy, importing.import_file, content, f"register.{form}", "nl").carried_out
    assert do(copy, area_sheets) == do(source, area_sheets)
    assert do(copy, importing.import_file, content, f"register.{form}", "nl").steps == []


def test_partner_with_its_number_written_otherwise_stays(town):
    head = ["Code", "Gebied", "Partner", "Telefoon van de partner"]
    sheets = {"Gebieden": [head, ["eem", "Eemland", "Steunpunt", "030-1234567"]]}
    assert kinds(give(town, sheets)) == [("make", "areas", "eem")]
    again = give(town, sheets)
    assert (kinds(again), again.findings) == ([], [])
