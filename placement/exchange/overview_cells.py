"""The cells of a list of a whole organisation, and their values by the service's column."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime

from placement.core.codes import RoomFeature, Scheme
from placement.core.place_codes import RoomRange
from placement.exchange.bed_cells import beds_in, beds_in_name
from placement.exchange.cell_doubts import LEAVE_ROW, UNKNOWN, Doubt, has_word, words
from placement.exchange.cell_vocabulary import codes_by_word, months_by_name, plain, plain_words
from placement.exchange.grid import Choice, Raw
from placement.exchange.people_cells import BLANK, children_in, group_in, people_in, unclear
from placement.exchange.place_cells import (
    is_telephone,
    lines_of,
    name_and_town,
    telephones_in,
    town_in,
    town_named,
    without_persons,
)
from placement.exchange.room_names import has_beds_each, rooms_named
from placement.exchange.sheet_shapes import Heading
from placement.exchange.values import Read, Unreadable, as_text

KEYS = ("provider", "shelter", "location", "unit")
"""The columns in which an empty cell repeats the value above it, from the largest place to the smallest."""
OF_PLACES = frozenset(
    {
        *(*KEYS, "place", "address", "scheme", "admits", "ages", "min_age", "max_age", "children", "children_max_age"),
        *("placing", "night", "general", "languages", "interpreter_languages", "opens_on"),
    }
)
"""The columns whose value can be stated above a table for all its rows, such as `Locatie: De Wulp`."""
NOT_IMPORTED = frozenset({"people", "not_read"})
_MONTH = re.compile(r"(?:[^\W\d_]+\s+)*?([^\W\d_]+)\.?[\s'-]*(\d{4}|\d{2})?")
_MONTH_NUMBER = re.compile(r"(\d{1,2})[-/.](\d{4})")
_DITTO = re.compile(r"[\s\"'“”„〃,\-\u2013.]+")
_TWO_NAMES = re.compile(
    rf"(?P<larger>[^\n]+)\n(?P<house>.+)|(?P<own>[^\n(]+)\([^()]*{words('provider')}[^()]*\).*",
    re.IGNORECASE | re.DOTALL,
)
"""Matches a cell with two names: an organisation above its house, or in brackets after its house."""
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMES_BEDS = re.compile(rf"\d\s*{words('beds')}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{1,2}")
"""Matches a code in a column of states, such as `N` for a room that is not in use. The code `A` means active."""
_EIGHT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_CENTURY, _NEVER = 2000, 9000
_NO_AGE = 99
"""The smallest number that means *no limit* in a cell with an age."""


def is_ditto(written: str) -> bool:
    """Checks whether a text means *the same as above*, such as `"` and `idem`."""
    quote = bool(_DITTO.fullmatch(written)) and (",," in written or any(sign in written for sign in "\"'“”„〃"))
    return quote or plain(written) in plain_words("ditto")


def cell_values(  # the heading, the cell, and the values to which the cell may refer
    one: Heading, read: Read, cell: Raw, row: Mapping[str, object], above: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Returns the values of a cell by column. `row`: the values of earlier cells of this row. `above`: the values of
    the cell above.

    Raises `Doubt` if several meanings are possible, and `Unreadable` if no meaning is possible.
    """
    name = read.column.name
    if name in NOT_IMPORTED:
        return {"closed": True} if name == "people" and is_closed(as_text(cell)) else {}
    if one.code is not None or (one.gives and name == "admits"):
        gives: dict[str, object] = dict(one.gives) if one.code is None else {"features": (one.code,)}
        return gives if _yes(read, cell) else {}
    if isinstance(cell, str) and plain(cell) in {"", *plain_words("nothing")} and name != "beds":
        return {}
    if name == "beds":
        return beds_in(read, cell, one.part)
    if name in {"placing", "night", "general"}:
        return telephones_in(read, cell, one.text, above)
    return _READERS[name](read, cell, row)


