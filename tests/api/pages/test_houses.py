"""The list of shelters with its map, and the page of a shelter with its rooms."""

import re
from types import SimpleNamespace

import pytest

from api.pages.houses import Resident, RoomTile
from api.v1.capacity import OthersOut, OutOfServiceOut, RoomOut
from placement.core.place_codes import BedUse
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold, housed
from tests.support.stores import AT, one_store


@pytest.fixture
def desk(service):
    return signed_in(service, "desk")


def rows(page):
    """Returns the text of each row of the list, by the id of its shelter."""
    found = re.findall(r"<tr role=\"row\">\s*<th scope=\"row\".*?</tr>", page.text, re.DOTALL)
    return {re.search(r"/shelters/(\w+)\"", one)[1]: re.sub(r"<[^>]+>|\s+", " ", one) for one in found}


@pytest.mark.wide
@one_store
def test_list_has_the_figures_of_the_country(service, desk):
    known = {one["shelter"]: one for one in service.desk.get("/capacity").json()["shelters"]}
    listed = rows(desk.get("/shelters"))
    assert listed.keys() == {one["id"] for one in service.desk.get("/shelters").json()["items"]}
    for shelter, row in listed.items():
        assert f" of {known[shelter]['beds']} " in row
    drawn = re.findall(r'<text font-size="26"[^>]*>(\d+)</text>', desk.page.text)
    assert sum(map(int, drawn)) == service.desk.get("/capacity").json()["free_now"] > 0


@pytest.mark.wide
@one_store
def test_list_is_filtered_and_ordered(service, desk):
    name = service.desk.get("/shelters/S01").json()["name"]
    assert list(rows(desk.get(f"/shelters?name={name[-6:].upper()}"))) == ["S01"]
    assert "A filter is on." in words_of(desk.page)
    whole = rows(desk.get("/shelters?name=&order=name"))
    assert list(rows(desk.get("/shelters?name=&order=-name"))) == list(whole)[::-1]
    known = service.desk.get("/capacity").json()["shelters"]
    for name, field in (("region", "region"), ("scheme", "scheme")):
        code = known[0]["units"][0][field]
        fit = {one["shelter"] for one in known if any(unit[field] == code for unit in one["units"])}
        assert rows(desk.get(f"/shelters?name=&{name}={code}")).keys() == fit < whole.keys()
    fit = {one["shelter"] for one in known if any("male" in unit["admits"] for unit in one["units"])}
    assert rows(desk.get("/shelters?takes=male")).keys() == fit < whole.keys()
    men = [unit for one in known for unit in one["units"] if "male" in unit["admits"]]
    free, beds = (sum(unit[name] for unit in men) for name in ("free_now", "beds"))
    assert f"{free} of {beds} beds free" in words_of(desk.page)
    both = [one for one in known if 0 < sum(unit in men for unit in one["units"]) < len(one["units"])]
    for one in both:
        there = sum(unit["beds"] for unit in one["units"] if unit in men)
        assert f" of {there} " in rows(desk.page)[one["shelter"]]
    assert both
    free = [one["shelter"] for one in known if one["free_now"]]
    assert set(rows(desk.get("/shelters?free=yes&order=-free"))) == set(free)


@pytest.mark.wide
@one_store
def test_list_and_house_are_for_the_desk_and_the_own_shelter(service):
    staff, coordinator = signed_in(service, "shelter_staff"), signed_in(service, "coordinator")
    assert 'id="unit-S01' in staff.get("/shelters").text
    assert 'id="cells"' not in staff.page.text
    assert staff.get("/shelters/S02").status_code == 404
    assert coordinator.get("/shelters").status_code == coordinator.get("/shelters/S01").status_code == 403


@pytest.mark.wide
@one_store
def test_house_shows_a_request_and_residents_as_numbers(service, desk):
    held = service.desk.get(f"/holds/{asked_hold(service)}").json()
    page = desk.get("/shelters/S01")
    assert f'href="/holds/{held["id"]}/call"' in page.text
    assert f"{held['rooms'][0]['beds']} asked for, until" in words_of(page)
    assert '<i class="bed asked">' in page.text
    assert held["registration"] in words_of(signed_in(service, "shelter_staff").get("/shelters/S01"))
    case, _ = housed(service, needs=["pregnancy"])
    page = desk.get("/shelters/S01")
    assert "1 person, day 1 of 90" in words_of(page)
    assert case not in page.text


def room(**facts):
    """Returns a report of a room with six beds, of which nothing else is known."""
    names = dict.fromkeys(("room", "unit", "unit_name", "name"), "R")
    numbers = dict.fromkeys(("taken", "kept", "withheld", "free_beds", "free_now"), 0)
    days = {"reported_at": AT, "kept_until": None, "free_from": None, "free_beds_from": AT.date()}
    nobody = {"out_of_service": OutOfServiceOut(beds=0, reason=None, until=None), "used_by_others": []}
    return RoomOut(**{**names, **numbers, **days, **nobody, "beds": 6, "closing": False, **facts})


def test_each_bed_of_a_tile_has_a_sign():
    others = [OthersOut(count=1, gender="female", minor=False, until=None)]
    out = OutOfServiceOut(beds=1, reason=None, until=None)
    known = room(taken=2, kept=1, used_by_others=others, out_of_service=out, free_now=1)
    assert RoomTile(None, known).uses == [
        *(BedUse.LIVES, BedUse.KEPT, BedUse.OTHERS, BedUse.OUT, BedUse.FREE, BedUse.NOT_GIVEN)
    ]
    assert RoomTile(None, room(beds=1, taken=2)).uses == [BedUse.LIVES]
    assert RoomTile(None, None).uses == []


@pytest.mark.parametrize(("persons", "rooms", "empty"), [((2,), 1, 1), ((2, 1), 1, 0), ((None,), 1, 0), ((2,), 2, 0)])
def test_bed_that_a_household_leaves_empty_is_named(persons, rooms, empty):
    stay = SimpleNamespace(rooms=[None] * rooms)
    residents = [Resident(number, stay) for number in persons]
    tile = RoomTile(None, room(beds=3, taken=3), residents)
    assert tile.kept_empty == empty
    assert tile.uses == [BedUse.LIVES] * (3 - empty) + [BedUse.NOT_GIVEN] * empty
