"""The meaning of headings by the values below them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from placement.exchange.cell_doubts import has_word, words
from placement.exchange.cell_vocabulary import is_yes_or_no, plain
from placement.exchange.grid import Grid, is_filled
from placement.exchange.headings import NAME, NUMBER, Layout, is_group
from placement.exchange.legends import is_legend, meaning_of_code
from placement.exchange.overview_cells import is_closed, is_ditto
from placement.exchange.people_cells import genders_in, group_in
from placement.exchange.place_cells import is_person, is_telephone, is_town
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text

_SEEN, _MOST_OF = 200, 0.6
"""The largest number of values that are examined, and the share of them that must be of the same kind (assumed)."""


def by_content(grid: Grid, layout: Layout, columns: Mapping[str, str]) -> None:
    """Corrects headings by the values below them: headings without a meaning, and headings whose meaning does not fit
    the values. `columns`: the columns of a mapping, by plain heading; these headings stay unchanged.
    """
    _residents(layout.headings, columns)
    numbers = [one for one in layout.headings if one.column and one.column.name == "placing"]
    for one in numbers if len(numbers) > 1 else ():
        if has_word("always", re.sub(r"_", " ", one.text)):
            layout.headings[one.number - 1] = replace(one, column=OVERVIEW.column("night"))
    for at, one in enumerate(layout.headings):
        if not (one.left_out or one.code is not None or plain(one.text) in columns):
            layout.headings[at] = _by_values(grid, layout, one)


def _by_values(grid: Grid, layout: Layout, one: Heading) -> Heading:
    """Returns the heading with the meaning that the values below it show."""
    taken = {other.column.name for other in layout.headings if other.column and other is not one}
    below = grid.rows[layout.rows[-1] + 1 if layout.rows else 0 :]
    cells = (row[one.number - 1] for row in below if one.number <= len(row))
    values = [as_text(cell) for cell in cells if is_filled(cell)]
    said = [meaning_of_code(grid.codes, one.text, text) or text for text in values if not is_ditto(text)]
    kind, named = _kind_of(said[:_SEEN]), one.column.name if one.column else ""
    is_sure = bool(named) and one.sure
    if not is_sure and values and all(map(is_legend, values)):
        return Heading(one.number, one.text, None, left_out=True)
    if not is_sure and any(is_closed(meaning) for meaning in {*said} - {*values}):  # a column with codes of states
        return Heading(one.number, one.text, OVERVIEW.column("remarks"))
    ticks = bool(values) and all(is_yes_or_no(one) and not one.isdigit() for one in values)
    if ticks and (named in {"", "admits", "ages"} or not one.sure) and (group := group_in(one.text)):
        return Heading(one.number, one.text, OVERVIEW.column("admits"), gives=group)
    genders = genders_in(one.text) if kind == "number" and named in {"", "admits"} else ()
    becomes = "beds" if genders else _becomes(one, kind, named, taken, values)
    if kind == "yes" and named in {"opens_on", "open_until"}:
        return Heading(one.number, one.text, None)  # the sender is asked whether it means open rooms
    gives = {"admits": genders} if genders else {}
    return Heading(one.number, one.text, OVERVIEW.column(becomes), gives=gives) if becomes else one


def _becomes(one: Heading, kind: str, named: str, taken: Collection[str], values: Sequence[str]) -> str:
    """Returns the column to which the values below a heading belong. The heading must be unknown, or the values must
    show that it means another column; otherwise returns an empty text. `taken`: the columns of other headings.
    """
    said = plain(one.text)
    rules = (
        ("people", kind == "people" and named in {"", "remarks", "name"} and bool(said) and not _numbered(values)),
        (kind, kind in {"place", "placing"} and (not one.sure or not named) and kind not in taken),
        ("place", kind == "place" and named == "beds" and "place" not in taken),
        ("beds", kind == "beds" and named in {"", "scheme"} and "beds" not in taken),
        ("beds", kind == "number" and named == "place" and "beds" not in taken),
        ("not_read", kind == "amount"),
        ("admits", kind == "admits" and named in {"", "people"} and "admits" not in taken),
        ("name", named == "" and said in NAME and "name" not in taken and "beds" in taken),
        ("shelter", named in {"", "name", "not_read"} and said in NAME and not {"shelter", "beds"} & set(taken)),
        ("name", named == "not_read" and said in NUMBER and "name" not in taken and "beds" in taken),
    )
    return next((column for column, holds in rules if holds), "")


def _residents(headings: list[Heading], columns: Mapping[str, str]) -> None:
    """Leaves out columns about residents, such as their ages and days of arrival. Such columns follow the column with
    the names of residents.
    """
    about = False
    for at, one in enumerate(headings):
        name = one.column.name if one.column else ""
        if name == "people":
            about = True
        elif (
            about
            and plain(one.text) not in columns
            and (name in {"ages", "opens_on", "admits", "not_read"} or (one.column and not one.sure))
        ):
            headings[at] = Heading(
                one.number,
                one.text,
                OVERVIEW.column("not_read"),
                sure=name != "opens_on",
            )
        else:
            about = False


def _kind_of(values: Sequence[str]) -> str:
    """Returns the kind of most of these values: a column, `number`, `amount` or `yes`; empty for mixed values."""
    tests: Mapping[str, Callable[[str], bool]] = {
        "placing": is_telephone,
        "place": is_town,
        "number": lambda text: bool(re.fullmatch(r"\d{1,2}", text)),
        "amount": lambda text: bool(re.fullmatch(r"[€$£]\s*[\d.,]+|[\d.,]+\s*%", text)),
        "beds": lambda text: bool(re.fullmatch(rf"(?:\d{{1,2}}|\w+?)\s*-?\s*{words('beds')}\.?", text, re.IGNORECASE)),
        "people": is_person,
        "yes": is_yes_or_no,
        "admits": is_group,
    }
    for name, test in tests.items():
        if values and sum(map(test, values)) >= max(_MOST_OF * len(values), 2):
            return name
    return ""


def _numbered(values: Sequence[str]) -> bool:
    """Checks whether the values look like names of rooms, such as A1, B and K.2, and not like initials."""
    return any(re.search(r"\d", one) for one in values) or len({one[:1] for one in values}) == 1
