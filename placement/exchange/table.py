"""The step from the cells of a sheet to rows with typed values: it finds the headings and reads each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from placement.exchange.cell_vocabulary import (
    columns_by_name,
    heading,
    nearest,
    nearest_column,
    plain,
    plain_words,
    sheets_by_name,
    title,
)
from placement.exchange.grid import Finding, Grid, Raw, Span, is_filled, letters
from placement.exchange.mapping import LEFT_OUT, FileMapping, SheetMapping, fingerprint
from placement.exchange.sheets import CAPACITY, COUNTED, SHEETS, Column, Sheet
from placement.exchange.values import Read, Unreadable, as_text
from placement.text.catalogue import Language

HEADINGS_WITHIN = 20
"""The first rows, in which the headings are sought."""
_FEWEST_HEADINGS = 2
"""The number of known headings that identify a sheet with an unknown name."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `number` as the spreadsheet shows it, and the values by column, without empty cells."""

    number: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Table:
    """A sheet of a file, read. `name`: as in the file; `letters`: the file's letters of each column of the service."""

    sheet: Sheet
    name: str
    rows: list[Row] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    mapping: SheetMapping | None = None
    """The mapping given with the file, to be stored."""

    def at(self, row: Row, column: str, code: str, *, blocks: bool = True, **facts: object) -> Finding:
        """Returns a finding about a cell of this table, or about the row if the file has no such column."""
        return Finding(code, self.name, row.number, self.letters.get(column, ""), facts, blocks)


@dataclass(frozen=True, slots=True)
class _Heading:
    """A column of the file, with the service's column; `None` if it is left out."""

    number: int
    text: str
    column: Column | None


def read_tables(
    grids: Sequence[Grid], language: Language, given: FileMapping, kept: Mapping[str, SheetMapping]
) -> tuple[list[Table], list[Finding]]:
    """Returns the tables and the findings of a file. `given`: a mapping for this file; `kept`: by fingerprint."""
    tables, findings = [], []
    for grid in grids:
        if grid.is_empty() and not grid.findings:
            continue
        table, found = _read(grid, language, given.get(plain(grid.name)), kept)
        findings += found
        if table is not None:
            tables.append(table)
    return tables, findings


def _read(
    grid: Grid, language: Language, given: SheetMapping | None, kept: Mapping[str, SheetMapping]
) -> tuple[Table | None, list[Finding]]:
    if given is not None and given.sheet == LEFT_OUT:
        return None, [Finding("import_sheet_left_out", grid.name, blocks=False)]
    if grid.hidden and given is None:
        return None, [Finding("import_sheet_hidden", grid.name, blocks=False)]
    mapping = given or _kept_for(grid, kept)
    sheet = SHEETS[mapping.sheet] if mapping else _sheet_of(grid)
    if sheet is None:
        return None, [_unknown_sheet(grid, language)]
    if sheet is CAPACITY:
        return None, [Finding("import_capacity_is_read_only", grid.name, blocks=False)]
    row = _heading_row(grid, sheet, mapping)
    if row is None:
        names = [heading(column, language) for column in sheet.columns if column.required]
        return None, [Finding("import_no_headings", grid.name, facts={"expected": names, "within": HEADINGS_WITHIN})]
    return _Reader(grid, sheet, row, mapping, language).table(given)


def _kept_for(grid: Grid, kept: Mapping[str, SheetMapping]) -> SheetMapping | None:
    """Returns the mapping stored for a row of headings that this sheet has."""
    rows = grid.rows[:HEADINGS_WITHIN] if kept else ()
    return next((kept[found] for row in rows if (found := fingerprint(map(as_text, row))) in kept), None)


def _sheet_of(grid: Grid) -> Sheet | None:
    """Returns the sheet with this name, else the sheet whose headings it has, including all required headings."""
    if found := sheets_by_name().get(plain(grid.name)):
        return found
    scores: dict[str, int] = {}
    for sheet in SHEETS.values():
        for row in grid.rows[:HEADINGS_WITHIN]:
            known = {column.name for cell in row if (column := columns_by_name(sheet).get(plain(as_text(cell))))}
            if len(known) >= _FEWEST_HEADINGS and known >= {one.name for one in sheet.columns if one.required}:
                scores[sheet.name] = max(scores.get(sheet.name, 0), len(known))
    best = [name for name, score in scores.items() if score == max(scores.values())]
    return SHEETS[best[0]] if len(best) == 1 else None


