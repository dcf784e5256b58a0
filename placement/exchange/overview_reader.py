"""The reader of a list in the form that its writer gave it: what each row is, and what each cell means.

Titles, remarks and totals are found; empty cells mean as above; a row with only a name begins a new place. A reading
that could be another, or that loses something, is a question, with a guess if possible.
"""

import re
from collections.abc import Mapping, Sequence

from placement.core.codes import Gender
from placement.exchange.answers import SheetAnswer
from placement.exchange.cell_doubts import LEAVE_ROW, Doubt, has_word, words
from placement.exchange.cell_vocabulary import plain, plain_words
from placement.exchange.grid import Choice, Finding, Grid, Raw, is_filled, letters
from placement.exchange.headings import Layout, by_content, is_room, layout_of
from placement.exchange.mapping import LEFT_OUT, SheetMapping, fingerprint
from placement.exchange.overview import Overview, RowLeftOut
from placement.exchange.overview_cells import KEYS, NOT_IMPORTED, is_ditto
from placement.exchange.overview_forms import FormReader
from placement.exchange.overview_marks import ask_about_hidden_columns, ask_about_marks
from placement.exchange.overview_sections import DECORATION, SectionReader
from placement.exchange.overview_tables import signature_of
from placement.exchange.place_cells import name_and_town, town_at_end
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text
from placement.text.catalogue import Language

_LONG = 60
"""Letters from which a text alone in a row is a remark (assumed)."""
_FEW_PARTS = 4
_NEAR_BELOW = 3
_SEVERAL = frozenset({"features", "people", "not_read", "remarks", "beds", "placing", "ages", "admits"})
"""Columns that a list can have more than once."""


def read_overview(
    grid: Grid, language: Language, mapping: SheetMapping | None, answer: SheetAnswer, kept: Mapping[str, SheetMapping]
) -> Overview | None:
    """Returns the list in a sheet; `None` if it is no list of rooms or places. `kept`: mappings by fingerprint."""
    at = answer.row_within(len(grid.rows))
    layout = layout_of(grid, dict(mapping.columns) if mapping else {}, at)
    if layout is None:
        form = FormReader(grid, language, mapping, answer, Layout(range(0), [])).form()
        known = kept.get(fingerprint(signature_of(form))) if form and not mapping else None
        return FormReader(grid, language, known, answer, Layout(range(0), [])).form() if known else form
    known = kept.get(fingerprint(one.text for one in layout.headings)) if mapping is None else None
    if known is not None and known.sheet == OVERVIEW.name:
        mapping = known
        layout = layout_of(grid, mapping.columns, layout.rows[0]) or layout
    by_content(grid, layout, mapping.columns if mapping else {})
    corrected = False
    for (row, number), name in answer.columns.items():
        if row == layout.rows[-1] + 1 and number <= len(layout.headings):
            one = layout.headings[number - 1]
            column = next((each for each in OVERVIEW.columns if each.name == name), None)
            corrected = corrected or one.column != column or not one.sure
            layout.headings[number - 1] = Heading(number, one.text, column, left_out=column is None, is_day=one.is_day)
    found = OverviewReader(grid, language, mapping, answer, layout).table()
    if found is not None:
        found.mapping_given = corrected
    return found


