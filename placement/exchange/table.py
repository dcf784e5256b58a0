"""The interpretation of a sheet as rows with typed values. Finds the headings, and reads each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from placement.exchange.answers import Answers, SheetAnswer
from placement.exchange.cell_vocabulary import (
    columns_by_name,
    heading,
    nearest,
    nearest_column,
    plain,
    plain_words,
    title,
)
from placement.exchange.grid import Finding, Grid, Raw, Span, is_filled, letters
from placement.exchange.legends import codes_of
from placement.exchange.mapping import LEFT_OUT, FileMapping, SheetMapping, fingerprint
from placement.exchange.overview import Overview
from placement.exchange.overview_blocks import read_overview
from placement.exchange.overview_file import complete
from placement.exchange.overview_shapes import shape_of_list
from placement.exchange.overview_tables import KnownPlaces, tables_of
from placement.exchange.same_questions import answered_elsewhere, asked_once, copy_of
from placement.exchange.sheet_kinds import HEADINGS_WITHIN, heading_row, hidden_sheet, is_own_form, sheet_of
from placement.exchange.sheet_shapes import Heading, SheetShape, shape_of, texts_in
from placement.exchange.sheets import CAPACITY, COUNTED, MEANT, OVERVIEW, SHEETS, Column, Kind, Sheet
from placement.exchange.table_rows import Row, Table
from placement.exchange.values import Read, Unreadable, as_text
from placement.text.catalogue import Language


@dataclass(slots=True)
class ReadTables:
    """The tables of a file, the findings about the file, and the interpretation of each sheet."""

    tables: list[Table] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shapes: list[SheetShape] = field(default_factory=list)
    overviews: list[Overview] = field(default_factory=list)


def read_tables(  # noqa: PLR0917 - all that decides how a file is read
    grids: Sequence[Grid],
    language: Language,
    given: FileMapping,
    kept: Mapping[str, SheetMapping],
    answers: Answers,
    known: KnownPlaces,
) -> ReadTables:
    """Reads the sheets of a file. `given`: the mapping for this file. `kept`: the stored mappings, by fingerprint."""
    read, codes = ReadTables(), codes_of(grids)
    own = {plain(grid.name): copy_of(answers.get(plain(grid.name), SheetAnswer())) for grid in grids}
    for grid in grids:
        if not grid.is_empty() or grid.findings:
            _read(read, replace(grid, codes=codes), language, given.get(plain(grid.name)), kept, own[plain(grid.name)])
    complete(read.overviews)
    read.tables += tables_of(read.overviews, known, language)
    if answered_elsewhere(read.overviews, own):
        return read_tables(grids, language, given, kept, own, known)
    read.findings += asked_once([finding for one in read.overviews for finding in one.findings])
    lists = {one.name: shape_of_list(one, language) for one in read.overviews}
    read.shapes = [lists.get(one.name, one) if one.sheet == OVERVIEW.name else one for one in read.shapes]
    return read


def _read(  # noqa: C901, PLR0917 - all that decides how a sheet is read
    read: ReadTables,
    grid: Grid,
    language: Language,
    given: SheetMapping | None,
    kept: Mapping[str, SheetMapping],
    answer: SheetAnswer,
) -> None:
    wanted = answer.sheet if answer.sheet is not None else given.sheet if given is not None else None
    if wanted == LEFT_OUT:
        read.findings.append(Finding("import_sheet_left_out", grid.name, blocks=False))
        read.shapes.append(SheetShape(grid.name, LEFT_OUT, (), asks=False))
        return
    hidden = answer.asked.get("hidden_sheet")
    if hidden in MEANT and answer.sheet is None:
        answer.sheet = hidden
    if hidden == LEFT_OUT or (grid.hidden and given is None and answer.sheet is None and hidden is None):
        read.findings.append(hidden_sheet(grid))
        return
    mapping = given or _kept_for(grid, kept)
    found = MEANT[mapping.sheet] if mapping else sheet_of(grid)
    sheet = MEANT[answer.sheet] if answer.sheet else found
    if (sheet is OVERVIEW or (not answer.sheet and not mapping and is_own_form(grid, sheet))) and (
        overview := read_overview(grid, language, mapping if found is OVERVIEW else None, answer, kept)
    ):
        read.overviews.append(overview)
        read.shapes.append(SheetShape(grid.name, OVERVIEW.name, (), asks=False))  # all sheets must be read first
        return
    if sheet is None or sheet is OVERVIEW:
        read.findings.append(_unknown_sheet(grid, language))
        read.shapes.append(SheetShape(grid.name, "", (), asks=True))
        return
    if sheet is CAPACITY:
        read.findings.append(Finding("import_capacity_is_read_only", grid.name, blocks=False))
        return
    if sheet is not found:
        given = mapping = SheetMapping(sheet.name)
    row = answer.row_within(len(grid.rows))
    if row is None:
        row = heading_row(grid, sheet, mapping)
    elif (answered := _answered(grid, sheet, row, mapping, answer)) is not None:
        given = mapping = answered
    if row is None:
        names = [heading(column, language) for column in sheet.columns if column.required]
        facts = {"expected": names, "within": HEADINGS_WITHIN}
        read.findings.append(Finding("import_no_headings", grid.name, facts=facts))
        likely = max(range(min(len(grid.rows), HEADINGS_WITHIN)), key=lambda at: texts_in(grid.rows[at]), default=0)
        headings = _Reader(grid, sheet, likely, None, language).plain_headings()
        read.shapes.append(shape_of(grid, sheet, likely, headings, columns={}))
        return
    reader = _Reader(grid, sheet, row, mapping, language)
    table, headings = reader.table(given)
    read.findings += reader.findings
    read.tables.append(table)
    read.shapes.append(shape_of(grid, sheet, row, headings, columns=mapping.columns if mapping else {}))


def _answered(
    grid: Grid, sheet: Sheet, row: int, mapping: SheetMapping | None, answer: SheetAnswer
) -> SheetMapping | None:
    """Returns the mapping with the sender's changes; `None` if the answers confirm the present interpretation."""
    known = mapping or SheetMapping(sheet.name)
    theirs, differing = {column.name for column in sheet.columns} | {LEFT_OUT}, {}
    for (at, number), name in answer.columns.items():
        cells = grid.rows[row]
        said = plain(as_text(cells[number - 1])) if at == row + 1 and number <= len(cells) else ""
        read = columns_by_name(sheet).get(said)
        now = known.columns.get(said, read.name if read else None)
        if said and name in theirs and now != name:
            differing[said] = name
    return SheetMapping(sheet.name, {**known.columns, **differing}, known.values) if differing else None


