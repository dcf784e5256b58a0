"""Forms of lists that people keep: several tables on a sheet, codes of houses, rows of beds, crosses and boxes."""

import re

import pytest

from placement.core.codes import Gender
from placement.exchange.answers import read_answers
from tests.support.exchange.books import book, read, saved

HEAD = ["Kamer", "Bedden", "Voor"]
FORM = ["Doelgroep", "☒ vrouwen ☐ mannen"]
WOMEN, FAMILIES = {"admits": (Gender.FEMALE,)}, {"admits": (Gender.FEMALE, Gender.MALE), "children": True}


def rooms(means=(), **sheets):
    """Returns the rooms of a file, each with what is known of it."""
    found = read(saved(book(**sheets)), answers=read_answers(means))
    return [row.values for one in found.overviews for row in one.rows if "name" in row.values]


def asked(means=(), **sheets):
    found = read(saved(book(**sheets)), answers=read_answers(means))
    return {one.question for one in found.findings if one.choices}


def test_forms_below_each_other_are_houses_of_their_own():
    blocks = [
        row
        for name in ("De Wulp", "De Kiek")
        for row in (["1. Naam huis", name], FORM, ["Kamernr", "Bedden"], ["1", 2], [])
    ]
    assert [(one["shelter"], one["beds"], one["admits"]) for one in rooms(Blad=blocks)] == [
        ("De Wulp", 2, (Gender.FEMALE,)),
        ("De Kiek", 2, (Gender.FEMALE,)),
    ]


def test_code_of_a_house_brings_what_its_table_has():
    houses = [["Afk.", "Huis", "Plaats"], ["KV", "Klaverveld", "Oss"], ["ZH", "Zandhoek", "Uden"], []]
    found = rooms(Blad=[*houses, ["Huis", "Kmr", "Bed"], ["KV", 1, 2], ["ZH", 1, 1]])
    assert [(one["shelter"], one["place"]) for one in found] == [("Klaverveld", "Oss"), ("Zandhoek", "Uden")]


def test_answer_about_a_heading_holds_for_each_table_of_a_sheet():
    tables = [
        ["Kamer", "Bedden", "Iets"],
        ["1", 2, "a"],
        [],
        ["Huis", "Kamer", "Bedden", "Iets"],
        ["De Wulp", "2", 1, "b"],
    ]
    assert "Blad!C1" in asked(Blad=tables)
    assert not {one for one in asked(["Blad!C1="], Blad=tables) if "!" in one}


def test_sheet_with_the_name_of_a_house_is_that_house():
    houses = [["Huis", "Plaats", "Voor"], ["Het Anker", "Roermond", "v"], ["De Molen", "Weert", "m"]]
    found = rooms(Huizen=houses, **{"Het Anker": [HEAD[:2], ["1", 2]], "De Molen": [HEAD[:2], ["1", 1]]})
    assert [(one["shelter"], one["place"]) for one in found] == [("Het Anker", "Roermond"), ("De Molen", "Weert")]


def test_beds_that_are_counted_from_one_are_rows_of_a_room():
    head, closed = ["Kamer", "Bed", "Bewoner"], "buiten gebruik"
    found = rooms(
        Blad=[head, ["1", 1, "leeg"], [None, 2, closed], ["2", 1, closed], [None, 2, closed], [None, 3, closed]]
    )
    assert [(one["name"], one["beds"], one.get("closed", False)) for one in found] == [("1", 2, False), ("2", 3, True)]


def test_crosses_below_groups_give_the_group():
    found = rooms(Blad=[["Kamer", "Bedden", "vrouw", "gezin"], ["1", 1, "x", None], ["2", 4, None, "x"], ["3", 1, "x"]])
    assert [{name: one[name] for name in ("admits", "children") if name in one} for one in found] == [
        WOMEN,
        FAMILIES,
        WOMEN,
    ]


@pytest.mark.parametrize("first", [["Kamer", "1", "2", "3"], ["Kamer", 1, 2, 3]])
def test_table_on_its_side_is_turned_and_noted(first):
    side = [[*first, "totaal"], ["Bedden", 1, 2, 1, 4], ["Doelgroep", "v", "v", "m"]]
    other = [["Kamer", "A", "B", "totaal"], ["Bedden", 4, 2, 6], ["Doelgroep", "m", "m"]]
    found = read(saved(book(Blad=[["De Wulp, Oss"], *side, [], ["De Kiek, Uden"], *other])))
    rows = [row.values for one in found.overviews for row in one.rows if "name" in row.values]
    assert [(row["name"], row["beds"], row["admits"]) for row in rows] == [
        ("1", 1, (Gender.FEMALE,)),
        ("2", 2, (Gender.FEMALE,)),
        ("3", 1, (Gender.MALE,)),
        ("A", 4, (Gender.MALE,)),
        ("B", 2, (Gender.MALE,)),
    ]
    assert [one.code for one in found.findings if not one.blocks].count("import_turned") == 1
    assert [total[1:] for one in found.overviews for total in one.totals] == [(4, 4), (6, 6)]


def test_turned_table_of_days_has_the_beds_in_its_names():
    days = [[f"{day} {at}", "A.", "lekkage t/m mei"] for at, day in enumerate(("ma", "di", "wo", "do", "vr"), start=4)]
    board = [["Huis", "De Wulp", "De Wulp"], ["Kamer", "1 (2p)", "2 (1p)"], ["Voor", "v", "m"], *days]
    found = rooms(Blad=board)
    assert [(one["shelter"], one["name"], one["beds"]) for one in found] == [("De Wulp", "1", 2), ("De Wulp", "2", 1)]
    assert "Blad?D3" in asked(Blad=board)  # the leakage, once