def _unknown_sheet(grid: Grid, language: Language) -> Finding:
    titles = [title(name, language) for name in SHEETS]
    near = nearest(grid.name, titles)
    if near:
        return Finding("import_sheet_like", grid.name, facts={"near": near})
    return Finding("import_sheet_unknown", grid.name, facts={"expected": titles})


def _heading_row(grid: Grid, sheet: Sheet, mapping: SheetMapping | None) -> int | None:
    """Returns the number of the row (from 0) with the most known headings; titles above it do not matter."""
    known = {*columns_by_name(sheet), *(mapping.columns if mapping else ())}
    scores = [
        len({said for cell in row if (said := plain(as_text(cell))) in known}) for row in grid.rows[:HEADINGS_WITHIN]
    ]
    best = max(scores, default=0)
    return scores.index(best) if best else None


class _Reader:
    """Reads the rows of a sheet below its headings."""

    def __init__(
        self, grid: Grid, sheet: Sheet, heading_row: int, mapping: SheetMapping | None, language: Language
    ) -> None:
        self.grid = grid
        self.sheet = sheet
        self.heading_row = heading_row
        self.mapping = mapping or SheetMapping(sheet.name)
        self.language = language
        self.findings = [one for one in grid.findings if one.row is None or one.row > heading_row + 1]
        self.broken = {(one.row, one.column) for one in self.findings}

    def table(self, given: SheetMapping | None) -> tuple[Table, list[Finding]]:
        headings = self._headings()
        of_ours = {one.column.name: letters(one.number) for one in headings if one.column}
        written = (one.text for one in headings)
        self._find_kept(headings)
        table = Table(self.sheet, self.grid.name, [], of_ours, fingerprint(written), given)
        rows = self._unmerged(headings)
        for number, cells in enumerate(rows, start=self.heading_row + 2):
            self._read_row(table, headings, number, cells)
        return table, self.findings

    def _find(
        self, code: str, row: int | None = None, column: int = 0, *, blocks: bool = True, **facts: object
    ) -> None:
        self.findings.append(Finding(code, self.grid.name, row, letters(column), facts, blocks))

    def _headings(self) -> list[_Heading]:
        found: list[_Heading] = []
        row = self.heading_row + 1
        for number, cell in enumerate(self.grid.rows[self.heading_row], start=1):
            text = as_text(cell)
            column = self._column_of(text)
            twice = column is not None and any(one.column == column for one in found)
            if twice and column:
                self._find("import_heading_twice", row, number, found=text, means=heading(column, self.language))
            elif text and column is None and self.mapping.columns.get(plain(text)) != LEFT_OUT:
                self._find_unknown_heading(row, number, text)
            found.append(_Heading(number, text, None if twice else column))
        self._require_headings(found, row)
        return found

    def _column_of(self, text: str) -> Column | None:
        said = plain(text)
        if said in self.mapping.columns:
            named = self.mapping.columns[said]
            return self.sheet.column(named) if named else None
        taken = set(self.mapping.columns.values())
        column = columns_by_name(self.sheet).get(said)
        return column if column is None or column.name not in taken else None

    def _find_kept(self, headings: Sequence[_Heading]) -> None:
        """Adds a finding about the effect of a mapping from an earlier file, which another user may have given."""
        if self.mapping.kept_on is None:
            return
        said = [
            f"{one.text}: {heading(one.column, self.language) if one.column else '-'}"
            for one in headings
            if plain(one.text) in self.mapping.columns
        ]
        said += [f"{word}: {code}" for words in self.mapping.values.values() for word, code in words.items()]
        day = self.mapping.kept_on.isoformat()
        self._find("import_mapping_kept", self.heading_row + 1, blocks=False, day=day, found=said)

    def _find_unknown_heading(self, row: int, number: int, text: str) -> None:
        if near := nearest_column(self.sheet, text):
            self._find("import_heading_like", row, number, blocks=False, found=text, near=heading(near, self.language))
        else:
            self._find("import_heading_unknown", row, number, blocks=False, found=text)

    def _require_headings(self, found: Sequence[_Heading], row: int) -> None:
        there = {one.column.name for one in found if one.column}
        needed = [column for column in self.sheet.columns if column.required or column.of_first_row]
        missing = [column for column in needed if column.name not in there]
        for column in missing:
            self._find("import_heading_missing", row, missing=heading(column, self.language))

    def _unmerged(self, headings: Sequence[_Heading]) -> list[list[Raw]]:
        """Returns the rows below the headings. A cell merged over several rows gives its value to each of them."""
        rows = [list(row) for row in self.grid.rows[self.heading_row + 1 :]]
        read = {one.number for one in headings if one.column}
        counted = {one.number for one in headings if one.column and one.column.kind in COUNTED}
        for span in self.grid.merged:
            first = span.first_row - self.heading_row - 2
            if first < 0 or first >= len(rows):
                continue
            if len(read & set(range(span.first_column, span.last_column + 1))) > 1:
                self._find("import_merged_across", span.first_row, span.first_column, until=letters(span.last_column))
            elif span.first_column in counted:
                self._find("import_merged_number", span.first_row, span.first_column, until=span.last_row)
            elif span.first_column in read and span.last_row > span.first_row:
                self._find("import_merged_down", span.first_row, span.first_column, blocks=False, until=span.last_row)
                _fill_down(rows, span, first)
        return rows

    def _read_row(self, table: Table, headings: Sequence[_Heading], number: int, cells: Sequence[Raw]) -> None:
        first = next(filter(is_filled, cells), None)
        if first is None:
            return
        if _is_total(as_text(first), lacks=any(_lacks(one, cells) for one in headings)):
            self._find("import_total_left_out", number, blocks=False)
            return
        values: dict[str, object] = {}
        faults = len(self.findings)
        for one in headings:
            cell = cells[one.number - 1] if one.number <= len(cells) else None
            if one.column is None:
                if not one.text and is_filled(cell):
                    self._find_stray(number, one.number, cell)
                continue
            if (number, letters(one.number)) not in self.broken:
                self._read_cell(values, number, one, cell)
        for column, cell in enumerate(cells[len(headings) :], start=len(headings) + 1):
            if is_filled(cell):
                self._find_stray(number, column, cell)
        self._keep(table, Row(number, values), read_well=len(self.findings) == faults)

    def _find_stray(self, row: int, column: int, cell: Raw) -> None:
        self._find("import_value_without_heading", row, column, blocks=False, found=as_text(cell)[:40])

    def _read_cell(self, values: dict[str, object], number: int, one: _Heading, cell: Raw) -> None:
        column = one.column
        if column is None:
            return
        read = Read(column, self.grid, self.language, self.mapping.values.get(column.name, {}))
        try:
            value = read.value(cell)
        except Unreadable as wrong:
            self._find(wrong.code, number, one.number, blocks=True, **wrong.facts)
            return
        for code, facts in read.notes:
            self._find(code, number, one.number, blocks=False, **facts)
        if value is not None:
            values[column.name] = value
        elif column.required:
            self._find("import_value_missing", number, one.number, missing=heading(column, self.language))

    def _keep(self, table: Table, row: Row, *, read_well: bool) -> None:
        if read_well and row.values == self.sheet.example:
            self._find("import_example_left_out", row.number, blocks=False)
        else:
            table.rows.append(row)


def _is_total(begins: str, *, lacks: bool) -> bool:
    """Checks for a row of totals: `Totaal`, or `Totaal Noord` if it `lacks` a required value."""
    first_word, _, _ = begins.partition(" ")
    return plain(begins) in plain_words("total") or (lacks and plain(first_word) in plain_words("total"))


def _lacks(one: _Heading, cells: Sequence[Raw]) -> bool:
    """Checks whether a required value of this column is missing in a row."""
    cell = cells[one.number - 1] if one.number <= len(cells) else None
    return one.column is not None and one.column.required and not is_filled(cell)


def _fill_down(rows: list[list[Raw]], span: Span, first: int) -> None:
    value = rows[first][span.first_column - 1]
    for row in rows[first : first + span.last_row - span.first_row + 1]:
        row[span.first_column - 1] = value
