"""ODS files: values as people write them; what can do harm, or cannot be read, is refused in words of its own."""

import io
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from placement.core.errors import Invalid
from placement.exchange import grid, xlsx_survey
from placement.exchange.ods_write import ods_of
from placement.exchange.xlsx_write import WrittenSheet
from tests.support.exchange.books import placed, read, with_part

HEAD = ["Unit", "Kamer", "Bedden", "Open vanaf"]
FORMULA = 'table:formula="of:=[.A1]"'
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"


def ods(rows, title="Kamers"):
    return ods_of([WrittenSheet(title, HEAD, rows)])


def changed(content, *pairs, part="content.xml"):
    """Returns the file with other XML; each pair has what is replaced, which must be there, and by what."""
    with ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(part).decode()
    for old, new in pairs:
        assert old in xml
        xml = xml.replace(old, new)
    return with_part(content, part, xml.encode())


def values(content):
    found = read(content, "kamers.ods")
    assert found.findings == []
    return [(row.number, dict(row.values)) for row in found.tables[0].rows]


def refused(content):
    with pytest.raises(Invalid) as wrong:
        read(content, "kamers.ods")
    return wrong.value.faults[0].code


def test_plain_sheet_gives_typed_rows():
    rows = [["Noord", "1a", 2, date(2026, 3, 1)], [None], ["Noord", 12, "3", "1-4-2026"]]
    assert values(ods(rows)) == [
        (2, {"unit": "Noord", "name": "1a", "beds": 2, "opens_on": date(2026, 3, 1)}),
        (4, {"unit": "Noord", "name": "12", "beds": 3, "opens_on": date(2026, 4, 1)}),
    ]


def test_repeated_cells_and_rows_keep_their_places():
    """LibreOffice writes equal neighbours once, and a million empty rows at the end of a sheet."""
    cell = '<table:table-cell office:value-type="string"><text:p>N</text:p></table:table-cell>'
    twice = cell.replace("office:value", f'{COLUMNS}="2" office:value')
    empty = f'<table:table-cell {COLUMNS}="16384" /></table:table-row>'
    end, gap = (f'<table:table-row {ROWS}="{number}">{empty}' for number in (1_048_000, 3))
    row = f"<table:table-row>{twice}"
    content = ods([["N", "N", 2, None]])
    content = changed(content, (f"{cell}{cell}", twice), (row, f"{gap}{row}"))
    content = changed(content, ("</table:table>", f"{end}</table:table>"))
    assert values(content) == [(5, {"unit": "N", "name": "N", "beds": 2})]


def test_merged_cells_and_notes_are_read():
    rows = [["Noord", "1", 2, None], [None, "2", 2, None]]
    unit = '<table:table-cell office:value-type="string"><text:p>Noord'
    note = "<office:annotation><text:p>let op</text:p></office:annotation>"
    spanned = unit.replace("office:value", 'table:number-rows-spanned="2" office:value')
    found = read(changed(ods(rows), (unit, spanned.replace("<text:p>", f"{note}<text:p>"))), "kamers.ods")
    assert placed(found.findings) == {("import_merged_down", 2, "A", False)}
    assert [row.values["unit"] for row in found.tables[0].rows] == ["Noord", "Noord"]


def test_formula_without_value_and_failed_formula_are_named():
    two = '<table:table-cell office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>'
    content = ods([["N", "1", 2, None]])
    kept = changed(content, (two, two.replace("office:value-type", f"{FORMULA} office:value-type")))
    assert values(kept)[0][1]["beds"] == 2
    failed = f'<table:table-cell {CALC} {FORMULA} calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    without = f"<table:table-cell {FORMULA} />"
    for cell, code in ((without, "import_formula_without_value"), (failed, "import_formula_failed")):
        found = read(changed(content, (two, cell)), "kamers.ods")
        assert placed(found.findings) == {(code, 2, "C", True)}


def test_hidden_sheet_is_passed_and_asked_about():
    look = '<style:table-properties table:display="false" />'
    hidden = f'<style:style style:name="ta1" style:family="table">{look}</style:style>'
    content = changed(
        ods([["N", "1", 2, None]]),
        ("</office:automatic-styles>", f"{hidden}</office:automatic-styles>"),
        ('table:name="Kamers"', 'table:name="Kamers" table:style-name="ta1"'),
    )
    found = read(content, "kamers.ods")
    assert (found.tables, placed(found.findings)) == ([], {("import_ask_hidden_sheet", None, "", True)})


def test_harmful_and_damaged_files_are_refused(monkeypatch):
    content = ods([["N", "1", 2, None]])
    assert refused(with_part(content, "Basic/Standard/Module1.xml", b"<x/>")) == "import_file_has_macros"
    inside = "<manifest:file-entry><manifest:encryption-data /></manifest:file-entry></manifest:manifest>"
    encrypted = changed(content, ("</manifest:manifest>", inside), part="META-INF/manifest.xml")
    assert refused(encrypted) == "import_file_encrypted"
    assert refused(with_part(content, "content.xml", b"<x")) == "import_file_damaged"
    assert refused(content[: len(content) // 2]) == "import_file_damaged"
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert refused(with_part(content, "content.xml", bomb)) == "import_file_damaged"
    monkeypatch.setattr(xlsx_survey, "MOST_UNPACKED", 100)
    assert refused(content) == "import_file_too_large_unpacked"


@pytest.mark.parametrize(
    ("part", "repeat", "code"),
    [("<table:table-row", ROWS, "import_too_many_rows"), ("<table:table-cell", COLUMNS, "import_too_many_columns")],
)
def test_repeated_value_beyond_the_limits_is_refused(part, repeat, code):
    """A few bytes would become a million cells: they are counted before a value is read."""
    content = ods([["N", "1", 2, date(2026, 3, 1)]])
    assert refused(changed(content, (part, f'{part} {repeat}="1048576"'))) == code


def test_more_sheets_than_a_register_has_are_refused():
    content = ods_of(WrittenSheet(f"Blad {one}", HEAD, []) for one in range(grid.MOST_SHEETS + 1))
    assert refused(content) == "import_too_many_sheets"


@pytest.mark.wide
def test_packed_and_large_content_is_within_the_ratio():
    content = ods([["Noord", f"kamer {one}", 2, None] for one in range(3000)])
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, old.read(one))
    assert len(values(out.getvalue())) == 3000
