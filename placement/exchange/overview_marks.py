"""Questions about marks that can change the meaning of a cell: struck text, hidden rows, comments and colours."""

from collections.abc import Mapping

from placement.exchange.cell_doubts import LEFT_OUT_VALUE, Doubt, has_word
from placement.exchange.grid import Choice, is_filled, letters
from placement.exchange.overview import Overview, Place
from placement.exchange.overview_cells import changes_a_reading, is_closed
from placement.exchange.people_cells import group_in
from placement.exchange.values import as_text

_CODES = {
    "struck": "import_ask_struck",
    "hidden_rows": "import_ask_hidden_rows",
    "notes": "import_ask_notes",
    "fills": "import_ask_fills",
}
_CHOICES = (
    Choice("read", "read_rows"),
    Choice("closed", "closed", {"closed": True}),
    Choice(LEFT_OUT_VALUE, "leave_rows", None),
)


def ask_about_marks(found: Overview, rows: set[int], tables: set[int]) -> dict[int, Choice]:
    """Asks about each kind of mark: struck text, hidden rows, comments and colours. Returns the meaning of each marked
    row: from the legend of the file, the sender's answer, or the proposed answer. `rows`: the rows with any text.
    `tables`: the rows of the table.
    """
    answered: dict[int, Choice] = {}
    columns = set(range(1, len(found.layout.headings) + 1))
    legend = legend_of(found, columns, tables | {at + 1 for at in found.layout.rows})
    for row, fill in (
        (row, fill) for (row, _), fill in found.grid.marks.fills.items() if row in tables and fill in legend
    ):
        answered.setdefault(row, Choice("legend", "legend", legend[fill]))
    for kind, places in _marked(found, rows, tables).items():
        if kind == "fills":
            places = [one for one in places if found.grid.marks.fills[one] not in legend]  # noqa: PLW2901 - fewer of them
        elif kind == "struck" and _struck_is_closed(found):
            names = [one for one in places if found.named(one[1]) == "name"]
            answered |= dict.fromkeys((row for row, _ in names), Choice("legend", "legend", {"closed": True}))
            places = [one for one in places if one not in names]  # noqa: PLW2901 - fewer of them
        if not places:
            continue
        marks = found.grid.marks
        said = "; ".join(dict.fromkeys(marks.notes[one] for one in places)) if kind == "notes" else ""
        numbers = sorted({row for row, _ in places})
        doubt = Doubt(_CODES[kind], _CHOICES, "read" if kind == "notes" else "", found=said, rows=numbers)
        chosen = found.ask(doubt, *places[0], about=kind, of="", word=kind)
        if chosen is None:
            found.findings[-1].places[:] = [(row, letters(column)) for row, column in places]
        reading = chosen or doubt.answered(doubt.guess)
        if reading is not None:
            answered |= dict.fromkeys(numbers, reading)
    return answered


def _struck_is_closed(found: Overview) -> bool:
    """Checks whether the file explains that rooms with a struck name are closed."""
    return any(has_word("struck", code) and is_closed(meaning) for (_, code), meaning in found.grid.codes.items())


def _marked(found: Overview, rows: set[int], tables: set[int]) -> dict[str, list[Place]]:
    marks = found.grid.marks
    filled = [
        (row, number)
        for row in sorted(rows)
        for number, cell in enumerate(found.grid.rows[row - 1], start=1)
        if is_filled(cell)
    ]
    struck = [one for one in filled if one in marks.struck]
    return {
        "struck": _one_each(found, struck),
        "hidden_rows": _one_each(found, [one for one in filled if one[0] in marks.hidden_rows & tables]),
        "notes": [one for one in sorted(marks.notes) if one[0] in rows],
        "fills": _unusual(found, [one for one in filled if one[0] in tables]),
    }


def legend_of(found: Overview, columns: set[int], rows: set[int]) -> dict[str, Mapping[str, object]]:
    """Returns the meaning of each colour in the legend. The legend consists of the coloured cells outside the table
    that contain a text, such as `gesloten`.
    """
    legend: dict[str, Mapping[str, object]] = {}
    for (row, number), fill in found.grid.marks.fills.items():
        if row in rows and number in columns:
            continue
        cells = found.grid.rows[row - 1]
        text = as_text(cells[number - 1]) if number <= len(cells) else ""
        said = text.rpartition("=")[2].strip()
        if is_closed(said):
            legend[fill] = {"closed": True}
        elif people := group_in(said):
            legend[fill] = people
        elif has_word("occupancy", said) and not changes_a_reading(said):
            legend[fill] = {}
    return legend


def _one_each(found: Overview, places: list[Place]) -> list[Place]:
    """Returns the marked cells. If a row has several marked cells, returns only its cell with the room's name."""
    names = {one.number for one in found.layout.headings if one.column and one.column.name == "name"}
    rows = [row for row, _ in places]
    return [one for one in places if rows.count(one[0]) == 1 or one[1] in names or not names]


def _unusual(found: Overview, filled: list[Place]) -> list[Place]:
    """Returns the cells whose colour can have a meaning: few rows have a colour, or a legend explains it."""
    fills = found.grid.marks.fills
    named = {one.number for one in found.layout.headings if one.column and not one.is_day}
    coloured = [one for one in filled if one in fills and (not named or one[1] in named)]
    rows, whole = {row for row, _ in coloured}, {row for row, _ in filled}
    texts = (cell for row in found.grid.rows for cell in row if isinstance(cell, str))
    explained = any(has_word("colours", text) for text in texts)
    return coloured if explained or 0 < 3 * len(rows) <= len(whole) else []


def ask_about_hidden_columns(found: Overview) -> None:
    """Asks about hidden columns, which would otherwise be imported."""
    hidden = [
        one
        for one in found.layout.headings
        if one.number in found.grid.marks.hidden_columns
        and one.column
        and one.column.name not in {"people", "not_read"}
    ]
    row = found.layout.rows[-1] + 1 if found.layout.rows else 1
    for one in hidden:
        choices = [Choice("read", "read_column"), Choice(LEFT_OUT_VALUE, "leave_column")]
        doubt = Doubt("import_ask_hidden_column", choices, "", found=one.text)
        found.ask(doubt, row, one.number, about=f"hidden_{letters(one.number)}", of="", word=f"hidden {one.text}")
