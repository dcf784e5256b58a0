"""The page of fourteen days of beds: what the desk and a shelter see, and a move on it."""

import re
from datetime import timedelta

import pytest

from placement.core.codes import StayStatus
from tests.support.api.housed_client import lives_somewhere
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def stay(service):
    lives_somewhere(service)
    rows = service.desk.get("/stays?limit=200").json()["items"]
    return next(one for one in rows if one["status"] == StayStatus.IN_HOUSE and one["hold"])


@pytest.mark.wide
def test_plan_shows_residents_and_moves_the_client(service, stay):
    staff = signed_in(service, "shelter_staff", language="en")
    first = staff.get("/beds").text
    assert f"stay={stay['id']}" in first
    assert "day 1 of" in first
    chosen = staff.get(f"/beds?stay={stay['id']}").text
    rooms = re.findall(r'type="radio" name="rooms" value="([^"]+)"', chosen)
    assert rooms
    assert stay["rooms"][0]["room"] not in rooms
    moved = staff.send(f"/beds/{stay['id']}/move", rooms=rooms[-1], confirm="yes")
    assert moved.status_code == 200
    rows = service.desk.get(f"/stays?registration={stay['registration']}").json()["items"]
    assert [one["room"] for one in rows[0]["rooms"]] == [rooms[-1]]


@pytest.mark.wide
@pytest.mark.usefixtures("stay")
def test_bar_that_goes_on_is_open_at_its_end(service):
    staff = signed_in(service, "shelter_staff", language="en")

    def bars():
        return set(re.findall(r'class="use (\w+)( on)?"', staff.get("/beds").text))

    assert ("lives", " on") in bars()
    rooms = service.staff.get("/shelters/S01/capacity").json()["rooms"]
    empty = next(one["room"] for one in rooms if one["free_now"])
    repair = {"beds": 1, "reason": "repair", "until": (service.moment.at.date() + timedelta(days=5)).isoformat()}
    assert service.staff.patch(f"/shelters/S01/capacity/rooms/{empty}", {"out_of_service": repair}).is_success
    assert ("out", "") in bars()
    assert ("out", " on") not in bars()


@pytest.mark.wide
def test_move_from_an_old_page_is_refused_on_the_same_page(service, stay):
    staff = signed_in(service, "shelter_staff", language="en")
    page = staff.get(f"/beds?stay={stay['id']}").text
    rooms = re.findall(r'type="radio" name="rooms" value="([^"]+)"', page)
    service.staff.made(f"/stays/{stay['id']}/move", {"rooms": [rooms[0]], "confirm": True})
    refused = staff.send(f"/beds/{stay['id']}/move", rooms=rooms[-1], confirm="yes")
    assert refused.status_code == 409
    assert "Fourteen days of beds" in refused.text
    assert 'id="chosen"' in refused.text


@pytest.mark.wide
def test_room_that_does_not_fit_is_explained_after_a_drop(service, stay):
    staff = signed_in(service, "shelter_staff", language="en")
    page = staff.get(f"/beds?stay={stay['id']}&to={stay['rooms'][0]['room']}").text
    assert "cannot move to that room today" in page


@pytest.mark.wide
def test_desk_chooses_a_shelter_and_a_first_day(service):
    desk = signed_in(service, "desk")
    assert "/beds?shelter=S01" in desk.get("/beds").text
    page = desk.get("/beds?shelter=S01").text
    [later] = re.findall(r'href="(/beds\?shelter=S01&amp;from=[\d-]+)"', page)
    assert 'href="/beds?shelter=S01"' in desk.get(later.replace("&amp;", "&")).text
    assert desk.get("/beds?shelter=S01&from=x").status_code == 200
    assert desk.get("/beds?shelter=S99").status_code == 404


@pytest.mark.wide
def test_shelter_sees_its_own_beds_whatever_is_asked(service):
    staff = signed_in(service, "shelter_staff", language="en")
    page = staff.get("/beds?shelter=S02").text
    names = [service.desk.get(f"/shelters/{one}").json()["name"] for one in ("S01", "S02")]
    assert [name in page for name in names] == [True, False]


@pytest.mark.wide
def test_coordinator_has_no_plan_of_beds(service):
    service.coordinator.made("/registrations", somebody())
    assert signed_in(service, "coordinator").get("/beds").status_code == 403
