"""The beds of a room in a list, if their number is in several columns, in several rows, or missing."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from placement.core.codes import Gender
from placement.exchange.cell_doubts import LEAVE_ROW, Doubt, words
from placement.exchange.grid import Choice, Raw, is_filled, letters
from placement.exchange.headings import meaning_of
from placement.exchange.overview_totals import TotalsReader
from placement.exchange.sheet_shapes import Heading
from placement.exchange.values import as_text


class BedsReader(TotalsReader):
    """A reader of the beds of a row. `counts_days`: true if the columns of days count the beds of each room."""

    counts_days = False

    def repeat_names(self, bed: int) -> None:
        """Copies the name of each room to all its rows, in a table with a row for each bed (column `bed`)."""
        name = next(one.number for one in self.headings if one.column and one.column.name == "name")
        last: Raw = None
        for row in self.rows[self.found.layout.rows[-1] + 1 :]:
            last = row[name - 1] if name <= len(row) and is_filled(row[name - 1]) else last
            if bed <= len(row) and is_filled(row[bed - 1]):
                row[name - 1] = last

    def is_of_beds(self) -> bool:
        """Checks whether the table counts beds by days, such as `Som van bedden` above a column for each month."""
        above = (as_text(cell) for at in range(self.found.layout.rows[-1] + 1) for _, cell in self.filled(at))
        counted = (
            meaning_of(re.sub(rf"^{words('total')}\s*(?:van|of|-)?", "", text, flags=re.IGNORECASE)) for text in above
        )
        named = (one.column.name for one in counted if one.whole and one.column)
        return not self.found.has("beds") and "beds" in named

    def beds_by_day(self, at: int) -> dict[str, object]:
        """Returns the beds of a room from the columns of days. If the columns have different numbers, the sender is
        asked, and the last number is proposed.
        """
        days = [(number, as_text(cell)) for number, cell in self.filled(at) if self.found.is_day(number)]
        numbers = dict.fromkeys(text for _, text in reversed(days))
        return self.read(self.column("beds", days[-1][0]), at, " / ".join(numbers), {}) if days else {}

    def beds_of_row(
        self,
        at: int,
        values: Mapping[str, object],
        placed: Mapping[str, int],
        counted: Sequence[tuple[Heading, object]],
    ) -> dict[str, object]:
        """Returns the beds of a row if columns of days count them, or if they stand in several columns; otherwise
        nothing. `values`, `placed`: the values of the row, and the column of each. `counted`: the columns of beds, and
        their values.
        """
        if "several" in values:
            self.mark_more(at, placed.get("beds"), {"several": values["several"]})
        if "name" in values and self.counts_days:
            return self.beds_by_day(at)
        return self.two_counts(at, counted) if len(counted) > 1 else {}

    def beds_beside(self, at: int) -> dict[str, object]:
        """Returns the first cell with beds in a row, and its heading, as the values `beds_cell` and `beds_heading`."""
        beds = ((number, cell) for number, cell in self.filled(at) if self.named(number) == "beds")
        return {
            name: text
            for number, cell in islice(beds, 1)
            for name, text in (("beds_heading", self.headings[number - 1].text), ("beds_cell", as_text(cell)))
        }

    def two_counts(self, at: int, counted: Sequence[tuple[Heading, object]]) -> dict[str, object]:
        """Asks about beds in two columns: whether the row is a room with all these beds, or two rooms."""
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

    def ask_for_beds(self, at: int, values: dict[str, object]) -> None:
        """Asks for the beds of a room without a number of beds."""
        number = next((one.number for one in self.headings if one.column and one.column.name == "beds"), 1)
        choices = [Choice(str(beds), "beds", {"beds": beds}, {"beds": beds}) for beds in (1, 2, 3, 4, 5)]
        doubt = Doubt("import_ask_beds_of", [*choices, LEAVE_ROW], found=values["name"])
        values |= self.ask(self.column("beds", number), at, f"of {values['name']}", doubt)
        self.about_row(at, "import_ask_beds_of")

    def about_row(self, at: int, code: str) -> None:
        """Applies the question about a cell to its whole row. The answer then also decides about the other cells."""
        asked = (one for one in self.found.findings if one.code == code)
        if one := next((one for one in asked if any(at + 1 == row for row, _ in one.places)), None):
            one.places.append((at + 1, ""))


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
