"""The mapping of columns in a user's file to the service's columns. A user gives it once as TOML. It is then stored
under the headings of the file.

[sheets."Kameroverzicht"] is = "rooms" # the sheet of the service; "" leaves the sheet out
[sheets."Kameroverzicht".columns] "Plekken" = "beds" # by heading; "" leaves a column out
[sheets."Kameroverzicht".values.features] "bg" = "ground_floor" # the user's word for a code, by column of the service
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from placement.core.errors import Fault, Invalid
from placement.exchange.cell_vocabulary import plain
from placement.exchange.sheets import MEANT, Kind, Sheet

LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """The mapping of a sheet. Headings and words of the user are in plain form (`plain`).

    - `columns`: the service's column, by heading.
    - `values`: for each column, the code by the user's word. If the code is empty, the word is ignored.
    - `kept_on`: the day of the earlier file, if the mapping is stored.
    - `name`: the user's name for such files.
    - `ranges`: the stored meaning of rows with several rooms.
    """

    sheet: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kept_on: date | None = None
    name: str = ""
    ranges: str | None = None


FileMapping = Mapping[str, SheetMapping]
"""Mappings by the name of the sheet in the user's file, in plain form (`plain`)."""


def read_mapping(content: bytes) -> dict[str, SheetMapping]:
    """Returns the mappings in a TOML file. Raises `Invalid` for each entry that cannot be interpreted."""
    try:
        read = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise Invalid.at("map", "import_map_broken") from wrong
    faults: list[Fault] = []
    found = {}
    sheets = read.get("sheets")
    if not isinstance(sheets, dict):
        raise Invalid.at("map", "import_map_broken")
    for name, entry in sheets.items():
        mapped = _sheet(name, entry, faults)
        if mapped is not None:
            found[plain(name)] = mapped
    if faults:
        raise Invalid(faults)
    return found


def _sheet(name: str, entry: object, faults: list[Fault]) -> SheetMapping | None:
    where = f"map.sheets.{name}"
    table = _table(where, entry, faults)
    if "is" not in table:
        faults.append(Fault(f"{where}.is", "import_map_without_is", {"sheet": name, "expected": list(MEANT)}))
        return None
    named = str(table["is"])
    if named == LEFT_OUT:
        return SheetMapping(LEFT_OUT)
    if named not in MEANT:
        faults.append(Fault(f"{where}.is", "import_map_unknown", {"found": named, "expected": list(MEANT)}))
        return None
    sheet = MEANT[named]
    columns = _table(f"{where}.columns", table.get("columns", {}), faults)
    known = [column.name for column in sheet.columns]
    faults += [
        Fault(f"{where}.columns.{heading}", "import_map_unknown", {"found": str(column), "expected": known})
        for heading, column in columns.items()
        if column not in [*known, LEFT_OUT]
    ]
    values = _table(f"{where}.values", table.get("values", {}), faults)
    return SheetMapping(
        named,
        {plain(heading): str(column) for heading, column in columns.items()},
        {column: _words(f"{where}.values.{column}", sheet, column, words, faults) for column, words in values.items()},
    )


def _words(where: str, sheet: Sheet, name: str, words: object, faults: list[Fault]) -> dict[str, str]:
    lists = {column.name: column.kind for column in sheet.columns}
    if lists.get(name) not in {Kind.CODE, Kind.CODES, Kind.LANGUAGES}:
        expected = [one for one, kind in lists.items() if kind in {Kind.CODE, Kind.CODES, Kind.LANGUAGES}]
        faults.append(Fault(where, "import_map_unknown", {"found": name, "expected": expected}))
    return {plain(word): str(code) for word, code in _table(where, words, faults).items()}


def _table(where: str, found: object, faults: list[Fault]) -> dict[str, object]:
    if isinstance(found, dict):
        return found
    faults.append(Fault(where, "import_map_broken"))
    return {}


def fingerprint(headings: Iterable[str]) -> str:
    """Returns the fingerprint of a header row. Order, capitals and punctuation make no difference."""
    return hashlib.sha256("\n".join(sorted({plain(one) for one in headings} - {""})).encode()).hexdigest()
