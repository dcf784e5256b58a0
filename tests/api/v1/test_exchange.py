"""Files of the register over the API: the body is the file; faults by cell; forms of an export by `Accept`."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from api.http.response_formats import CSV, ODS, XLSX
from api.v1.exchange import ZIP
from placement.exchange.grid import LONGEST_FILE, MOST_ROWS, MOST_SHEETS
from placement.exchange.importing import MOST_FINDINGS
from placement.exchange.open_imports import MOST_AT_ONCE
from placement.tables import AuditEvent, Room
from tests.support.exchange.books import book, saved
from tests.support.exchange.imports import begin, begun, preview
from tests.support.stores import one_store

pytestmark = one_store

HEAD = ["Opvang", "Unit", "Kamer", "Bedden"]


@pytest.fixture
def desk(service):
    return service.desk


@pytest.fixture
def new_room(service):
    """Makes a workbook with one room more, in a unit of the small country."""
    with service.database.transaction() as session:
        unit = session.exec(select(Room.unit_id).order_by(Room.id)).first()
    return saved(book(Kamers=[HEAD, [None, unit, "Zolder", 2]]))


def test_import_read_shows_what_it_would_do(desk, new_room):
    there = begun(desk, new_room)
    told = desk.get(there, Accept_Language="nl").json()
    assert (told["carried_out"], told["counts"]) == (False, {"make:room": 1})
    assert (told["steps"][0]["id"], told["steps"][0]["text"]) == ("", "nieuw: kamer Zolder")
    assert told["result"] == "Dit was een proef: er is niets gewijzigd. Wijzigingen: 1, fouten: 0."


@pytest.mark.wide
def test_range_of_rooms_is_asked_about_and_answered(desk, service):
    with service.database.transaction() as session:
        unit = session.exec(select(Room.unit_id).order_by(Room.id)).first()
    there = begun(desk, saved(book(Kamers=[HEAD, [None, unit, "3 t/m 5", 3]])))
    asked = desk.post(f"{there}/confirm", Accept_Language="en")
    [error] = asked.json()["errors"]
    assert (asked.status_code, error["field"], error["code"]) == (400, "Kamers!C2", "import_rooms_unclear")
    assert "3, 4, 5" in error["message"]
    assert "ranges" in error["message"]
    assert desk.ask("PATCH", there, {"ranges": "all"}).status_code == 400
    assert desk.ask("PATCH", there, {"ranges": "beds_together"}).is_success
    answered = desk.post(f"{there}/confirm").json()
    assert [(step["kind"], step["name"]) for step in answered["steps"]] == [("make", name) for name in "345"]


def test_import_is_carried_out_once_by_its_key(desk, new_room, service):
    first = begin(desk, new_room, **{"Idempotency-Key": "one"})
    again = begin(desk, new_room, **{"Idempotency-Key": "one"})
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    path = f"/imports/{first.json()['id']}/confirm"
    done, repeated = (desk.post(path, Idempotency_Key="two") for _ in range(2))
    assert done.json()["carried_out"]
    assert (repeated.content, repeated.headers["Idempotent-Replayed"]) == (done.content, "true")
    with service.database.transaction() as session:
        assert len(session.exec(select(Room).where(Room.name == "Zolder")).all()) == 1


def test_import_with_a_fault_is_refused_by_its_cell(desk, service):
    there = begun(desk, saved(book(Kamers=[HEAD, [None, "nergens", "1", "veel"]])))
    answer = desk.post(f"{there}/confirm", Accept_Language="en")
    assert answer.status_code == 400
    faults = [("Kamers!D2", "import_not_whole"), ("Kamers!B2", "import_part_unknown")]  # all at once
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == faults
    tried = desk.get(there).json()
    assert [(one["row"], one["column"], one["blocks"]) for one in tried["findings"]] == [(2, "D", True), (2, "B", True)]
    with service.database.transaction() as session:
        told = [str(event.facts) for event in session.exec(select(AuditEvent))]
    assert not any("nergens" in one for one in told)


def test_import_of_csv_is_named_by_the_query(desk):
    told = preview(desk, b"Unit;Kamer;Bedden\nnergens;1;2\n", "kamers.csv")
    assert told["findings"][0]["code"] == "import_part_unknown"


@pytest.mark.wide
def test_import_of_wrong_cells_alone_shows_the_first(desk):
    file = b"Unit;Kamer;Bedden\n" + b"nergens;1;veel\n" * MOST_FINDINGS
    found = preview(desk, file, "kamers.csv")["findings"]
    assert (len(found), found[-1]["code"]) == (MOST_FINDINGS + 1, "import_more_findings")


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "import_file_empty"), (b"PK\x03\x04", "import_file_damaged")], ids=["nothing", "broken"]
)
def test_import_of_no_file_is_refused(desk, content, code):
    assert [one["code"] for one in begin(desk, content).json()["errors"]] == [code]


def test_import_of_too_large_a_body_is_refused_with_the_limit(desk):
    refused = begin(desk, bytes(LONGEST_FILE + 1), **{"Accept-Language": "en"})
    assert (refused.status_code, "20 MB" in refused.json()["detail"]) == (413, True)


@pytest.mark.wide
def test_import_of_the_largest_file_is_answered(desk):
    head, row = b"Unit;Kamer;Bedden;Opmerking\n", b"S01-L1-U1;K%d;2;%s\n"
    file = head + b"".join(row % (number, b"abc " * 32_000) for number in range(200))
    path = begun(desk, file[:LONGEST_FILE], "kamers.csv", means=["kamers!D1="])
    shown = desk.get(path).json()
    assert (shown["counts"], desk.post(f"{path}/give-up").is_success) == ({"make:room": 157}, True)


@pytest.mark.wide
def test_import_of_the_most_sheets_is_answered(desk):
    sheets = {f"Blad {number}": [HEAD, ["S01-L1", f"Groep {number}", number, 1]] for number in range(MOST_SHEETS)}
    assert len(preview(desk, saved(book(**sheets)))["sheets"]) == MOST_SHEETS


@pytest.mark.parametrize("rows", [MOST_AT_ONCE + 1, 10_000, MOST_ROWS + 1])
def test_import_of_more_rows_than_others_can_wait_for_is_refused(desk, rows):
    file = b"Unit;Kamer;Bedden\n" + b"".join(b"S01-L1-U1;K%d;1\n" % number for number in range(rows))
    refused = begin(desk, file, "kamers.csv", **{"Accept-Language": "en"})
    assert (refused.status_code, "Divide it over" in refused.text) == (400, True)


@pytest.mark.wide
def test_import_given_up_or_of_another_session_is_not_found(desk, service, new_room):
    other = service.signed_in("desk")
    there = begun(desk, new_room)
    assert (other.get(there).status_code, other.post(f"{there}/confirm").status_code) == (404, 404)
    assert [one["id"] for one in desk.get("/imports").json()["open"]] == [there.rpartition("/")[2]]
    assert other.get("/imports").json()["open"] == []
    assert desk.post(f"{there}/give-up").json()["open"] == []
    assert desk.get(there).status_code == 404


@pytest.mark.wide
def test_import_is_taken_back_in_another_session(desk, service, new_room):
    done = desk.post(f"{begun(desk, new_room, name='Rooms')}/confirm").json()
    other = service.signed_in("desk")
    [listed] = other.get("/imports").json()["done"]
    assert (listed["id"], listed["counts"], listed["taken_back_at"]) == (done["id"], {"make:room": 1}, None)
    taken = other.post(f"/import-records/{done['id']}/take-back").json()
    assert taken["taken_back_by"] == listed["done_by"]
    again = other.post(f"/import-records/{done['id']}/take-back")
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "import_taken_back")
    with service.database.transaction() as session:
        assert [one.status.value for one in session.exec(select(Room).where(Room.name == "Zolder"))] == ["closed"]


def test_import_with_a_key_is_refused(service, new_room):
    assert begin(service.desk.software, new_room).json()["type"].endswith("sign_in_needed")


@pytest.mark.wide
@pytest.mark.parametrize(("media", "begins"), [(XLSX, b"PK"), (ODS, b"PK"), (ZIP, b"PK"), ("application/json", b"{")])
def test_export_in_the_form_that_is_accepted(desk, media, begins):
    answer = desk.get("/exports/register", Accept=media)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, media)
    assert answer.content.startswith(begins)
    assert preview(desk, answer.content)["steps"] == []


def test_export_without_a_wish_is_hsds(desk):
    told = desk.get("/exports/register").json()
    assert len(told["service_capacity"]) > 5
    assert "Voorbeeldstraat" not in json.dumps(told)


def test_export_in_another_form_is_refused(desk):
    assert desk.get("/exports/register", Accept="application/pdf").status_code == 406


LISTS = ["/providers", "/shelters", "/shelters/S01/rooms", "/capacity"]


@pytest.mark.parametrize("path", LISTS)
def test_list_as_csv_and_workbook_has_its_rows(service, path):
    rows = list(csv.DictReader(io.StringIO(service.desk.get(path, Accept=CSV).text, newline="")))
    page = load_workbook(io.BytesIO(service.desk.get(path, Accept=XLSX).content)).worksheets[0]
    headings, *cells = page.iter_rows(values_only=True)
    assert list(rows[0]) == list(headings)
    assert [list(row.values()) for row in rows] == [
        ["" if cell is None else str(cell) for cell in row] for row in cells
    ]
    told = service.desk.get(path, Accept="application/json").json()
    things = told["items"] if "items" in told else [unit for one in told["shelters"] for unit in one["units"]]
    assert [row["name"] for row in rows] == [one["name"] for one in things]


@pytest.mark.parametrize("path", LISTS)
def test_list_in_another_form_is_refused(service, path):
    assert service.desk.get(path, Accept="application/pdf").status_code == 406


def test_list_of_a_shelters_actor_is_its_own(service):
    rows = list(csv.DictReader(io.StringIO(service.staff.get("/shelters", Accept=CSV).text, newline="")))
    assert [row["id"] for row in rows] == ["S01"]


def test_export_of_a_workbook_is_a_file(desk):
    answer = desk.get("/exports/register", Accept=XLSX)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="register.xlsx"'


@pytest.mark.wide
def test_improbable_number_is_asked_about_and_answered(desk):
    content = saved(book(Opvang=[["Opvang", "Aanbieder", "Telefoon"], ["De Berk", "Stichting Berk", "030 12345"]]))
    there = begun(desk, content)
    asked = desk.post(f"{there}/confirm")
    [error] = asked.json()["errors"]
    assert (asked.status_code, error["field"], error["code"]) == (400, "Opvang!C2", "telephone_dutch")
    [finding] = desk.get(there).json()["findings"]
    assert (finding["blocks"], finding["written"]) == (True, "030 12345")
    assert desk.ask("PATCH", there, {"sure_of": ["030 12346", "030 12345"]}).is_success
    assert desk.post(f"{there}/confirm").json()["carried_out"]


@pytest.mark.wide
def test_questions_about_columns_are_answered_by_a_program(desk, service):
    with service.database.transaction() as session:
        unit = session.exec(select(Room.unit_id).order_by(Room.id)).first()
    there = begun(desk, saved(book(Overzicht=[["Groepje", "Nr", "Plekken"], [unit, "Zolder", 2]])))
    [sheet] = desk.get(there).json()["sheets"]
    assert (sheet["asks"], "unit" in sheet["allowed"]) == (True, True)
    assert desk.ask("PATCH", there, {"means": ["Overzicht=rooms"]}).is_success
    [sheet] = desk.get(there).json()["sheets"]
    named = zip(sheet["columns"], ("unit", "name", "beds"), strict=True)
    means = [f"Overzicht!{one['cell']}={column}" for one, column in named]
    wrong = desk.ask("PATCH", there, {"means": ["Overzicht=kamers"]}).json()["errors"]
    assert [(one["field"], one["code"]) for one in wrong] == [("means", "import_answer_unknown")]
    assert desk.ask("PATCH", there, {"means": means}).is_success
    assert desk.post(f"{there}/confirm").json()["counts"] == {"make:room": 1}
