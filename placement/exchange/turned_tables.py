"""Transposed tables, in which the headings are below each other and each column is a room. They are transposed before
they are read.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from placement.exchange.grid import Finding, Grid, Marks, Raw, Span, is_filled, letters, number_of
from placement.exchange.headings import meaning_of
from placement.exchange.values import as_text

_FEWEST = 2
"""The largest number of filled cells of a title row, and of headings that make no table (assumed)."""
_Place = tuple[int, int]
"""A row and a column, both counted from 1."""


def turned(grid: Grid) -> Grid | None:
    """Returns the sheet with a row for each room, and a note about it; `None` if no table of the sheet is transposed.

    Findings, marks and merged cells move with their cells. So the positions in all questions are those of the returned
    sheet.
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
    moved = {
        place: (row, number) for row, line in enumerate(lines, start=1) for number, place in enumerate(line, start=1)
    }
    note = Finding("import_turned", grid.name, blocks=False)
    return replace(
        grid,
        rows=[[_cell(grid, place) for place in line] for line in lines],
        merged=[_moved_span(one, moved) for one in grid.merged],
        findings=[*(_moved_finding(one, moved) for one in grid.findings), note],
        marks=_moved_marks(grid.marks, lines, moved),
        from_file={there: place for place, there in moved.items()},
    )


def _is_wide(row: Sequence[Raw]) -> bool:
    return sum(map(is_filled, row)) > _FEWEST


def _lies_on_its_side(rows: Sequence[Sequence[Raw]]) -> bool:
    """Checks whether a table is transposed: each row begins with a heading, some for rooms and beds."""
    first = [meaning_of(as_text(row[0])) for row in rows if row]
    names = {one.column.name for one in first if one.column and one.sure}
    return {"name", "beds"} <= names and len(names) > _FEWEST and all(one.column for one in first)


def _cell(grid: Grid, place: _Place) -> Raw:
    row = grid.rows[place[0] - 1]
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
