"""The question about cells with a fact that are not imported. It shows the sender everything that is left out."""

import re

from placement.exchange.cell_doubts import LEFT_OUT_VALUE, Doubt, has_word
from placement.exchange.grid import Choice, is_filled, letters, number_of
from placement.exchange.headings import meaning_of
from placement.exchange.legends import is_legend
from placement.exchange.overview import Cell, Overview
from placement.exchange.overview_cells import is_closed
from placement.exchange.people_cells import group_in
from placement.exchange.place_cells import is_person, is_telephone, towns_in
from placement.exchange.values import as_text

_LETTERS, _OF_A_GROUP, _SHORT = 3, 4, 14
"""The most letters of an abbreviation, the most words of a group's name, and the most letters of a town (assumed)."""
_CHOICES = (Choice("open", "changes_nothing"), Choice("noted", "changed_later"), Choice(LEFT_OUT_VALUE, "leave_rows"))


def ask_about_unread(found: Overview) -> None:
    """Asks once about the cells with a fact outside the columns of the list."""
    places = [
        (at, letters(number))
        for at, row in enumerate(found.grid.rows, start=1)
        for number, cell in enumerate(row, start=1)
        if is_filled(cell) and _is_unread(found, at, number) and _has_fact(found, at, as_text(cell))
    ]
    if not places:
        return
    doubt = Doubt("import_ask_unread", _CHOICES, "", number=len(places))
    if found.ask(doubt, places[0][0], number_of(places[0][1]), about="unread", of="", word="unread") is None:
        found.findings[-1].places[:] = [*places, *dict.fromkeys((row, "") for row, _ in places)]


def _is_unread(found: Overview, at: int, number: int) -> bool:
    """Checks whether a cell would be left out without the knowledge of the sender. Returns false if the whole column is
    not imported, because the sender knows about it.
    """
    own = found.cells.get((at, number), Cell(""))
    heads = found.layout.headings
    headed = 0 < number <= len(heads) and bool(heads[number - 1].text) and at > (found.layout.rows or range(1))[-1]
    beside = (found.cells.get((at, other)) for other in range(number + 1, len(found.grid.rows[at - 1]) + 1))
    is_label = next((one.state for one in beside if one), "") in {"read", "asked", "not_imported", "above"}
    return (
        not own.values
        and not is_label
        and (own.state in {"title", "total"} or (own.state in {"", "not_imported"} and not headed))
    )


def _has_fact(found: Overview, at: int, text: str) -> bool:
    """Checks whether a text contains a telephone number, a town, an organisation, a closing, or a group of persons. A
    title with an organisation is already offered as an answer (`overview_file.py`).
    """
    is_total = found.cells.get((at, 1), Cell("")).state == "total"
    about = meaning_of(re.sub(r"[()]", " ", text)).column
    is_of_person = about is not None and about.name == "people"  # residents are never imported
    if is_of_person or is_legend(text) or (is_total and not is_telephone(text)):
        return False
    is_title = any(row == at for row, _ in found.titles)
    named = (not is_title and has_word("provider", text)) or bool(towns_in(text))
    words = len(text.split())
    group = len(text) > _LETTERS and words <= _OF_A_GROUP and "admits" in group_in(text) and not is_person(text)
    return is_telephone(text) or is_closed(text) or (named and words <= _SHORT) or group
