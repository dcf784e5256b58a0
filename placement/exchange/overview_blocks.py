"""Several tables below each other on a sheet. Each table is read as a separate list."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from placement.exchange.answers import SheetAnswer
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Finding, Grid, is_filled
from placement.exchange.heading_values import by_content
from placement.exchange.headings import Layout, layout_of, meaning_of, rooms_across
from placement.exchange.mapping import SheetMapping, fingerprint
from placement.exchange.overview import Overview
from placement.exchange.overview_forms import FormReader
from placement.exchange.overview_reader import OverviewReader
from placement.exchange.overview_tables import signature_of
from placement.exchange.overview_totals import bed_of_each_row, count_beds
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.turned_tables import levelled, stacked, turned
from placement.exchange.values import as_text
from placement.text.catalogue import Language

_WITHIN, _FEWEST = 14, 2
"""`_WITHIN`: the number of first rows of a block in which its header is searched. `_FEWEST`: the smallest number of
known headings in that header, and the smallest number of rows above a header that repeats the previous header
(assumed).
"""


def read_overview(  # noqa: PLR0917 - all that decides how a list is read
    grid: Grid,
    language: Language,
    mapping: SheetMapping | None,
    answer: SheetAnswer,
    kept: Mapping[str, SheetMapping],
    header: int | None = None,
) -> Overview | None:
    """Returns the list in a sheet. Returns `None` if the sheet is not a list of rooms or places. `kept`: stored
    mappings by fingerprint. `header`: the row (from 0) of the header, if the sheet has several tables.
    """
    grid = turned(grid) or stacked(grid) or levelled(grid, language) or grid
    at = answer.row_within(len(grid.rows)) if header is None else header
    blocks = blocks_of(grid, dict(mapping.columns) if mapping else {}) if header is None else []
    if blocks and (at is None or any(0 <= at - row <= 1 for _, row in blocks)):
        cells = {place: grid.rows[place[0] - 1][place[1] - 1 : place[1]] for place in answer.columns}
        answer.headings = {plain(as_text(cell)): answer.columns[at] for at, one in cells.items() for cell in one}
        lists = [read_overview(part, language, mapping, answer, kept, row) for part, row in blocks]
        return together([one for one in lists if one], grid)
    layout = layout_of(grid, dict(mapping.columns) if mapping else {}, at)
    if layout is None:
        form = FormReader(grid, language, mapping, answer, Layout(range(0), [])).form()
        known = kept.get(fingerprint(signature_of(form))) if form and not mapping else None
        return FormReader(grid, language, known, answer, Layout(range(0), [])).form() if known else form
    known = kept.get(fingerprint(one.text for one in layout.headings)) if mapping is None else None
    if known is not None and known.sheet == OVERVIEW.name:
        mapping = known
        layout = layout_of(grid, mapping.columns, layout.rows[0]) or layout
    across = rooms_across(layout)
    bed = bed_of_each_row(grid, layout)
    by_content(grid, layout, mapping.columns if mapping else {})
    corrected = False
    for number, one in enumerate(layout.headings, start=1):
        name = answer.columns.get((layout.rows[-1] + 1, number), answer.headings.get(plain(one.text)))
        if name is not None:
            column = next((each for each in OVERVIEW.columns if each.name == name), None)
            corrected = corrected or one.column != column or not one.sure
            layout.headings[number - 1] = Heading(number, one.text, column, left_out=column is None, is_day=one.is_day)
    reader = OverviewReader(grid, language, mapping, answer, layout)
    reader.across, reader.is_alone = across, header is None
    if bed is not None:
        reader.repeat_names(bed)
    found = reader.table()
    if found is not None and bed is not None:
        count_beds(found, bed)
    if found is not None:
        found.mapping_given = corrected
    return found


def blocks_of(grid: Grid, columns: Mapping[str, str]) -> list[tuple[Grid, int]]:
    """Splits a sheet with several tables. Returns each table as a sheet, with the row (from 0) of its header. Returns
    nothing for a single table.

    Empty rows separate the blocks of a sheet. A block begins a new table if it has a header, in two cases:

    - the header differs from the previous header;
    - the header equals the previous header, but at least two rows of the block are above it.
    """
    starts: list[tuple[int, int]] = []
    last: list[str] = []
    filled = [any(map(is_filled, row)) for row in grid.rows]
    for first in (at for at, has in enumerate(filled) if has and not (at and filled[at - 1])):
        end = next((at for at in range(first, len(filled)) if not filled[at]), len(filled))
        layouts = [layout_of(grid, columns, at) for at in range(first, min(end, first + _WITHIN))]
        known = [one for one in layouts if one and one.score >= _FEWEST and one.rows[-1] + 1 < end]
        found = max(known, key=lambda one: one.score, default=None)
        texts = [plain(one.text) for one in found.headings if one.text] if found else []
        whole = [one for one in (found.headings if found else ()) if meaning_of(one.text).whole]
        if found and len(whole) >= _FEWEST and (texts != last or found.rows[0] - first >= _FEWEST):
            starts.append((first if starts else 0, found.rows[0]))
            last = texts
    ends = [*(first for first, _ in starts[1:]), len(grid.rows)]
    parts = zip(starts, ends, strict=True) if len(starts) > 1 else ()
    return [(_part(grid, first, end), header) for (first, header), end in parts]


def _part(grid: Grid, first: int, end: int) -> Grid:
    rows = [row if first <= at < end else [] for at, row in enumerate(grid.rows)]
    findings = [one for one in grid.findings if first < (one.row or 1) <= end]
    return replace(grid, rows=rows, findings=findings)


def together(lists: Sequence[Overview], grid: Grid) -> Overview | None:
    """Combines the lists of a sheet's tables into a single list, with the layout of the table with the most rows."""
    found = max(lists, key=lambda one: len(one.rows), default=None)
    for one in lists if found else ():
        if found is None or one is found:
            continue
        found.others.append(one.layout)
        found.rows = sorted([*found.rows, *one.rows], key=lambda row: row.number)
        found.cells |= one.cells
        found.totals += one.totals
        found.titles += one.titles
        found.answered |= one.answered
        found.mapping_given |= one.mapping_given
        for finding in one.findings:
            same = [other for other in found.findings if finding.choices and _named(other) == _named(finding)]
            found.findings += [] if same else [finding]
            for other in same[:1]:
                other.places.extend(finding.places)
    return replace(found, grid=grid) if found else None


def _named(one: Finding) -> tuple[object, ...]:
    return one.code, one.column, one.facts.get("found") if one.about.startswith("!") else one.about
