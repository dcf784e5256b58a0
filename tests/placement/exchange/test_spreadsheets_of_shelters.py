"""Workbooks as shelters keep them: findings of a first try by sheet and row, and the import after the corrections."""

import io
from collections import Counter
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from placement.exchange.import_tree import tree_of
from placement.exchange.importing import import_file
from placement.exchange.mapping import read_mapping
from placement.tables import Bed, Location, Room, Shelter, Stay, Unit
from tests.support.exchange import spreadsheets_of_shelters
from tests.support.exchange.books import saved

MAP_OF_LIST = b"""
[sheets."Kamerlijst 2026"]
is = "rooms"
[sheets."Kamerlijst 2026".columns]
"Doelgroep" = ""
"Rolstoel" = ""
"Tel. groep" = ""
"Bijzonderheden" = ""
[sheets.Legenda]
is = ""
[sheets."2024 oud"]
is = ""
"""
MAP_OF_UNITS = "[sheets.Algemeen]\nis = ''\n" + "".join(
    f'[sheets."{name}"]\nis = "rooms"\n[sheets."{name}".columns]\n"Soort" = "beds"\n"Begane grond" = "features"\n'
    f'"Gezin mogelijk" = ""\n"Opmerking" = ""\n[sheets."{name}".values.features]\nx = "ground_floor"\n'
    for name in ("Crisisopvang", "Moeder & Kind", "jongeren 18-23")
)
MAP_OF_BEDS = """
[sheets.Bezetting]
is = "residents"
[sheets.Bezetting.columns]
"Cliëntcode" = "alias"
"Lft" = "age"
"Instroom" = "came_on"
"Mobiel" = ""
""".encode()
MOST_QUESTIONS = 12
CASE = ("Midden-Nederland", "Nationale Politie", "bedenktijd (drie maanden)")


def tried(town, content, mapping=b"[sheets]", *, dry_run=True):
    given = read_mapping(mapping)
    return town.do(import_file, content, "eigen.xlsx", "nl", dry_run=dry_run, given=given)


def faults(outcome):
    """Counts the findings that block, by sheet and row; the row is `None` for a finding about the whole sheet."""
    blocking = Counter((one.sheet, one.row) for one in outcome.findings if one.blocks)
    return {sheet: {row: n for (of, row), n in blocking.items() if of == sheet} for sheet, _ in blocking}


def questions(outcome):
    """The questions: sheet, what is asked, and row."""
    return {(one.sheet, one.code.removeprefix("import_ask_"), one.row) for one in outcome.findings if one.choices}


def corrected(content, cells, sheets=None):
    """The workbook with these cells written (by sheet and address), and these sheets added."""
    made = load_workbook(io.BytesIO(content))
    for sheet, values in cells.items():
        for address, value in values.items():
            made[sheet][address] = value
    for sheet, rows in (sheets or {}).items():
        page = made.create_sheet(sheet)
        for row in rows:
            page.append(row)
    return saved(made)


def register_of(shelter, place, units):
    """The sheets that these workbooks lack. `units`: name, location and scheme of each."""
    locations = dict.fromkeys(location for _, location, _ in units)
    return {
        "Opvang": [["Opvang", "Stichting"], [shelter, f"Stichting {shelter}"]],
        "Locaties": [["Opvang", "Locatie", "Plaats"], *([shelter, one, place] for one in locations)],
        "Units": [
            ["Locatie", "Unit", "Regeling", "Voor wie"],
            *([location, name, scheme, "vrouwen"] for name, location, scheme in units),
        ],
    }


def rooms_of(town, shelter):
    """Unit, room and number of beds."""
    of_shelter = (
        select(Room, Unit)
        .join(Unit, col(Room.unit_id) == Unit.id)
        .join(Location, col(Unit.location_id) == Location.id)
        .join(Shelter, col(Location.shelter_id) == Shelter.id)
        .where(Shelter.name == shelter)
    )
    beds = Counter(town.all(select(Bed.room_id)))
    return sorted((unit.name, room.name, beds[room.id]) for room, unit in town.all(of_shelter))


# one list


@pytest.mark.wide
def test_list_of_rooms_as_it_is_has_few_questions(town):
    outcome = tried(town, spreadsheets_of_shelters.list_of_rooms())
    assert questions(outcome) == {
        ("Kamerlijst 2026", "heading", 3),  # Tel. groep
        ("Kamerlijst 2026", "day", 7),  # 12/2025
        ("Kamerlijst 2026", "beds", 15),  # 2+1
        ("Kamerlijst 2026", "provider", 4),
        ("Kamerlijst 2026", "town_of", 4),
        ("Kamerlijst 2026", "town_of", 11),
        ("Kamerlijst 2026", "scheme_of", 4),
        ("2024 oud", "hidden_sheet", None),
    }
    assert (
        [one.found for one in outcome.shapes[0].totals]
        == [one.counted for one in outcome.shapes[0].totals]
        == [9, 20, 29]
    )
    made = [(branch.name, branch.rooms, branch.beds) for branch in tree_of(outcome.steps) if branch.depth == 1]
    assert made == [("Huis Noord", 5, 9), ("Huis Zuid", 8, 20)]


