"""Files that the service writes: the template is read back without a finding, no cell is a formula, values return."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from placement.core.languages import LANGUAGES
from placement.exchange.csv_write import as_it_was, csv_of_rows, safe
from placement.exchange.profile_columns import PROFILE
from placement.exchange.sheets import SHEETS, Kind
from placement.exchange.template import cell_of, csv_template, written_sheet, xlsx_template
from placement.exchange.xlsx_write import xlsx_of
from placement.tables.facts import PROFILE_FACTS
from placement.text.catalogue import languages
from tests.support.exchange.books import placed, read

DANGEROUS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(1)"]


@pytest.mark.parametrize("language", languages())
def test_template_is_read_back_and_its_examples_left_out(language):
    found = read(xlsx_template(language))
    assert [table.sheet.name for table in found.tables] == list(SHEETS)
    assert [table.rows for table in found.tables] == [[]] * len(SHEETS)
    assert placed(found.findings) == {("import_example_left_out", 4, "", False)}


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("language", languages())
def test_template_as_csv_is_read_back(name, language):
    found = read(csv_template(SHEETS[name], language).encode(), f"{name}.csv")
    assert placed(found.findings) == {("import_example_left_out", 2, "", False)}


def test_each_fact_of_a_profile_has_a_column_of_units():
    """A fact without a column is lost on the way to another installation."""
    columns = {column.name for column in SHEETS["units"].columns}
    assert {*PROFILE_FACTS, *PROFILE} - columns == set(), "each a `_column` of `units` in placement/exchange/sheets.py"


@pytest.mark.wide
@pytest.mark.parametrize("language", languages())
def test_every_code_of_every_list_comes_back(language):
    for sheet in SHEETS.values():
        for column in sheet.columns:
            for code in column.offered:
                value = (code,) if column.kind is Kind.CODES else code
                assert _back(sheet, column, value, language) == value


@pytest.mark.parametrize("language", languages())
def test_every_language_comes_back(language):
    column = SHEETS["units"].column("languages")
    codes = tuple(sorted(LANGUAGES))
    assert _back(SHEETS["units"], column, codes, language) == codes


@pytest.mark.parametrize("text", [*DANGEROUS, "'t Huis", "een, twee; drie", "regel\nregel", "12"])
def test_every_text_comes_back_from_both_forms(text):
    column = SHEETS["rooms"].column("name")
    assert _back(SHEETS["rooms"], column, text, "nl") == " ".join(text.split())
    assert _back_from_csv(text) == " ".join(text.split())


@pytest.mark.parametrize("text", DANGEROUS)
def test_xlsx_cell_that_would_run_is_a_text(text):
    book = load_workbook(io.BytesIO(xlsx_of([written_sheet(SHEETS["rooms"], [{"name": text}], "nl")])))
    cell = book.worksheets[0].cell(2, 5)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_cell_that_would_run_is_a_text(text):
    [[cell]] = list(csv.reader(io.StringIO(csv_of_rows(["x"], [[text]]), newline="")))[1:]
    assert (cell[:2], as_it_was(cell)) == (f"'{text[0]}", text)


@pytest.mark.parametrize(
    "text", ["Zolder;=1+1", "a; =A1;b", "a\n@SUM(A1)", "a\r=A1", "Ma-vr; +31 6", 'a;"=A1;b', 'a; "" =A1;b']
)
def test_csv_text_runs_in_no_cell_of_a_dutch_spreadsheet(text):
    written = csv_of_rows(["x", "y"], [["S1", text]]).partition("\n")[2]
    cells = [cell.strip(' "') for line in written.splitlines() for cell in line.split(";")]  # a spreadsheet unquotes
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert _back_from_csv(text) == " ".join(text.split())


@pytest.mark.parametrize("text", ["'=1+1", "''-a", "a;'-b"])
def test_csv_text_with_an_escape_of_its_own_comes_back(text):
    assert _back_from_csv(text) == text


@pytest.mark.parametrize(("cell", "text"), [(-68.9, "-68.9"), (None, ""), (date(2026, 3, 1), "2026-03-01")])
def test_csv_cell_that_is_no_text_is_plain(cell, text):
    assert safe(cell) == text


def test_xlsx_control_letters_are_left_out():
    found = read(xlsx_of([written_sheet(SHEETS["rooms"], [{"name": "a\x00b", "unit": "u", "beds": 1}], "nl")]))
    assert found.tables[0].rows[0].values["name"] == "ab"


def test_yes_and_no_are_written_in_words():
    column = SHEETS["residents"].column("high_care")
    assert [cell_of(column, value, "nl") for value in (True, False, None)] == ["ja", "nee", None]


def _back(sheet, column, value, language):
    first = sheet.columns[0].name  # changed, so that the row is no example
    row = {**sheet.example, first: "S999", column.name: value}
    found = read(xlsx_of([written_sheet(sheet, [row], language)]))
    assert [one for one in found.findings if one.blocks] == []
    return found.tables[0].rows[0].values.get(column.name)


def _back_from_csv(text):
    content = csv_of_rows(["Unit", "Kamer", "Bedden"], [["N", text, 2]])
    return read(content.encode(), "kamers.csv").tables[0].rows[0].values["name"]
