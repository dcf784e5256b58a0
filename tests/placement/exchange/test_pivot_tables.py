"""Pivot tables as people paste them: houses, groups and rooms below each other, with a column for each month."""

import pytest

from placement.core.codes import Gender
from tests.support.exchange.books import book, read, saved

MONTHS = ["jan", "feb", "mrt", "apr", "mei"]
HEAD = [["Som van bedden", "Maand"], ["Rijlabels", *MONTHS]]
HOUSES = [["Huis", "Plaats", "Telefoon"], ["De Wulp", "Oss", "0412-555281"], ["De Kiek", "Uden", "0413-555282"]]
PIVOT = [
    ["4110 De Wulp", 5, 5, 3, 5, 5],
    ["V", 3, 3, 1, 3, 3],
    ["W1", 1, 1, 1, 1, 1],
    ["W2", 2, 2, 0, 2, 2],
    ["GZ", 2, 2, 2, 2, 2],
    ["W3", 2, 2, 2, 2, 2],
    ["4120 De Kiek", 4, 4, 4, 4, 3],
    ["M", 3, 3, 3, 3, 3],
    ["K1", 3, 3, 3, 3, 3],
    ["(leeg)", 1, 1, 1, 1, 0],
    ["K2", 1, 1, 1, 1, 0],
    ["Eindtotaal", 9, 9, 7, 9, 8],
]


def found_in(rows):
    found = read(saved(book(Blad=[*HEAD, *rows], Huizen=HOUSES)))
    return found, [row.values for one in found.overviews for row in one.rows if "name" in row.values]


def test_rows_with_sums_are_the_places_of_the_rooms_below_them():
    found, rooms = found_in(PIVOT)
    assert [(one["shelter"], one["unit"], one["name"]) for one in rooms] == [
        ("De Wulp", "V", "W1"),
        ("De Wulp", "V", "W2"),
        ("De Wulp", "GZ", "W3"),
        ("De Kiek", "M", "K1"),
        ("De Kiek", "(leeg)", "K2"),
    ]
    units = [row.values for table in found.tables if table.sheet.name == "units" for row in table.rows]
    assert {one["name"]: one.get("admits") for one in units} == {
        "V": (Gender.FEMALE,),
        "GZ": (Gender.FEMALE, Gender.MALE),
        "M": (Gender.MALE,),
        "(leeg)": None,
    }
    assert "import_levelled" in [one.code for one in found.findings if not one.blocks]


def test_last_month_has_the_beds_or_numbers_are_asked_about():
    found, rooms = found_in(PIVOT)
    assert [one["beds"] for one in rooms] == [1, 2, 2, 3, 1]
    asked = {one.facts.get("found"): [choice.value for choice in one.choices] for one in found.findings if one.choices}
    assert asked["0 / 1"] == ["1", "0/1", "-"]  # one bed, or one bed that is closed
    assert asked["2 / 0"] == ["2", "0/2", "-"]
    assert "(leeg)" in asked


def test_groups_without_houses_are_levels_too():
    _, rooms = found_in([[name, *[beds] * 5] for name, beds in (("V", 3), ("1", 1), ("2", 2), ("M", 1), ("3", 1))])
    assert [(one["unit"], one["name"], one["beds"]) for one in rooms] == [("V", "1", 1), ("V", "2", 2), ("M", "3", 1)]


def test_pivot_table_with_a_single_number_has_the_beds():
    rows = [["Rijlabels", "Som van bedden"], *(row[:2] for row in PIVOT)]
    found = read(saved(book(Blad=rows, Huizen=HOUSES)))
    assert [row.beds for one in found.overviews for row in one.rows if "name" in row.values] == [1, 2, 2, 3, 1]
    assert [total[1:] for one in found.overviews for total in one.totals] == [(9, 9)]


@pytest.mark.parametrize(
    "rows",
    [
        [["V", *[4] * 5], ["1", *[1] * 5], ["2", *[2] * 5]],
        [["vrouwen", *[4] * 5], ["mannen", *[3] * 5], ["gezin", *[1] * 5]],
        [["V", *[2] * 5], ["1", *[2] * 5]],
    ],
    ids=["other sum", "only groups", "one room"],
)
def test_rows_without_sums_of_rooms_are_no_pivot_table(rows):
    found, _ = found_in(rows)
    assert "import_levelled" not in [one.code for one in found.findings]
