"""A list of a whole organisation in its own form: read, asked about, imported, and kept for the next file."""

import pytest
from openpyxl.styles import Font, PatternFill
from sqlmodel import select

from placement.exchange.answers import read_answers
from placement.exchange.import_tree import tree_of
from placement.exchange.importing import import_file
from placement.tables import ImportMapping, Location, Provider, Room, Shelter, Unit
from tests.support.exchange.books import book, read, saved
from tests.support.stores import both_stores, one_store
from tests.support.town import DESK

HEAD = ["Zorgaanbieder", "Opvanglocatie", "Afdeling / groep", "Kamer (nr of naam)", "Plaatsen (waarvan gezin)",
        "Gemeente", "V / M", "Leeftijd", "Kinderen?", "Tel. bereikbaar", "Opmerkingen", "Wie (init.)"]  # fmt: skip
ROWS = [
    ["Overzicht plekken, let op: niet delen"],
    [],
    HEAD,
    ["Stichting Oost", "De Wulp", "Vrouwen", 1, 1, "Arnhem", "V", "18+", "nee", "030-1234567", None, "m.b."],
    [None, None, None, "3 t/m 5", 3, None, "V", "18+", "nee"],
    [None, None, "Gezinnen", "familiekamer", "4 (waarvan 1 gezins)", "Arnem", "V", "18 +", "ja"],
    [
        "Stichting Noord",
        "De Plevier",
        "Mix",
        "k1",
        "één",
        "Groningen",
        "V+M",
        "18-23",
        "nee",
        "030 2345678 / 06-12345678",
    ],
    [None, None, None, "k2", 2, None, "V+M", "18-23", "nee", None, "dicht i.v.m. lekkage"],
    ["TOTAAL", None, None, None, 11],
]
ANSWERS = ["Overzicht?D5=beds_each", "Overzicht?E6=3+1", "Overzicht?F6=Arnhem", "Overzicht?scheme=cosm"]


def give(town, rows=ROWS, means=(), **more):
    content = saved(book(Overzicht=rows))
    return town.do(import_file, content, "lijst.xlsx", "nl", actor=DESK, answers=read_answers(means), **more)


def asked(outcome):
    return {one.question: one.guess for one in outcome.findings if one.choices}


@pytest.mark.wide
@both_stores
def test_flat_list_is_asked_about_once_and_comes_in(town):
    first = give(town, dry_run=True)
    assert asked(first) == {
        "Overzicht?D5": "",
        "Overzicht?E6": "4",
        "Overzicht?F6": "Arnhem",
        "Overzicht?scheme": "",
    }
    assert [one.code for one in first.findings if one.blocks and not one.choices] == []
    done = give(town, means=ANSWERS)
    assert (done.carried_out, asked(done)) == (True, {})
    assert done.counts() == {"make:location": 2, "make:provider": 2, "make:room": 8, "make:shelter": 2, "make:unit": 3}
    tree = [(one.name, one.rooms, one.beds) for one in tree_of(done.steps) if one.depth == 1]
    assert tree == [("De Plevier", 2, 3), ("De Wulp", 6, 14)]


@pytest.mark.wide
@one_store
def test_next_file_of_the_form_has_no_question(town):
    give(town, means=ANSWERS)
    later = [*ROWS[:-1], ["Stichting Noord", "De Plevier", "Mix", "k3", 1, None, "V+M", "18-23", "nee"], ["TOTAAL"]]
    again = give(town, later)
    assert (again.carried_out, asked(again), again.counts()) == (True, {}, {"make:room": 1})
    [kept] = town.all(select(ImportMapping))
    assert kept.sheet == "overview"
    assert "gezins" not in str(kept.words)


@pytest.mark.wide
@one_store
def test_towns_and_residents_are_not_stored(town):
    give(town, means=ANSWERS)
    names = [one.name for table in (Provider, Shelter, Location, Unit, Room) for one in town.all(select(table))]
    assert not any("m.b." in name or "Arnhem" in name or "Groningen" in name for name in names)


def test_total_of_the_file_stands_beside_the_counted_beds():
    found = read(saved(book(Overzicht=ROWS)), "lijst.xlsx")
    assert found.overviews[0].totals == [(9, 11, 11)]


def test_marks_are_asked_about_once_each():
    rows = [["Huis", "Kamer", "Bedden", "Plaats"], *(["De Wulp", str(number), 2, "Arnhem"] for number in range(1, 9))]
    made = book(Kamers=rows)
    page = made["Kamers"]
    page.row_dimensions[3].hidden = True
    page["B4"].font = Font(strike=True)
    page["C5"].fill = PatternFill("solid", fgColor="FFFF0000")
    found = read(saved(made), "lijst.xlsx")
    questions = {
        one.about: one.places for one in found.findings if one.choices and one.about not in {"scheme", "provider"}
    }
    assert questions == {"hidden_rows": [(3, "B")], "struck": [(4, "B")], "fills": [(5, "C")]}
