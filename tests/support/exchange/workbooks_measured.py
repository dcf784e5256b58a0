"""Four dozen workbooks by people who had not seen the importer, compared cell by cell with their true content.

A cell is right if the reader gives exactly the facts of the truth that the service imports. It is asked if a question
is about it, or about its row or column. Otherwise it is wrong. Everything in the workbooks is synthetic.
"""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from placement.core import telephone
from placement.core.geography import places_named
from placement.core.place_codes import RoomRange
from placement.exchange.file_reader import read_file
from placement.exchange.grid import letters as letters_of
from placement.exchange.grid import number_of
from placement.exchange.room_names import rooms_named
from tests.support.paths import ROOT

FOLDER = ROOT / "tests/support/exchange/workbooks"
NAMES = sorted(path.name.removesuffix(".truth.json") for path in FOLDER.glob("*.truth.json"))
_FACTS = {
    "provider.name": "provider",
    "shelter.name": "shelter",
    "shelter.town": "place",
    "unit.name": "unit",
    "unit.for": "admits",
    "unit.min_age": "min_age",
    "unit.max_age": "max_age",
    "unit.children": "children",
    "unit.scheme": "scheme",
    "unit.opens_from": "opens_on",
    "room.name": "name",
    "room.beds": "beds",
    "room.opens_from": "opens_on",
    "shelter.telephone": "telephones",
    "shelter.night_telephone": "night",
    "room.state": "closed",
}
"""Facts of the truth that the service imports, with the column that each is read into."""
_SHEET_ASKED = frozenset({"import_sheet_unknown", "import_sheet_like"})
"""Questions what a whole sheet is: nothing of the file is imported before they are answered."""
_FOR = {"women": ("female",), "men": ("male",), "mixed": ("female", "male")}


@dataclass
class Measured:
    """The result for a workbook. `wrong`: the place of each wrong cell, with what is true and what was read."""

    right: int = 0
    asked: int = 0
    wrong: dict[str, tuple[object, object]] = field(default_factory=dict)
    questions: int = 0
    stored: list[str] = field(default_factory=list)

    @property
    def cells(self) -> int:
        return self.right + self.asked + len(self.wrong)


def measured(name: str, **more: object) -> Measured:
    path = next(one for one in FOLDER.glob(f"{name}.*") if not one.name.endswith(".truth.json"))
    truth = json.loads((FOLDER / f"{name}.truth.json").read_text())
    read = read_file(path.read_bytes(), path.name, "nl", **more)
    sheets = {one.name: one for one in read.overviews}
    moved = {one.name: {place: there for there, place in one.grid.from_file.items()} for one in read.overviews}
    questions = [one for one in read.findings if one.choices or one.code in _SHEET_ASKED]
    asked = {place for one in questions for place in _places(one)}
    found = Measured(questions=len({one.question or one.sheet for one in questions}))
    for address, cell in truth["cells"].items():
        sheet, _, at = address.rpartition("!")
        sheet = sheet if sheet not in {"csv", "txt"} else path.stem
        letters, row = re.fullmatch(r"([A-Z]+)(\d+)", at).groups()
        own = sheets.get(sheet)
        place = int(row), number_of(letters)
        row, number = moved.get(sheet, {}).get(place, place)
        letters = letters_of(number)
        values = own.cells[row, number].values if own and (row, number) in own.cells else {}
        true, given = _true(cell), _given(values)
        agrees = _agree(true, _without_known(given, cell, truth))
        around = {(sheet, row, ""), (sheet, 0, letters), (sheet, 0, "")}
        if (sheet, row, letters) in asked or (not agrees and around & asked):
            found.asked += 1
        elif agrees:
            found.right += 1
        else:
            found.wrong[address] = true, given
    stored = [str(one) for sheet in read.overviews for row in sheet.rows for one in row.values.values()]
    for address in truth["must_not_be_stored"]:
        raw = str(truth["cells"].get(address, {}).get("raw", ""))
        found.stored += [
            address for one in stored if raw and one == raw and "town" not in truth["cells"][address]["means"]
        ]
    return found


