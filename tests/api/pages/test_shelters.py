"""The register on its pages: in which order places stand, and what a change that waits is about."""

import re

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.stores import one_store

pytestmark = one_store


def a_unit(service):
    """Returns the id of a unit of the first shelter, and the names of the unit and the shelter."""
    known = service.staff.get("/shelters/S01").json()
    unit = known["locations"][0]["units"][0]
    return unit["id"], f"{unit['name']}, {known['name']}"


@pytest.mark.wide
def test_rooms_stand_by_name_on_every_page(service):
    unit, _ = a_unit(service)
    for name in ("Z 10", "Z 9", "y 1"):
        service.staff.made(f"/units/{unit}/rooms", {"name": name, "beds": 1})
    staff, desk = signed_in(service, "shelter_staff"), signed_in(service, "desk")
    for page in (staff.get("/capacity"), staff.get(f"/register/unit/{unit}"), desk.get("/shelters/S01")):
        assert re.findall(r">(Z 10|Z 9|y 1)[ <]", page.text) == ["y 1", "Z 9", "Z 10"]


@pytest.mark.wide
def test_room_of_a_unit_that_closes_says_so(service):
    unit, _ = a_unit(service)
    version = service.desk.get(f"/units/{unit}/closing").json()["version"]
    service.desk.made(f"/units/{unit}/close", {"until": "2026-12-31"}, If_Match=f'"{version}"')
    rooms = service.staff.get("/shelters/S01/capacity").json()["rooms"]
    assert {room["closing"] for room in rooms if room["unit"] == unit} == {True}
    page = signed_in(service, "shelter_staff").get("/capacity").text
    assert page.count('<span class="tag warn">closing</span>') == sum(room["closing"] for room in rooms) > 0


@pytest.mark.wide
def test_waiting_change_names_its_place_and_leads_to_answer(service):
    unit, place = a_unit(service)
    staff, desk = signed_in(service, "shelter_staff"), signed_in(service, "desk")
    staff.get(f"/register/unit/{unit}")
    version = re.search(r'name="version" value="(\d+)"', staff.page.text)[1]
    staff.send(f"/register/unit/{unit}/close", version=version, until="2026-12-31")
    name = service.staff.get("/details").json()["name"]
    assert f"{place} : closing of a unit, to be empty by 31 Dec 2026 Asked" in words_of(desk.get("/second-person"))
    assert f", {name}" in words_of(desk.page)
    assert f", {name})" in words_of(desk.get(f"/register/unit/{unit}"))
    assert 'href="/second-person"' in desk.page.text
    assert 'href="/second-person"' not in staff.get(f"/register/unit/{unit}").text


def test_change_requests_tell_names_to_the_desk_alone(service):
    unit, _ = a_unit(service)
    version = service.staff.get(f"/units/{unit}/closing").json()["version"]
    closing = {"until": "2026-12-31"}
    asked = service.staff.made(f"/units/{unit}/close", closing, If_Match=f'"{version}"')["request"]["id"]
    service.desk.made(f"/second-person-requests/{asked}/refuse")
    path = "/second-person-requests?settled=true"
    assert set(service.desk.get(path).json()["people"]) == {service.staff.account, service.desk.account}
    assert service.staff.get(path).json()["people"] == {}


@pytest.mark.wide
def test_shelter_is_not_told_of_proposals_by_a_closing(service):
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    unit = offered(service, needs=["pregnancy"])["chosen"]["unit"]
    of_the_desk, of_the_shelter = (one.get(f"/units/{unit}/closing").json() for one in (service.desk, service.staff))
    assert (of_the_desk["proposals"], of_the_shelter["proposals"]) == (1, None)
    for role, is_told in (("desk", True), ("shelter_staff", False)):
        page = signed_in(service, role, language="en").get(f"/register/unit/{unit}").text
        assert ("Open proposals, which then end" in page) is is_told


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


@pytest.mark.wide
def test_name_of_a_provider_is_refused_at_its_own_field(desk):
    desk.get("/shelters")
    refused = desk.send("/shelters/providers", provider_name="\u202eBrug")
    assert refused.status_code == 400
    assert 'id="provider_name-fault">This contains a character that cannot be shown' in refused.text


