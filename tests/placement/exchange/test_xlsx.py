"""XLSX files: values as people write them; what can do harm, or cannot be read, is refused in words of its own."""

import io
from datetime import date
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from placement.core.errors import Invalid
from placement.exchange import grid, xlsx_survey
from placement.exchange.file_reader import read_file
from tests.support.exchange.books import book, placed, read, saved, with_part

HEAD = ["Unit", "Kamer", "Bedden"]


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as wrong:
        read(content)
    return wrong.value.faults[0].code


def test_xlsx_plain_sheet_gives_typed_rows():
    found = read(saved(book(Kamers=[HEAD, ["Noord", "1a", 2], ["Noord", 12, "3"]])))
    assert found.findings == []
    [table] = found.tables
    assert [(row.number, dict(row.values)) for row in table.rows] == [
        (2, {"unit": "Noord", "name": "1a", "beds": 2}),
        (3, {"unit": "Noord", "name": "12", "beds": 3}),
    ]


def test_xlsx_title_rows_above_the_headings_are_passed():
    rows = [["Kamers van De Berk", None, None], [None], ["bijgewerkt", date(2026, 3, 1), None], HEAD, ["N", "1", 2]]
    found = read(saved(book(Kamers=rows)))
    assert [row.number for row in found.tables[0].rows] == [5]
    assert found.findings == []


def test_xlsx_texts_that_cells_share_are_read():
    """Excel writes such texts once, and refers to them by number in the cells."""
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    inline, kind = b't="inlineStr"><is><t>N</t></is></c>', "spreadsheetml.sharedStrings+xml"
    texts = "<si><r><t xml:space='preserve'>De </t></r><r><t>Berk</t></r></si>"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = f"application/vnd.openxmlformats-officedocument.{kind}"
    named = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
    page, types = _sheet(content), _part(content, "[Content_Types].xml")
    assert inline in page
    content = with_part(content, "xl/worksheets/sheet1.xml", page.replace(inline, b't="s"><v>0</v></c>'))
    content = with_part(content, "[Content_Types].xml", types.replace(b"</Types>", f"{named}</Types>".encode()))
    found = read(with_part(content, "xl/sharedStrings.xml", f'<sst xmlns="{space}">{texts}</sst>'.encode()))
    assert found.tables[0].rows[0].values["unit"] == "De Berk"


def test_xlsx_formula_with_stored_value_is_that_value():
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    part = _sheet(content).replace(b"<v>2</v>", b"<f>1+9</f><v>2</v>")
    found = read(with_part(content, "xl/worksheets/sheet1.xml", part))
    assert found.tables[0].rows[0].values["beds"] == 2
    assert found.findings == []


def test_xlsx_formula_without_stored_value_is_named():
    found = read(saved(book(Kamers=[HEAD, ["N", "1", "=1+1"], ["N", "=A2", 2]])))
    assert placed(found.findings) == {
        ("import_formula_without_value", 2, "C", True),
        ("import_formula_without_value", 3, "B", True),
    }


def test_xlsx_formula_that_failed_is_named():
    content = saved(book(Kamers=[HEAD, ["N", "1", "#REF!"]]))
    assert placed(read(content).findings) == {("import_formula_failed", 2, "C", True)}


def test_xlsx_with_macros_is_refused():
    assert refused(with_part(saved(book(Kamers=[HEAD])), "xl/vbaProject.bin", b"\x00")) == "import_file_has_macros"


def test_xlsx_of_the_type_for_macros_is_refused():
    content = saved(book(Kamers=[HEAD]))
    types = _part(content, "[Content_Types].xml")
    macros = types.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")
    assert macros != types
    assert refused(with_part(content, "[Content_Types].xml", macros)) == "import_file_has_macros"


def test_xlsx_encrypted_file_is_refused():
    assert (
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")) == "import_file_encrypted"
    )


def test_xlsx_encrypted_part_is_refused():
    content = bytearray(saved(book(Kamers=[HEAD])))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)) == "import_file_encrypted"


