"""The rows of a registrant's list of count records. Headings and cells that people wrote are converted to records, or
to faults with the position of each fault.

This module reads texts. `placement/exchange` converts a workbook or CSV file to texts. The API calls both.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import msgspec

from placement.core.codes import Registrant
from placement.core.count_codes import NO_SECTOR, UNKNOWN, CountFile, CountList
from placement.core.errors import Fault
from placement.core.need_codes import PartOfCountry
from placement.counts.code_lists import code_lists, faults_of
from placement.counts.facts import CountFacts
from placement.counts.persons import Person
from placement.text.catalogue import languages, translate

COLUMNS: Mapping[str, str | None] = {
    "month": None,
    "reporter": Registrant.OVERIG,
    "region": UNKNOWN,
    "exploitation": None,
    "sector": NO_SECTOR,
    "means": "",
    "recruitment": "",
    "origin": UNKNOWN,
    "recruited_in": UNKNOWN,
    "age": UNKNOWN,
    "gender": UNKNOWN,
    "alone": "",
    "file": CountFile.COUNT_ONLY,
    "ground": None,
    "name": "",
    "born_on": "",
}
"""The columns, with the code that an empty cell means; `None`: every row needs a value."""
_LISTS = {"means": CountList.MEANS, "recruitment": CountList.RECRUITMENT}
_CODED = {
    "exploitation": CountList.EXPLOITATION,
    "sector": CountList.SECTOR,
    "origin": CountList.COUNTRY,
    "recruited_in": CountList.COUNTRY,
    "age": CountList.AGE,
    "gender": CountList.GENDER,
    "ground": CountList.GROUND,
    **_LISTS,
}
_CLOSED: Mapping[str, type[Registrant | PartOfCountry | CountFile]] = {
    "reporter": Registrant,
    "region": PartOfCountry,
    "file": CountFile,
}
_YES, _NO = {"yes", "ja", "true", "1", "x"}, {"", "no", "nee", "false", "0"}
_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row without a fault. `number`: its row in the file, from 1."""

    number: int
    facts: CountFacts
    person: Person | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault in a row. `column`: the number of the column in the file, from 1; 0 if the row lacks the column."""

    number: int
    column: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The result of reading a list: the rows without a fault, and the faults of the other rows."""

    rows: Sequence[SheetRow]
    faults: Sequence[RowFault]


def read_sheet(cells: Sequence[Sequence[str]], today: date, year: int | None = None) -> ReadSheet:
    """Returns the rows of a list. Its first row with text contains the headings. `year`: the only allowed year, if the
    sender named it. A missing heading is a fault of the row of headings. In that case no other row is read.
    """
    first = next((number for number, row in enumerate(cells) if any(row)), 0)
    headings = [_heading(cell) for cell in cells[first]] if cells else []
    missing = [name for name, empty in COLUMNS.items() if empty is None and name not in headings]
    if missing:
        found = (RowFault(first + 1, 0, Fault(name, "count_heading_missing", {"column": name})) for name in missing)
        return ReadSheet([], list(found))
    places = {name: number for number, name in enumerate(headings, start=1) if name}
    rows: list[SheetRow] = []
    faults: list[RowFault] = []
    for number, row in enumerate(cells[first + 1 :], start=first + 2):
        if any(row):
            given = {name: row[at - 1].strip() if at <= len(row) else "" for name, at in places.items()}
            read, wrong = _row(given, today, year)
            faults += [RowFault(number, places.get(one.field, 0), one) for one in wrong]
            if read is not None and not wrong:
                rows.append(SheetRow(number, *read))
    return ReadSheet(rows, faults)


