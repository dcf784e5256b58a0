"""The reader of a user's file: its kind, its sheets and its findings. Nothing of the file is stored."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import PurePath

from placement.exchange.answers import Answers
from placement.exchange.csv_read import read_csv
from placement.exchange.grid import LONGEST_FILE, Grid, unreadable
from placement.exchange.hsds import read_hsds
from placement.exchange.mapping import FileMapping, SheetMapping
from placement.exchange.ods import is_ods, read_ods
from placement.exchange.overview_tables import KnownPlaces
from placement.exchange.table import ReadTables, read_tables
from placement.exchange.xls import COMPOUND, read_xls
from placement.exchange.xlsx import ZIP, read_xlsx
from placement.exchange.zip_read import holds_csv_alone, read_csvs
from placement.text.catalogue import Language

_ARCHIVES = {".xlsx", ".xls", ".ods", ".zip"}
_OF_A_WORKBOOK = b"[Content_Types].xml"
"""The name of a part that every .xlsx file contains. Used to recognise a file whose beginning is damaged."""


def read_file(
    content: bytes,
    name: str,
    language: Language,
    *,
    given: FileMapping | None = None,
    kept: Mapping[str, SheetMapping] | None = None,
    answers: Answers | None = None,
    known: KnownPlaces | None = None,
) -> ReadTables:
    """Reads a file. `name`: the file's name; for a CSV file also the name of the sheet. `known`: the places of the
    register, with which the places of a list are compared. Raises `Invalid` if the file is unreadable.
    """
    read = read_tables(
        read_grids(content, name), language, given or {}, kept or {}, answers or {}, known or KnownPlaces()
    )
    if not read.tables and not read.findings:
        raise unreadable("import_file_empty")
    return read


def read_grids(content: bytes, name: str) -> list[Grid]:
    """Returns the sheets of the file as uninterpreted cells. Raises `Invalid` if the file is unreadable."""
    if not content:
        raise unreadable("import_file_empty")
    if len(content) > LONGEST_FILE:
        raise unreadable("import_file_too_large", most=LONGEST_FILE // 1_000_000)
    if content.startswith(COMPOUND):
        return read_xls(content)
    if content.startswith(ZIP) and is_ods(content):
        return read_ods(content)
    if content.startswith(ZIP):
        return read_csvs(content) if holds_csv_alone(content) else read_xlsx(content)
    if content.lstrip(BOM_UTF8).lstrip().startswith(b"{"):
        return read_hsds(content)
    if PurePath(name).suffix.lower() in _ARCHIVES or _OF_A_WORKBOOK in content:
        raise unreadable("import_file_damaged")
    return [read_csv(content, PurePath(name).stem)]
