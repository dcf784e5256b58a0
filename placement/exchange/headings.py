"""The headings of a list in its sender's own form: a single header row or two, and the meaning of each heading."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import cache
from itertools import islice

from placement.core.codes import RoomFeature
from placement.exchange.cell_doubts import Doubt, has_word, without_number, words
from placement.exchange.cell_vocabulary import (
    codes_by_word,
    months_by_name,
    names_of,
    nearest_column,
    plain,
    plain_words,
)
from placement.exchange.grid import Grid, Raw, is_filled
from placement.exchange.mapping import LEFT_OUT
from placement.exchange.people_cells import genders_in, people_in
from placement.exchange.place_cells import is_telephone, is_town
from placement.exchange.sheet_shapes import Heading
from placement.exchange.sheets import OVERVIEW, Column
from placement.exchange.values import as_text, ticked
from placement.text.catalogue import languages

WITHIN = 40
"""The number of first rows in which headings are searched."""
_FEWEST, _NEARLY = 2, 0.4
"""`_FEWEST`: the smallest number of known headings in a header row. `_NEARLY`: the weight of a heading that is only
similar to a known heading. A known heading has the weight 1.
"""
_SHORTEST, _DAYS = 4, 5
"""The smallest number of letters of a heading that is compared with similar names. The smallest number of columns of
days by which a table of rooms by days is recognised.
"""
_ACROSS = 3
"""The smallest number of columns by which a list with a column for each room is recognised (assumed)."""
NAME = frozenset({"naam", "name"})
NUMBER = frozenset({"nr", "no", "nummer", "number", ""})
"""Headings, in plain form, for a name (`NAME`) and for a number (`NUMBER`). The other columns determine what has this
name or number.
"""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Matches the places between the words of a heading such as `roomName`, which a program has written."""
_KEYS = frozenset({"name", "beds", "unit"})
_PLACES = frozenset({"location", "provider"})
_BELOW = {
    **dict.fromkeys(("provider", "shelter", "location"), frozenset({"place", "placing", "night", "remarks"})),
    "name": frozenset({"beds", "features", "remarks", "opens_on", "not_read"}),
    "admits": frozenset({"admits", "ages", "min_age", "max_age", "children", "children_max_age"}),
    "not_read": frozenset({"placing", "night", "general"}),
}
"""The facts whose headings can stand below an upper heading, by the column that the upper heading means."""


@dataclass(slots=True)
class Layout:
    """The header of a table. `rows`: the numbers of its rows, from 0; empty if the table has no header."""

    rows: range
    headings: list[Heading]
    score: float = 0


@dataclass(frozen=True, slots=True)
class Meaning:
    column: Column | None = None
    sure: bool = True
    code: Enum | None = None
    gives: Mapping[str, object] = field(default_factory=dict)
    part: int | None = None
    whole: bool = False
    """True if the whole heading is a name of the column, and not only a part of the heading."""


@cache
def _known() -> list[tuple[tuple[str, ...], Column]]:
    """Returns the names of the columns as lists of plain words, the longest list first."""
    said = [
        (name, column)
        for column in OVERVIEW.columns
        for language in languages()
        for name in names_of("column", column.words, language)
    ]
    apart = [(tuple(filter(None, map(plain, re.split(r"[\s/().-]+", name)))), column) for name, column in said]
    return sorted(apart, key=lambda one: -sum(map(len, one[0])))


@cache
def _by_name() -> Mapping[str, Column]:
    found: dict[str, Column] = {}
    for parts, column in _known():
        found.setdefault("".join(parts), column)
    return found


def meaning_of(written: str) -> Meaning:
    """Returns the meaning of a heading. It is found by the whole text, by some of its words, or by a similar name."""
    written = _CAMEL.sub(" ", without_number(written))
    found = _meaning_of(written)
    name = found.column.name if found.column else ""
    if name == "placing" and has_word("night", written) and not has_word("day_time", written):
        return replace(found, column=OVERVIEW.column("night"))
    if name == "ages" and (has_word("from", written) or has_word("thru", written) or has_word("until", written)):
        return replace(found, column=OVERVIEW.column("min_age" if has_word("from", written) else "max_age"))
    genders = genders_in(re.sub(r"[^\w/+]", " ", written)) if name == "beds" else ()
    return replace(found, gives={"admits": genders}) if genders else found


