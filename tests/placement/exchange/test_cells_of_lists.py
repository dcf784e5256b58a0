"""Cells of lists as people write them: facts that are certain, and doubts with their allowed answers."""

import pytest

from placement.core.codes import Gender
from placement.exchange.bed_cells import beds_in, beds_in_name, rooms_in
from placement.exchange.cell_doubts import Doubt
from placement.exchange.grid import Grid
from placement.exchange.people_cells import people_in
from placement.exchange.place_cells import is_person, name_and_town, telephones_in, town_in, without_persons
from placement.exchange.room_names import has_beds_each
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import Read

F, M = Gender.FEMALE, Gender.MALE


def reader(column):
    return Read(OVERVIEW.column(column), Grid("", []), "nl", {})


def answers(read, *given):
    with pytest.raises(Doubt) as doubt:
        read(*given)
    return [one.value for one in doubt.value.choices][:4], doubt.value.guess


@pytest.mark.parametrize(
    ("written", "beds"), [(2.0, 2), ("één", 1), ("tweepersoons", 2), ("3 bedden", 3), ("2 (1 in onderhoud)", 2)]
)
def test_number_of_beds_in_words_is_read(written, beds):
    assert beds_in(reader("beds"), written) == {"beds": beds}


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("4 (waarvan 1 voor gezinnen)", (["4", "3+1", "3", "-"], "4")),
        ("1 à 2", (["1", "2", "-"], "1")),
        ("2+1", (["3", "2+1", "2", "-"], "3")),
        ("1,5", (["1", "2", "-"], "")),
        ("?", (["1", "2", "3", "4"], "")),
        (0, (["1", "2", "3", "4"], "")),
    ],
)
def test_number_of_beds_that_loses_something_is_asked(written, offered):
    assert answers(beds_in, reader("beds"), written) == offered


def test_room_and_beds_in_one_cell_are_split():
    assert beds_in_name("Kamer 1 (2 bedden)") == ("Kamer 1", 2)
    assert beds_in_name("Kamer 12") is None


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("V 18+", {"admits": (F,), "min_age": 18}),
        ("vrouwen 18 t/m 65", {"admits": (F,), "min_age": 18, "max_age": 65}),
        ("m/v", {"admits": (F, M)}),
        ("moeders met kinderen t/m 12 jaar", {"admits": (F,), "children_max_age": 12}),
        ("vrouwen zonder kinderen", {"admits": (F,), "children": False}),
        ("jongens -18", {"admits": (M,), "max_age": 17}),
        ("vrw", {"admits": (F,)}),
    ],
)
def test_people_in_one_cell_are_read(written, found):
    assert people_in(written) == found


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("vrouwen 16 tot 18", (["18", "17", "-"], "17")),
        ("statushouders", (["women", "men", "women_and_men", "-"], "-")),
    ],
)
def test_people_that_can_be_read_otherwise_are_asked(written, offered):
    assert answers(people_in, written) == offered


def test_numbers_in_one_cell_have_their_use():
    read = reader("placing")
    assert telephones_in(read, "030-1234567 / 06-12345678") == {"placing": "030-1234567", "general": "06-12345678"}
    assert telephones_in(read, "dag 030-1234567, nacht 06-12345678")["night"] == "06-12345678"
    assert telephones_in(read, "0118-550191/06-12345691", "TEL (DAG/NACHT)")["night"] == "06-12345691"


@pytest.mark.wide
def test_town_is_read_or_asked():
    assert town_in("Arnhem-Zuid") == {"place": "Arnhem"}
    assert town_in("geheim") == {}
    assert answers(town_in, "Arnem")[1] == "Arnhem"
    assert answers(town_in, "A'dam")[1] == "Amsterdam"
    assert name_and_town("De Wulp (Arnhem)") == ("De Wulp", "Arnhem")
    assert name_and_town("De Wulp (nieuw)") == ("De Wulp (nieuw)", None)


def test_persons_are_recognised_and_left_out():
    assert all(map(is_person, ("m.b.", "A.B., C.", "mw. Jansen", "F.")))
    assert not any(map(is_person, ("De Wulp", "12", "vrouwen")))
    assert without_persons("Kamer 2 (A.B.)") == ("Kamer 2", True)
    assert without_persons("Zorg B.V.") == ("Zorg B.V.", False)


@pytest.mark.parametrize(
    ("written", "heading", "beds", "is_each"),
    [
        ("1-4", "Bedden", "2 elk", True),
        ("6 & 7", "Beds", "1", True),
        ("A to E", "Beds", "1", True),
        ("3, 4", "Bedden per kamer", "2", True),
        ("1 t/m 4", "Bedden", "4", False),
        ("1-2", "Bedden", "1", False),
        ("1-2", "Bedden per kamer", "2", False),
        ("3+4", "Bedden", "1", False),
        ("Kamer 3", "Bedden per kamer", "1", False),
    ],
)
def test_beds_are_of_each_room_if_nothing_else_is_possible(written, heading, beds, is_each):
    assert has_beds_each(written, heading, beds) is is_each


@pytest.mark.parametrize(
    ("written", "rooms"),
    [
        ("Kamers 1 t/m 3, alle eenpersoons", {"1": 1, "2": 1, "3": 1}),
        ("Kamers 7 en 8, elk 2 bedden", {"7": 2, "8": 2}),
        ("Rooms A to B, 2 each", None),
        ("Kamers 1 t/m 4, alle 4 bedden", None),
    ],
)
def test_rooms_with_the_same_beds_in_one_cell_are_read(written, rooms):
    found = {name: given["beds"] for name, given in rooms_in(reader("beds"), written)}
    assert found == (rooms or {})
