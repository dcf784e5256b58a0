"""ODS, written: a program that reads spreadsheets finds the values; no text becomes a formula."""

import io
from datetime import date
from zipfile import ZIP_STORED, ZipFile

import pytest
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineWorkbook

from placement.exchange.ods_write import MIMETYPE, ods_of
from placement.exchange.xlsx_write import WrittenSheet


def cells(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_sheets_rows_and_values_are_read_again():
    rows = [["a", 2, 2.5], [date(2026, 3, 1), None, True]]
    content = ods_of([WrittenSheet("Een", ["A", "B", "C"], rows, above=[["hulp"]]), WrittenSheet("Twee", ["X"], [])])
    assert cells(content) == {
        "Een": [["hulp", "", ""], ["A", "B", "C"], ["a", 2.0, 2.5], [date(2026, 3, 1), "", True]],
        "Twee": [["X"]],
    }


@pytest.mark.parametrize("text", ["=1+1", "+31301234567", "-1", "@SUM(A1)", "<b>&", "een  twee", " rand ", "a\nb"])
def test_text_stays_a_text(text):
    content = ods_of([WrittenSheet("Blad", ["A"], [[text]])])
    assert cells(content)["Blad"] == [["A"], [text]]
    with ZipFile(io.BytesIO(content)) as archive:
        assert b"formula" not in archive.read("content.xml")


def test_signs_that_xml_cannot_hold_are_left_out():
    assert cells(ods_of([WrittenSheet("Blad\x00", ["A\x01"], [["x\ufffe\x0by"]])])) == {"Blad": [["A"], ["xy"]]}


def test_file_names_its_kind_first():
    with ZipFile(io.BytesIO(ods_of([WrittenSheet("Blad", ["A"], [])]))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        assert archive.read("mimetype").decode() == MIMETYPE
        manifest = fromstring(archive.read("META-INF/manifest.xml"))
    assert [value for part in manifest for name, value in part.items() if name.endswith("full-path")] == [
        "/",
        "content.xml",
    ]