def _meaning_of(written: str) -> Meaning:
    bare = re.sub(r"\([^()]*\)|[?:*_]", " ", written).strip()
    for text in dict.fromkeys((written, bare)):
        if column := _by_name().get(plain(text)):
            return Meaning(column, whole=True)
    apart = [_by_name().get(plain(part)) for part in re.split(r"[/\n,]| of | or ", bare)]
    parts = {column.name: column for column in apart if column}
    if len(parts) == 1:
        return Meaning(next(iter(parts.values())))
    if len(apart) == 2 and set(parts) == {"beds", "not_read"}:  # noqa: PLR2004 - beds, and how many are taken
        return Meaning(parts["beds"], part=[column is parts["beds"] for column in apart].index(True))
    feature = codes_by_word(RoomFeature).get(plain(bare))
    if feature is not None:
        return Meaning(OVERVIEW.column("features"), code=feature)
    said = [plain(word) for word in re.split(r"[\s/().,-]+", bare) if plain(word)]
    there = [
        (sum(map(len, names)), at, column)
        for names, column in _known()
        for at in range(len(said) - len(names) + 1)
        if tuple(said[at : at + len(names)]) == names
    ]
    never = next((column for *_, column in there if column.name in {"people", "not_read"}), None)
    if there:  # of several names with the same length, the last is used, as in `site city`
        return Meaning(never or max(there, key=lambda one: one[:2])[2])
    near = nearest_column(OVERVIEW, bare) if len(plain(bare)) >= _SHORTEST else None
    return Meaning(near, sure=False) if near else Meaning()


def is_day(cell: Raw) -> bool:
    """Checks whether a heading is a day or a month, as in a table of rooms by days."""
    if isinstance(cell, date):
        return True
    said = as_text(cell).casefold()
    if has_word("room", said):
        return False
    if re.fullmatch(r"(?:[a-z]{2,9}\.?\s*)?\d{1,2}(?:[-/]\d{1,2}(?:[-/]\d{2,4})?)?", said):
        return True
    first = re.match(r"[^\W\d_]+", said)
    last = re.fullmatch(r"\d{1,2}[\s-]+([^\W\d_]+)\.?(?:\s*'?\d{2,4})?", said)
    return any(plain(one) in months_by_name() for one in (first[0] if first else "", last[1] if last else "") if one)


def layout_of(grid: Grid, columns: Mapping[str, str], at: int | None = None) -> Layout | None:
    """Returns the header that fits best; `None` without a header. `columns`: the columns of a mapping, by heading in
    plain form. `at`: the row of the header (from 0), if known.
    """
    rows = range(min(len(grid.rows), WITHIN)) if at is None else (at,)
    found = [one for row in rows for one in _layouts_at(grid, row, columns)]
    best = max(found, key=lambda one: one.score, default=None)
    return best if best is not None and (at is not None or best.score >= _FEWEST) else None


def _layouts_at(grid: Grid, row: int, columns: Mapping[str, str]) -> list[Layout]:
    single = [as_text(cell) for cell in grid.rows[row]]
    layouts = [_layout(grid, range(row, row + 1), single, columns)]
    if row + 1 < len(grid.rows) and (both := _two_levels(grid, row)):
        layouts.append(_layout(grid, range(row, row + 2), both, columns))
        if layouts[-1] and any((span.first_row, span.last_row) == (row + 1, row + 2) for span in grid.merged):
            layouts[-1].score += 1
    return [one for one in layouts if one]


def _two_levels(grid: Grid, row: int) -> list[str]:
    """Returns a heading for each column from two rows. Returns nothing if the two rows are not a header."""
    upper, lower = list(grid.rows[row]), list(grid.rows[row + 1])
    wide = [span for span in grid.merged if span.first_row == row + 1 and span.last_column > span.first_column]
    across = {column: span.first_column for span in wide for column in range(span.first_column, span.last_column + 1)}
    down = {span.first_column for span in grid.merged if span.first_row == row + 1 and span.last_row >= row + 2}
    texts = [cell for cell in lower if is_filled(cell)]
    numbers = sum(isinstance(cell, int | float) or as_text(cell).isdigit() for cell in texts)
    of_days = sum(map(is_day, texts)) >= _DAYS
    if (
        not texts
        or (numbers and not of_days)
        or (len({plain(as_text(cell)) for cell in texts}) == 1 and len(texts) > 1)
        # the cell belongs to a form
        or any(ticked(cell) != cell or without_number(as_text(cell)) != as_text(cell) for cell in upper)
    ):
        return []
    found, last = [], ""
    width = max(len(upper), len(lower))
    gaps = 0
    for number in range(1, width + 1):
        above = as_text(upper[across.get(number, number) - 1]) if across.get(number, number) <= len(upper) else ""
        below = as_text(lower[number - 1]) if number <= len(lower) else ""
        gaps += bool(above) and not below
        if not above and below and number not in down:
            above = last
        last = above
        found.append(_of_two(above, below))
    whole = sum(1 for cell in upper if is_filled(cell))
    return found if across or down or (gaps and whole < len(texts) + gaps) else []


