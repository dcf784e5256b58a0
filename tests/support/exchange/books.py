"""Workbooks for tests of the import, made by openpyxl, or by hand if openpyxl refuses."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from placement.exchange.file_reader import read_file
from placement.exchange.grid import Finding
from placement.exchange.table import ReadTables


def book(**sheets):
    """Makes a workbook of these sheets, each a list of rows."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    return made


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Returns a copy of the file with this part, which replaces a part of the same name."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return out.getvalue()


def read(content: bytes, name: str = "kamers.xlsx", **more) -> ReadTables:
    return read_file(content, name, "nl", **more)


def placed(findings: list[Finding]) -> set[tuple[str, int | None, str, bool]]:
    """Returns code, row and column of each finding, and whether it blocks."""
    return {(one.code, one.row, one.column, one.blocks) for one in findings}
