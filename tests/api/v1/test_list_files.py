"""Lists as files: CSV, XLSX and ODS by `Accept` and by `format`, in the reader's language, with no place by a case."""

import csv
import io

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from api.http.response_formats import CSV, FILES, ODS, XLSX
from placement.text.catalogue import translate
from tests.support.api.resources import asked_hold, offered
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store
CASES = ["/registrations", "/tasks"]
COUNTS = ["/decisions/counts", "/holds/counts", "/stays/counts"]


def rows_of(answer):
    """Returns the rows of a file in any form, each with all cells as texts."""
    kind = answer.headers["Content-Type"].split(";")[0]
    if kind == CSV:
        return [*csv.reader(io.StringIO(answer.text, newline=""))]
    if kind == XLSX:
        page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        found = [list(row) for row in page.iter_rows(values_only=True)]
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        found = book.get_sheet_by_index(0).to_python()
    return [[_text(cell) for cell in row] for row in found]


def _text(cell):
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell)


@pytest.fixture
def busy(service):
    """A service with a client in house, a kept bed and a client who waits."""
    asked_hold(service)
    offered(service)
    service.desk.made("/registrations", somebody(alias="=1+1"))
    return service


@pytest.mark.wide
@pytest.mark.parametrize("path", CASES + COUNTS)
def test_list_is_the_same_in_each_form_of_a_file(busy, path):
    by_accept = [rows_of(busy.desk.get(path, Accept=media)) for media in FILES]
    by_query = [rows_of(busy.desk.get(f"{path}?format={form}")) for form in ("csv", "xlsx", "ods")]
    assert by_accept == by_query
    assert by_accept[0] == by_accept[1] == by_accept[2]
    assert busy.desk.get(path, Accept="application/pdf").status_code == 406
    assert busy.desk.get(path).headers["Content-Type"] == "application/json"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("nl", ["Kenmerk", "Regeling", "Spoed", "Dagen", "Status"]),
        ("en", ["Reference", "Scheme", "Urgency", "Days", "State"]),
    ],
)
def test_waiting_list_has_words_of_the_reader_and_no_place(busy, language, heads):
    told = busy.desk.get("/registrations?status=open").json()["items"]
    answer = busy.desk.get("/registrations?status=open&format=ods&limit=1", **{"Accept-Language": language})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="registrations.ods"'
    first, *rows = rows_of(answer)
    assert first == heads
    assert [row[0] for row in rows] == [one["id"] for one in told]  # all of them, whatever the page
    assert {row[4] for row in rows} == {translate("RegistrationStatus", "open", language)}
    assert all(row[1] and row[2] and row[3] == "0" for row in rows)
    known = busy.desk.get("/capacity").json()["shelters"]
    places = {name for one in known for name in (one["name"], one["shelter"], *(unit["unit"] for unit in one["units"]))}
    assert not places & {cell for row in rows for cell in row}


@pytest.mark.wide
def test_tasks_name_case_scheme_and_what_waits(busy):
    listed = busy.desk.get("/tasks").json()["items"]
    _, *rows = rows_of(busy.desk.get("/tasks", Accept=CSV))
    assert [row[0] for row in rows] == [one["registration"] or "" for one in listed]
    assert all(bool(row[1]) == bool(row[0]) for row in rows)


@pytest.mark.wide
def test_counts_of_holds_are_filtered_as_the_page(busy):
    told = busy.desk.get("/holds/counts").json()["items"]
    assert sum(one["count"] for one in told) == busy.desk.get("/holds").json()["total"] > 0
    assert busy.desk.get("/holds/counts?status=expired").json()["items"] == []
    assert busy.desk.get("/holds/counts?days=0").status_code == 400
    first, *_ = rows_of(busy.desk.get("/holds/counts", Accept=CSV, **{"Accept-Language": "nl"}))
    assert first == ["Dag", "Unit (id)", "Plaats", "Status", "Aantal"]


@pytest.mark.wide
@pytest.mark.parametrize("path", COUNTS)
def test_counts_name_no_case(busy, path):
    references = [one["id"] for one in busy.desk.get("/registrations").json()["items"]]
    answer = busy.desk.get(path, Accept=CSV).text
    assert not [one for one in references if one in answer]


@pytest.mark.wide
def test_shelter_counts_its_own_alone(busy):
    assert {one["unit"] for one in busy.staff.get("/holds/counts").json()["items"]} <= {
        room["unit"] for room in busy.staff.get("/shelters/S01/rooms").json()["items"]
    }
    assert busy.report_reader.get("/holds/counts").status_code == 403


@pytest.mark.wide
def test_register_as_ods_is_its_workbook(busy):
    books = [busy.desk.get("/exports/register", Accept=media) for media in (XLSX, ODS)]
    assert books[1].headers["Content-Disposition"] == 'attachment; filename="register.ods"'
    assert rows_of(books[0]) == rows_of(books[1])
