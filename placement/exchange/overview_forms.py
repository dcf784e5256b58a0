"""The reader of a form: a sheet with pairs of labels and values, which apply to a house or to the table below them."""

import re

from placement.core.codes import Scheme
from placement.exchange.bed_cells import beds_counted, beds_in_name
from placement.exchange.cell_doubts import LEAVE_ROW, Doubt, has_word, words
from placement.exchange.cell_vocabulary import codes_by_word, plain, plain_words
from placement.exchange.grid import Choice, Raw, letters
from placement.exchange.headings import is_group, is_room, meaning_of
from placement.exchange.overview import CellReader, Overview, RowLeftOut
from placement.exchange.overview_cells import KEYS, NOT_IMPORTED, OF_PLACES, changes_a_reading, closed_in_name
from placement.exchange.overview_marks import legend_of
from placement.exchange.overview_unread import ask_about_unread
from placement.exchange.people_cells import genders_in, group_in
from placement.exchange.place_cells import is_telephone, name_and_town, telephones_in, town_in, town_named
from placement.exchange.room_names import has_floors
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import Read, as_text

_LABEL = 45
"""The largest number of letters of a label (assumed)."""
_GUESSES = 12
"""The largest number of rooms in a form whose number of beds is unknown (assumed)."""
_TILES = 4
"""The smallest number of cells with a room and its beds by which the layout of `_board` is recognised."""
_ROOM_AND_BEDS = re.compile(r"([\w.]{1,12})\s*[:=]\s*(\S.*)")


