"""A row that can mean several rooms is asked about, and no room is lost without an answer."""

import pytest
from sqlmodel import col, select

from placement.core.errors import Invalid
from placement.core.place_codes import RoomRange
from placement.exchange import importing
from placement.exchange.import_messages import finding_in_words
from placement.exchange.room_names import rooms_named
from placement.tables import Bed, Room, Unit
from tests.support.exchange.books import book, saved
from tests.support.stores import one_store
from tests.support.town import DESK


@pytest.mark.parametrize(
    ("written", "rooms"),
    [
        *((written, "3 4 5") for written in ("3 t/m 5", "3-5", "3 tot 5", "3 tot en met 5", "3 to 5", "3 until 5")),
        *((written, "3 4 5") for written in ("3, 4 en 5", "3+4+5", "3/4/5", "3; 4 & 5", "3, 4 and 5", "5 t/m 3")),
        *((written, "3 4 5") for written in ("3 \u2013 5", "3t/m5", "3 t/m 5 beneden", "3-5 (begane grond)")),
        *((written, "K3 K4 K5") for written in ("K3 t/m K5", "K3-5", "K3-K5", "K3, K4 en K5", "K3, 4 en 5")),
        ("3-5, 7", "3 4 5 7"),
        ("A t/m C", "A B C"),
        ("3a-3c", "3a 3b 3c"),
        ("A-101 t/m A-103", "A-101 A-102 A-103"),
        ("08 t/m 10", "08 09 10"),
        *(
            (written, "")
            for written in ("3", "Kamer 12", "A-101", "101-A", "1-101", "2-1", "3 t/m", "t/m 5", "Zaal 1 2")
        ),
        *((written, "") for written in ("Moeder en kind", "Oost-West", "M/V", "Kamer tot 3 personen", "", "+")),
    ],
)
def test_rooms_that_a_cell_can_mean(written, rooms):
    assert rooms_named(written) == tuple(rooms.split())


def test_rooms_of_a_plural_have_the_name_of_one():
    assert rooms_named("Kamers 3 en 4") == ("Kamer 3", "Kamer 4")
    assert rooms_named("Rooms 1-2") == ("Room 1", "Room 2")
    assert len(rooms_named("1 t/m 101")) == 101


def give(town, name, beds, answer=None, **more):
    rows = [["Unit", "Kamer", "Bedden", "Meerdere kamers"], ["U1-women", name, beds, answer]]
    return town.do(importing.import_file, saved(book(Kamers=rows)), "register.xlsx", "nl", actor=DESK, **more)


def made(town):
    """By name, the beds of the rooms that are new in the unit."""
    with town.database.transaction() as session:
        rooms = session.exec(select(Room).join(Unit).where(Unit.id == "U1-women", Room.id.not_in(["R1", "R2"])))
        return {
            room.name: len(session.exec(select(Bed).where(Bed.room_id == room.id, col(Bed.until_on).is_(None))).all())
            for room in rooms
        }


@one_store
def test_range_is_asked_about_at_its_cell(town):
    outcome = give(town, "3 t/m 5", 3)
    [finding] = outcome.findings
    assert (finding.code, finding.row, finding.column, finding.blocks) == ("import_rooms_unclear", 2, "B", True)
    for language, column in (("nl", "Meerdere kamers: één kamer"), ("en", "Several rooms: one room")):
        said = finding_in_words(finding, language)
        assert "3, 4, 5" in said
        assert column in said
    assert made(town) == {}


@one_store
@pytest.mark.parametrize(
    ("beds", "answer", "rooms"),
    [
        (3, "één kamer", {"3 t/m 5": 3}),
        (3, "bedden samen", {"3": 1, "4": 1, "5": 1}),
        (2, "bedden per kamer", {"3": 2, "4": 2, "5": 2}),
        (6, "beds_together", {"3": 2, "4": 2, "5": 2}),
    ],
)
def test_answer_of_the_row_is_followed(town, beds, answer, rooms):
    assert give(town, "3 t/m 5", beds, answer).carried_out
    assert made(town) == rooms
    again = give(town, "3 t/m 5", beds, answer)
    assert (again.findings, again.steps, made(town)) == ([], [], rooms)


@one_store
def test_answer_of_the_sender_is_for_rows_without_their_own(town):
    assert give(town, "3-5", 3, ranges=RoomRange.BEDS_TOGETHER).carried_out
    assert give(town, "7+8", 2, "één kamer", ranges=RoomRange.BEDS_TOGETHER).carried_out
    assert made(town) == {"3": 1, "4": 1, "5": 1, "7+8": 2}


@one_store
def test_room_that_has_the_name_of_a_range_is_asked_about_once(town):
    assert give(town, "3-5", 3, "één kamer").carried_out
    assert give(town, "3-5", 2).carried_out
    assert made(town) == {"3-5": 2}


@one_store
def test_beds_that_cannot_be_divided_are_refused(town):
    outcome = give(town, "3 t/m 5", 4, "bedden samen")
    assert [(one.code, one.column) for one in outcome.findings] == [("import_beds_do_not_divide", "C")]
    with pytest.raises(Invalid):
        outcome.require_right()
    assert made(town) == {}
