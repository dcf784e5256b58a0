"""Pages of shelter staff: holds, arrivals and stays, and which clients they no longer show."""

import re

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import rooms_as_they_are
from tests.support.stores import one_store

FACTS = ("persons", "languages", "needs", "room_needs", "rooms")


@pytest.fixture
def hold(service):
    return asked_hold(service)


def visible_facts(service, hold):
    found = service.shelter.get(f"/holds/{hold}").json()
    return {name for name in FACTS if found[name]}


@pytest.mark.wide
def test_shelter_sees_the_client_until_the_stay_ends(service, hold):
    needed = {"persons", "languages", "needs", "rooms"}
    assert visible_facts(service, hold) == needed
    stay = service.staff.made(f"/holds/{hold}/answer", CONFIRM)["stay"]
    assert visible_facts(service, hold) == needed
    service.shelter.made(f"/holds/{hold}/arrival")
    assert visible_facts(service, hold) == needed
    service.staff.made(f"/stays/{stay}/end", {"reason": "own_housing"})
    assert visible_facts(service, hold) == set()
    assert service.shelter.get("/holds").json()["items"][0]["persons"] == []


@pytest.mark.wide
@one_store
def test_shelter_that_refused_no_longer_sees_the_client(service, hold):
    refused = service.staff.made(f"/holds/{hold}/answer", {"answer": "refuse", "reason": "house_mix"})
    assert refused["persons"] == []
    assert visible_facts(service, hold) == set()


@pytest.mark.wide
@one_store
def test_unit_and_rooms_are_shown_by_name_not_by_id(service, hold):
    visible_facts = service.shelter.get(f"/holds/{hold}").json()
    rooms = {room["room"]: room for room in service.shelter.get("/shelters/S01/capacity").json()["rooms"]}
    room = rooms[visible_facts["rooms"][0]["room"]]
    staff = signed_in(service, "shelter_staff")
    for page in (staff.get("/holds").text, signed_in(service, "desk").get("/").text):
        assert visible_facts["place"] in page
        assert visible_facts["place"].startswith(f"{room['unit_name']}, ")
        assert f"{visible_facts['unit']}<" not in page
    assert f"{room['name']}: 1 bed" in staff.get("/holds").text
    assert room["unit_name"] in staff.get("/capacity").text


@pytest.mark.wide
@one_store
def test_first_page_of_other_roles_is_their_own_work(service):
    first = {"shelter_staff": "/capacity", "auditor": "/review", "admin": "/accounts", "reader": "/reports"}
    found = {role: signed_in(service, role).get("/") for role in first}
    assert {role: answer.url.path for role, answer in found.items()} == first
    assert {answer.status_code for answer in found.values()} == {200}


@pytest.mark.wide
@one_store
def test_refusal_shows_consequences_and_needs_a_reason(service, hold):
    staff = signed_in(service, "shelter_staff")
    assert "not given out until you confirm your count" in staff.get("/holds").text
    wrong = staff.send(f"/holds/{hold}/answer", answer="refuse")
    assert wrong.status_code == 400
    assert f'id="reason-{hold}"' in wrong.text
    staff.send(f"/holds/{hold}/answer", answer="refuse", reason="no_capacity")
    assert service.shelter.get(f"/holds/{hold}").json()["status"] == "refused"
    assert "Please confirm your count" in staff.get("/capacity").text


@pytest.mark.wide
@one_store
def test_client_in_house_is_on_the_stays_page_with_its_clock(service, hold):
    staff = signed_in(service, "shelter_staff")
    staff.get("/holds")
    staff.send(f"/holds/{hold}/answer", **CONFIRM)
    client = service.shelter.get(f"/holds/{hold}").json()
    staff.send(f"/holds/{hold}/arrive")
    assert f'action="/stays/{client["stay"]}/blocker"' in staff.page.text
    strip = next(one for one in staff.page.text.split('<li class="strip') if client["registration"] in one)
    assert "day 1 of 90" in strip
    assert 'x1="90" x2="90"' in strip  # the limit on the line of days
    wrong = staff.send(f"/stays/{client['stay']}/blocker")
    assert wrong.status_code == 400
    assert f'id="blocker-{client["stay"]}" name="blocker" aria-invalid' in wrong.text
    assert "Waits for housing" in staff.send(f"/stays/{client['stay']}/blocker", blocker="waits_for_housing").text
    service.staff.made(f"/stays/{client['stay']}/blocker", {"blocker": "medical"})
    told = staff.send(f"/stays/{client['stay']}/blocker", blocker="other", text="Wacht op een paspoort")
    assert (told.status_code, "Another user saved other residents here" in told.text) == (409, True)
    assert 'name="seen_blocker" value="medical"' in told.text
    assert "Wacht op een paspoort" in told.text
    assert f'action="/holds/{hold}/arrive"' not in staff.get("/holds").text


