"""The reader of rows that contain no room: remarks, and rows that begin a place. A row that begins a place can also
contain the town and the telephone numbers of the place.
"""

import re
from collections.abc import Sequence

from placement.exchange.cell_doubts import Doubt, has_word, words
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Choice, Raw, letters
from placement.exchange.headings import meaning_of
from placement.exchange.legends import is_legend
from placement.exchange.overview_cells import OF_PLACES, changes_a_reading
from placement.exchange.overview_forms import FormReader
from placement.exchange.people_cells import group_in
from placement.exchange.place_cells import before_number, is_telephone, name_and_town, telephones_in, town_named
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import Read, as_text

DECORATION = re.compile(r"^[\s*\-=#_:.>•]+|[\s*\-=#_:>•]+$")


class SectionReader(FormReader):
    """A reader of rows that begin a place, and of remarks."""

    def named(self, number: int) -> str:
        column = self.headings[number - 1].column if number <= len(self.headings) else None
        return column.name if column else ""

    def lacks(self) -> list[str]:
        return [name for name in ("shelter", "unit") if not self.found.has(name)]

    def section(self, at: int, filled: Sequence[tuple[int, Raw]], of: str = "") -> None:
        """Begins the place that a row names. Also reads the town and the telephone numbers beside its name. `of`: the
        kind of place that the row must name; empty if its kind is unknown.
        """
        values: dict[str, object] = {}
        for number, cell in sorted(
            {as_text(cell): (number, cell) for number, cell in reversed(filled)}.values(), key=lambda one: one[0]
        ):
            text = DECORATION.sub("", as_text(cell))
            label, _, value = text.partition(":")
            meaning = meaning_of(label)
            named = value.strip() and meaning.column and meaning.sure and meaning.column.name in OF_PLACES
            if named and meaning.column:
                given = self.read(Heading(number, label, meaning.column), at, value.strip(), values)
            elif is_telephone(text):
                given = telephones_in(Read(OVERVIEW.column("placing"), self.grid, self.language, {}), text)
                given = {name: one for name, one in given.items() if name not in values or name == "night"}
                if not {"shelter", "unit"} & values.keys() and (name := _name_before_number(text)):
                    given |= self._name(at, number, name, of)
                self.mark(at, number, "read", given)
            elif "shelter" in values or "unit" in values or not text:
                town = town_named(text)
                given = {"place": town} if town else {}
                self.mark(at, number, "read" if given else "title", given)
                if not given and not has_word("notice", text):
                    self.remark_cell(at, number, text)
            else:
                given = self._name(at, number, text, of)
            values |= given
        self.begin_place(values)
        if values:
            self.keep(at, {**self.own, **self.level})

    def _name(self, at: int, number: int, text: str, of: str) -> dict[str, object]:
        """Returns the place that a row with only a name begins. The kind of place follows from the words of the name
        and the columns of the table. `of`: as in `section`.
        """
        first = text.partition(" ")[0]
        meaning = meaning_of(first)
        parts = [part for part in re.split(r"\s*[*#=]{2,}\s*", text) if part]
        capitals = re.fullmatch(r"((?:[^\sa-z]*[A-Z][^\sa-z]*\s+)+)(\S*[a-z].*)", text)
        name, town_of = name_and_town(text)
        if len(parts) > 1 and (town := town_named(parts[1])):
            name, town_of = parts[0], town
        if of != "shelter" and not town_of:
            if capitals and self.lacks() == ["shelter", "unit"]:
                shelter, unit = capitals[1].strip(), capitals[2].strip()
                given = {"shelter": shelter, "unit": unit, **group_in(unit)}
                self.mark(at, number, "read", given)
                return given
            is_unit = meaning.column is not None and meaning.column.name == "unit"
            is_shelter = meaning.column is not None and meaning.column.name in {"shelter", "location"} and meaning.sure
            if (
                is_unit or group_in(text) or "shelter" in {**self.own, **self.level} or self.found.has("shelter")
            ) and not is_shelter:
                return self.read(self.column("unit", number), at, text, {})
        more: dict[str, object] = {"place": town_of} if town_of else {}
        bare = re.sub(r"\s*\([^()]*\)\s*$", "", name)
        if meaning.column and meaning.column.name == "location" and meaning.sure:  # such as `Locatie De Wulp`
            bare = re.sub(rf"^\S+\s+(?={words('article')}\s)", "", bare, flags=re.IGNORECASE)
        if bare != name:
            self.remark_cell(at, number, text)
        given = {"shelter": bare, **more}
        self.mark(at, number, self.state_of(at, number, "read"), given)
        return given

    def remark(self, at: int, filled: Sequence[tuple[int, Raw]]) -> None:
        self.mark_row(at, "title")
        for number, cell in filled:
            text = as_text(cell)
            label, houses = text.partition(" ")[0], {row.values.get("shelter") for row in self.found.rows}
            column = meaning_of(label).column
            if is_telephone(text) and len(houses) == 1 and column and column.name in {"placing", "night", "general"}:
                given = self.read(Heading(number, label, column), at, text, {})
                self.keep(at, {**self.own, **self.level, **given})
            else:
                self.remark_cell(at, number, text)

    def remark_cell(self, at: int, number: int, text: str) -> None:
        """Asks about a remark that can change the meaning of rows. If the remark names shelters, the answer also
        applies to their rows.
        """
        if not changes_a_reading(text) or is_legend(text):
            return
        doubt = Doubt(
            "import_ask_remark", [Choice("open", "changes_nothing"), Choice("noted", "changed_later")], "", found=text
        )
        chosen = self.found.ask(doubt, at + 1, number, of="remarks", word=plain(text))
        if chosen is None:
            self.mark(at, number, "asked")
            said = {plain(part) for part in re.split(r"[\s:,;()]+", text)}
            for row in self.found.rows:
                last = plain(str(row.values.get("shelter", "")).rpartition(" ")[2])
                if "shelter" in row.cells and len(last) > 1 and last in said:
                    self.found.findings[-1].places.append((row.number, letters(row.cells["shelter"])))


def _name_before_number(text: str) -> str:
    """Returns the name before a telephone number; an empty text if there is only a word such as *telephone*."""
    before = before_number(text)
    rest, _, last = before.rpartition(" ")
    meaning = meaning_of(last)
    of_number = meaning.column is not None and meaning.column.name in {"placing", "night", "general"}
    return before_number(rest) if of_number else before