def test_xls_that_is_cut_off_is_refused_as_damaged():
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Workbook") == "import_file_damaged"


def test_xlsx_other_zip_is_refused():
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert refused(out.getvalue()) == "import_file_is_no_xlsx"


def test_xlsx_cut_off_is_refused_as_damaged():
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    assert refused(content[: len(content) // 2]) == "import_file_damaged"


@pytest.mark.parametrize("name", ["rooms.xlsx", "Rooms.XLSX", ""])
def test_xlsx_without_its_beginning_is_refused_as_damaged(name):
    """Its name or its content marks it as a workbook; it is not read as text in a wrong encoding."""
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    with pytest.raises(Invalid) as error:
        read_file(b"\x00\x81" + content[2:], name, "nl")
    assert [fault.code for fault in error.value.faults] == ["import_file_damaged"]


@pytest.mark.parametrize("name", ["rooms.xlsx", "rooms.zip"])
def test_file_that_is_not_what_its_name_says_is_refused(name):
    with pytest.raises(Invalid) as error:
        read_file(b"\x81\x8d\x00", name, "nl")
    assert [fault.code for fault in error.value.faults] == ["import_file_damaged"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_xlsx_broken_part_is_refused_as_damaged(part):
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    assert refused(with_part(content, part, b"<broken")) == "import_file_damaged"


@pytest.mark.wide
def test_xlsx_damaged_anywhere_is_refused_in_words():
    """Bytes and letters changed at random: what is read is read, and everything else is `Invalid`."""
    content, rng = saved(book(Kamers=[HEAD, ["N", "1", 2]])), Random(7)
    with ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    refusals = 0
    for _ in range(60):
        bare = bytearray(content)
        bare[rng.randrange(len(bare))] = rng.randrange(256)
        name = rng.choice(sorted(parts))
        part = bytearray(parts[name])
        part[(place := rng.randrange(len(part))) : place + 3] = rng.choice([b"<", b'"', b"9", b""])
        for damaged in (bytes(bare), with_part(content, name, bytes(part))):
            try:
                read(damaged)
            except Invalid:
                refusals += 1
    assert 20 < refusals < 120


def test_xlsx_of_a_later_zip_is_refused():
    content = bytearray(saved(book(Kamers=[HEAD])))
    content[content.rindex(b"PK\x01\x02") + 6] = 95
    assert refused(bytes(content)) == "import_file_damaged"


def test_xlsx_with_entities_is_refused():
    """Entities that expand to billions of letters, or that read a file of the machine, are never expanded."""
    content = saved(book(Kamers=[HEAD, ["N", "1", 2]]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + _sheet(content)
    assert refused(with_part(content, "xl/worksheets/sheet1.xml", bomb)) == "import_file_damaged"


def test_xlsx_that_unpacks_to_too_much_is_refused():
    content = with_part(saved(book(Kamers=[HEAD])), "xl/media/image1.png", bytes(20_000_000))
    assert len(content) < 100_000
    assert refused(content) == "import_file_too_large_unpacked"


def test_xlsx_that_packs_well_and_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_survey, "MOST_UNPACKED", 5_000)
    assert refused(saved(book(Kamers=[HEAD, *([["N", "1", 2]] * 300)]))) == "import_file_too_large_unpacked"


def test_xlsx_that_lies_about_a_size_is_not_read_past_it():
    """The directory states 1,000 bytes for a part of 30 million bytes: only the stated number is unpacked."""
    content = with_part(saved(book(Kamers=[HEAD])), "xl/worksheets/sheet1.xml", b" " * 30_000_000)
    said = (30_000_000).to_bytes(4, "little")
    assert content.count(said) == 2
    assert refused(content.replace(said, (1_000).to_bytes(4, "little"))) == "import_file_damaged"


def test_xlsx_with_parts_without_number_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_survey, "MOST_PARTS", 5)
    assert refused(saved(book(Kamers=[HEAD]))) == "import_file_too_large_unpacked"


def test_xlsx_one_row_too_many_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_survey, "MOST_ROWS", 3)
    assert read(saved(book(Kamers=[HEAD, *([["N", "1", 2]] * 2)]))).tables
    assert refused(saved(book(Kamers=[HEAD, *([["N", "1", 2]] * 3)]))) == "import_too_many_rows"


@pytest.mark.wide
def test_xlsx_hundred_thousand_rows_are_refused():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 100_001))
    content = saved(book(Kamers=[HEAD]))
    start, rest = _sheet(content).split(b"<sheetData>")
    part = start + b"<sheetData>" + rows + b"</sheetData>" + rest.split(b"</sheetData>")[1]
    assert refused(_stored(content, part)) == "import_too_many_rows"