@pytest.mark.wide
@one_store
def test_the_desk_gives_beds_back_on_the_page_with_a_reason(service, hold):
    desk = signed_in(service, "desk")
    page = desk.get("/holds").text
    closes = re.findall(r'value="(\w+)"> <span>[^<]*<br><span class="hint">The registration is closed at once', page)
    assert set(closes) >= {"entered_in_error", "found_other_place", "duplicate_registration"}
    assert desk.send(f"/holds/{hold}/release").status_code == 400
    assert desk.send(f"/holds/{hold}/release", reason="unreachable").status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["status"] == "released"


def tiles_of(page):
    """Returns the fields that the form of the rooms would send without a change."""
    form = re.search(r'<form [^>]*id="rooms".*?</form>', page, re.DOTALL)[0]
    filled = dict(re.findall(r'name="(rooms[^"]+)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        filled[name] = (re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options))[0]
    return filled


@pytest.mark.wide
@one_store
def test_all_as_shown_confirms_untouched_reports_changed_rooms(service, hold):
    staff = signed_in(service, "shelter_staff")
    staff.get("/holds")
    staff.send(f"/holds/{hold}/answer", answer="refuse", reason="no_capacity")
    withheld = [room["withheld"] for room in service.shelter.get("/shelters/S01/capacity").json()["rooms"]]
    assert sum(withheld) > 0
    tiles = tiles_of(staff.get("/capacity").text)
    assert staff.send("/capacity", tiles, as_shown="yes").status_code == 200
    known = service.shelter.get("/shelters/S01/capacity").json()
    assert [room["withheld"] for room in known["rooms"]] == withheld  # as a confirmation keeps it
    assert known["confirmation_asked_at"] is None
    at = next(number for number, room in enumerate(known["rooms"]) if room["free_now"])
    tiles = tiles_of(staff.get("/capacity").text) | {f"rooms.{at}.out": "1", f"rooms.{at}.out_reason": "repair"}
    assert staff.send("/capacity", tiles, as_shown="yes").status_code == 200
    changed = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    assert changed[at]["out_of_service"] == {"beds": 1, "reason": "repair", "until": None}
    assert [room["withheld"] for room in changed] == [0] * len(changed)


@pytest.mark.wide
@one_store
def test_count_names_the_rooms_that_changed(service):
    staff = signed_in(service, "shelter_staff")
    tiles = tiles_of(staff.get("/capacity").text)
    assert "Stored: all rooms are as shown." in staff.send("/capacity", tiles, as_shown="yes").text
    rooms = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    at, room = next((number, room) for number, room in enumerate(rooms) if room["free_now"])
    tiles = tiles_of(staff.get("/capacity").text) | {f"rooms.{at}.out": "1", f"rooms.{at}.out_reason": "repair"}
    assert f"Stored: {room['name']} ({room['unit_name']})." in staff.send("/capacity", tiles).text


@pytest.mark.wide
@one_store
def test_new_room_is_reported_before_all_can_be_as_shown(service):
    unit = service.staff.get("/shelters/S01/capacity").json()["rooms"][0]["unit"]
    service.staff.made(f"/units/{unit}/rooms", {"name": "Attic", "beds": 2})
    staff = signed_in(service, "shelter_staff")
    page = staff.get("/capacity")
    assert 'name="as_shown"' not in page.text
    assert "so their beds are not given out: Attic." in words_of(page)
    assert staff.send("/capacity", tiles_of(page.text)).status_code == 200
    page = staff.get("/capacity")
    assert 'name="as_shown"' in page.text
    assert "were never reported" not in page.text


@pytest.mark.wide
@one_store
def test_a_contradiction_of_counts_stands_side_by_side(service):
    rooms = rooms_as_they_are(service.shelter, "S01")
    rooms[0]["counted_free"] = 0
    known = service.shelter.put("/shelters/S01/capacity", {"rooms": rooms}).json()
    [one] = known["discrepancies"]
    name = next(room["name"] for room in known["rooms"] if room["room"] == one["room"])
    page = signed_in(service, "shelter_staff").get("/capacity").text
    row = re.search(rf'<tr><th scope="row">{re.escape(name)}</th>.*?</tr>', page)[0]
    assert re.findall(r'<td class="n">(\d+)</td>', row) == [str(one["counted"]), str(one["derived"])]


@pytest.mark.wide
@one_store
def test_rooms_form_waits_for_connection_and_keeps_its_key(service):
    staff = signed_in(service, "shelter_staff")
    page = staff.get("/capacity").text
    form = re.search(r'<form [^>]*id="rooms" data-waits="(\w+)">.*?</form>', page, re.DOTALL)
    assert re.search(rf'id="{form[1]}" [^>]*role="status" hidden', page)
    before = service.shelter.get("/shelters/S01/capacity").json()["version"]
    first = staff.page
    typed = dict(re.findall(r'name="(rooms[^"]+)"[^>]*value="([^"]*)"', form[0]))
    staff.send("/capacity", typed)
    once = service.shelter.get("/shelters/S01/capacity").json()["version"]
    staff.page = first
    assert staff.send("/capacity", typed).status_code == 200
    assert service.shelter.get("/shelters/S01/capacity").json()["version"] == once > before
