"""An interpreted list of a whole organisation: its rows, the values of each cell, and the questions about it."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from placement.core.place_codes import RoomRange
from placement.exchange.answers import SheetAnswer
from placement.exchange.cell_doubts import Doubt
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Choice, Finding, Grid, Raw, is_filled, letters
from placement.exchange.headings import Layout
from placement.exchange.legends import is_legend, meaning_of_code
from placement.exchange.mapping import SheetMapping
from placement.exchange.overview_cells import cell_values
from placement.exchange.people_cells import unclear
from placement.exchange.room_names import rooms_named
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW, Kind
from placement.exchange.values import Read, Unreadable, as_text, ticked
from placement.text.catalogue import Language

_SEVERAL_ROOMS = "several rooms"
"""The name of the question about rows with several rooms. A list has at most one such question."""
_OF_PEOPLE = frozenset({"unit", "admits", "ages"})
"""The columns of groups, in which a legend can explain codes. A text with the legend itself is no group."""
Place = tuple[int, int]
"""A row and a column, both counted from 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An interpreted cell. `state`: `read`, `asked`, `above`, `heading`, `title`, `total`, or `not_imported`. `values`:
    the values by the service's column.
    """

    state: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class OverviewRow:
    """A row with a room, or with facts of a place that contains rooms. `cells`: for each of the service's columns, the
    number of the list's column.
    """

    number: int
    values: dict[str, object]
    cells: dict[str, int]

    @property
    def beds(self) -> int:
        split, beds = self.values.get("split"), self.values.get("beds")
        rooms = len(rooms_named(str(self.values["name"]))) if self.values.get("several") is RoomRange.BEDS_EACH else 1
        return sum(split) if isinstance(split, tuple) else rooms * beds if isinstance(beds, int) else 0


@dataclass(slots=True)
class Overview:
    """An interpreted list.

    - `totals`: for each total, its row, the number of beds in the file, and the number of beds that were counted.
    - `words`: answers that are stored for the next file, by column and by a hash of the text.
    - `titles`: the positions of the texts above the list.
    - `mapping_given`: true if the sender corrected a column.
    - `answered`: answers by the code of the question, or by code and text.
    - `others`: the headers of other tables of the sheet.
    """

    grid: Grid
    layout: Layout
    mapping: SheetMapping | None
    asked: Mapping[str, str]
    rows: list[OverviewRow] = field(default_factory=list)
    cells: dict[Place, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    totals: list[tuple[int, int, int]] = field(default_factory=list)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: list[Place] = field(default_factory=list)
    mapping_given: bool = False
    answered: dict[tuple[str, ...], str] = field(default_factory=dict)
    others: list[Layout] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.grid.name

    def has(self, column: str) -> bool:
        return any(one.column is not None and one.column.name == column for one in self.layout.headings)

    def named(self, number: int) -> str:
        """Returns the service's column for a column of the list; an empty text if the column is not read."""
        column = self.layout.headings[number - 1].column if 0 < number <= len(self.layout.headings) else None
        return column.name if column else ""

    def is_day(self, number: int) -> bool:
        return number <= len(self.layout.headings) and self.layout.headings[number - 1].is_day

    def ask(
        self, doubt: Doubt, row: int, column: int, *, about: str = "", of: str = "", word: str | None = None
    ) -> Choice | None:
        """Returns the meaning that the sender chose. If there is no answer yet, returns `None` and adds a question.
        Asks only once about the same word in a column.

        `about`: the name of the question; by default its cell. `of`, `word`: the column and the text for which the
        answer is stored for the next file.
        """
        about = about or f"{letters(column)}{row}"
        kept = self.words.setdefault(of, {})
        word = None if word is None else hashlib.sha256(word.encode()).hexdigest()[:16]  # no text of the file is stored
        answer = self.asked.get(about)
        if answer is not None and doubt.answered(answer):
            found = doubt.facts.get("found")
            self.answered |= {(doubt.code,): answer, (doubt.code, plain(str(found))): answer}
        if word is not None and answer is not None and doubt.answered(answer):
            kept[word] = answer
        chosen = doubt.answered(answer) or (doubt.answered(kept.get(word)) if word is not None else None)
        if chosen is None:
            place = (row, letters(column))
            same = (one for one in self.findings if (one.code, one.column, one.word) == (doubt.code, place[1], word))
            first = next(same, None) if word is not None else None
            if first is not None:
                first.places.append(place)
            else:
                self.findings.append(
                    Finding(
                        doubt.code,
                        self.name,
                        *place,
                        doubt.facts,
                        choices=doubt.choices,
                        guess=doubt.guess,
                        about=about,
                        places=[place],
                        word=word,
                        typed=doubt.typed is not None,
                    )
                )
        return chosen


class RowLeftOut(Exception):
    """Raised if the sender of the file leaves a row out."""