@pytest.mark.wide
def test_list_of_rooms_put_right_comes_in(town):
    units = (
        ("Crisis", "Huis Noord", "Crisisbed"),
        ("Moeder en kind", "Huis Zuid", "Vrouwenopvang"),
        ("Begeleid wonen", "Huis Zuid", "Vrouwenopvang"),
    )
    right = corrected(
        spreadsheets_of_shelters.list_of_rooms(),
        {"Kamerlijst 2026": {"H7": "1-12-2025", "D15": 3}},
        register_of("De Duinroos", "Haarlem", units),
    )
    outcome = tried(town, right, MAP_OF_LIST, dry_run=False)
    assert (faults(outcome), outcome.carried_out) == ({}, True)
    assert rooms_of(town, "De Duinroos") == [
        *(("Begeleid wonen", room, 1) for room in ("206", "207", "208")),
        *(("Crisis", room, beds) for room, beds in (("101", 1), ("102", 1), ("103", 2), ("104", 2), ("105", 3))),
        *(
            ("Moeder en kind", room, beds)
            for room, beds in (("201", 3), ("202", 4), ("203", 3), ("204", 4), ("205", 3))
        ),
    ]


# a sheet for each unit


@pytest.mark.wide
def test_sheet_for_each_unit_as_it_is_has_few_questions(town):
    outcome = tried(town, spreadsheets_of_shelters.sheet_for_each_unit())
    asked = {(sheet, about) for sheet, about, _ in questions(outcome)}
    assert {("Crisisopvang", "sheet_names"), ("Crisisopvang", "shelter"), ("Moeder & Kind ", "beds")} <= asked
    assert len(asked) <= MOST_QUESTIONS


def test_sheet_for_each_unit_mapped_lacks_its_unit(town):
    outcome = tried(town, spreadsheets_of_shelters.sheet_for_each_unit(), MAP_OF_UNITS.encode())
    assert faults(outcome) == {
        "Crisisopvang": {3: 1},
        "Moeder & Kind ": {3: 1, 8: 1},
        "jongeren 18-23": {3: 1, 7: 1, 8: 1},
    }


@pytest.mark.wide
def test_sheet_for_each_unit_put_right_comes_in(town):
    rows = {"Crisisopvang": (4, 5, 7, 8, 9), "Moeder & Kind ": (4, 5, 6, 8, 9, 10), "jongeren 18-23": (4, 5, 7, 8)}
    cells = {sheet: {"F3": "Unit", **{f"F{row}": sheet for row in numbers}} for sheet, numbers in rows.items()}
    cells["Moeder & Kind "] |= {"B8": "4 (1 bed kapot)"}
    cells["jongeren 18-23"] |= {"B7": 1, "B8": 2}
    units = tuple((sheet.strip(), "Wilg", "Vrouwenopvang") for sheet in rows)
    content = spreadsheets_of_shelters.sheet_for_each_unit()
    right = corrected(content, cells, register_of("De Wilg", "Zwolle", units))
    outcome = tried(town, right, MAP_OF_UNITS.encode(), dry_run=False)
    assert (faults(outcome), outcome.carried_out) == ({}, True)
    assert rooms_of(town, "De Wilg") == [
        *(("Crisisopvang", f"C{number}", beds) for number, beds in enumerate((1, 1, 2, 2, 3), 1)),
        *(("Moeder & Kind", f"M{number}", beds) for number, beds in enumerate((3, 3, 4, 4, 2, 2), 1)),
        *(("jongeren 18-23", f"J{number}", beds) for number, beds in enumerate((1, 1, 1, 2), 1)),
    ]


# rooms with residents


@pytest.mark.wide
def test_rooms_with_residents_as_it_is_is_refused_by_row(town):
    outcome = tried(town, spreadsheets_of_shelters.rooms_with_residents())
    assert faults(outcome) == {"Afdelingen": {3: 1}, "Bezetting": {3: 5, 7: 3}}
    assert [one.sheet for one in outcome.findings if one.code == "import_sheet_hidden"] == ["Uitgestroomd"]


@pytest.mark.wide
def test_rooms_with_residents_mapped_names_each_cell(town):
    outcome = tried(town, spreadsheets_of_shelters.rooms_with_residents(), MAP_OF_BEDS)
    assert faults(outcome) == {"Afdelingen": {3: 1}, "Bezetting": {3: 3, 7: 5, 8: 1, 9: 2, 10: 2, 13: 2}}


@pytest.mark.wide
def test_rooms_with_residents_put_right_comes_in(town):
    case = dict(zip("JKL", ("Politie-eenheid zaak", "Aanmelder", "Verblijfsgrond"), strict=True))
    cells = {f"{letter}3": heading for letter, heading in case.items()}
    for row in (4, 5, 6, 8, 11, 13, 14, 15):
        cells |= {f"{letter}{row}": fact for letter, fact in zip("JKL", CASE, strict=True)}
    cells |= dict.fromkeys(("E7", "F7", "H7"))
    cells |= {"G8": "1-12-2025", "G9": None, "D9": 4, "G10": None, "D10": 0, "D13": 28, "G13": "10-02-2026"}
    content = spreadsheets_of_shelters.rooms_with_residents()
    right = corrected(content, {"Afdelingen": {"C3": "Vrouwenopvang"}, "Bezetting": cells})
    outcome = tried(town, right, MAP_OF_BEDS, dry_run=False)
    assert (faults(outcome), outcome.carried_out) == ({}, True)
    assert outcome.counts() == {
        "make:location": 3,
        "make:provider": 1,
        "make:residents": 8,
        "make:room": 11,
        "make:shelter": 2,
        "make:unit": 4,
    }
    assert Counter(stay.starts_on for stay in town.all(select(Stay)))[date(2025, 12, 1)] == 1