def _row(
    given: Mapping[str, str], today: date, year: int | None
) -> tuple[tuple[CountFacts, Person | None] | None, list[Fault]]:
    faults: list[Fault] = []
    month = _month(given["month"])
    if month is None:
        return None, [Fault("month", "count_month_wrong", {"found": given["month"]})]
    if year is not None and month.year != year:
        return None, [Fault("month", "count_other_year", {"found": f"{month:%Y-%m}", "year": year})]
    read = {name: _codes(name, given.get(name) or str(empty or "")) for name, empty in COLUMNS.items()}
    alone = given.get("alone", "").casefold()
    if alone not in _YES | _NO:
        faults.append(Fault("alone", "count_yes_or_no", {"found": given["alone"]}))
    person, wrong = _person(given.get("name", ""), given.get("born_on", ""), today)
    single = {name: (read[name] or [""])[0] for name in (*_CLOSED, *_CODED) if name not in _LISTS}
    several = {name: sorted(set(read[name])) for name in _LISTS}
    facts = msgspec.convert({"month": month, "alone": alone in _YES, **single, **several}, CountFacts)
    return (facts, person), [*faults, *wrong, *faults_of(facts, today)]


def _person(name: str, born_on: str, today: date) -> tuple[Person | None, list[Fault]]:
    if not born_on:
        return None, [Fault("born_on", "count_person_without_day")] if name else []
    born = _day(born_on)
    if born is None or born > today:
        return None, [Fault("born_on", "count_day_wrong")]
    return (Person(name, born), []) if name else (None, [Fault("name", "count_person_without_name")])


def _month(written: str) -> date | None:
    found = _MONTH.match(written)
    dutch = _DUTCH_DAY.fullmatch(written) or re.fullmatch(r"()(\d{1,2})[-/](\d{4})", written)
    year, month = (found[1], found[2]) if found else (dutch[3], dutch[2]) if dutch else ("0", "0")
    return _date(year, month, "1")


def _day(written: str) -> date | None:
    found, dutch = _DAY.match(written), _DUTCH_DAY.fullmatch(written)
    return _date(*found.groups()) if found else _date(dutch[3], dutch[2], dutch[1]) if dutch else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _codes(name: str, written: str) -> list[str]:
    """Returns the codes of a cell, which contains codes or words, separated by semicolons. An unknown word is returned
    unchanged; a later check reports it as a fault.
    """
    parts = written.split(";") if name in _LISTS else [written]
    known = _words(name)
    return [known.get(_plain(part), part.strip()) for part in parts if part.strip()]


@cache
def _words(name: str) -> Mapping[str, str]:
    """Maps each word for a code of a column, in each language, to the code. Each code also maps to itself."""
    if name in _CLOSED:
        kind = _CLOSED[name]
        found = {_plain(translate(kind.__name__, code, one)): code.value for one in languages() for code in kind}
        return {**found, **{_plain(code): code.value for code in kind}, UNKNOWN: UNKNOWN, "onbekend": UNKNOWN}
    if name not in _CODED:
        return {}
    of_list = _CODED[name]
    codes = [*code_lists()[of_list].codes, *([NO_SECTOR] if of_list is CountList.SECTOR else [])]
    if of_list is CountList.COUNTRY:
        return {_plain(code): code for code in codes} | {"onbekend": UNKNOWN}
    found = {_plain(translate(f"count.{of_list}", code, one)): code for one in languages() for code in codes}
    return {**found, **{_plain(code): code for code in codes}}


def _heading(cell: str) -> str:
    return _headings().get(_plain(cell), "")


@cache
def _headings() -> Mapping[str, str]:
    found = {_plain(translate("count.column", name, one)): name for one in languages() for name in COLUMNS}
    return {**found, **{_plain(name): name for name in COLUMNS}}


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).replace("_", " ").split())


def in_order(faults: Sequence[RowFault]) -> Iterator[tuple[RowFault, int]]:
    """Yields an example of each kind of fault, and how many rows have it; the most frequent kind comes first."""
    kinds: dict[tuple[int, str, str], list[RowFault]] = {}
    for one in faults:
        kinds.setdefault((one.column, one.fault.code, str(one.fault.facts.get("code", ""))), []).append(one)
    for same in sorted(kinds.values(), key=lambda rows: (-len(rows), rows[0].number)):
        yield same[0], len(same)
