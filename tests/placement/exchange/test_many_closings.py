"""An import that closes many places takes two persons, who both may import, with the same file within a day."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import account_changes
from placement.core.place_codes import PlaceStatus
from placement.exchange import importing
from placement.tables import ImportRequest, Room
from tests.support.accounts import add_accounts
from tests.support.exchange.books import book, saved
from tests.support.town import ADMIN, DESK, OTHER_DESK, TODAY


@pytest.fixture
def staffed(town):
    add_accounts(town, DESK, OTHER_DESK, ADMIN)
    return town


def many_closings(staffed, count, after=0):
    rooms = [["U5-social", f"X{number}", 1] for number in range(count)]
    assert closing(staffed, saved(book(Kamers=[["Unit", "Kamer", "Bedden"], *rooms]))).carried_out
    closed = [[*room, TODAY + timedelta(days=after)] for room in rooms]
    return saved(book(Kamers=[["Unit", "Kamer", "Bedden", "Sluit op"], *closed]))


def closing(staffed, content, actor=DESK, **more):
    return staffed.do(importing.import_file, content, "register.xlsx", "nl", actor=actor, **more)


@pytest.mark.wide
def test_import_of_ten_closings_takes_one_person(staffed):
    assert closing(staffed, many_closings(staffed, 10)).carried_out


@pytest.mark.wide
def test_import_of_more_closings_takes_a_second_person(staffed):
    content = many_closings(staffed, 11)
    assert not closing(staffed, content, dry_run=True).waits
    for _ in range(2):
        asked = closing(staffed, content)
        assert (asked.carried_out, asked.waits) == (False, True)
    assert staffed.all(select(Room).where(Room.status == PlaceStatus.CLOSED)) == []
    assert closing(staffed, content, OTHER_DESK).carried_out
    assert len(staffed.all(select(Room).where(Room.status == PlaceStatus.CLOSED))) == 11
    assert staffed.all(select(ImportRequest)) == []


@pytest.mark.wide
def test_import_of_a_disabled_account_waits_for_another_one(staffed):
    content = many_closings(staffed, 11)
    assert closing(staffed, content).waits
    staffed.do(account_changes.disable, DESK.id, actor=ADMIN)
    assert closing(staffed, content, OTHER_DESK).waits
    assert staffed.all(select(Room).where(Room.status == PlaceStatus.CLOSED)) == []


@pytest.mark.wide
def test_import_of_another_file_by_the_second_person_waits(staffed):
    closing(staffed, many_closings(staffed, 11))
    assert closing(staffed, many_closings(staffed, 12), OTHER_DESK).waits


@pytest.mark.wide
def test_import_waits_a_day_for_the_second_person_and_no_longer(staffed):
    content = many_closings(staffed, 11, after=30)
    closing(staffed, content)
    staffed.later(hours=24, seconds=1)
    assert closing(staffed, content, OTHER_DESK).waits