class FormReader(CellReader):
    """A reader of pairs of labels and values. `own`: values that apply to all rows of the sheet. `level`: values of the
    places that contain the current row.
    """

    own: dict[str, object]
    level: dict[str, object]
    last_total = 0
    is_alone = True
    """False if the sheet has other tables, each with a title of its own."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.own, self.level = {}, {}
        self._ticked: list[tuple[int, int]] = []
        self._heads: dict[int, dict[str, object]] = {}

    def begin_place(self, values: dict[str, object]) -> None:
        """Begins a new place. The previous place of the same level ends, and so do the smaller places inside it."""
        largest = next((name for name in KEYS if name in values), None)
        if largest is not None:
            larger = KEYS[: KEYS.index(largest)]
            self.level = {name: one for name, one in self.level.items() if name in larger}
        self.level |= values

    def state_of(self, at: int, number: int, other: str) -> str:
        cell = self.found.cells.get((at + 1, number))
        return cell.state if cell else other

    def towns_like(self, written: str) -> list[str]:
        try:
            found = town_in(written).get("place")
        except Doubt as doubt:
            return [one.value for one in doubt.choices][:3] if doubt.code == "import_ask_town" else []
        return [str(found)] if found else []

    def context(self, at: int) -> None:
        """Reads pairs of labels and values in a row, such as `Locatie: De Wulp`, which apply to all rows."""
        self.own |= self.pairs(at)

    def pairs(self, at: int) -> dict[str, object]:
        """Returns the values of a row of labels and values. Stores cells without a label as titles."""
        filled = self.filled(at)
        values: dict[str, object] = {}
        position = 0
        while position < len(filled):
            number, cell = filled[position]
            position += 1
            self.mark(at, number, "title")
            label, _, rest = as_text(cell).strip().partition(":")
            meaning = meaning_of(label) if isinstance(cell, str) and len(label) <= _LABEL else None
            column = meaning.column if meaning and meaning.sure else None
            if column is None or column.name not in {*OF_PLACES, *NOT_IMPORTED, "remarks"}:
                self._title(at, number, as_text(cell), values)
                continue
            follows = position < len(filled) and not rest.strip()
            if not rest.strip() and not follows:
                self._title(at, number, as_text(cell), values)
            if rest.strip() or follows:
                into, value = (number, rest.strip()) if rest.strip() else filled[position]
                position += follows
                if column.name in {*NOT_IMPORTED, "remarks"} or (
                    isinstance(value, str) and has_word("example", value[:8])
                ):
                    self.mark(at, into, "not_imported")
                    continue
                name = "shelter" if column.name == "location" and "shelter" not in self.own else column.name
                values |= self.read(Heading(into, label, OVERVIEW.column(name)), at, value, values)
        return values

    def _title(self, at: int, number: int, text: str, values: dict[str, object]) -> None:
        """Stores a title. A question can offer its parts as answers. Reads the telephone numbers in the title too."""
        self.found.titles.append((at + 1, number))
        parts = re.split(r"\s{2,}|[,;|()]|\s[-\u2013]\s", text)
        house = re.match(rf"\s*{words('house')}\s+", parts[0], re.IGNORECASE)
        first = parts[0][house.end() :] if house else parts[0].strip()
        town = next((town for part in (first, *parts[1:2]) if (town := town_named(part))), None)
        given: dict[str, object] = {"place": town} if town else {}
        if town and house and not town_named(first) and self.found.layout.rows:
            given["shelter"] = first
        elif not self.is_alone and name_and_town(text)[1] and not has_word("provider", text):
            given["shelter"], town = name_and_town(text)
            given["place"] = town
        if is_telephone(text):
            given |= telephones_in(Read(OVERVIEW.column("placing"), self.grid, self.language, {}), text)
            values |= given
            self.mark(at, number, "read", given)
            if not town:
                doubt = Doubt(
                    "import_ask_line", [Choice("right", "line_right"), Choice("-", "line_wrong")], "", found=text
                )
                if self.found.ask(doubt, at + 1, number) is None:
                    self.mark(at, number, "asked", given)
        elif "shelter" in given and not self.found.has("shelter"):
            values |= given
            self.mark(at, number, "read", given)
        elif changes_a_reading(text):
            doubt = Doubt(
                "import_ask_remark",
                [Choice("open", "changes_nothing"), Choice("noted", "changed_later")],
                "",
                found=text,
            )
            if self.found.ask(doubt, at + 1, number, of="remarks", word=plain(text)) is None:
                self.mark(at, number, "asked")

    # a sheet that is a single form

    def form(self) -> Overview | None:
        """Returns the places and rooms of a form; `None` if the sheet is no form."""
        tiles = [
            (at, number, text) for at in range(len(self.rows)) for number, text in self._texts(at) if beds_in_name(text)
        ]
        if len(tiles) >= _TILES and len({number for _, number, _ in tiles}) > 1:
            board = self._board({number for _, number, _ in tiles}, min(at for at, _, _ in tiles))
            return None if self._is_guessed() else board
        rooms = ""
        for at in range(len(self.rows)):
            filled = self.filled(at)
            if filled:
                rooms = self._line(at, filled, rooms)
        found = [row for row in self.found.rows if "name" in row.values]
        if self._is_guessed():
            return None
        ask_about_unread(self.found)
        if self._group():
            self.keep(len(self.rows) - 1, {**self.own, **self.level})
        return self.found if found or ("shelter" in self.own and len(self.own) > 1) else None

    def _is_guessed(self) -> bool:
        """Checks whether too many rooms lack a number of beds. The sheet is then probably a table, not a form."""
        return len({one.about for one in self.found.findings if one.code == "import_ask_beds_of"}) > _GUESSES

    def _texts(self, at: int) -> list[tuple[int, str]]:
        return [(number, as_text(cell)) for number, cell in self.filled(at)]

    def _is_head(self, text: str) -> bool:
        """Checks whether a line contains only the persons whom the rooms below it admit, such as `Mannen`."""
        return is_group(text) and "admits" in group_in(text)

    def _group(self) -> bool:
        return not self.found.rows and "shelter" in self.own

    def _line(self, at: int, filled: list[tuple[int, Raw]], rooms: str) -> str:
        """Reads a line of a form. `rooms`: the label of a list of rooms, if the line can continue that list. Returns
        the label of the list that the next line can continue.
        """
        number, cell = filled[0]
        text = as_text(cell)
        value = filled[1] if len(filled) > 1 else None
        column = meaning_of(text).column
        if value is None and rooms and self._rooms(at, number, text):
            return rooms
        if len(text) <= _LABEL and any(plain(part) in plain_words("total") for part in text.split()):
            self.mark_row(at, "total")
        elif value and (is_room(text) or re.match(rf"{words('room')}\s+\S", text, re.IGNORECASE)):
            self.mark(at, number, "title")
            if self._rooms(at, value[0], as_text(value[1])):
                return text
            self._room(at, number, text, value)
        elif value and self._tick(at, number, text, value):
            pass
        elif value is None and (
            self._is_head(text) or (column and column.name == "unit" and ":" not in text and " " in text)
        ):
            self.begin_place(self.read(self.column("unit", number), at, text, {}))
        elif value and column and column.name in {"beds", "name"} and self._rooms(at, value[0], as_text(value[1])):
            self.mark(at, number, "title")
            return text
        elif "unit" in self.level:
            self.level |= self.pairs(at)
        else:
            self.context(at)
        return ""

    def _room(self, at: int, number: int, label: str, value: tuple[int, Raw]) -> None:
        """Reads a room whose label is its name, and whose value is its beds."""
        bare = re.sub(rf"\s*[-\u2013:]\s*{words('beds')}\s*$", "", label, flags=re.IGNORECASE).strip()
        name = re.sub(rf"^{words('room')}\s+", "", bare, flags=re.IGNORECASE).strip() or bare
        more: dict[str, object] = {}
        if shut := closed_in_name(name):
            name, more = shut, {"closed": True}
        self.mark(at, number, "read", {"name": name, **more})
        beds = [(other, as_text(cell)) for other, cell in self.filled(at) if other >= value[0]]
        if len(beds) > 1 and all(re.fullmatch(rf"{re.escape(name)}[.\-]?\w", text) for _, text in beds):
            self._beds_in_row(at, name, beds, more)
            return
        if isinstance(value[1], str) and has_word("example", value[1][:8]):
            self.mark_row(at, "not_imported")
            return
        try:
            given = self.read(self.column("beds", value[0]), at, value[1], {})
        except RowLeftOut:
            return
        for other, cell in self.filled(at):
            if other > value[0]:
                given |= self.read(self.column("remarks", other), at, cell, given)
        self.keep(at, {**self.own, **self.level, "name": name, **given}, {"name": number, "beds": value[0]})

    def _beds_in_row(self, at: int, name: str, beds: list[tuple[int, str]], more: dict[str, object]) -> None:
        """Stores a room whose row names its beds, such as `1.1` and `1.2`. If the names do not begin with the room's
        name and a point or dash, asks once whether to count the names as beds.
        """
        for number, _ in beds:
            self.mark(at, number, "read")
        self.keep(at, {**self.own, **self.level, "name": name, "beds": len(beds), **more}, {"beds": beds[0][0]})
        if not all(re.match(rf"{re.escape(name)}[.-]", text) for _, text in beds):
            self.found.ask(beds_counted(name, len(beds)), at + 1, beds[0][0], about="bed_rows", of="", word="bed_rows")

    def _rooms(self, at: int, number: int, text: str) -> bool:
        """Reads a cell with several rooms and their beds, such as `A1: 1 / A2: 2`. Returns false for other cells."""
        parts = [_ROOM_AND_BEDS.fullmatch(part.strip()) for part in re.split(r"\s+/\s+|[;,\n]", text)]
        if not parts or not all(parts):
            return False
        given_all: dict[str, object] = {}
        for part in parts:
            if part is None:
                continue
            try:
                given = self.read(self.column("beds", number), at, part[2], {})
            except RowLeftOut:
                continue
            except Doubt:
                continue
            state = self.state_of(at, number, "read")
            given_all |= {"name": part[1], **given}
            self.keep(at, {**self.own, **self.level, "name": part[1], **given}, {"name": number, "beds": number})
            self.mark(at, number, state, given_all)
        return True

    def _tick(self, at: int, number: int, label: str, value: tuple[int, Raw]) -> bool:
        """Reads a ticked box beside a gender, children or a scheme. Returns false if the line has no such box."""
        said = plain(as_text(value[1]))
        bare = re.sub(r"[-\s]*plekken|[-\s]*places", "", label.strip(), flags=re.IGNORECASE)
        scheme = codes_by_word(Scheme).get(plain(bare))
        genders = genders_in(label.strip())
        children = bool(re.fullmatch(words("children"), label.strip(), re.IGNORECASE))
        if (
            said not in plain_words("yes") | plain_words("no")
            or not (genders or children or scheme)
            or (meaning_of(label).column == OVERVIEW.column("children") and not children)
        ):
            return False
        if said in plain_words("yes"):
            self.mark(at, number, "title")
            admits = self.own.get("admits", ())
            given: dict[str, object] = {}
            if genders and isinstance(admits, tuple):
                self._ticked.append((at, value[0]))
                self.own["admits"] = tuple(sorted({*admits, *genders}))
                for row, column in self._ticked:
                    self.mark(row, column, "read", {"admits": self.own["admits"]})
                return True
            if children:
                given = {"children": True}
            elif scheme:
                given = {"scheme": scheme}
            self.own |= given
            self.mark(at, value[0], "read", given)
        return True

    # a board: columns of groups with their rooms

    def _board(self, columns: set[int], first: int) -> Overview | None:
        """Reads a board. Each column has the name of a group, and below it a cell for each room with its beds."""
        for at in range(first):
            self._above_board(at, columns, heads=at == first - 1)
        for at in range(first, len(self.rows)):
            for number, text in self._texts(at):
                if number not in columns:
                    label = meaning_of(text.partition(":")[0]).column
                    if ":" in text and label and label.name in KEYS:
                        self.own |= self.read(Heading(number, "", label), at, text.partition(":")[2].strip(), {})
                    else:
                        self.mark(at, number, "title")
                    continue
                self._tile(at, number, text)
        self._ask_about_colours(columns, first)
        for row in self.found.rows:
            row.values = {**self.own, **row.values}
        return self.found

    def _above_board(self, at: int, columns: set[int], *, heads: bool) -> None:
        """Reads a line above the rooms of a board. If `heads` is true, it contains the names of groups; otherwise it
        contains a fact about each house.
        """
        others = [number for number, _ in self.filled(at) if number not in columns]
        label = as_text(self.rows[at][others[0] - 1]) if others else ""
        meaning = meaning_of(label)
        name = meaning.column.name if meaning.column and meaning.whole else ""
        of_groups = len(others) < len(self.filled(at))
        if not of_groups or not (heads or name in OF_PLACES or has_floors(self.rows[at])):
            self.context(at)
            return
        column = OVERVIEW.column("shelter" if name == "location" else name) if name in OF_PLACES else None
        for number, cell in self.filled(at):
            if number in others:
                self.mark(at, number, "title")
            elif column:
                values = self._heads.setdefault(number, {})
                values |= self.read(Heading(number, label, column), at, cell, values)
            else:
                self._head(at, number, as_text(cell))

    def _head(self, at: int, number: int, text: str) -> None:
        """Reads the name of a group on a board. If it contains a word for a house, asks whether it names a house."""
        given: dict[str, object] = {"unit": self._heads.get(number, {}).get("unit", text), **group_in(text)}
        if has_word("house", text):
            house = Choice("shelter", "column", {**given, "shelter": text}, {"column": "shelter"})
            doubt = Doubt(
                "import_ask_section", [Choice("unit", "column", given, {"column": "unit"}), house], "unit", found=text
            )
            given = self.ask(self.column("unit", number), at, text, doubt)
        else:
            self.mark(at, number, "read", given)
        self._heads[number] = given

    def _tile(self, at: int, number: int, text: str) -> None:
        if "=" in text and not re.search(r"\d", text):  # the legend of colours
            self.mark(at, number, "title")
            return
        unit = self._heads.get(number, {})
        found = beds_in_name(text)
        if found:
            given: dict[str, object] = {"name": found[0], "beds": found[1]}
            self.mark(at, number, "read", given)
            self.keep(at, {**unit, **given}, {"name": number, "beds": number})
            return
        choices = [Choice(str(beds), "beds", {"name": text, "beds": beds}, {"beds": beds}) for beds in (1, 2, 3, 4)]
        doubt = Doubt("import_ask_beds_of", [*choices, LEAVE_ROW], found=text)
        try:
            given = self.ask(self.column("name", number), at, text, doubt)
        except RowLeftOut:
            return
        if given:
            self.keep(at, {**unit, **given}, {"name": number, "beds": number})

    def _ask_about_colours(self, columns: set[int], first: int) -> None:
        """Reads the colours of rooms and groups by the legend of the board. Asks about colours without a legend."""
        fills = self.grid.marks.fills
        rows = set(range(first, max(row.number for row in self.found.rows) + 1))
        legend = legend_of(self.found, columns, rows)
        places = {
            (at + 1, number)
            for at in range(first - 1, len(self.rows))
            for number, _ in self._texts(at)
            if number in columns
        }
        for row in self.found.rows:
            number = row.cells.get("name", 0)
            tile, head = (fills.get((at, number), "") for at in (row.number, first))
            people = {name: one for name, one in legend.get(head, {}).items() if name != "closed"}
            row.values = {**people, **row.values, **legend.get(tile, {})}
        for at, number in places:
            gives = legend.get(fills.get((at, number), ""), {})
            if gives and self.state_of(at - 1, number, "title") != "title":
                self.mark_more(at - 1, number, gives)
        used = {fills[one] for one in places if one in fills}
        unknown = sorted(one for one in places if used - legend.keys() and fills.get(one, "") not in legend)
        if unknown:
            choices = [Choice("read", "read_rows"), Choice("noted", "changed_later")]
            doubt = Doubt("import_ask_fills", choices, "", found="", rows=sorted({row for row, _ in unknown}))
            if self.found.ask(doubt, *unknown[0], about="fills", of="", word="fills") is None:
                self.found.findings[-1].places[:] = [(row, letters(number)) for row, number in unknown]
