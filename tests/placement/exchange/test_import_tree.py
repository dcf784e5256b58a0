"""The preview of an import: a tree of houses, units and rooms with their beds, and the totals of the file beside it."""

import pytest

from placement.exchange.import_tree import Branch, tree_of
from placement.exchange.importing import import_file
from tests.support.exchange.books import book, placed, saved
from tests.support.stores import one_store
from tests.support.town import DESK

pytestmark = one_store

SHEETS = {
    "Opvang": [["Opvang", "Aanbieder"], ["De Berk", "Stichting Berk"]],
    "Locaties": [["Opvang", "Locatie", "Plaats"], ["De Berk", "Noord", "Amersfoort"]],
    "Units": [["Locatie", "Unit", "Regeling"], ["Noord", "Vrouwen", "COSM"]],
}
HEAD = ["Unit", "Kamer", "Bedden"]


def give(town, *rows):
    content = saved(book(**SHEETS, Kamers=[HEAD, *rows]))
    return town.do(import_file, content, "register.xlsx", "nl", actor=DESK, dry_run=True)


def test_tree_has_each_place_with_its_rooms_and_beds(town):
    tried = give(town, ["Vrouwen", "1", 2], ["Vrouwen", "2", 3], ["U1-women", "Zolder", 1])
    there = tree_of(tried.steps)
    assert there[-6:] == [
        Branch("Stichting Berk", 0, is_new=True, rooms=2, beds=5),
        Branch("De Berk", 1, is_new=True, rooms=2, beds=5),
        Branch("Noord", 2, is_new=True, rooms=2, beds=5),
        Branch("Vrouwen", 3, is_new=True, rooms=2, beds=5),
        Branch("1", 4, is_new=True, rooms=1, beds=2),
        Branch("2", 4, is_new=True, rooms=1, beds=3),
    ]
    known = there[:-6]
    assert [(one.depth, one.is_new, one.beds) for one in known] == [
        *((depth, False, 1) for depth in range(4)),
        (4, True, 1),
    ]


@pytest.mark.parametrize(
    ("beds", "differs"),
    [
        ([2, "=2"], set()),
        ([2, "=3"], {3}),
        ([2, "=2", 3, "=3", "=5"], set()),
        ([2, "=2", 3, "=4", "=6"], {5, 6}),
    ],
)
def test_totals_of_the_file_are_compared(town, beds, differs):
    rows = [
        ["Totaal", None, int(one[1:])] if isinstance(one, str) else ["Vrouwen", f"Kamer {number}", one]
        for number, one in enumerate(beds)
    ]
    found = placed(give(town, *rows).findings)
    assert {row for code, row, column, blocks in found if code == "import_total_differs"} == differs
    assert ("import_total_differs", 3, "C", True) not in found