def _kept_for(grid: Grid, kept: Mapping[str, SheetMapping]) -> SheetMapping | None:
    """Returns the stored mapping for a header row of this sheet; `None` if there is no such mapping."""
    rows = grid.rows[:HEADINGS_WITHIN] if kept else ()
    return next((kept[found] for row in rows if (found := fingerprint(map(as_text, row))) in kept), None)


def _unknown_sheet(grid: Grid, language: Language) -> Finding:
    titles = [title(name, language) for name in SHEETS]
    near = nearest(grid.name, titles)
    if near:
        return Finding("import_sheet_like", grid.name, facts={"near": near})
    return Finding("import_sheet_unknown", grid.name, facts={"expected": titles})


class _Reader:
    """A reader of the rows below the headings of a sheet."""

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
        self.last_total = 0

    def plain_headings(self) -> list[Heading]:
        """Returns the cells of the header row as headings that are not matched to columns yet."""
        return [Heading(at, as_text(cell), None) for at, cell in enumerate(self.grid.rows[self.heading_row], start=1)]

    def table(self, given: SheetMapping | None) -> tuple[Table, list[Heading]]:
        headings = self._headings()
        of_ours = {one.column.name: letters(one.number) for one in headings if one.column}
        written = (one.text for one in headings)
        self._find_kept(headings)
        table = Table(self.sheet, self.grid.name, [], of_ours, fingerprint(written), given)
        rows = self._unmerged(headings)
        for number, cells in enumerate(rows, start=self.heading_row + 2):
            self._read_row(table, headings, number, cells)
        return table, headings

    def _find(
        self, code: str, row: int | None = None, column: int = 0, *, blocks: bool = True, **facts: object
    ) -> None:
        self.findings.append(Finding(code, self.grid.name, row, letters(column), facts, blocks))

    def _headings(self) -> list[Heading]:
        found: list[Heading] = []
        row = self.heading_row + 1
        for number, cell in enumerate(self.grid.rows[self.heading_row], start=1):
            text = as_text(cell)
            column = self._column_of(text)
            twice = column is not None and any(one.column == column for one in found)
            if twice and column:
                self._find("import_heading_twice", row, number, found=text, means=heading(column, self.language))
            elif text and column is None and self.mapping.columns.get(plain(text)) != LEFT_OUT:
                self._find_unknown_heading(row, number, text)
            found.append(Heading(number, text, None if twice else column))
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

    def _find_kept(self, headings: Sequence[Heading]) -> None:
        """Adds a finding that the mapping of an earlier file is used, because another user may have given it."""
        if self.mapping.kept_on is None:
            return
        said = [
            f"{one.text}: {heading(one.column, self.language) if one.column else '-'}"
            for one in headings
            if plain(one.text) in self.mapping.columns
        ]
        said += [f"{word}: {code}" for words in self.mapping.values.values() for word, code in words.items()]
        day = self.mapping.kept_on.isoformat()
        code = "import_mapping_kept_as" if self.mapping.name else "import_mapping_kept"
        self._find(code, self.heading_row + 1, blocks=False, day=day, found=said, name=self.mapping.name)

    def _find_unknown_heading(self, row: int, number: int, text: str) -> None:
        if near := nearest_column(self.sheet, text):
            self._find("import_heading_like", row, number, blocks=False, found=text, near=heading(near, self.language))
        else:
            self._find("import_heading_unknown", row, number, blocks=False, found=text)

    def _require_headings(self, found: Sequence[Heading], row: int) -> None:
        there = {one.column.name for one in found if one.column}
        needed = [column for column in self.sheet.columns if column.required or column.of_first_row]
        missing = [column for column in needed if column.name not in there]
        for column in missing:
            self._find("import_heading_missing", row, missing=heading(column, self.language))

    def _unmerged(self, headings: Sequence[Heading]) -> list[list[Raw]]:
        """Returns the rows below the headings. Copies the value of a cell that is merged over several rows to each of
        them. Adds an error instead if the cell is in a column of numbers, or covers several columns that are read.
        """
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

    def _read_row(self, table: Table, headings: Sequence[Heading], number: int, cells: Sequence[Raw]) -> None:
        first = next(filter(is_filled, cells), None)
        if first is None:
            return
        if _is_total(as_text(first), lacks=any(_lacks(one, cells) for one in headings)):
            self._find("import_total_left_out", number, blocks=False)
            self._compare_total(table, headings, number, cells)
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

    def _compare_total(self, table: Table, headings: Sequence[Heading], number: int, cells: Sequence[Raw]) -> None:
        """Adds a finding if a total of beds is neither the sum of all rows above, nor the sum since the last total."""
        for one in headings:
            if one.column is None or one.column.kind is not Kind.BEDS or one.number > len(cells):
                continue
            total, beds = cells[one.number - 1], one.column.name
            counted = [(row.number, row.values.get(beds, 0)) for row in table.rows]
            sums = {sum(of for at, of in counted if at > since) for since in (0, self.last_total)}
            if counted and isinstance(total, int | float) and total not in sums:
                facts = {"found": as_text(total), "counted": sum(of for _, of in counted)}
                self._find("import_total_differs", number, one.number, blocks=False, **facts)
        self.last_total = number

    def _find_stray(self, row: int, column: int, cell: Raw) -> None:
        self._find("import_value_without_heading", row, column, blocks=False, found=as_text(cell)[:40])

    def _read_cell(self, values: dict[str, object], number: int, one: Heading, cell: Raw) -> None:
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
    """Checks whether a row contains totals. Such a row begins with `Totaal`. If a required value is missing, it may
    also begin with a text such as `Totaal Noord`.
    """
    first_word, _, _ = begins.partition(" ")
    return plain(begins) in plain_words("total") or (lacks and plain(first_word) in plain_words("total"))


def _lacks(one: Heading, cells: Sequence[Raw]) -> bool:
    """Checks whether a required value of this column is missing in a row."""
    cell = cells[one.number - 1] if one.number <= len(cells) else None
    return one.column is not None and one.column.required and not is_filled(cell)


def _fill_down(rows: list[list[Raw]], span: Span, first: int) -> None:
    value = rows[first][span.first_column - 1]
    for row in rows[first : first + span.last_row - span.first_row + 1]:
        row[span.first_column - 1] = value