@pytest.mark.wide
def test_name_of_an_organisation_is_mended_on_the_page(service, desk):
    made = service.desk.made("/providers", {"name": "Stichtng De Brug"})
    action = f"/shelters/providers/{made['id']}"
    assert f'action="{action}"' in desk.get("/shelters").text
    assert "Stichting De Brug" in desk.send(action, version="1", name="Stichting De Brug").text
    assert service.desk.get(f"/providers/{made['id']}").json() == made | {"name": "Stichting De Brug", "version": 2}
    [event] = service.auditor.get("/audit/events?event=place:changed").json()["items"]
    assert (event["object"], event["facts"]) == (made["id"], {"fields": ["name"]})
    late = desk.send(action, version="1", name="Another")
    assert late.status_code == 412
    assert service.desk.get(f"/providers/{made['id']}").json()["name"] == "Stichting De Brug"


@pytest.mark.wide
def test_shelter_mends_no_name_of_an_organisation(service):
    service.desk.made("/providers", {"name": "Stichting De Brug"})
    assert "/shelters/providers" not in signed_in(service, "shelter_staff").get("/shelters").text


def values(page, action):
    """Returns the values in the fields of the form with this action."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)[0]
    return dict(re.findall(r'<input id="[^"]+" name="([^"]+)"[^>]* value="([^"]*)"', form))


@pytest.mark.wide
def test_refused_form_leaves_the_others_of_its_page(service, desk):
    unit, _ = a_unit(service)
    here = f"/register/unit/{unit}"
    before = values(desk.get(here), f"{here}/change")
    wrong = desk.send(f"{here}/add", new_name="Kamer 12", new_beds="0", opens_on="2027-01-01")
    assert wrong.status_code == 400
    assert values(wrong, f"{here}/change") == before
    assert values(wrong, f"{here}/add") == {
        "new_name": "Kamer 12", "new_beds": "0", "opens_on": "2027-01-01", "open_until": ""
    }  # fmt: skip
    wrong = desk.send(f"{here}/change", version="1", name="Anders", high_care_limit="-1", scheme="cosm")
    assert values(wrong, f"{here}/change") == {"name": "Anders", "open_until": "", "high_care_limit": "-1"}
    assert values(wrong, f"{here}/add") == {"new_name": "", "new_beds": "", "opens_on": "", "open_until": ""}


@pytest.mark.wide
@pytest.mark.parametrize("kind", ["shelter", "location", "unit", "room"])
def test_last_day_of_a_place_is_set_shown_kept_and_taken_away(service, desk, kind):
    unit, _ = a_unit(service)
    place = {"shelter": "S01", "location": "S01-L1", "unit": unit, "room": f"{unit}-R01"}[kind]
    here = f"/register/{kind}/{place}"

    def saves(**more):
        page = desk.get(here)
        form = re.search(rf'action="{here}/change".*?</form>', page.text, re.DOTALL)[0]
        version = re.search(r'name="version" value="([0-9]+)"', form)[1]
        return desk.send(f"{here}/change", **{**values(page, f"{here}/change"), "version": version, **more})

    assert saves(open_until="2026-12-15").status_code == 200
    assert "open until 15 Dec 2026" in words_of(desk.get(here))
    assert saves(name="Anders").status_code == 200
    assert values(desk.get(here), f"{here}/change")["open_until"] == "2026-12-15"
    assert saves(open_until="2026-11-24").status_code == 400
    assert saves(open_until="").status_code == 200
    assert "open until" not in words_of(desk.get(here)).replace("Open until", "")


@pytest.mark.wide
def test_refused_name_of_one_organisation_leaves_the_others(service, desk):
    first, second = (service.desk.made("/providers", {"name": name})["id"] for name in ("Een", "Twee"))
    desk.get("/shelters")
    wrong = desk.send(f"/shelters/providers/{first}", version="1", name="")
    assert wrong.status_code == 400
    assert values(wrong, f"/shelters/providers/{first}") == {"name": ""}
    assert values(wrong, f"/shelters/providers/{second}") == {"name": "Twee"}
    assert values(wrong, "/shelters") == {"name": "", "opens_on": "", "open_until": ""}


@pytest.mark.wide
@pytest.mark.parametrize("kind", ["shelter", "location", "unit", "room"])
def test_emptied_name_of_a_place_is_told_at_its_field(service, desk, kind):
    room = service.staff.get("/shelters/S01/capacity").json()["rooms"][0]
    place = {"shelter": "S01", "location": "S01-L1", "unit": room["unit"], "room": room["room"]}[kind]
    shown = values(desk.get(f"/register/{kind}/{place}"), f"/register/{kind}/{place}/change")
    wrong = desk.send(f"/register/{kind}/{place}/change", **shown | {"version": "1", "name": " "})
    assert (wrong.status_code, 'id="name-fault"' in wrong.text) == (400, True)