def _of_two(above: str, below: str) -> str:
    """Returns the heading of a column from the two rows of its header. The lower heading alone is returned if it is a
    known fact about the upper heading: `City` below `House`, or `Ages` below `Who may stay`. Otherwise the two headings
    are joined. `Number` is always joined, because it needs the heading above it.
    """
    if plain(above) == plain(below):
        return above
    of, lower = meaning_of(above).column, meaning_of(below)
    name = lower.column.name if lower.column and lower.whole and plain(below) not in NAME | NUMBER else ""
    facts = frozenset() if of is None else _BELOW.get(of.name, frozenset())
    return below if name in facts else f"{above} {below}".strip()


def _layout(grid: Grid, rows: range, texts: Sequence[str], columns: Mapping[str, str]) -> Layout | None:
    own = {column.name: column for column in OVERVIEW.columns}
    headings: list[Heading] = []
    for number, text in enumerate(texts, start=1):
        said = plain(text)
        meaning = meaning_of(text) if said else Meaning()
        if said in columns and (meaning.column is None or columns[said] != meaning.column.name):
            meaning = Meaning(own.get(columns[said]))
        left_out = columns.get(said) == LEFT_OUT
        sure = meaning.sure or said in columns
        headings.append(
            Heading(number, text, meaning.column, sure, meaning.code, left_out, gives=meaning.gives, part=meaning.part)
        )
    last = grid.rows[rows[-1]]
    raw = [last[at] if at < len(last) else None for at in range(len(texts))]
    days = [at for at, cell in enumerate(raw) if is_filled(cell) and is_day(cell)]
    if len(days) >= _DAYS:
        for at in days:
            headings[at] = Heading(at + 1, texts[at], None, left_out=True, is_day=True)
    known = {one.column.name: one.sure for one in headings if one.column}
    texts_in = sum(isinstance(cell, str) and is_filled(cell) for cell in grid.rows[rows[0]])
    long = sum(len(one.text) > _LONGEST for one in headings if not one.is_day)
    houses = _PLACES & known.keys() and len(known) > _FEWEST  # a list of houses, with several facts about each
    if not (_KEYS & known.keys() or len(days) >= _DAYS or "shelter" in known or houses) or (
        texts_in < _FEWEST and len(days) < _DAYS
    ):
        return None
    if sum(bool(one.text) for one in headings) <= _FEWEST and not all(
        meaning_of(one.text).whole or plain(one.text) in columns for one in headings if one.text
    ):
        return None  # a label with its value, not a header
    score = sum(1 if sure else _NEARLY for sure in known.values()) + 2 * (len(days) >= _DAYS) - 0.5 * long
    score -= 0.1 * (len(rows) - 1) + 0.3 * sum(_is_value(cell) for at, cell in enumerate(raw) if at not in days)
    if not any(any(map(is_filled, cells)) for cells in islice(grid.rows, rows[-1] + 1, None)):
        score -= 1
    return Layout(rows, headings, score)


def _is_value(cell: Raw) -> bool:
    """Checks whether a cell is a number, a town or a telephone number. A heading is never such a value."""
    text = as_text(cell)
    return isinstance(cell, int | float) or text.isdigit() or is_telephone(text) or is_town(text)


_LONGEST = 45
"""The largest number of letters of a heading, except in a few files (assumed)."""


def rooms_across(layout: Layout) -> dict[int, str]:
    """Returns the names of rooms that are headings, such as `kamer 1` to `kamer 8`, by the number of the column.
    Returns nothing if the list has no such columns.
    """
    found = {
        one.number: re.sub(words("room"), "", one.text, flags=re.IGNORECASE).strip()
        for one in layout.headings
        if is_room(one.text)
    }
    if len(found) < _ACROSS:
        return {}
    for number in found:
        layout.headings[number - 1] = Heading(number, layout.headings[number - 1].text, None, left_out=True)
    return found


def is_group(written: str) -> bool:
    """Checks whether a text names the persons whom a place admits, and is not a person's initials."""
    with suppress(Doubt):
        return bool(re.search(r"\d|[^\W\d_]{3}", written) and people_in(written))
    return False


def is_sum(written: str) -> bool:
    """Checks whether a text means a total: it begins or ends with a word for a total, or is only a heading for beds."""
    parts = [plain(part) for part in re.split(r"[\s:]+", without_number(written)) if plain(part)]
    column = _by_name().get(plain(written))
    return bool(parts and {parts[0], parts[-1]} & plain_words("total")) or (
        column is not None and column.name == "beds"
    )


def is_room(written: str) -> bool:
    """Checks whether a text is the name of a room and contains the word for a room, such as `Kamer 3`."""
    return has_word("room", written) and len(written) <= _LONGEST and bool(re.search(r"\d|\b[A-Z]\b", written))