class OverviewReader(SectionReader):
    """Reads the list in a sheet with a header row, and the form above it."""

    def table(self) -> Overview | None:
        layout = self.found.layout
        self._again = self._headings_again()
        self._larger_places()
        self._unmerge()
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
        tables = {at + 1 for at in below_header if self._is_row(at) and not self._is_total(self.filled(at))}
        filled = {at + 1 for at in range(below, len(self.rows)) if any(map(is_filled, self.rows[at]))}
        self._marked = ask_about_marks(self.found, filled, tables)
        last = max(tables, default=0)
        while (
            last < len(self.rows)
            and [self.named(number) for number, _ in self.filled(last)] == ["name"]
            and last + 1 > below
        ):
            last += 1  # a room of which nothing else is known
        for at in [*sorted(above_header & set(range(first))), *range(below, len(self.rows))]:
            if any(map(is_filled, self.rows[at])):
                self._row(at, after=at >= last, before_header=at in above_header)
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
        """Reads houses as shelters if the list has no other column of shelters, and an organisation likewise."""
        named = {one.column.name for one in self.headings if one.column}
        if "shelter" not in named:
            for other in ("location", "provider"):
                if other in named:
                    for at, one in enumerate(self.headings):
                        if one.column and one.column.name == other:
                            self.headings[at] = self.column("shelter", one.number, one.text)
                    return

    def _mark_header(self, at: int) -> None:
        for number, _ in self.filled(at):
            gives = self.headings[number - 1].gives if number <= len(self.headings) else {}
            self.mark(at, number, "heading", gives if at == self.found.layout.rows[0] else {})

    def _hints(self, at: int) -> int:
        """Returns 1 if the row below the header explains it and holds no values, else 0."""
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
        for at, one in enumerate(self.headings):
            name = one.column.name if one.column else ""
            if name and name in seen and name not in _SEVERAL:
                self.headings[at] = Heading(one.number, one.text, None)
            seen.add(name)
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

    # what a row is

    def _is_row(self, at: int) -> bool:
        """Checks whether a row has a room or beds, or in a list of houses a house, so that it belongs to the table."""
        named = {self.named(number) for number, _ in self.filled(at)}
        table = {"name", "beds"} if self.found.has("name") or self.found.has("beds") else {"shelter", "unit"}
        return bool(table & named) and len(self.filled(at)) > 1

    def _row(self, at: int, *, after: bool, before_header: bool) -> None:
        filled = self.filled(at)
        if at in self._again:
            self.mark_row(at, "heading")
        elif self._is_total(filled):
            self.mark_row(at, "total")
            self._compare_total(at)
        elif before_header or at + 1 in self._again:
            self.section(at, filled, "shelter")
        elif after or self._is_remark(filled):
            self.remark(at, filled)
        elif self._is_section(at, filled):
            self.section(at, filled)
        else:
            self._data(at)

    def _is_total(self, filled: Sequence[tuple[int, Raw]]) -> bool:
        for number, cell in filled:
            parts = [plain(part) for part in re.split(r"[\s:]+", as_text(cell)) if plain(part)]
            if (
                isinstance(cell, str)
                and parts
                and {parts[0], parts[-1]} & plain_words("total")
                and self.named(number) != "beds"
            ):
                return True
        named = {self.named(number) for number, _ in filled}
        beds = [cell for number, cell in filled if self.named(number) == "beds"]
        if len(filled) > 1 or named & {*KEYS, "name"} or not beds:
            return False
        return isinstance(beds[0], int | float) and int(beds[0]) in self._sums()

    def _is_remark(self, filled: Sequence[tuple[int, Raw]]) -> bool:
        texts = {as_text(cell) for _, cell in filled}
        text = next(iter(texts))
        return len(texts) == 1 and (len(text) > _LONG or has_word("notice", text[:15]))

    def _is_section(self, at: int, filled: Sequence[tuple[int, Raw]]) -> bool:
        """Checks whether a row only names a place, whose rooms follow."""
        named = {self.named(number) for number, _ in filled}
        if any(isinstance(cell, int | float) for _, cell in filled) or "beds" in named:
            return False
        first, cell = filled[0]
        text, of = as_text(cell), self.named(first)
        if (
            not self.lacks()
            or self._is_last_room(at)
            or len({as_text(one) for _, one in filled}) > _FEW_PARTS
            or (of in KEYS and len(filled) > 1)
        ):
            return False
        if is_room(text) or (of == "name" and re.search(r"\d", text) and not DECORATION.match(text)):
            return False
        below = [row for row in range(at + 1, len(self.rows)) if self.filled(row)][:_NEAR_BELOW]
        return any(self._is_row(row) or row in self._again for row in below)

    def _is_last_room(self, at: int) -> bool:
        """Checks whether a row with only a name follows the rooms of a list, and no room follows it."""
        follows = at + 1 < len(self.rows) and bool(self.filled(at + 1))
        return (
            [self.named(number) for number, _ in self.filled(at)] == ["name"] and self._is_row(at - 1) and not follows
        )

    # rows of the table

    def _data(self, at: int) -> None:
        try:
            values, placed = self._values(at)
        except RowLeftOut:
            self.mark_row(at, "not_imported")
            return
        marked = self._marked.get(at + 1)
        if marked is not None and marked.gives is None:
            self.mark_row(at, "not_imported")
            return
        values |= marked.gives or {} if marked else {}
        if "beds_in_name" in values:
            in_name = values.pop("beds_in_name")
            values.setdefault("beds", in_name)
        keys = {name: values[name] for name in KEYS if name in values}
        changed = {name: one for name, one in keys.items() if plain(str(one)) != plain(str(self.level.get(name, "")))}
        if changed:
            self.begin_place(changed)
        self.level |= keys
        asked = {self.named(number) for number, _ in self.filled(at) if self.state_of(at, number, "") == "asked"}
        lacks_beds = "name" in values and not {"beds", "split", "closed"} & values.keys()
        if lacks_beds and not {"beds", "name"} & asked and self.found.has("beds"):
            self._ask_for_beds(at, values)
        of_places = {name: one for name, one in self.level.items() if name not in values}
        self.keep(at, {**self.own, **of_places, **values}, placed)

    def _values(self, at: int) -> tuple[dict[str, object], dict[str, int]]:
        """Returns the values of a row, and the column of each. Raises `RowLeftOut`."""
        values: dict[str, object] = {}
        placed: dict[str, int] = {}
        counted: list[tuple[Heading, object]] = []
        for number, cell in self.filled(at):
            one = self.headings[number - 1] if number <= len(self.headings) else None
            if one is None or one.column is None or one.column.name in NOT_IMPORTED:
                self.mark(at, number, "not_imported")
                continue
            name, text = one.column.name, as_text(cell)
            above, last = self.above(number)
            if name not in {"name", "remarks"} and is_ditto(text):
                given = dict(last)
                self.mark(at, number, "above", given)
            else:
                further = re.match(rf"{words('ditto')}[\s,]+(?=\S)", text, re.IGNORECASE)
                given = self.read(one, at, f"{above} {text[further.end() :]}" if further and above else cell, values)
                given = self._with_town(one, at, text, given)
            if name == "beds" and "beds" in given:
                counted.append((one, given["beds"]))
                given = {**given, **one.gives}
            for column, value in given.items():
                both = values.get(column)
                if column == "features" and isinstance(both, tuple) and isinstance(value, tuple):
                    values[column] = tuple(dict.fromkeys((*both, *value)))
                elif column not in values or name == column:
                    values[column] = value
                placed.setdefault(column, number)
        if len(counted) > 1:
            values |= self._two_counts(at, counted)
        return values, placed

    def _with_town(self, one: Heading, at: int, text: str, given: dict[str, object]) -> dict[str, object]:
        """Asks whether the name of a shelter ends with its town, if the list has no column of towns."""
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

    def _two_counts(self, at: int, counted: Sequence[tuple[Heading, object]]) -> dict[str, object]:
        """Asks what beds in two columns mean: a room for both, or two rooms."""
        numbers = [beds for _, beds in counted if isinstance(beds, int)]
        admits = tuple(code for code in Gender if any(code in _tuple(one.gives.get("admits")) for one, _ in counted))
        gives: dict[str, object] = {"beds": sum(numbers), **({"admits": admits} if admits else {})}
        said = "+".join(map(str, numbers))
        together = Choice(str(sum(numbers)), "both_in_one", gives, {"beds": sum(numbers)})
        apart = Choice(said, "rooms_of", {"split": tuple(numbers)}, {"rooms": len(numbers), "each": said})
        doubt = Doubt("import_ask_two_counts", [together, apart, LEAVE_ROW], together.value, found=said)
        given = self.ask(counted[-1][0], at, said, doubt)
        asked = next((one for one in self.found.findings if one.code == "import_ask_two_counts"), None)
        if asked is not None:
            asked.places.extend((at + 1, letters(one.number)) for one, _ in counted)
        return given

    def _ask_for_beds(self, at: int, values: dict[str, object]) -> None:
        """Asks for the beds of a room without a number of beds."""
        number = next((one.number for one in self.headings if one.column and one.column.name == "beds"), 1)
        choices = [Choice(str(beds), "beds", {"beds": beds}, {"beds": beds}) for beds in (1, 2, 3, 4, 5)]
        doubt = Doubt("import_ask_beds_of", [*choices, LEAVE_ROW], found=values["name"])
        values |= self.ask(self.column("beds", number), at, f"of {values['name']}", doubt)

    # totals and remarks

    def _sums(self) -> set[int]:
        return {sum(row.beds for row in self.found.rows if row.number > since) for since in (0, self.last_total)} - {0}

    def _compare_total(self, at: int) -> None:
        """Compares a total of beds with those of all rows above, and of the rows since the last total."""
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

    def _unmerge(self) -> None:
        """Asks what a number of beds means that is merged over several rows; reads it for each of them."""
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


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
