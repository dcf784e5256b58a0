"""The recognition of sheets in a file: sheets of the service, lists in other forms, and hidden sheets."""

from placement.access.permissions import Permission
from placement.exchange.cell_vocabulary import columns_by_name, plain, sheets_by_name
from placement.exchange.grid import Choice, Finding, Grid, is_filled
from placement.exchange.headings import layout_of, meaning_of
from placement.exchange.mapping import LEFT_OUT, SheetMapping
from placement.exchange.sheets import OVERVIEW, SHEETS, Sheet
from placement.exchange.values import as_text

HEADINGS_WITHIN = 20
"""The number of first rows in which headings are searched."""
_FEWEST_HEADINGS = 2
"""The smallest number of known headings by which a sheet with an unknown name is recognised."""


def sheet_of(grid: Grid) -> Sheet | None:
    """Returns the service's sheet with the name of this sheet. If there is no such sheet, returns the sheet whose
    headings fit best. Returns `None` if no sheet fits, or if several fit equally well.
    """
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


def heading_row(grid: Grid, sheet: Sheet, mapping: SheetMapping | None) -> int | None:
    """Returns the index of the row with the most known headings. Rows above it, such as titles, are ignored."""
    known = {*columns_by_name(sheet), *(mapping.columns if mapping else ())}
    scores = [
        len({said for cell in row if (said := plain(as_text(cell))) in known}) for row in grid.rows[:HEADINGS_WITHIN]
    ]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def hidden_sheet(grid: Grid) -> Finding:
    """Returns the question whether to import a hidden sheet. If the sheet is not a list of rooms, returns a note."""
    if layout_of(grid, {}) is None:
        return Finding("import_sheet_hidden", grid.name, blocks=False)
    sheet = sheet_of(grid)
    meant = OVERVIEW if sheet is None or is_own_form(grid, sheet) else sheet
    choices = [Choice(meant.name, "read_sheet"), Choice(LEFT_OUT, "leave_sheet")]
    return Finding("import_ask_hidden_sheet", grid.name, choices=choices, guess=LEFT_OUT, about="hidden_sheet")


def is_own_form(grid: Grid, sheet: Sheet | None) -> bool:
    """Checks whether a sheet is a list in the sender's own form, not a sheet of the service. For example, a sheet of
    rooms that also contains facts about shelters is in the sender's own form.
    """
    if sheet is None:
        return True
    row = heading_row(grid, sheet, None)
    if sheet.by is not Permission.REGISTER_CHANGE or row is None:
        return False
    unknown = [
        as_text(cell)
        for cell in grid.rows[row]
        if is_filled(cell) and plain(as_text(cell)) not in columns_by_name(sheet)
    ]
    meant = {column.name for text in unknown if (column := meaning_of(text).column)}
    there = {
        columns_by_name(sheet)[plain(as_text(cell))].name
        for cell in grid.rows[row]
        if plain(as_text(cell)) in columns_by_name(sheet)
    }
    lacks = {column.name for column in sheet.columns if column.required} - there
    if lacks and ((unknown and layout_of(grid, {})) or {"name", "beds"} <= there | meant):
        return True
    return bool(meant & (_LEVELS - _LEVEL_OF.get(sheet.name, frozenset())))


_LEVEL_OF = {
    "shelters": frozenset({"provider"}),
    "locations": frozenset({"place"}),
    "units": frozenset({"scheme", "admits", "ages", "min_age", "max_age", "children", "children_max_age"}),
    "rooms": frozenset({"name", "beds"}),
}
"""For each sheet of the service: the columns with facts of its own places, not of larger or smaller places."""
_LEVELS = frozenset().union(*_LEVEL_OF.values())