def test_xlsx_cell_with_a_style_far_below_is_no_row():
    made = book(Kamers=[HEAD, ["N", "1", 2]])
    made["Kamers"].cell(1_000_000, 1).number_format = "0.00"
    assert len(read(saved(made)).tables[0].rows) == 1


def test_xlsx_column_too_many_is_refused():
    made = book(Kamers=[HEAD])
    made["Kamers"].cell(2, grid.MOST_COLUMNS + 1).value = "x"
    assert refused(saved(made)) == "import_too_many_columns"


def test_xlsx_with_sheets_without_number_is_refused():
    many = book(**{f"Blad{n}": [["x"]] for n in range(grid.MOST_SHEETS + 1)})
    assert refused(saved(many)) == "import_too_many_sheets"


def test_xlsx_without_a_value_is_refused_as_empty():
    assert refused(saved(Workbook())) == "import_file_empty"


def test_xlsx_larger_than_a_register_is_refused_unopened():
    assert refused(b"PK\x03\x04" + bytes(grid.LONGEST_FILE)) == "import_file_too_large"


def test_xlsx_days_of_the_mac_calendar_are_right():
    made = book(Kamers=[[*HEAD, "Open vanaf"], ["N", "1", 2, 44_621]])
    made.epoch = CALENDAR_MAC_1904
    assert read(saved(made)).tables[0].rows[0].values["opens_on"].isoformat() == "2026-03-02"


def test_xlsx_merged_over_rows_counts_for_each_and_is_said():
    made = book(Kamers=[HEAD, ["N", "1", 2], [None, "2", 1], [None, "3", 1]])
    made["Kamers"].merge_cells("A2:A4")
    found = read(saved(made))
    assert [row.values["unit"] for row in found.tables[0].rows] == ["N", "N", "N"]
    assert placed(found.findings) == {("import_merged_down", 2, "A", False)}


def test_xlsx_merged_over_columns_is_refused_at_its_place():
    made = book(Kamers=[HEAD, ["N", None, 2]])
    made["Kamers"].merge_cells("A2:B2")
    assert ("import_merged_across", 2, "A", True) in placed(read(saved(made)).findings)


def test_xlsx_number_merged_over_rows_is_refused():
    made = book(Kamers=[HEAD, ["N", "1", 6], ["N", "2", None]])
    made["Kamers"].merge_cells("C2:C3")
    assert ("import_merged_number", 2, "C", True) in placed(read(saved(made)).findings)


def test_xlsx_merged_title_above_the_headings_does_not_matter():
    made = book(Kamers=[["Kamers", None, None], HEAD, ["N", "1", 2]])
    made["Kamers"].merge_cells("A1:C1")
    assert read(saved(made)).findings == []


def _sheet(content: bytes) -> bytes:
    return _part(content, "xl/worksheets/sheet1.xml")


def _part(content: bytes, name: str) -> bytes:
    with ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def _stored(content: bytes, part: bytes) -> bytes:
    """With this first sheet, not packed: as large as it is."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_STORED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == "xl/worksheets/sheet1.xml" else old.read(one), ZIP_DEFLATED)
    return out.getvalue()
