"""Pages of the telephone: numbers of a shelter, calls of the desk, and the shelter's answer to an entry."""

import re
from datetime import timedelta

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold, housed
from tests.support.stores import one_store

CALLED = {"call__number": "placing", "call__caller_role": "groepsleider", "call__caller_name": "De stem"}
HOUSEHOLD = [{"gender": "female", "age": 34, "guardian": True}, {"gender": "female", "age": 9}]
EXPECTED = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "taxi"}


@pytest.mark.wide
@one_store
def test_number_is_changed_after_the_second_factor_and_is_new(service):
    staff = signed_in(service, "shelter_staff")
    here = "/shelters/S01/telephones"
    assert "Give the second factor" not in staff.get("/shelters/S01").text
    staff.verify(here)
    page = staff.send(here, telephones__placing="030 123 45 67", telephones__night="", telephones__general="")
    assert page.status_code == 200
    assert 'href="tel:+31301234567"' in page.text
    assert "new until" in page.text
    assert "Checked in person" not in page.text  # the desk alone
    desk = signed_in(service, "desk")
    page = desk.verify(here)
    assert 'href="tel:+31300000100"' in page.text  # the number before it
    page = desk.send(f"{here}/check", button=[("how", "former_number")])
    assert "new until" not in page.text
    assert "checked on the former number" in page.text


@pytest.mark.wide
@one_store
def test_row_of_calls_from_the_count_to_the_end_on_pages(service):
    hold = asked_hold(service, by=service.second)
    desk = signed_in(service, "desk")
    page = desk.get("/shelters/S01/call")
    assert f'href="/holds/{hold}/call"' in page.text
    assert desk.send("/shelters/S01/call", as_shown="yes", **CALLED).status_code == 200
    desk.get(f"/holds/{hold}/call")
    asked = desk.send(f"/holds/{hold}/call/answer", answer="confirm", **EXPECTED, **CALLED)
    assert asked.status_code == 200, asked.text
    page = desk.get("/holds")
    assert "no address is shown yet" in page.text
    assert f'href="/holds/{hold}/call"' in page.text
    page = desk.get(f"/holds/{hold}/address")
    assert "no address is shown yet" in page.text
    assert "Show the address" not in page.text
    desk.get(f"/holds/{hold}/call")
    assert desk.send(f"/holds/{hold}/call/arrival", **CALLED).status_code == 200
    stay = service.desk.get(f"/holds/{hold}").json()["stay"]
    assert f'href="/stays/{stay}/call"' in desk.get("/stays?order=-starts_on").text
    desk.get(f"/stays/{stay}/call")
    assert desk.send(f"/stays/{stay}/call/end", reason="own_housing", **CALLED).status_code == 200
    page = desk.get("/telephone")
    for words in ("the client has left", "the client is there", "yes to a client", "the last count is still right"):
        assert words in page.text


@pytest.mark.wide
@one_store
def test_call_about_a_hold_says_if_the_actor_may_enter_the_yes(service):
    hold = asked_hold(service)
    page = signed_in(service, "desk").get(f"/holds/{hold}/call")
    assert "So another person of the desk must enter the agreement. Such a person is on duty now." in words_of(page)
    assert "Enter the answer yes" not in page.text
    assert '<span class="unseen">: The shelter refuses</span>' in page.text
    assert "-no" not in words_of(page).split()
    hold = asked_hold(service, by=service.second)
    found = words_of(signed_in(service, "desk").get(f"/holds/{hold}/call"))
    assert "Another person decided on this place, so you can enter the agreement." in found
    assert "shows the address after another person of the desk has rung the shelter back" in found
    assert "Enter the answer yes" in found


@pytest.mark.wide
@one_store
def test_person_alone_at_night_asks_for_the_address_in_the_call(service):
    service.moment.at += timedelta(hours=13)
    hold = asked_hold(service)
    found = words_of(signed_in(service, "desk").get(f"/holds/{hold}/call"))
    assert "nobody else of the desk is on duty now. So you can enter the agreement yourself." in found
    assert "Ask for the address in this call." in found
    assert "Enter the answer yes" in found


