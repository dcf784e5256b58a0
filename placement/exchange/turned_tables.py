"""Rearranges tables before they are read: transposed tables (a column is a room), tables side by side, pivot tables."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from placement.exchange.bed_cells import beds_in_name
from placement.exchange.cell_vocabulary import heading
from placement.exchange.grid import Finding, Grid, Marks, Raw, Span, is_filled, letters, number_of
from placement.exchange.headings import is_day, is_sum, layout_of, meaning_of
from placement.exchange.people_cells import BLANK, group_in
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text
from placement.text.catalogue import Language

_FEWEST = 2
"""The most filled cells of a title row. A table must have more headings than this number (assumed)."""
_LEVELS = ("shelter", "unit", "name")
"""The columns of the labels of a pivot table, from the largest place to the smallest."""
_Place = tuple[int, int]
"""A row and a column, both counted from 1."""


def stacked(grid: Grid) -> Grid | None:
    """Returns the sheet with its tables below each other instead of beside each other, and a note. Returns `None` for
    other sheets. Each table must have columns for rooms and beds. An empty column must separate the tables.
    """
    layout = layout_of(grid, {})
    headings = layout.headings if layout else []
    runs = [list(run) for filled, run in groupby(headings, key=lambda one: bool(one.text)) if filled]
    if len(runs) < _FEWEST or not all(
        {"name", "beds"} <= {one.column.name for one in run if one.column} for run in runs
    ):
        return None
    ends = [*(run[0].number - 1 for run in runs[1:]), max(map(len, grid.rows))]
    starts = [0, *ends]
    lines = [
        [(at + 1, number) for number in range(first + 1, last + 1)]
        for first, last in zip(starts, ends, strict=False)
        for at in range(len(grid.rows) + 1)
    ]
    return _rearranged(grid, lines, "import_stacked")


def turned(grid: Grid) -> Grid | None:
    """Returns the sheet with a row for each room, and with a note about the change. Returns `None` if no table of the
    sheet is transposed.

    Findings, marks and merged cells move with their cells. So all questions name positions in the returned sheet.
    """
    runs = [list(run) for _, run in groupby(range(len(grid.rows)), key=lambda at: _is_wide(grid.rows[at]))]
    sides = [run for run in runs if _lies_on_its_side([grid.rows[at] for at in run])]
    if not sides:
        return None
    lines: list[list[_Place]] = []
    for run in runs:
        width = max(len(grid.rows[at]) for at in run)
        places = [[(at + 1, number) for number in range(1, width + 1)] for at in run]
        lines += [list(column) for column in zip(*places, strict=True)] if run in sides else places
    return _rearranged(grid, lines, "import_turned")


def levelled(grid: Grid, language: Language) -> Grid | None:
    """Returns the sheet with a column for each level of its pivot table, and a note about it. The sums of houses and
    groups move behind the numbers of rooms. Returns `None` if no rows form a pivot table of groups and their rooms.
    """
    width = max(map(len, grid.rows), default=0)
    runs = groupby(range(len(grid.rows)), key=lambda at: _is_counted(grid.rows[at]))
    run = max((list(run) for is_counted, run in runs if is_counted), key=len, default=[])
    numbers = ((_cell(grid, (at + 1, number)) for number in range(2, width + 1)) for at in run)
    sums = [[cell if isinstance(cell, int | float) else 0 for cell in row] for row in numbers]
    of_rooms = next((level for level in (2, 1) if _levels(sums, level)), 0)
    levels = dict(zip(run, _levels(sums, of_rooms), strict=False))
    groups = [as_text(grid.rows[at][0]) for at, level in levels.items() if level == of_rooms - 1]
    rooms = [as_text(grid.rows[at][0]) for at, level in levels.items() if level == of_rooms]
    if (
        not 0 < len(groups) < len(rooms)
        or not any(map(is_filled, grid.rows[run[0] - 1] if run[0] else ()))
        or not all(one in BLANK or "admits" in group_in(one) for one in groups)
        or any("admits" in group_in(one) for one in rooms)
    ):
        return None
    empty = [(len(grid.rows) + 1, 1)] * width
    lines = []
    for at in range(len(grid.rows)):
        level = levels.get(at, 0)
        is_sum = at in levels and level < of_rooms
        label = [*empty[:level], (at + 1, 1), *empty[level:of_rooms]]
        lines.append([*label, *empty[: (width - 1) * is_sum], *((at + 1, number) for number in range(2, width + 1))])
    found = _rearranged(grid, lines, "import_levelled")
    names = [heading(OVERVIEW.column(name), language) for name in _LEVELS[-of_rooms - 1 :]]
    head = [*names, *found.rows[run[0] - 1][len(names) :]]
    return replace(found, rows=[*found.rows[: run[0] - 1], head, *found.rows[run[0] :]])


def _is_counted(row: Sequence[Raw]) -> bool:
    """Checks whether a row consists of a label, which is not a total, and of numbers."""
    label, *numbers = row or [None]
    return (
        isinstance(label, str)
        and not is_sum(label)
        and any(map(is_filled, numbers))
        and all(isinstance(one, int | float) for one in numbers if is_filled(one))
    )


def _levels(sums: Sequence[Sequence[float]], of_rooms: int) -> list[int]:
    """Returns the level of each row of a pivot table, 0 for the largest places. Returns nothing if a row above the
    level of rooms is not the sum of the rows below it. `of_rooms`: the level of rooms.
    """
    levels: list[int] = []
    while of_rooms and len(levels) < len(sums):
        if not _has_sums(sums, levels, 0, of_rooms):
            return []
    return levels


def _has_sums(sums: Sequence[Sequence[float]], levels: list[int], level: int, of_rooms: int) -> bool:
    """Checks that the next row is the sum of the rows below it. Does the same for the rows below, down to the level of
    rooms. Adds the level of each checked row to `levels`.
    """
    rest = sums[len(levels)]
    levels.append(level)
    while level < of_rooms and any(rest):
        if len(levels) == len(sums):
            return False
        rest = [one - other for one, other in zip(rest, sums[len(levels)], strict=True)]
        if not _has_sums(sums, levels, level + 1, of_rooms):
            return False
    return True


def _rearranged(grid: Grid, lines: Sequence[Sequence[_Place]], note: str) -> Grid:
    moved = {
        place: (row, number) for row, line in enumerate(lines, start=1) for number, place in enumerate(line, start=1)
    }
    return replace(
        grid,
        rows=[[_cell(grid, place) for place in line] for line in lines],
        merged=[_moved_span(one, moved) for one in grid.merged],
        findings=[
            *(_moved_finding(one, moved) for one in grid.findings),
            Finding(note, grid.name, blocks=False),
        ],
        marks=_moved_marks(grid.marks, lines, moved),
        from_file={there: place for place, there in moved.items()},
    )


def _is_wide(row: Sequence[Raw]) -> bool:
    return sum(map(is_filled, row)) > _FEWEST


def _lies_on_its_side(rows: Sequence[Sequence[Raw]]) -> bool:
    """Checks whether a table is transposed: each row begins with a heading or a day. Rooms and beds must be among the
    headings; the beds can also be in the names of the rooms, such as `1 (2p)`.
    """
    first = {as_text(row[0]): [as_text(cell) for cell in row[1:] if is_filled(cell)] for row in rows if row}
    meant = {text: meaning_of(text) for text in first}
    names = {one.column.name: text for text, one in meant.items() if one.column and one.sure}
    beds = "beds" in names or all(map(beds_in_name, first[names["name"]] if "name" in names else [""]))
    return (
        "name" in names
        and beds
        and len(names) > _FEWEST
        and all(one.column or is_day(text) for text, one in meant.items())
    )


def _cell(grid: Grid, place: _Place) -> Raw:
    row = grid.rows[place[0] - 1] if place[0] <= len(grid.rows) else ()
    return row[place[1] - 1] if place[1] <= len(row) else None


def _moved_finding(one: Finding, moved: dict[_Place, _Place]) -> Finding:
    place = moved.get((one.row or 0, number_of(one.column)))
    return replace(one, row=place[0], column=letters(place[1])) if place else one


def _moved_span(one: Span, moved: dict[_Place, _Place]) -> Span:
    first = moved.get((one.first_row, one.first_column), (one.first_row, one.first_column))
    return Span(*first, *moved.get((one.last_row, one.last_column), first))


def _moved_marks(marks: Marks, lines: Sequence[Sequence[_Place]], moved: dict[_Place, _Place]) -> Marks:
    """Returns the marks at their new positions. A row is hidden if all its cells were in hidden rows or columns."""
    return replace(
        marks,
        hidden_rows={
            at
            for at, line in enumerate(lines, start=1)
            if line and all(row in marks.hidden_rows or number in marks.hidden_columns for row, number in line)
        },
        hidden_columns={
            moved[place][1] for line in lines for place in line if _is_turned(line) and place[0] in marks.hidden_rows
        },
        struck={moved[one] for one in marks.struck if one in moved},
        notes={moved[one]: text for one, text in marks.notes.items() if one in moved},
        fills={moved[one]: fill for one, fill in marks.fills.items() if one in moved},
        decimals={moved[one]: number for one, number in marks.decimals.items() if one in moved},
    )


def _is_turned(line: Sequence[_Place]) -> bool:
    return len(line) > 1 and line[0][0] != line[1][0]
