"""An import that closes many places is one request to a second person, who may import too, within the hour."""

from dataclasses import replace

import pytest
from sqlmodel import select

from placement.accounts import account_changes
from placement.core.errors import Conflict
from placement.core.second_person_codes import SecondPersonKind
from placement.exchange import open_imports
from placement.shelters import register
from placement.tables import OpenImport, Room
from tests.support import second_person
from tests.support.accounts import add_accounts
from tests.support.exchange.closings import closed_rooms, import_asked, many_closings
from tests.support.town import ADMIN, DESK, OTHER_DESK

SECOND = replace(OTHER_DESK, browser="B-other")


@pytest.fixture
def staffed(town):
    add_accounts(town, DESK, OTHER_DESK, ADMIN)
    return town


@pytest.mark.wide
def test_import_of_ten_closings_takes_one_person(staffed):
    import_id = staffed.do(open_imports.start, many_closings(staffed, 10), "kamers.xlsx", "nl").id
    assert staffed.do(open_imports.confirm, import_id, "nl").carried_out


@pytest.mark.wide
def test_import_of_more_closings_is_one_request(staffed):
    request = import_asked(staffed)
    assert (request.kind, request.facts["counts"]) == (SecondPersonKind.IMPORT, {"close:room": 11})
    assert (len(request.facts["closings"]), closed_rooms(staffed)) == (11, [])
    with pytest.raises(Conflict):
        staffed.do(second_person.grant, request.id)
    staffed.do(second_person.grant, request.id, actor=SECOND)
    assert (len(closed_rooms(staffed)), staffed.all(select(OpenImport))) == (11, [])


@pytest.mark.wide
@pytest.mark.parametrize("end", ["refuse", "withdraw", "lapse"])
def test_request_that_ends_leaves_no_file(staffed, end):
    request = import_asked(staffed)
    if end == "lapse":
        staffed.later(minutes=60)
        staffed.do(second_person.lapse)
    else:
        verb, actor = getattr(second_person, end), SECOND if end == "refuse" else DESK
        staffed.do(verb, request.id, actor=actor)
    assert (staffed.all(select(OpenImport)), closed_rooms(staffed)) == ([], [])


@pytest.mark.wide
def test_import_of_a_disabled_account_is_not_granted(staffed):
    request = import_asked(staffed)
    staffed.do(account_changes.disable, DESK.id, actor=ADMIN)
    with pytest.raises(Conflict):
        staffed.do(second_person.grant, request.id, actor=SECOND)


@pytest.mark.wide
def test_import_that_would_close_something_else_is_not_granted(staffed):
    request = import_asked(staffed)
    [room] = staffed.all(select(Room).where(Room.name == "X1"))
    staffed.do(register.change_room, room.id, room.version, {"name": "Y1"})
    with pytest.raises(Conflict) as refused:
        staffed.do(second_person.grant, request.id, actor=SECOND)
    assert (refused.value.code, closed_rooms(staffed)) == ("change_outdated", [])
