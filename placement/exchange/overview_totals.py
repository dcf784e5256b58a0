"""The totals of a list, and numbers of beds that apply to several rows."""

import re
from collections.abc import Sequence
from itertools import islice

from placement.exchange.bed_cells import beds_counted
from placement.exchange.cell_doubts import LEFT_OUT_VALUE, Doubt, words
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Choice, Finding, Grid, Raw, is_filled, letters
from placement.exchange.headings import Layout, is_sum
from placement.exchange.overview import Cell, Overview, OverviewRow
from placement.exchange.overview_cells import KEYS
from placement.exchange.overview_sections import SectionReader
from placement.exchange.sheet_shapes import Heading
from placement.exchange.values import as_text

_OF_A_SUM = 8
"""The largest number of letters of a word beside a sum of beds, such as `open:` (assumed)."""


def bed_of_each_row(grid: Grid, layout: Layout) -> int | None:
    """Returns the column with the name of a bed in each row, such as `a` and `b`; `None` if the rows are not beds."""
    named = {one.column.name for one in layout.headings if one.column}
    for one in layout.headings:
        if one.column is None or one.column.name != "beds" or "name" not in named:
            continue
        cells = [row[one.number - 1] for row in grid.rows[layout.rows[-1] + 1 :] if one.number <= len(row)]
        texts = [as_text(cell) for cell in cells if is_filled(cell)]
        lettered = all(re.fullmatch(rf"(?:{words('beds')}\s*)?[A-Za-z]", text, re.IGNORECASE) for text in texts)
        if texts and (lettered or _counts_up(grid, layout, one.number)):
            layout.headings[one.number - 1] = Heading(one.number, one.text, None, left_out=True)
            return one.number
    return None


def _counts_up(grid: Grid, layout: Layout, number: int) -> bool:
    """Checks whether a column counts the beds of each room from 1, and only the first bed has the name of the room."""
    name = next(one.number for one in layout.headings if one.column and one.column.name == "name")
    last, counted = 0, 0
    for row in islice(grid.rows, layout.rows[-1] + 1, None):
        room, bed = (as_text(row[at - 1]) if at <= len(row) else "" for at in (name, number))
        if not bed or is_sum(room):
            continue
        if not bed.isdigit() or int(bed) != (1 if room else last + 1):
            return False
        last, counted = int(bed), max(counted, int(bed))
    return counted > 1


def count_beds(found: Overview, column: int) -> None:
    """Combines the rows of the beds of a room into a single room. Asks whether the rows are to be counted as beds.
    `column`: the column of the beds.
    """
    rooms: dict[tuple[str, ...], OverviewRow] = {}
    usable: dict[int, OverviewRow] = {}
    for row in found.rows:
        if "name" not in row.values:
            continue
        key = tuple(plain(str(row.values.get(name, ""))) for name in (*KEYS, "name"))
        first = rooms.setdefault(key, row)
        first.values["beds"] = first.beds + 1
        found.cells[row.number, column] = Cell("read")
        if not row.values.get("closed"):
            usable[id(first)] = first
        if first is not row:
            row.values.pop("name")
    for first in usable.values():
        first.values.pop("closed", None)  # the room is not closed, because some of its beds can be used
    if rooms:
        room = max(rooms.values(), key=lambda one: one.beds)
        doubt = beds_counted(str(room.values["name"]), room.beds)
        chosen = found.ask(doubt, room.number, column, about="bed_rows", of="", word="bed_rows")
        if chosen is not None and chosen.value == LEFT_OUT_VALUE:
            found.rows = [row for row in found.rows if "name" not in row.values]


class TotalsReader(SectionReader):
    """A reader of totals, and of numbers of beds in a merged cell that spans several rows."""

    def is_total(self, filled: Sequence[tuple[int, Raw]], at: int) -> bool:
        for number, cell in filled:
            if isinstance(cell, str) and self.named(number) not in {"beds", "remarks", "people"} and is_sum(cell):
                return True
        named = {self.named(number) for number, _ in filled}
        beds = [cell for number, cell in filled if self.named(number) == "beds"]
        words_in = [as_text(cell) for _, cell in filled if not isinstance(cell, int | float)]
        if named & {*KEYS, "name"} or not beds or any(len(word) > _OF_A_SUM for word in words_in):
            return False
        if not any(self.filled(row) for row in range(at + 1, len(self.rows))):
            return isinstance(beds[0], int | float)  # numbers at the end without a name are sums, even if they differ
        if len(filled) > 1 or not isinstance(beds[0], int | float):
            return False
        return isinstance(beds[0], int | float) and int(beds[0]) in self._sums()

    def _sums(self) -> set[int]:
        return {sum(row.beds for row in self.found.rows if row.number > since) for since in (0, self.last_total)} - {0}

    def compare_total(self, at: int) -> None:
        """Compares a total of beds with the sum of all rows above, and of the rows since the last total."""
        totals = [(number, _whole(cell)) for number, cell in self.filled(at) if self.named(number) == "beds"]
        numbers = [one for _, one in totals if one is not None]
        sums = [sum(row.beds for row in self.found.rows if row.number > since) for since in (self.last_total, 0)]
        if numbers and self.found.rows:
            total = sum(numbers)
            counted = total if total in sums else sums[0]
            self.found.totals.append((at + 1, total, counted))
            if total not in sums:
                facts = {"found": str(total), "counted": counted}
                where = (self.grid.name, at + 1, letters(totals[0][0]))
                self.found.findings.append(Finding("import_total_differs", *where, facts, blocks=False))
        if numbers:
            self.last_total = at + 1

    def unmerge(self) -> None:
        """Asks about beds in a cell that is merged over several rows: the number for each row, or for all rows
        together. Writes the number of each row into `rows`; without an answer, the whole number.
        """
        below = self.found.layout.rows[-1] + 1
        for span in self.grid.merged:
            first = span.first_row - 1
            if first < below or first >= len(self.rows) or span.last_row == span.first_row:
                continue
            value = self.rows[first][span.first_column - 1] if span.first_column <= len(self.rows[first]) else None
            if self.named(span.first_column) != "beds" or not is_filled(value):
                continue
            rows = span.last_row - first
            choices = [Choice("each", "each_room", {"beds": _whole(value)}, {"beds": as_text(value)})]
            whole = _whole(value)
            if whole is not None and whole % rows == 0:
                choices.append(
                    Choice("together", "together", {"beds": whole // rows}, {"beds": as_text(value), "rooms": rows})
                )
            doubt = Doubt("import_ask_merged_beds", choices, found=as_text(value), rows=rows)
            chosen = self.found.ask(doubt, span.first_row, span.first_column)
            beds = (chosen.gives or {}).get("beds") if chosen else whole
            for row in self.rows[first : span.last_row]:
                row.extend([None] * (span.first_column - len(row)))
                row[span.first_column - 1] = beds if isinstance(beds, int) else None


def _whole(cell: Raw) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return int(cell)
    found = re.match(r"\s*(\d+)", cell) if isinstance(cell, str) else None
    return int(found[1]) if found else None
