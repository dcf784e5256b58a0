"""The reader of a ZIP file of CSV files, as the export writes it. Each CSV file is a sheet with the file's name."""

import io
from pathlib import PurePath
from zipfile import ZipFile

from placement.exchange.csv_read import read_csv
from placement.exchange.grid import MOST_SHEETS, Grid, require_few_cells, unreadable
from placement.exchange.xlsx_survey import DAMAGED, require_small

_ENDING = ".csv"


def holds_csv_alone(content: bytes) -> bool:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except DAMAGED:
        return False
    return bool(names) and all(name.lower().endswith(_ENDING) for name in names)


def read_csvs(content: bytes) -> list[Grid]:
    """Returns the sheets. Raises the errors of the reader of CSV files, and `Invalid` for content that is too large."""
    with ZipFile(io.BytesIO(content)) as archive:
        require_small(archive)
        if len(archive.namelist()) > MOST_SHEETS:
            raise unreadable("import_too_many_sheets", found=len(archive.namelist()), most=MOST_SHEETS)
        try:
            parts = {name: archive.read(name) for name in archive.namelist()}
        except DAMAGED as damaged:
            raise unreadable("import_file_damaged") from damaged
    grids = []
    for name, part in parts.items():
        if part:
            grids.append(read_csv(part, PurePath(name).stem))
            require_few_cells(sum(len(row) for grid in grids for row in grid.rows))
    return grids
