"""The page of requests: another place for a client who already has a place, on the page of the case."""

import pytest

from tests.support.api.housed_client import lives_somewhere
from tests.support.api.page_content import faulty
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def placed(service):
    return lives_somewhere(service)


@pytest.fixture
def coordinator(service):
    return signed_in(service, "coordinator")


def asked(reader, path, **fields):
    reader.get(f"{path}/requests")
    return reader.send(f"{path}/requests", **({"kind": "transfer", "urgency": "3"} | fields))


@pytest.mark.wide
def test_button_leads_to_the_form_and_the_case_shows_the_request(placed, coordinator):
    assert "Ask for another place" in coordinator.get(placed).text
    form = coordinator.get(f"{placed}/requests").text
    for words in ("Ground of a transfer", "keeps the present bed", "first place", "placed"):
        assert words in form
    page = asked(coordinator, placed, ground="safety").text
    assert "has a place, waits for another" in page
    for words in ("Request 2: transfer.", "keeps the present bed", "Find a place", "Avoids"):
        assert words in page
    assert "Ask for another place" not in page


@pytest.mark.wide
def test_form_without_a_ground_keeps_what_was_typed(placed, coordinator):
    refused = asked(coordinator, placed, text="Dicht bij school")
    assert refused.status_code == 400
    assert "Give a ground for a transfer" in refused.text
    assert "Dicht bij school" in refused.text


@pytest.mark.wide
def test_form_without_an_urgency_is_told_and_asks_for_nothing(service, placed, coordinator):
    refused = asked(coordinator, placed, ground="wish", urgency="")
    assert (refused.status_code, faulty(refused)) == (400, {"urgency"})
    assert service.coordinator.get(placed).json()["request"] is None


@pytest.mark.wide
def test_request_is_withdrawn_on_the_page(placed, coordinator):
    asked(coordinator, placed, ground="wish")
    form = coordinator.get(f"{placed}/requests").text
    assert "Withdraw the request" in form
    page = coordinator.send(f"{placed}/requests/2/withdraw", reason="client_stays").text
    assert "Ask for another place" in page
    assert "withdrawn" in coordinator.get(f"{placed}/requests").text
    assert "the client wants to stay" in coordinator.get(f"{placed}/requests").text


@pytest.mark.wide
def test_page_speaks_dutch(service, placed, coordinator):
    asked(coordinator, placed, ground="need")
    page = signed_in(service, "coordinator", language="nl").get(f"{placed}/requests").text
    for words in ("Gevraagde plaatsen", "overplaatsing", "andere zorg nodig", "De aanvraag intrekken"):
        assert words in page


@pytest.mark.wide
def test_closed_case_returns_as_a_draft_that_names_it(service, coordinator):
    case = service.coordinator.made("/registrations", somebody(alias="Ijsvogel"))["id"]
    service.coordinator.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    assert "The client returns" in coordinator.get(f"/registrations/{case}").text
    draft = coordinator.send(f"/registrations/{case}/return").text
    assert "Ijsvogel" in draft
    made = service.coordinator.get("/registrations?status=draft").json()["items"][-1]["id"]
    found = service.coordinator.get(f"/registrations/{made}").json()
    assert (found["returns"], found["status"]) == (case, "draft")
    assert case in coordinator.get(f"/registrations/{made}").text


@pytest.mark.wide
def test_open_case_returns_with_a_conflict_in_words(service, placed):
    refused = service.coordinator.post(f"{placed}/return")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:placement:problem:case_not_closed")


@pytest.mark.wide
def test_staff_move_a_client_to_another_room_on_the_page(service, placed):
    staff = signed_in(service, "shelter_staff")
    case = placed.removeprefix("/registrations/")
    items = service.staff.get("/stays?status=in_house").json()["items"]
    [stay] = [one for one in items if one["registration"] == case]
    assert f'href="/stays/{stay["id"]}/move"' in staff.get("/stays").text
    page = staff.get(f"/stays/{stay['id']}/move").text
    [hold] = [one for one in service.staff.get("/holds").json()["items"] if one["stay"] == stay["id"]]
    here = hold["rooms"][0]["room"]
    assert f'name="rooms" value="{here}"' in page
    refused = staff.send(f"/stays/{stay['id']}/move")
    assert refused.status_code == 400
    moved = staff.send(f"/stays/{stay['id']}/move", button=[("rooms", here)])
    assert moved.status_code == 200
    assert f'href="/stays/{stay["id"]}/move"' not in signed_in(service, "coordinator").get("/stays").text


@pytest.mark.wide
def test_second_move_on_a_page_of_before_is_told(service, placed):
    """Two members of staff have the page open: the second keeps what was chosen, beside the rooms of now."""
    [stay] = [
        one
        for one in service.staff.get("/stays?status=in_house").json()["items"]
        if one["registration"] == placed.removeprefix("/registrations/")
    ]
    path, staff = f"/stays/{stay['id']}/move", signed_in(service, "shelter_staff")
    staff.get(path)
    [hold] = [one for one in service.staff.get("/holds").json()["items"] if one["stay"] == stay["id"]]
    before = hold["rooms"][0]["room"]
    rooms = service.staff.get("/shelters/S01/capacity").json()["rooms"]
    first = next(one["room"] for one in rooms if one["free_now"] and one["room"] != before)
    second = next(one["room"] for one in rooms if one["room"] not in {before, first})
    service.staff.made(f"/stays/{stay['id']}/move", {"rooms": [first], "seen_rooms": [before], "confirm": True})
    refused = staff.send(path, button=[("rooms", second)])
    assert (refused.status_code, "changed the rooms" in refused.text) == (409, True)
    assert f'value="{second}" checked' in refused.text
    assert f'name="rooms_of.{stay["id"]}" value="{first}"' in refused.text
    assert staff.send(path, button=[("rooms", before)]).status_code == 200