@pytest.mark.wide
@one_store
def test_hold_leads_the_shelter_to_the_entry_of_its_yes(service):
    hold = asked_hold(service, by=service.second)
    staff, desk = signed_in(service, "shelter_staff"), signed_in(service, "desk")
    assert "Confirm or contradict this entry" not in staff.get("/holds").text
    desk.get(f"/holds/{hold}/call")
    at = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "taxi"}
    desk.send(f"/holds/{hold}/call/answer", answer="confirm", **at, **CALLED)
    assert '<a href="/telephone">Confirm or contradict this entry' in staff.get("/holds").text


@pytest.mark.wide
@one_store
def test_leaving_client_is_chosen_by_telephone(service):
    case, hold = housed(service, persons=HOUSEHOLD)
    desk = signed_in(service, "desk")
    there = f"/stays/{hold['stay']}/call"
    assert "woman 34 + girl 9" in words_of(desk.get("/shelters/S01/call"))
    assert desk.get(there).text.count('name="persons"') == 2
    assert "In danger ring 112 first." in words_of(desk.page)
    wrong = desk.send(f"{there}/end", reason="own_housing", persons="2", **CALLED)
    assert 'id="persons-fault"' in wrong.text
    assert desk.send(f"{there}/end", reason="left_to_unknown_destination", persons="2", **CALLED).status_code == 200
    assert service.desk.get(f"/registrations/{case}").json()["status"] == "placed"
    [search] = service.coordinator.get(f"/registrations/{case}/whereabouts").json()["items"]
    assert [person["age"] for person in search["persons"]] == [9]
    assert "the client has left (1 person of the household)" in words_of(desk.get("/telephone"))


@pytest.mark.wide
@one_store
def test_client_and_person_are_named_in_what_is_read_back(service):
    case, hold = housed(service)
    version = service.desk.get("/shelters/S01").headers["etag"]
    assert service.desk.patch("/shelters/S01", {"works_by_telephone": True}, if_match=version).is_success
    desk = signed_in(service, "desk")
    desk.is_named("Voorbeeld Persoon")
    desk.get(f"/stays/{hold['stay']}/call")
    desk.send(f"/stays/{hold['stay']}/call/end", reason="own_housing", **CALLED)
    [unread] = re.findall(r'name="entries".*?</label>', desk.get("/shelters/S01/call").text, re.DOTALL)
    assert case in unread
    assert "Voorbeeld Persoon" in unread


@pytest.mark.wide
@one_store
def test_faults_of_a_call_stand_at_their_fields(service):
    desk = signed_in(service, "desk")
    desk.get("/shelters/S01/call")
    wrong = desk.send("/shelters/S01/call", as_shown="yes", call__caller_role="groepsleider", call__caller_name=" ")
    assert wrong.status_code == 400
    for field in ("call.number", "call.caller_name"):
        assert f'id="{field}-fault"' in wrong.text
    assert 'value="groepsleider"' in wrong.text


@pytest.mark.wide
@one_store
def test_shelter_sees_agrees_and_contradicts_what_was_entered(service):
    desk, staff = signed_in(service, "desk"), signed_in(service, "shelter_staff")
    desk.get("/shelters/S01/call")
    desk.send("/shelters/S01/call", as_shown="yes", **CALLED)
    assert 'href="/telephone"' in staff.get("/capacity").text
    page = staff.get("/telephone")
    assert "the last count is still right" in page.text
    [entry] = service.staff.get("/telephone-entries").json()["items"]
    page = staff.send(f"/telephone/{entry['id']}/contradiction", text="Kamer 1 is vol.")
    assert "Kamer 1 is vol." in page.text
    assert "contradicted" in desk.get("/telephone").text
    assert "contradicts what was entered" in desk.get("/").text
    service.moment.pass_by(minutes=1)
    staff.get("/telephone")
    staff.send(f"/telephone/{entry['id']}/agreement")
    service.second.made(f"/telephone-entries/{entry['id']}/settlement", {"text": "Gebeld."})
    assert "the shelter agrees" in staff.get("/telephone").text
