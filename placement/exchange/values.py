"""The reading of cell values as people write them. Each kind of column has a function."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeVar

from placement.core import telephone
from placement.core.languages import LANGUAGES
from placement.exchange.cell_vocabulary import (
    codes_by_word,
    languages_by_name,
    months_by_name,
    nearest,
    plain,
    plain_words,
)
from placement.exchange.csv_write import as_it_was
from placement.exchange.grid import Grid, Raw, is_filled
from placement.exchange.sheets import Column, Kind
from placement.text.catalogue import Language
from placement.text.labels import label
from placement.text.languages import spoken_names

_EXCEL_BEGINS, _EXCEL_BEGINS_1904 = date(1899, 12, 30), date(1904, 1, 1)
Found = TypeVar("Found")

_DAYS_AS_NUMBERS = range(18_264, 73_051)
"""The numbers that can be days: 1950 to 2099 in the calendar that begins in 1900."""
_YEARS = range(1900, 2101)

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DUTCH = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}")
_NAMED = re.compile(r"(\d{1,2})[-. ]*([^\W\d]+)[-., ]*(\d{4})")
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.? +(\d{1,2}),? +(\d{4})")
_MIDNIGHT = re.compile(r"[T ]00:00(:00)?(\.0+)?$")
_WHOLE = re.compile(r"[+]?\d{1,9}([.,]0+)?")
_BEDS_AND_MORE = re.compile(r"(\d{1,3})\D+?(\d{1,3})(\D+)")
_BEDS_IN_WORDS = re.compile(r"(\d{1,3})[- ]*([^\W\d]+)\.?")
_BETWEEN = re.compile(r"[;,/\n|+&]")
_ALL = "*"
"""The sign that means every language."""
_BOX = re.compile(r"([☐☑☒□✓✔]|\[[ xX]?\])(?=\s*[^\W\d])")
_EMPTY_BOX = re.compile(r"[☐□]|\[ ?\]")
_NO_LETTER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Characters that no database accepts in a text. JSON can contain them; a workbook cannot."""


class Unreadable(Exception):
    """Raised if a value cannot be read. `code` selects the text in the catalogue (`error`)."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Read:
    """A reader of cells of a column. `notes`: codes of the catalogue for remarks on the value."""

    def __init__(self, column: Column, grid: Grid, language: Language, words: Mapping[str, str]) -> None:
        """Takes the user's words for the codes of this column (`words`): the code by the word in plain form."""
        self.column = column
        self.grid = grid
        self.language = language
        self.words = words
        self.notes: list[tuple[str, dict[str, object]]] = []

    def value(self, cell: Raw) -> object:
        """Returns the typed value; `None` for an empty cell. Raises `Unreadable`."""
        if not is_filled(cell) or (_says_nothing(cell) and not _is_code(self, cell)):
            return None
        return _READERS[self.column.kind](self, cell)

    def note(self, code: str, **facts: object) -> None:
        self.notes.append((code, facts))


def _says_nothing(cell: Raw) -> bool:
    """Checks whether a cell's text states that there is no value, such as `-`, `?` and `n.v.t.`"""
    return isinstance(cell, str) and cell.strip() != _ALL and plain(cell) in {"", *plain_words("nothing")}


def _is_code(read: Read, cell: Raw) -> bool:
    """Checks whether a word such as `none` is a code of this column."""
    return read.column.kind is Kind.CODE and _code_of(read, as_text(cell)) is not None


def ticked(cell: Raw) -> Raw:
    """Returns the ticked texts of a cell with boxes, such as `☒ vrouwen ☐ mannen`. Returns any other cell unchanged."""
    parts = _BOX.split(cell) if isinstance(cell, str) else []
    boxes = list(zip(parts[1::2], parts[2::2], strict=True))
    return ", ".join(text.strip() for box, text in boxes if not _EMPTY_BOX.fullmatch(box)) if boxes else cell