def _key(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001 - the signature of a reader
    written, has_person = without_persons(lines_of(cell))
    if has_person:
        read.note("import_person_left_out")
    two = _TWO_NAMES.fullmatch(written) if read.column.name == "shelter" else None
    if two and not (two["house"] and town_named(two["house"])):
        larger, house = (two["larger"], two["house"]) if two["larger"] else (two["own"], two["own"])
        house, town = name_and_town(" ".join(house.split()))
        at: dict[str, object] = {"place": town} if town else {}
        names = {"provider": larger.strip(), "shelter": house.strip()}
        choices = [
            Choice("two", "two_names", {**names, **at}, names),
            Choice("one", "name_only", {"shelter": " ".join(written.split())}),
        ]
        raise Doubt("import_ask_two_names", choices, "two", found=" ".join(written.split()))
    first, _, last = written.rpartition("\n")
    written = f"{first}, {last}" if first and town_named(last) else written
    written = " ".join(written.split())
    if read.column.name == "unit" and written in BLANK:
        raise unclear(written, {"unit": written})
    name, town = name_and_town(written) if read.column.name in {"shelter", "location"} else (written, None)
    more: dict[str, object] = {"place": town} if town else {}
    if read.column.name == "unit":
        more |= group_in(name)
    return {read.column.name: name, **more} if name else {}


def _room(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:
    written, has_person = without_persons(as_text(cell))
    if has_person:
        read.note("import_person_left_out")
    if not written:
        return {}
    more: dict[str, object] = {}
    if is_telephone(written):
        raise Doubt("import_ask_line", [Choice("right", "line_right"), Choice("-", "line_wrong")], "", found=written)
    if shut := closed_in_name(written):
        read.note("import_read_as_closed", found=written)
        return {"name": shut, "closed": True}
    if found := beds_in_name(written):
        written, more = found[0], {"beds_in_name": found[1]}
    names = rooms_named(written)
    if names and has_beds_each(written, str(row.get("beds_heading")), str(row.get("beds_cell"))):
        return {"name": written, "several": RoomRange.BEDS_EACH, **more}
    if names:
        choices = [Choice(one.value, one.value, {"name": written, "several": one, **more}) for one in RoomRange]
        facts = {"found": written, "rooms": ", ".join(names), "number": len(names)}
        raise Doubt("import_ask_rooms", choices, "", **facts)
    return {"name": written, **more}


def closed_in_name(written: str) -> str | None:
    """Returns a room's name without following words that state that the room is closed; otherwise `None`."""
    found = re.fullmatch(rf"(.*?\d\w*|\w)[\s:,(-]+{words('closed')}\b.*", written, re.IGNORECASE)
    return found[1].strip() if found else None


def _age(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    if as_text(cell).isdigit() and not 0 < int(as_text(cell)) < _NO_AGE:  # 0 and 999, for example, mean no limit
        return {}
    try:
        return {read.column.name: read.value(cell)}
    except Unreadable:
        return people_in(cell)


def _children(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    said = plain(as_text(cell))
    yes = True if said in plain_words("yes") and said != "1" else False if said in plain_words("no") else None
    return children_in(cell, yes=cell if isinstance(cell, bool) else yes)


def _scheme(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    try:
        return {"scheme": read.value(cell)}
    except Unreadable as wrong:
        raise Doubt("import_ask_scheme", scheme_choices(), found=as_text(cell)) from wrong


def scheme_choices() -> list[Choice]:
    return [Choice(one.value, "scheme", {"scheme": one}, {"code": one.value}) for one in Scheme]


def _features(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    found = features_of(as_text(cell))
    if not found:
        read.note("import_not_imported")
    return {"features": found} if found else {}


def features_of(written: str) -> tuple[RoomFeature, ...]:
    known = codes_by_word(RoomFeature)
    found = [known.get(plain(part)) for part in re.split(r"[,;+/&\n]|\ben\b|\band\b", written)]
    return tuple(dict.fromkeys(one for one in found if isinstance(one, RoomFeature)))


def _listed(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    try:
        return {read.column.name: read.value(cell)}
    except Unreadable as wrong:
        raise Doubt("import_ask_not_read", [UNKNOWN], UNKNOWN.value, found=as_text(cell)) from wrong


def _day(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:  # noqa: ARG001
    name = read.column.name
    if digits := _EIGHT.fullmatch(as_text(cell)):
        if int(digits[1]) >= _NEVER:
            return {}
        with suppress(ValueError):
            return {name: date(*map(int, digits.groups()))}
    if isinstance(cell, str) and (either := _SLASHES.fullmatch(cell.strip())):
        first, second, year = (int(part) for part in either.groups())
        if first != second and max(first, second) <= len(_TWELVE):
            days = [date(year, second, first), date(year, first, second)]
            choices = [Choice(one.isoformat(), "as_it_is", {name: one}, {"text": one.isoformat()}) for one in days]
            raise Doubt("import_ask_day", choices, choices[0].value, found=cell)
    try:
        return {name: read.value(cell)}
    except Unreadable as wrong:
        month = month_in(as_text(cell))
        choices = [UNKNOWN, LEAVE_ROW]
        guess = UNKNOWN.value
        if month:
            day = month if name == "opens_on" else month.replace(day=monthrange(month.year, month.month)[1])
            guess = day.isoformat()
            choices = [Choice(guess, "as_it_is", {name: day}, {"text": day.isoformat()}), UNKNOWN]
        raise Doubt("import_ask_day", choices, guess, found=as_text(cell)) from wrong


def month_in(written: str) -> date | None:
    """Returns the first day of a month in a text with month and year, such as `12/2025` and `mrt 2026`."""
    if number := _MONTH_NUMBER.search(written):
        return date(int(number[2]), int(number[1]), 1) if 1 <= int(number[1]) <= len(_TWELVE) else None
    for named in _MONTH.finditer(written):
        month = months_by_name().get(plain(named[1]))
        if month and named[2]:
            year = int(named[2])
            return date(year if year > _CENTURY else year + _CENTURY, month, 1)
    return None


_TWELVE = range(12)


def _remarks(read: Read, cell: Raw, row: Mapping[str, object]) -> dict[str, object]:
    """Returns the room features that a remark names. Raises `Doubt` if the remark can change the meaning of the row."""
    written = as_text(cell)
    found = features_of(written)
    gives: dict[str, object] = {"features": found} if found else {}
    if is_closed(written) and not _NAMES_BEDS.search(written):
        read.note("import_read_as_closed", found=without_persons(written)[0])
        return {**gives, "closed": True}
    is_code = _CODE.fullmatch(written) is not None and plain(written) not in {*plain_words("yes"), "a"}
    if not isinstance(cell, datetime) and (is_code or changes_a_reading(written)) and not row.get("beds_asked"):
        choices = [Choice("open", "changes_nothing", gives), Choice("closed", "closed", {**gives, "closed": True})]
        raise Doubt("import_ask_remark", [*choices, LEAVE_ROW], "", found=without_persons(written)[0])
    read.note("import_not_imported")
    return gives


def is_closed(written: str) -> bool:
    """Checks whether a text begins with a word for a place that cannot be used, such as `dicht t/m mei`."""
    return re.match(rf"\W*(?:tijdelijk\s+|temporarily\s+)?{words('closed')}", written, re.IGNORECASE) is not None


def changes_a_reading(written: str) -> bool:
    """Checks whether a remark can mean that a place is closed, has more or fewer beds, or does not exist any more."""
    return has_word("changes", written) or has_word("out_of_service", written) or bool(_NAMES_BEDS.search(written))


def _yes(read: Read, cell: Raw) -> bool:
    said = plain(as_text(cell))
    if said in plain_words("no") or said in {"", *plain_words("nothing")}:
        return False
    if said not in plain_words("yes"):
        read.note("import_not_imported")
        return False
    return True


_READERS: Mapping[str, Callable[[Read, Raw, Mapping[str, object]], dict[str, object]]] = {
    **dict.fromkeys(KEYS, _key),
    **dict.fromkeys(("code", "address"), lambda read, cell, _row: {read.column.name: read.value(cell)}),
    "place": lambda _read, cell, _row: town_in(cell),
    "scheme": _scheme,
    **dict.fromkeys(("admits", "ages"), lambda _read, cell, _row: people_in(cell)),
    **dict.fromkeys(("min_age", "max_age"), _age),
    **dict.fromkeys(("children", "children_max_age", "boys_max_age"), _children),
    **dict.fromkeys(("languages", "interpreter_languages", "specialisms"), _listed),
    "name": _room,
    "features": _features,
    **dict.fromkeys(("opens_on", "open_until"), _day),
    "remarks": _remarks,
}