def test_tables_beside_each_other_are_read_below_each_other():
    beside = [[*HEAD, None, *HEAD], ["1", 2, "v", None, "A", 4, "m"], ["2", 1, "v", None, "B", 3, "m"]]
    found = read(saved(book(Blad=beside)))
    rows = [row.values for one in found.overviews for row in one.rows]
    assert [(row["name"], row["beds"]) for row in rows] == [("1", 2), ("2", 1), ("A", 4), ("B", 3)]
    assert "import_stacked" in [one.code for one in found.findings if not one.blocks]


def test_lines_of_beds_below_their_group_need_no_question():
    lines = [["VROUWEN"], ["kamer 1", "1.1", "1.2"], [None, "A.D.", "vrij"], ["MANNEN"], ["kamer 2", "2.1", "2.2"]]
    assert [(one["name"], one["beds"], one["admits"]) for one in rooms(Blad=[["Huis", "De Wulp"], *lines])] == [
        ("1", 2, (Gender.FEMALE,)),
        ("2", 2, (Gender.MALE,)),
    ]
    assert not {"Blad?bed_rows", "Blad?unread"} & asked(Blad=[["Huis", "De Wulp"], *lines])


def test_titles_of_tables_and_lines_below_are_of_their_house():
    tables = [
        row
        for name, night in (("DE WULP \u2013 Oss", "06-12345281"), ("DE KIEK \u2013 Uden", "06-12345282"))
        for row in (
            [name],
            ["Aanbieder: Stichting Oord"],
            HEAD,
            ["1", 2, "v"],
            [f"Tel. 0412-555281 (dag) / {night} (nacht)"],
            [],
        )
    ]
    rows = [one.values for found in read(saved(book(Blad=tables))).overviews for one in found.rows]
    assert [(one["shelter"], one["place"], one["night"]) for one in rows if "night" in one] == [
        ("DE WULP", "Oss", "06-12345281"),
        ("DE KIEK", "Uden", "06-12345282"),
    ]


@pytest.mark.parametrize(
    ("written", "ages"),
    [
        ("Vrouwen van 18 jaar en ouder", (18, None)),
        ("Meiden van 16 en 17 jaar", (16, 17)),
        ("v.a. 18 jr", (18, None)),
        ("23-", (None, 22)),
    ],
)
def test_ages_in_words_need_no_question(written, ages):
    [found] = rooms(Blad=[["Kamer", "Bedden", "Leeftijd"], ["1", 2, written]])
    assert (found.get("min_age"), found.get("max_age")) == ages
    assert "Blad?C2" not in asked(Blad=[["Kamer", "Bedden", "Leeftijd"], ["1", 2, written]])


def test_last_line_of_a_house_is_its_town():
    lines = [["Huis", "Kamer", "Bedden"], ["Brug 12\nHeerenveen", "1", 2]]
    [found] = rooms(Blad=lines)
    assert "Blad?A2" not in asked(Blad=lines)
    assert (found["shelter"], found["place"]) == ("Brug 12", "Heerenveen")


@pytest.mark.parametrize(
    "title",
    [
        "Locatie De Wulp, Oss \u2013 tel. 0412-555281 \u2013 nacht 06 12345281",
        "De Wulp \u2013 Oss \u2013 0412-555281 (\u2019s nachts 06-12345281)",
    ],
)
def test_title_with_telephones_names_the_house_and_its_town(title):
    [found] = rooms(Blad=[HEAD, [title], ["1", 2, "v"]])
    assert {name: re.sub(r"\D", "", str(found[name])) for name in ("placing", "night")} == {
        "placing": "0412555281",
        "night": "0612345281",
    }
    assert (found["shelter"], found["place"]) == ("De Wulp", "Oss")


def test_sum_of_beds_stands_before_kinds_of_beds():
    found = rooms(Blad=[["Room", "Single beds", "Bunk beds", "Sleeps"], ["1", 1, 1, 3], ["2", 2, None, 2]])
    assert [one["beds"] for one in found] == [3, 2]


def test_row_with_a_floor_is_no_room_and_no_unit():
    found = rooms(Blad=[HEAD, ["1e verdieping"], ["1", 1, "vrouw"], ["Zolder"], ["2", 2, "man"]])
    assert [(one["name"], one.get("unit")) for one in found] == [("1", None), ("2", None)]


def test_beds_of_each_room_of_a_row_need_no_question():
    lines = [["Kamer", "Bedden"], ["1 t/m 3", "2 elk"], ["4 & 5", 1], ["6", 3], ["totaal", 11]]
    found = read(saved(book(Blad=lines)))
    assert [row.values["beds"] for one in found.overviews for row in one.rows] == [2, 1, 3]
    assert "import_ask_rooms" not in {one.code for one in found.findings}
    assert [total[1:] for one in found.overviews for total in one.totals] == [(11, 11)]


@pytest.mark.parametrize(("answer", "names"), [("3", ["1", "2", "3"]), ("-", ["1", "3"])])
def test_room_without_beds_can_be_left_out(answer, names):
    lines = [["Kamer", "Bedden"], ["1", 2], ["2"], ["3", 1]]
    assert [one["name"] for one in rooms([f"Blad?B3={answer}"], Blad=lines)] == names


def test_provider_is_asked_for_at_the_titles_of_all_sheets():
    lists = {name: [[f"Stek {name} \u2013 kamers"], ["Huis", *HEAD], [name, "1", 2, "v"]] for name in ("Wulp", "Kiek")}
    found = [one for one in read(saved(book(**lists))).findings if one.code == "import_ask_provider"]
    assert {one.question for one in found} == {"Wulp?provider"}
    assert [(one.sheet, one.places) for one in found] == [("Wulp", [(1, "A")]), ("Kiek", [(1, "A")])]