def as_text(cell: Raw) -> str:
    """Returns the text of a cell as a spreadsheet shows it. Removes a `'` that protects from formulas."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return _NO_LETTER.sub("", " ".join(as_it_was(str(cell)).split()))


def _text(read: Read, cell: Raw) -> str:
    written = as_text(cell)
    if len(written) > read.column.longest:
        raise Unreadable("import_text_too_long", most=read.column.longest, found=len(written))
    return written


def _telephone(read: Read, cell: Raw) -> str:
    """Returns a telephone number as written. If it was stored as a number, adds the lost 0 or +."""
    written = _text(read, cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        found = telephone.read_figure(written)
        if found is not None:
            read.note("import_figure_read_as_telephone", found=written, number=telephone.shown(found))
            return found
    return written


def _texts(read: Read, cell: Raw) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in re.split(r"[;,\n|]", _text(read, str(cell)))) if part)


def _whole(read: Read, cell: Raw) -> int:
    number: float = math.nan
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = cell
    elif isinstance(cell, str) and _WHOLE.fullmatch(written := as_text(cell)):
        number = float(written.replace(",", "."))
    if not math.isfinite(number) or number != int(number):
        raise Unreadable("import_not_whole", found=as_text(cell))
    _require_within(read, number)
    return int(number)


def _beds(read: Read, cell: Raw) -> int:
    """Returns the number of beds of a room. Examples: `3-persoons` is three. `2 (1 in onderhoud)` is two, because the
    bed in maintenance belongs in a report by the shelter.
    """
    more = _BEDS_AND_MORE.fullmatch(as_text(cell))
    if more and any(word in plain(more[3]) for word in plain_words("out_of_service")):
        beds, out = int(more[1]), int(more[2])
        if out > beds:
            raise Unreadable("import_beds_unclear", found=as_text(cell), beds=beds)
        _require_within(read, beds)
        read.note("import_beds_out_of_service", found=as_text(cell), beds=beds, out=out)
        return beds
    in_words = _BEDS_IN_WORDS.fullmatch(as_text(cell))
    if in_words and plain(in_words[2]) in plain_words("beds"):
        beds = int(in_words[1])
        _require_within(read, beds)
        read.note("import_beds_in_words", found=as_text(cell), beds=beds)
        return beds
    try:
        return _whole(read, cell)
    except Unreadable as wrong:
        if wrong.code == "import_not_whole" and (first := re.match(r"\s*(\d{1,3})\b", as_text(cell))):
            raise Unreadable("import_beds_unclear", found=as_text(cell), beds=int(first[1])) from wrong
        raise


def _decimal(read: Read, cell: Raw) -> float:
    try:
        number = float(as_text(cell).replace(",", "."))
    except ValueError as wrong:
        raise Unreadable("import_not_number", found=as_text(cell)) from wrong
    if not math.isfinite(number):
        raise Unreadable("import_not_number", found=as_text(cell))
    _require_within(read, number)
    return number


def _require_within(read: Read, number: float) -> None:
    if not read.column.least <= number <= read.column.most:
        raise Unreadable("import_not_within", found=as_text(number), least=read.column.least, most=read.column.most)


def _yes_no(read: Read, cell: Raw) -> bool:  # noqa: ARG001 - the signature of a reader
    if isinstance(cell, bool):
        return cell
    said = plain(as_text(cell))
    for word, value in (("yes", True), ("no", False)):
        if said in plain_words(word):
            return value
    raise Unreadable("import_not_yes_or_no", found=as_text(cell))


def _day(read: Read, cell: Raw) -> date:
    match cell:
        case datetime():
            found = cell.date()
        case date():
            found = cell
        case bool() | time() | timedelta():
            raise Unreadable("import_not_a_day", found=str(cell))
        case int() | float():
            found = _day_of_number(read, cell)
        case _:
            found = _day_of_text(_MIDNIGHT.sub("", str(cell).strip()))
    if found.year not in _YEARS:
        raise Unreadable("import_not_a_day", found=as_text(cell))
    return found


def _day_of_number(read: Read, number: float) -> date:
    """Returns the day for a number in a cell without a date format."""
    begins = _EXCEL_BEGINS_1904 if read.grid.since_1904 else _EXCEL_BEGINS
    if not math.isfinite(number) or int(number) not in _DAYS_AS_NUMBERS:
        raise Unreadable("import_number_is_no_day", found=as_text(number))
    found = begins + timedelta(days=int(number))
    read.note("import_number_read_as_day", found=as_text(number), day=found.isoformat())
    return found


def _day_of_text(written: str) -> date:
    if _SHORT_YEAR.fullmatch(written):
        raise Unreadable("import_year_too_short", found=written)
    year, month, day = _parts_of(written)
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise Unreadable("import_not_a_day", found=written) from wrong


def _parts_of(written: str) -> tuple[int, int, int]:
    """Returns year, month and day of a written day. The day comes before the month, as in Dutch."""
    if iso := _ISO.fullmatch(written):
        return int(iso[1]), int(iso[2]), int(iso[3])
    if dutch := _DUTCH.fullmatch(written):
        return int(dutch[3]), int(dutch[2]), int(dutch[1])
    if named := _NAMED.fullmatch(written):
        return int(named[3]), months_by_name().get(plain(named[2]), 0), int(named[1])
    if named := _NAMED_FIRST.fullmatch(written):
        return int(named[3]), months_by_name().get(plain(named[1]), 0), int(named[2])
    raise Unreadable("import_not_a_day", found=written)


def _code(read: Read, cell: Raw) -> object:
    written = as_text(cell)
    if (found := _code_of(read, written)) is None:
        raise _unknown_code(read, written)
    return found


def _codes(read: Read, cell: Raw) -> tuple[object, ...]:
    return _listed(cell, lambda written: _code_of(read, written), lambda written: _unknown_code(read, written))


def _code_of(read: Read, written: str) -> object:
    said = plain(written)
    found = codes_by_word(_list_of(read)).get(plain(read.words.get(said, said)))
    return None if found in read.column.but else found


def _list_of(read: Read) -> type[Enum]:
    if read.column.codes is None:
        raise TypeError(read.column.name)
    return read.column.codes


def _unknown_code(read: Read, written: str) -> Unreadable:
    labels = [label(type(code).__name__, code, read.language) for code in read.column.offered]
    near = nearest(written, labels)
    if near:
        return Unreadable("import_code_like", found=written, near=near)
    return Unreadable("import_code_unknown", found=written, expected=labels)


def _languages(read: Read, cell: Raw) -> tuple[str, ...]:
    if as_text(cell) == _ALL or plain(as_text(cell)) in plain_words("all_languages"):
        return (_ALL,)
    known = languages_by_name()

    def find(written: str) -> str | None:
        said = read.words.get(plain(written), written)
        return known.get(plain(said)) or (said if said.lower() in LANGUAGES else None)

    def unknown(written: str) -> Unreadable:
        near = nearest(written, spoken_names(read.language))
        code = "import_language_like" if near else "import_language_unknown"
        return Unreadable(code, found=written, **({"near": near} if near else {}))

    return _listed(cell, find, unknown)


def _listed(cell: Raw, find: Callable[[str], Found | None], unknown: Callable[[str], Unreadable]) -> tuple[Found, ...]:
    """Returns the values in a cell. If the whole cell is not a value, splits it at commas, semicolons and `and`."""
    written = str(cell)
    if (whole := find(written)) is not None:
        return (whole,)
    found: list[Found] = []
    for part in (part.strip() for part in _BETWEEN.split(written)):
        if part:
            found += [one for one in _one_or_joined(part, find, unknown) if one not in found]
    return tuple(found)


def _one_or_joined(part: str, find: Callable[[str], Found | None], unknown: Callable[[str], Unreadable]) -> list[Found]:
    if (whole := find(part)) is not None:
        return [whole]
    words: list[str] = [""]
    for word in part.split():
        if plain(word) in plain_words("and"):
            words.append("")
        else:
            words[-1] = f"{words[-1]} {word}".strip()
    found = [find(one) for one in words]
    if None in found:
        raise unknown(words[found.index(None)] or part)
    return [value for value in found if value is not None]


_READERS: Mapping[Kind, Callable[[Read, Raw], object]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.WHOLE: _whole,
    Kind.BEDS: _beds,
    Kind.DECIMAL: _decimal,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CODE: _code,
    Kind.CODES: _codes,
    Kind.LANGUAGES: _languages,
    Kind.TELEPHONE: _telephone,
}