class CellReader:
    """A reader of single cells of a list. It stores the values that it reads."""

    def __init__(
        self, grid: Grid, language: Language, mapping: SheetMapping | None, answer: SheetAnswer, layout: Layout
    ) -> None:
        self.grid = grid
        self.language = language
        self.rows = [list(row) for row in grid.rows]
        self.headings = layout.headings
        self.found = Overview(grid, layout, mapping, answer.asked)
        self.found.words = {name: dict(words) for name, words in mapping.values.items()} if mapping else {}
        self.found.findings += [one for one in grid.findings if one.row is None]
        self._broken = {(one.row, one.column): one for one in grid.findings}
        self._last: dict[int, tuple[str, Mapping[str, object]]] = {}
        self._read_before: dict[object, Mapping[str, object]] = {}

    def read(self, one: Heading, at: int, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:
        """Returns the values of a cell. `at`: the row, from 0. Raises `RowLeftOut`."""
        column, cell = one.column, ticked(cell)
        if column is None or not is_filled(cell):
            return {}
        if broken := self._broken.get((at + 1, letters(one.number))):
            self.found.findings.append(broken)
            self.mark(at, one.number, "asked")
            return {}
        before = (one.number, column.name, type(cell), cell)
        if before in self._read_before:
            given = self._read_before[before]
            self.mark(at, one.number, "read", given)
            self._last[one.number] = as_text(cell), given
            return dict(given)
        read = Read(column, self.grid, self.language, {})
        try:
            given = self._values_of(one, read, cell, row)
        except Doubt as doubt:
            return self.ask(one, at, as_text(cell), doubt)
        except Unreadable as wrong:
            self.found.findings.append(Finding(wrong.code, self.grid.name, at + 1, letters(one.number), wrong.facts))
            self.mark(at, one.number, "asked")
            return {}
        for code, facts in read.notes:
            if code != "import_not_imported":
                self.found.findings.append(
                    Finding(code, self.grid.name, at + 1, letters(one.number), facts, blocks=False)
                )
        self.mark(at, one.number, "read" if given else "not_imported", given)
        self._last[one.number] = as_text(cell), given
        if given and not read.notes and "several" not in given and column.kind is not Kind.TELEPHONE:
            self._read_before[before] = given
        return dict(given)

    def _values_of(self, one: Heading, read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:
        """Returns the values of a cell, or of the meaning that the file gives to its code. Raises `Doubt`."""
        name, text, (_, above) = read.column.name, as_text(cell), self.above(one.number)
        if name in _OF_PEOPLE and is_legend(text):
            return {}
        meaning = meaning_of_code(self.grid.codes, one.text, cell) if name in {*_OF_PEOPLE, "remarks"} else None
        if meaning is None or name == "remarks":
            return cell_values(one, read, meaning or cell, row, above)
        own: dict[str, object] = {}
        with suppress(Doubt):
            own = cell_values(one, read, cell, row)
        try:
            given = cell_values(one, read, meaning, row) | ({"unit": text} if name == "unit" else {})
        except Doubt:
            if not own:
                raise
            return own
        if (
            not own.items() <= given.items()
        ):  # the code may be of another column, such as `m` for a room with a microwave
            raise unclear(text, given)
        return given

    def ask(self, one: Heading, at: int, written: str, doubt: Doubt) -> dict[str, object]:
        """Returns the values of the meaning that the sender chose, or else of the guess. Raises `RowLeftOut`."""
        name = one.column.name if one.column else ""
        word = _SEVERAL_ROOMS if doubt.code == "import_ask_rooms" else plain(written) or written
        chosen = self.found.ask(doubt, at + 1, one.number, of=name, word=word)
        reading = chosen or doubt.answered(doubt.guess)
        gives = (reading.gives or {}) if reading else {}
        self.mark(at, one.number, "read" if chosen else "asked", gives)
        self._last[one.number] = written, gives
        if reading is not None and reading.gives is None:
            raise RowLeftOut
        return dict(gives)

    def above(self, number: int) -> tuple[str, Mapping[str, object]]:
        """Returns the text and the values of the cell above in this column. Both are empty if no cell was read yet."""
        return self._last.get(number, ("", {}))

    def mark(self, at: int, number: int, state: str, values: Mapping[str, object] | None = None) -> None:
        self.found.cells[at + 1, number] = Cell(state, values or {})

    def mark_more(self, at: int, number: int | None, values: Mapping[str, object]) -> None:
        """Adds values to the values of a cell, if the cell was read."""
        if number is not None and (now := self.found.cells.get((at + 1, number))):
            self.mark(at, number, now.state, {**now.values, **values})

    def mark_row(self, at: int, state: str) -> None:
        for number, _ in self.filled(at):
            self.mark(at, number, state)

    def filled(self, at: int) -> list[tuple[int, Raw]]:
        """Returns the column (from 1) and the value of each filled cell of a row. `at`: the row, from 0."""
        return [(number, cell) for number, cell in enumerate(self.rows[at], start=1) if is_filled(cell)]

    def keep(self, at: int, values: Mapping[str, object], cells: Mapping[str, int] | None = None) -> None:
        self.found.rows.append(OverviewRow(at + 1, dict(values), dict(cells or {})))

    def column(self, name: str, number: int, text: str = "") -> Heading:
        return Heading(number, text, OVERVIEW.column(name))
