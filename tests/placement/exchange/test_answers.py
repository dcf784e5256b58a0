"""Answers to the questions about a file: a sheet and its columns are chosen from lists, and kept for the next file."""

import pytest
from sqlmodel import select

from placement.core.errors import Invalid
from placement.exchange.answers import read_answers
from placement.exchange.importing import import_file
from placement.tables import ImportMapping, Room
from tests.support.exchange.books import book, placed, saved
from tests.support.stores import both_stores, one_store
from tests.support.town import DESK

HEAD = ["Groepje", "Nr", "Plekken", "Opmerking"]
ROWS = [["Kamers van De Berk"], [], HEAD, ["U1-women", "Zolder", 2, "let op"]]
MEANS = ["Overzicht=rooms", "Overzicht!A3=unit", "Overzicht!B3=name", "Overzicht!C3=beds", "Overzicht!D3="]


def give(town, rows=ROWS, means=(), **more):
    content = saved(book(Overzicht=rows))
    return town.do(import_file, content, "kamers.xlsx", "nl", actor=DESK, answers=read_answers(means), **more)


def columns(outcome):
    [shape] = outcome.shapes
    return [(one.cell, one.means or one.near, one.asks) for one in shape.columns]


@pytest.mark.wide
@both_stores
def test_sheet_and_columns_are_asked_answered_and_kept(town):
    asked = give(town)
    [shape] = asked.shapes
    assert (shape.name, shape.sheet, shape.asks, asked.is_right) == ("Overzicht", "overview", True, False)
    of_sheet = give(town, means=MEANS[:1])
    assert [one.heading for one in of_sheet.shapes[0].columns] == HEAD
    assert of_sheet.shapes[0].columns[0].example == "U1-women"
    done = give(town, means=MEANS)
    assert (done.carried_out, done.counts(), done.shapes[0].asks) == (True, {"make:room": 1}, False)
    assert [room.unit_id for room in town.all(select(Room).where(Room.name == "Zolder"))] == ["U1-women"]
    again = give(town)  # the same headings come in without a question
    assert (again.steps, again.shapes[0].asks) == ([], False)
    assert placed(again.findings) == {("import_mapping_kept", 3, "", False)}


@pytest.mark.wide
@one_store
def test_similar_heading_is_proposed_and_confirmed(town):
    rows = [["Unit", "Kamer", "Aantal bede"], ["U1-women", "Zolder", 2]]
    asked = give(town, rows, ["Overzicht=rooms"])
    assert columns(asked) == [("A1", "unit", False), ("B1", "name", False), ("C1", "beds", True)]
    done = give(town, rows, ["Overzicht=rooms", "Overzicht!A1=unit", "Overzicht!B1=name", "Overzicht!C1=beds"])
    assert done.carried_out


@one_store
def test_answers_that_confirm_the_reading_are_not_stored(town):
    rows = [["Unit", "Kamer", "Bedden"], ["U1-women", "Zolder", 2]]
    content = saved(book(Kamers=rows))
    answers = read_answers(["Kamers=rooms", "Kamers!A1=unit", "Kamers!B1=name", "Kamers!C1=beds"])
    done = town.do(import_file, content, "kamers.xlsx", "nl", actor=DESK, answers=answers)
    assert (done.carried_out, town.all(select(ImportMapping))) == (True, [])


@one_store
def test_sheet_that_is_left_out_is_not_read(town):
    left = give(town, means=["Overzicht="])
    assert (left.steps, placed(left.findings)) == ([], {("import_sheet_left_out", None, "", False)})


@pytest.mark.parametrize("means", [["Overzicht!A3=bed"], ["Overzicht=kamers"], ["Overzicht"], ["=nothing"]])
def test_answer_without_a_meaning_is_named(means):
    with pytest.raises(Invalid) as wrong:
        read_answers(means)
    assert [(one.field, one.code, one.facts) for one in wrong.value.faults] == [
        ("means", "import_answer_unknown", {"found": means[0]})
    ]


@one_store
def test_column_of_another_sheet_and_cell_beyond_are_ignored(town):
    asked = give(town, means=["Overzicht=rooms", "Overzicht!A3=provider", "Overzicht!Z3=unit", "Overzicht!A900=unit"])
    assert columns(asked)[0] == ("A3", "unit", True)
