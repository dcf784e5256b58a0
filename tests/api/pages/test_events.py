"""Pages of events without scripts: an event is made, its members pasted and registered, a hotel added, a place left."""

import re

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in

EVENT = {
    "name": "Inval haven", "kind": "raid", "day": "2027-02-01", "registrant": "NLA", "region": "amsterdam",
    "residence_basis": "none_yet", "languages": "Polish, English", "dangers": "Rotterdam", "urgency": "2",
    "women": "2", "men": "1",
}  # fmt: skip
PASTED = (
    "letter\tgender\tage\tguardian\tapart\nA\tfemale\t31\tyes\tB\nA\tfemale\t4\t\t\nB\tmale\t30\t\t\n\tmale\t300\t\t\n"
)
HOTEL = {
    "name": "Hotel De Wulp", "place": "Utrecht", "telephone": "030 123 45 67", "until": "2027-02-20",
    "rooms__0__rooms": "3", "rooms__0__beds": "2", "told_role": "porter", "told_name": "A", "scheme": "crisis",
    "children": "yes",
}  # fmt: skip


def made(desk, **facts):
    desk.get("/events/new")
    return desk.send("/events/new", **EVENT | facts)


@pytest.mark.wide
def test_event_is_made_and_its_pasted_households_registered(service):
    desk = signed_in(service, "desk")
    page = made(desk, languages="Martian")
    assert (page.status_code, 'value="Martian"' in page.text) == (400, True)
    page = made(desk)
    here = page.url.path.removesuffix("/members")
    page = desk.send(f"{here}/members", pasted=PASTED.replace("letter", "colour"), then="register")
    assert page.status_code == 400
    assert "colour" in words_of(page)
    page = desk.send(f"{here}/members", pasted=PASTED.replace("letter", "household"), then="register")
    said = words_of(page)
    assert "0 of 4 have a bed tonight" in said
    assert "between 0 and 120" in said
    assert page.text.count('class="strip"') == 2
    page = desk.get(here)
    assert "1 row is not registered yet" in words_of(page)
    assert "Expected: 2 women, 1 men, 0 children" in words_of(page)
    page = desk.send(f"{here}/begin")
    assert "Beds are kept for the members now." in words_of(page)
    desk.send(f"{here}/finish")
    assert "Enter members" not in words_of(desk.get(here))
    assert "Inval haven" in words_of(desk.get("/events"))


@pytest.mark.wide
def test_row_that_another_person_changed_is_named(service):
    desk = signed_in(service, "desk")
    here = made(desk).url.path
    row = {"rows__0__gender": "female", "rows__0__age": "3x"}
    page = desk.send(here, **row, then="save")
    stale = {"rows__0__id": re.search(r'data-row="(EM[^"]+)"', page.text)[1], "rows__0__version": "7"}
    page = desk.send(here, **row, **stale, then="save")
    assert "1 row was changed or registered by another person" in words_of(page)


@pytest.mark.wide
def test_hotel_needs_the_second_factor_and_names_wrong_fields(service):
    desk = signed_in(service, "desk")
    here = made(desk).url.path.removesuffix("/members") + "/places"
    assert "first give your second factor" in words_of(desk.get(here))
    desk.verify(here)
    today = service.moment.at.date()
    page = desk.send(here, **HOTEL | {"from_on": str(today), "rooms__0__rooms": "0"})
    assert (page.status_code, "Hotel De Wulp" in page.text) == (400, True)
    page = desk.send(here, **HOTEL | {"from_on": str(today)})
    shelter = re.search(r'href="(/shelters/[^"]+)"', page.text)[1]
    assert "Hotel De Wulp" in words_of(desk.get(shelter))


@pytest.mark.wide
def test_evacuation_begins_on_the_page_of_the_place(service):
    desk = signed_in(service, "desk")
    desk.get("/register/shelter/S01")
    page = desk.send("/evacuations", until=str(service.moment.at.date()))
    assert "evacuation" in words_of(page)
    assert "Beds are kept for the members now." in words_of(page)
    assert "Evacuate it" not in words_of(signed_in(service, "shelter_staff").get("/register/unit/S01-L1-U1"))


@pytest.mark.wide
def test_residents_of_a_closing_unit_join_by_a_button(service):
    desk = signed_in(service, "desk")
    here = made(desk).url.path.removesuffix("/members")
    assert "Add the residents" not in words_of(desk.get(here))
    stay = service.staff.get("/stays?status=in_house").json()["items"][0]
    closing = f"/register/unit/{stay['unit']}"
    desk.get(closing)
    desk.send(f"{closing}/close", until="2027-01-31")
    assert "Add the residents" in words_of(desk.get(here))
    page = desk.send(f"{here}/residents")
    assert stay["registration"] in page.text
    assert "Add the residents" not in words_of(page)


@pytest.mark.wide
def test_coordinator_reads_an_event_and_changes_nothing(service):
    desk, coordinator = signed_in(service, "desk"), signed_in(service, "coordinator")
    here = made(desk).url.path.removesuffix("/members")
    assert coordinator.get(here).status_code == 404
    desk.send(f"{here}/members", pasted=PASTED.replace("letter", "household"), then="register")
    said = words_of(coordinator.get(here))
    assert "0 of 3 have a bed tonight" in said
    assert "Add a hotel" not in said
    assert coordinator.get(f"{here}/places").status_code == 403
