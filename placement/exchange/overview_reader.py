"""The reader of a list in any form. It determines the kind of each row, and the meaning of each cell.

It recognises titles, remarks and totals. An empty cell repeats the value above it, and a row with only a name begins a
new place. If several meanings are possible, or if a fact would be lost, the sender is asked. The question proposes a
guess if possible.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from placement.exchange.cell_doubts import Doubt, has_word, words
from placement.exchange.cell_vocabulary import plain, plain_words
from placement.exchange.grid import Choice, Raw, is_filled, letters
from placement.exchange.headings import (
    is_group,
    is_room,
    meaning_of,
)
from placement.exchange.mapping import LEFT_OUT
from placement.exchange.overview import Overview, RowLeftOut
from placement.exchange.overview_beds import BedsReader
from placement.exchange.overview_cells import KEYS, changes_a_reading, is_closed, is_ditto
from placement.exchange.overview_marks import ask_about_hidden_columns, ask_about_marks
from placement.exchange.overview_sections import DECORATION
from placement.exchange.overview_unread import ask_about_unread
from placement.exchange.place_cells import is_telephone, name_and_town, town_at_end
from placement.exchange.room_names import is_floor
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text

_LONG = 60
"""The smallest number of letters of a remark, which is a long text alone in its row (assumed)."""
_FEW_PARTS = 4
_NEAR_BELOW = 3
_SEVERAL = frozenset({"features", "people", "not_read", "remarks", "beds", "placing", "ages", "admits"})
"""Columns that a list can have more than once."""


class OverviewReader(BedsReader):
    """A reader of a sheet with a header row, and possibly a form above it. `across`: the names of rooms that have
    columns of their own, by the number of the column.
    """

    across: Mapping[int, str] = MappingProxyType({})

    def table(self) -> Overview | None:
        layout = self.found.layout
        self._again = self._headings_again()
        self._larger_places()
        self.unmerge()
        first, below = layout.rows[0], layout.rows[-1] + 1
        above_header = {
            at for at in (self._before(row) for row in (first, *self._again)) if at is not None and self._again
        }
        for at in range(first):
            if at not in above_header:
                self.context(at)
        for at in layout.rows:
            self._mark_header(at)
        below += self._hints(below)
        self._ask_about_headings()
        ask_about_hidden_columns(self.found)
        below_header = range(below, len(self.rows))
        tables = {at + 1 for at in below_header if self._is_row(at) and not self.is_total(self.filled(at), at)}
        filled = {at + 1 for at in range(below, len(self.rows)) if any(map(is_filled, self.rows[at]))}
        self.counts_days = self.is_of_beds()
        self._marked = ask_about_marks(self.found, filled, tables)
        last = max(tables, default=0)
        while (
            last < len(self.rows)
            and [self.named(number) for number, _ in self.filled(last)] == ["name"]
            and last + 1 > below
            and not is_telephone(as_text(self.filled(last)[0][1]))
        ):
            last += 1  # a room about which nothing else is known
        for at in [*sorted(above_header & set(range(first))), *range(below, len(self.rows))]:
            if any(map(is_filled, self.rows[at])):
                self._row(at, after=at >= last, before_header=at in above_header)
        ask_about_unread(self.found)
        return self.found if self.found.rows else None

    # headings

    def _headings_again(self) -> list[int]:
        """Returns the rows (from 0) that repeat the header."""
        layout = self.found.layout
        own = {plain(as_text(cell)) for at in layout.rows for cell in self.rows[at] if is_filled(cell)}
        below = range(layout.rows[-1] + 1, len(self.rows))
        return [
            at
            for at in below
            if len(self.filled(at)) > 1 and {plain(as_text(cell)) for _, cell in self.filled(at)} <= own
        ]

    def _before(self, row: int) -> int | None:
        above = row - 1
        return above if above >= 0 and self.filled(above) and above not in self.found.layout.rows else None

    def _larger_places(self) -> None:
        """If the list has no column of shelters, uses its column of locations as shelters, or else its column of
        providers. Does not use providers if a heading is unknown, because that heading can mean the houses.
        """
        named = {one.column.name for one in self.headings if one.column}
        unknown = any(
            one.text and not one.column and not one.left_out for one in self.headings
        )  # the heading of the houses may be unknown
        if "shelter" not in named:
            for other in ("location", "provider"):
                if other in named and not (other == "provider" and unknown):
                    for at, one in enumerate(self.headings):
                        if one.column and one.column.name == other:
                            self.headings[at] = self.column("shelter", one.number, one.text)
                    return

    def _mark_header(self, at: int) -> None:
        for number, _ in self.filled(at):
            gives = self.headings[number - 1].gives if number <= len(self.headings) else {}
            is_tick = number <= len(self.headings) and self.named(number) == "admits"
            self.mark(at, number, "heading", gives if at == self.found.layout.rows[0] and not is_tick else {})

    def _hints(self, at: int) -> int:
        """Returns 1 if the row below the header only explains the headings; otherwise 0."""
        filled = self.filled(at) if at < len(self.rows) else []
        beds = [as_text(cell) for number, cell in filled if self.named(number) == "beds"]
        numbers = any(isinstance(cell, int | float) for _, cell in filled)
        if numbers or not beds or any(re.search(r"\d", text) or has_word("numbers", text) for text in beds):
            return 0
        self.mark_row(at, "heading")
        return 1

    def _ask_about_headings(self) -> None:
        row = self.found.layout.rows[-1] + 1
        seen: set[str] = set()
        first = self.rows[row] if row < len(self.rows) else []
        bare = [not (at < len(first) and is_filled(first[at])) for at in range(len(self.headings))]
        order = sorted(enumerate(self.headings), key=lambda of: (not of[1].sure, bare[of[0]]))
        for at, one in order:  # exact names first, and columns with values before labels
            name = one.column.name if one.column else ""
            if name and name in seen and name not in _SEVERAL:
                self.headings[at] = Heading(one.number, one.text, None)
            seen.add(name)
        beds = [one for one in self.headings if one.column and one.column.name == "beds" and not one.gives]
        if sum(meaning_of(one.text).whole for one in beds) == 1:  # such as `Sleeps` beside columns of kinds of beds
            for one in (one for one in beds if not meaning_of(one.text).whole):
                self.headings[one.number - 1] = self.column("not_read", one.number, one.text)
        for one in self.headings:
            filled = any(is_filled(cells[one.number - 1]) for cells in self.rows[row:] if one.number <= len(cells))
            if one.left_out or not filled or not one.text or (one.column and one.sure):
                continue
            choices = [Choice(column.name, "column", {}, {"column": column.words}) for column in OVERVIEW.columns]
            guess = one.column.name if one.column else ""
            code = "import_ask_heading_like" if guess else "import_ask_heading"
            doubt = Doubt(code, [*choices, Choice(LEFT_OUT, "leave_column")], guess, found=one.text)
            self.found.ask(doubt, row, one.number, about=f"!{letters(one.number)}{row}")
            self.found.findings[-1].places.append((0, letters(one.number)))

    # the kinds of rows

    def _is_row(self, at: int) -> bool:
        """Checks whether a row of several cells has a room or beds (if the list has no rooms: a shelter or a unit)."""
        named = {self.named(number) for number, _ in self.filled(at)}
        table = {"name", "beds"} if self.found.has("name") or self.found.has("beds") else {"shelter", "unit"}
        return bool(table & named) and len(self.filled(at)) > 1

    def _row(self, at: int, *, after: bool, before_header: bool) -> None:
        filled = self.filled(at)
        if at in self._again:
            self.mark_row(at, "heading")
        elif self.is_total(filled, at):
            self.mark_row(at, "total")
            self.compare_total(at)
        elif len(filled) == 1 and self.found.has("admits") and is_floor(as_text(filled[0][1])):
            self.mark_row(at, "title")
        elif before_header or at + 1 in self._again:
            self.section(at, filled, "shelter")
        elif after or self._is_remark(filled):
            self.remark(at, filled)
        elif self._is_section(at, filled):
            self.section(at, filled)
        else:
            try:
                self._data(at)
            except RowLeftOut:
                self.mark_row(at, "not_imported")

    def _is_remark(self, filled: Sequence[tuple[int, Raw]]) -> bool:
        texts = {as_text(cell) for _, cell in filled}
        text = next(iter(texts))
        return len(texts) == 1 and (len(text) > _LONG or has_word("notice", text[:15]))

    def _is_section(self, at: int, filled: Sequence[tuple[int, Raw]]) -> bool:
        """Checks whether a row only names a place, and is followed by the rows of the rooms in that place."""
        named = {self.named(number) for number, _ in filled}
        if any(isinstance(cell, int | float) for _, cell in filled) or "beds" in named:
            return False
        first, cell = filled[0]
        text, of = as_text(cell), self.named(first)
        if (
            not self.lacks()
            or self._is_last_room(at)
            or len({as_text(one) for _, one in filled}) > _FEW_PARTS
            or (named & {*KEYS} and len(filled) > 1)
        ):
            return False
        numbered = of == "name" and re.search(r"\d", text) and not DECORATION.match(text) and not is_telephone(text)
        if is_room(text) or (numbered and not is_group(text)):
            return False
        below = islice((row for row in range(at + 1, len(self.rows)) if self.filled(row)), _NEAR_BELOW)
        return any(self._is_row(row) or row in self._again for row in below)

    def _is_last_room(self, at: int) -> bool:
        """Checks whether a row with only a name is the last room of a place: the row above is a row of the table, and
        the row below is empty.
        """
        follows = at + 1 < len(self.rows) and bool(self.filled(at + 1))
        return (
            [self.named(number) for number, _ in self.filled(at)] == ["name"] and self._is_row(at - 1) and not follows
        )

    # rows of the table

    def _data(self, at: int) -> None:
        """Reads a row with a room or a place. Raises `RowLeftOut`."""
        values, placed = self._values(at)
        marked = self._marked.get(at + 1, Choice("", ""))
        if marked.gives is None:
            raise RowLeftOut
        values |= marked.gives
        self.mark_more(at, placed.get("name"), marked.gives)
        if "beds_in_name" in values:
            in_name = values.pop("beds_in_name")
            if "beds" not in values:
                values["beds"] = in_name
                self.mark_more(at, placed["name"], {"beds": in_name})
        for code in ("import_ask_rooms", "import_ask_no_beds"):
            self.about_row(at, code)
        keys = {name: values[name] for name in KEYS if name in values}
        changed = {name: one for name, one in keys.items() if plain(str(one)) != plain(str(self.level.get(name, "")))}
        if changed:
            self.begin_place(changed)
        self.level |= keys
        asked = {self.named(number) for number, _ in self.filled(at) if self.state_of(at, number, "") == "asked"}
        lacks_beds = "name" in values and not {"beds", "split", "closed"} & values.keys()
        if lacks_beds and not {"beds", "name"} & asked and self.found.has("beds"):
            self.ask_for_beds(at, values)
        of_places = {name: one for name, one in self.level.items() if name not in values}
        self._keep_rooms(at, {**self.own, **of_places, **values}, placed)

    def _keep_rooms(self, at: int, row: Mapping[str, object], placed: Mapping[str, int]) -> None:
        """Stores the room of a row. Stores several rooms if they are in a single cell, or have their own columns."""
        listed = row.get("rooms")
        for name, given in listed if isinstance(listed, tuple) else ():
            self.keep(at, {**row, "name": name, **given}, placed)
        if not self.across and not listed:
            self.keep(at, row, placed)
        for number, cell in self.filled(at):
            if number in self.across and plain(as_text(cell)) not in {"", *plain_words("nothing")}:
                self._room_across(at, number, cell, row, placed)

    def _room_across(
        self, at: int, number: int, cell: Raw, values: Mapping[str, object], placed: Mapping[str, int]
    ) -> None:
        """Reads the beds of a room that has a column of its own."""
        self.mark(self.found.layout.rows[0], number, "heading", {"name": self.across[number]})
        try:
            given = self.read(self.column("beds", number), at, cell, values)
        except RowLeftOut:
            return
        self.keep(at, {**values, "name": self.across[number], **given}, {**placed, "beds": number})

    def _values(self, at: int) -> tuple[dict[str, object], dict[str, int]]:
        """Returns the values of a row, and the column of each value. Raises `RowLeftOut`."""
        values: dict[str, object] = {}
        placed: dict[str, int] = {}
        beside = self.beds_beside(at)
        counted: list[tuple[Heading, object]] = []
        for number, cell in self.filled(at):
            one = self.headings[number - 1] if number <= len(self.headings) else None
            if number in self.across:
                continue
            name, text = self.named(number), as_text(cell)
            if one is None or name in {"", "not_read"} or (name == "people" and not is_closed(text)):
                values |= self._left_out(at, number, cell)
                continue
            above, last = self.above(number)
            if name not in {"name", "remarks"} and is_ditto(text):
                given = dict(last)
                self.mark(at, number, "above", given)
            else:
                further = re.match(rf"{words('ditto')}[\s,]+(?=\S)", text, re.IGNORECASE)
                written = f"{above} {text[further.end() :]}" if further and above else cell
                given = self.read(one, at, written, {**beside, **values})
                given = self._with_town(one, at, text, given)
            if name == "beds" and "beds" in given:
                counted.append((one, given["beds"]))
                given = {**given, **one.gives}
            for column, value in given.items():
                both = values.get(column)
                if column in {"features", "admits"} and isinstance(both, tuple) and isinstance(value, tuple):
                    values[column] = tuple(dict.fromkeys((*both, *value)))
                elif column not in values or name == column:
                    values[column] = value
                placed.setdefault(column, number)
        return values | self.beds_of_row(at, values, placed, counted), placed

    def _left_out(self, at: int, number: int, cell: Raw) -> dict[str, object]:
        """Marks a cell as not imported, with one exception. In the columns of days, the first text that can change the
        meaning of the row is read as a remark.
        """
        days = [one.number for one in self.headings if one.is_day]
        noted = any(self.state_of(at, day, "not_imported") != "not_imported" for day in days)
        if number in days and isinstance(cell, str) and changes_a_reading(cell) and not noted:
            return self.read(self.column("remarks", number), at, cell, {})
        self.mark(at, number, "not_imported")
        return {}

    def _with_town(self, one: Heading, at: int, text: str, given: dict[str, object]) -> dict[str, object]:
        """Asks whether the last word in the name of a shelter is its town, if the list has no column of towns."""
        if one.column is None or one.column.name != "shelter" or "place" in given or self.found.has("place"):
            return given
        column = [as_text(row[one.number - 1]) for row in self.rows if one.number <= len(row)]
        if name_and_town(text)[1] or not any(town_at_end(other) and not name_and_town(other)[1] for other in column):
            return given
        ends = town_at_end(text)
        named = Choice("name", "name_only", {"shelter": text})
        likely = (
            [ends]
            if ends
            else [(" ".join(text.split()[:-1]), town) for town in self.towns_like(text.rsplit(maxsplit=1)[-1])]
        )
        choices = [
            Choice(town, "name_and_town", {"shelter": name, "place": town}, {"name": name, "town": town})
            for name, town in likely
        ]
        guess = choices[0].value if choices else named.value
        return (
            self.ask(one, at, text, Doubt("import_ask_name_town", [*choices, named], guess, found=text))
            if choices
            else given
        )