def _without_known(given, cell, truth):
    """Leaves out that children are admitted if that is true of the unit, and another cell has it too."""
    units = [
        unit
        for provider in truth["providers"]
        for shelter in provider["shelters"]
        for unit in shelter["units"]
        if unit["name"] == (cell.get("about") or [None] * 3)[-1] and unit["children"]
    ]
    said = "children" in str(cell["means"])
    whom = {name: one for name, one in given.items() if not (name == "children" and units and not said)}
    unit = _unit_of(cell, truth)
    if unit and "unit.for" not in str(cell["means"]) and whom.get("admits") == _FOR.get(unit["for"]):
        whom.pop("admits", None)
    raw = cell.get("raw")
    if unit and "admits" in whom and "unit" not in whom and _plain(unit["name"] or "") == _plain(str(raw)):
        whom["unit"] = raw  # the unit is named by the words for those whom it admits
    return whom


def _unit_of(cell, truth):
    """Returns the unit of the truth that a cell is about."""
    about = cell.get("about") or []
    name = about[2] if len(about) > 2 and isinstance(about[2], str) else None
    units = [unit for one in truth["providers"] for shelter in one["shelters"] for unit in shelter["units"]]
    return next((unit for unit in units if unit["name"] == name), None)


def _places(one):
    yield from ((one.sheet, row, letters) for row, letters in one.places)
    if not one.places:
        yield one.sheet, one.row or 0, one.column


def _true(cell):
    value, means = cell.get("value"), cell["means"].split("+")
    facts = value if isinstance(value, dict) and set(value) & set(means) else {means[0]: value}
    found = {}
    for fact, one in facts.items():
        if fact not in _FACTS or one is None or one == [] or (fact == "room.state" and one != "closed"):
            continue
        column = _FACTS[fact]
        if column == "closed":
            found[column] = True
        elif column == "admits":
            found |= {column: _FOR[one]} if one in _FOR else {}
        else:
            found[column] = one
    return found


def _given(values):
    rooms = values.get("rooms", ())
    found = {"name": [name for name, _ in rooms], "beds": [given["beds"] for _, given in rooms]} if rooms else {}
    for column, one in values.items():
        if column in {"placing", "general"}:
            found["telephones"] = sorted({*found.get("telephones", []), _number(str(one))})
        elif column == "night":
            found[column] = _number(str(one))
        elif column == "split":
            found["beds"] = sum(one)
        elif column == "admits":
            found[column] = tuple(sorted(code.value for code in one))
        elif column == "children_max_age":
            found["children"] = True
        elif column == "opens_on":
            found[column] = one.isoformat()
        elif column == "scheme":
            found[column] = one.value
        elif column in {"several", *_FACTS.values()}:
            found[column] = one
    return found


def _number(written):
    try:
        return telephone.read(written).number
    except telephone.NotATelephone:
        return written


def _agree(true, given):
    if "admits" in true and "unit" not in true:  # the group has no name of its own: its words are those for whom it is
        given = {name: one for name, one in given.items() if name != "unit"}
    if given.pop("several", None) is RoomRange.BEDS_EACH:  # such as `3 t/m 5`, with the beds of each room
        rooms = list(rooms_named(given["name"])) if "name" in given else true.get("beds", [])
        given = {**given, **{name: [one] * len(rooms) for name, one in given.items() if name == "beds"}}
        given |= {"name": rooms} if "name" in given else {}
    if "place" in true and "place" in given and _is_same_town(true["place"], given["place"]):
        given = {**given, "place": true["place"]}
    plain = {name: _plain(one) for name, one in true.items()}
    return {**plain, **_unsaid(plain)} == {name: _plain(one) for name, one in {**given, **_unsaid(given)}.items()}


def _is_same_town(one, other):
    return [town.point for town in places_named(one)] == [town.point for town in places_named(other)]


def _unsaid(values):
    """Adds that children are not admitted, if nothing else is given."""
    return {} if values.get("children") else {"children": False}


def _plain(one):
    return (
        re.sub(r"[\W_]+", "", one.casefold().removesuffix("stad").removeprefix("huis "))
        if isinstance(one, str)
        else one
    )


def table(names: Sequence[str] = NAMES) -> str:
    rows = ["workbook | cells | right | asked | wrong | questions"]
    for name in names:
        one = measured(name)
        rows.append(f"{name} | {one.cells} | {one.right} | {one.asked} | {len(one.wrong)} | {one.questions}")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
