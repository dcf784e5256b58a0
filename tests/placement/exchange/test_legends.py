"""Codes that a file explains: in a legend, in a table of codes, and by struck text."""

import pytest
from openpyxl.styles import Font

from placement.core.codes import Gender
from placement.exchange.grid import Grid
from placement.exchange.legends import codes_of, meaning_of_code
from tests.support.exchange.books import book, read, saved

LEGEND = "x = vrouwen met kinderen, q = mannen"
ROOMS = [["Kamer", "Bedden", "Voor", "Stand"], ["1", 2, "x", "A"], ["2", 1, "q", "B"]]


def rows_and_questions(**sheets):
    found = read(saved(book(**sheets)))
    rows = [one.values for overview in found.overviews for one in overview.rows if "name" in one.values]
    return rows, {one.question for one in found.findings if one.choices}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("v = vrouw, 23- = jonger dan 23", {"v": "vrouw", "23-": "jonger dan 23"}),
        ("Legenda: V = vrouw; M = man", {"v": "vrouw", "m": "man"}),
        ("v = vrouw, ook met kind, m = man", {"m": "man"}),
        ("v = vrouw / m = man", {}),
        ("0 = gesloten", {}),
    ],
)
def test_codes_of_a_legend(written, codes):
    assert {code: meaning for (_, code), meaning in codes_of([Grid("", [[written]])]).items()} == codes


def test_code_of_a_table_is_of_the_column_that_the_table_names():
    table = [["Veld", "Code", "Betekenis"], ["STAT_CD", "B", "buiten gebruik"], ["GESL", "B", "beide"], ["GESL", "M"]]
    codes = codes_of([Grid("", table)])
    assert meaning_of_code(codes, "stat_cd", "b") == "buiten gebruik"
    assert (meaning_of_code(codes, "GESL", "B"), meaning_of_code(codes, "GESL", "M")) == ("beide", None)
    assert meaning_of_code(codes, "Iets", "B") is None


def test_code_with_two_meanings_is_left_out():
    grids = [Grid("", [["a = man, b = vrouw"]]), Grid("", [["a = kind, c = gezin"]])]
    assert {code for _, code in codes_of(grids)} == {"b", "c"}


def test_codes_of_persons_and_states_need_no_question():
    table = [["Veld", "Code", "Betekenis"], ["Stand", "A", "actief"], ["Stand", "B", "buiten gebruik"]]
    rows, asked = rows_and_questions(Blad=[*ROOMS, [], [LEGEND]], Codes=table)
    assert [(one["admits"], one.get("children"), one.get("closed")) for one in rows] == [
        ((Gender.FEMALE,), True, None),
        ((Gender.MALE,), None, True),
    ]
    assert not asked & {"Blad?C2", "Blad?C3", "Blad?D3", "Blad!D1"}


def test_code_that_the_legend_explains_otherwise_is_asked_about():
    rows = [["Kamer", "Bedden", "Voor"], ["1", 2, "m"], ["2", 1, "v"], [], ["m = met kinderen, v = vol"]]
    read_rows, asked = rows_and_questions(Blad=rows)
    assert "Blad?C2" in asked
    assert read_rows[1]["admits"] == (Gender.FEMALE,)  # the meaning is not about persons


def test_codes_without_a_legend_are_asked_about():
    _, asked = rows_and_questions(Blad=ROOMS)
    assert {"Blad?C2", "Blad?C3"} <= asked


@pytest.mark.parametrize(
    ("legend", "closed"), [("doorgestreept = dicht, v = vrouw", True), ("v = vrouw, m = man", None)]
)
def test_struck_room_is_closed_if_the_legend_explains_it(legend, closed):
    made = book(Blad=[["Kamer", "Bedden"], ["1", 2], ["2", 1], [], [legend]])
    for cell in made["Blad"][3]:
        cell.font = Font(strike=True)
    found = read(saved(made))
    [_, struck] = [row.values for one in found.overviews for row in one.rows if "name" in row.values]
    assert struck.get("closed") is closed
    assert ("Blad?struck" in {one.question for one in found.findings}) is (closed is None)
