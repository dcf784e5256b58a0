"""The report of rooms by page: nothing that was filled in counts for nothing without a word."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from placement.core import clock
from placement.core.codes import Gender
from placement.tables import Unit
from tests.support.api.page_content import faulty
from tests.support.api.pages import filled, signed_in
from tests.support.api.service import rooms_as_they_are
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def staff(service):
    return signed_in(service, "shelter_staff", language="en")


def tiles(staff):
    return filled(staff.get("/capacity").text, "rooms")


def empty_room(staff):
    """Returns the prefix of the fields of a room that no others use, and in which no bed is out of service."""
    found = tiles(staff)
    return next(
        name.removesuffix("others")
        for name, value in found.items()
        if name.endswith(".others") and (value, found[name.replace("others", "out")]) == ("0", "0")
    )


def reported(service, staff, room):
    known = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    return next(one for one in known if one["room"] == tiles(staff)[f"{room}room"])


@pytest.mark.wide
@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"gender": "female"}, "used_by_others.0.count"),
        ({"gender": "female", "others": ""}, "used_by_others.0.count"),
        ({"out_reason": "repair"}, "out_of_service.beds"),
        ({"out_until": "2027-01-01", "out": ""}, "out_of_service.beds"),
        ({"out": "1", "out_until": "2026-01-01"}, "out_of_service.until"),
        ({"free_from": "2026-01-01"}, "free_from"),
    ],
)
def test_what_would_count_for_nothing_is_told(staff, typed, fault):
    room = empty_room(staff)
    wrong = staff.send("/capacity", tiles(staff) | {f"{room}{name}": value for name, value in typed.items()})
    assert wrong.status_code == 400
    assert faulty(wrong) == {f"{room}{fault}"}


@pytest.mark.wide
def test_count_that_goes_to_nought_leaves_nothing_behind(service, staff):
    room = empty_room(staff)
    until = (clock.day_of(service.moment.at) + timedelta(days=3)).isoformat()
    some = {"others": "1", "gender": "female", "out": "1", "out_reason": "repair", "out_until": until}
    assert staff.send("/capacity", tiles(staff) | {room + name: value for name, value in some.items()}).is_success
    none = {"others": "0", "out": "0"}
    assert staff.send("/capacity", tiles(staff) | {room + name: value for name, value in none.items()}).is_success
    left = reported(service, staff, room)
    assert left["used_by_others"] == []
    assert left["out_of_service"] == {"beds": 0, "reason": None, "until": None}


@pytest.mark.wide
def test_others_due_to_leave_by_now_do_not_hide_new_ones(service, staff):
    room = empty_room(staff)
    until = (clock.day_of(service.moment.at) + timedelta(days=1)).isoformat()
    rooms = rooms_as_they_are(service.shelter, "S01")
    one = next(one for one in rooms if one["room"] == tiles(staff)[f"{room}room"])
    one["used_by_others"] = [{"count": 1, "gender": "female", "minor": True, "until": until}]
    one["out_of_service"] = {"beds": 1, "reason": "repair", "until": until}
    assert service.shelter.put("/shelters/S01/capacity", {"rooms": rooms}).is_success
    service.moment.pass_by(days=1)
    staff.sign_in()
    shown = tiles(staff)
    assert [shown[f"{room}{name}"] for name in ("others", "out", "out_until")] == ["0", "0", ""]
    assert staff.send("/capacity", shown | {f"{room}others": "1", f"{room}gender": "male"}).is_success
    others = [{"count": 1, "gender": "male", "minor": False, "until": None}]
    assert reported(service, staff, room)["used_by_others"] == others


def button_of(page):
    """Returns the words of the button that sends the rooms, and whether the page offers to confirm all as shown."""
    sends = re.search(r"<button[^>]* data-changed [^>]*>([^<]*)</button>", page.text)
    return sends[1], 'name="as_shown"' in page.text


@pytest.mark.wide
def test_refused_change_is_named_by_the_button_and_opened(service, staff):
    """A change of another room beside it is sent again, too."""
    first, second = [name for name in tiles(staff) if name.endswith(".out")][:2]
    room = first.removesuffix("out")
    assert button_of(staff.get("/capacity")) == ("Report the rooms", True)
    sent = tiles(staff) | {first: "9", second: "1", second.replace("out", "out_reason"): "repair"}
    wrong = staff.send("/capacity", sent)
    assert (wrong.status_code, button_of(wrong)) == (400, ("Send 2 changes", False))
    [opened] = re.findall(r"<[^>]* autofocus", wrong.text.partition("<main")[2].partition("</main>")[0])
    assert f'name="{first}"' in opened
    assert f'aria-describedby="{room}out_of_service.beds-fault"' in opened
    stored = re.search(r'data-was="([^"]*)"', wrong.text)[1]
    assert json.loads(unescape(stored))[first] == "0"
    assert reported(service, staff, room)["out_of_service"]["beds"] == 0
    assert button_of(staff.send("/capacity", sent | {first: "1"})) == ("Report the rooms", True)


@pytest.mark.wide
def test_only_the_room_with_an_error_is_opened_and_named(service, staff):
    known = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    closed = staff.get("/capacity").text.count('<details class="tile">')
    names = {room["room"]: f"{room['name']} ({room['unit_name']})" for room in known}
    sent = tiles(staff)
    room = next(name for name, value in sent.items() if name.endswith(".out") and value == "0").removesuffix("out")
    wrong = staff.send("/capacity", sent | {f"{room}out": "9"})
    assert f"{names[sent[f'{room}room']]}, Out of service: " in unescape(wrong.text)
    assert closed - 1 <= wrong.text.count('<details class="tile">')
    assert len(re.findall(r"<details open>\s*<summary>Out of service", wrong.text)) == 1


@pytest.mark.wide
def test_unit_that_admits_one_gender_asks_for_none(service, staff):
    """A unit for women without children needs no gender. If children live there, other residents may be boys."""
    rooms = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    free = next(room for room in rooms if room["free_now"] and not room["used_by_others"])
    for children, asked in ((12, True), (None, False)):
        with service.database.transaction() as session:
            unit = session.get_one(Unit, free["unit"])
            unit.admits, unit.children_max_age, unit.boys_max_age = [Gender.FEMALE], children, children
        room = next(name for name, value in tiles(staff).items() if value == free["room"]).removesuffix("room")
        assert (f'name="{room}gender"' in staff.get("/capacity").text) is asked
    assert staff.send("/capacity", tiles(staff) | {f"{room}others": "1"}).status_code == 200
    [use] = reported(service, staff, room)["used_by_others"]
    assert (use["count"], use["gender"]) == (1, "female")
