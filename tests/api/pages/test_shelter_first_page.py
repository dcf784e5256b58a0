"""The first page of a shelter: its open questions and its expected clients, each with its answer beside it."""

import re
from datetime import timedelta

import pytest

from placement.core.clock import AMSTERDAM, day_of
from placement.registrations.case_handles import handle_of
from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def hold(service):
    return asked_hold(service)


@pytest.fixture
def staff(service):
    reader = signed_in(service, "shelter_staff", language="en")
    reader.get("/")
    return reader


def state(service, hold):
    found = service.shelter.get(f"/holds/{hold}").json()
    return found["status"], found["expected_at"]


def part(staff, name):
    """Returns the section of the page with this name, such as the questions or the expected clients."""
    found = re.search(rf'<section class="asked" id="{name}".*?</section>', staff.page.text, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.wide
def test_what_is_asked_stands_above_the_rooms_with_its_line(service, hold, staff):
    asked = part(staff, "asked")
    case = service.shelter.get(f"/holds/{hold}").json()["registration"]
    assert handle_of(case) in asked
    assert "woman 30" in re.sub(r"<[^>]+>", "", asked)
    assert "pregnan" in re.sub(r"<[^>]+>", "", asked)
    assert staff.page.text.index('id="asked"') < staff.page.text.index('id="rooms"')
    assert not part(staff, "arriving")


@pytest.mark.wide
def test_yes_and_arrival_are_said_in_place(service, hold, staff):
    housed = service.shelter.get("/stays?status=in_house").json()["total"]
    answer = staff.send(f"/holds/{hold}/answer", **CONFIRM)
    assert (answer.url.path, answer.status_code) == ("/capacity", 200)
    assert not part(staff, "asked")
    assert handle_of(service.shelter.get(f"/holds/{hold}").json()["registration"]) in part(staff, "arriving")
    assert staff.send(f"/holds/{hold}/arrive").url.path == "/capacity"
    assert f"arriving-{hold}" not in staff.page.text
    assert service.shelter.get("/stays?status=in_house").json()["total"] == housed + 1


@pytest.mark.wide
def test_no_needs_its_reason_and_keeps_what_was_typed(service, hold, staff):
    at = service.moment.at.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M:%S")
    wrong = staff.send(f"/holds/{hold}/answer", answer="refuse", text="full", happened_at=at)
    assert wrong.status_code == 400
    said = re.search(r'<details class="aside" open>.*?</details>', part(staff, "asked"), re.DOTALL)
    assert f'value="{at}"' in said[0]
    assert re.search(rf'id="no-{hold}" open', wrong.text)
    assert not re.search(rf'id="yes-{hold}" open', wrong.text)
    assert f'id="reason-{hold}" name="reason" aria-invalid="true"' in wrong.text
    assert 'value="full"' in part(staff, "asked")
    assert 'id="rooms"' in wrong.text
    staff.send(f"/holds/{hold}/answer", answer="refuse", reason="no_capacity")
    assert (staff.page.url.path, state(service, hold)[0]) == ("/capacity", "refused")


@pytest.mark.wide
def test_yes_without_a_time_opens_its_own_form_alone(hold, staff):
    wrong = staff.send(f"/holds/{hold}/answer", answer="confirm", driver="taxi")
    assert wrong.status_code == 400
    assert re.search(rf'id="yes-{hold}" open', wrong.text)
    assert not re.search(rf'id="no-{hold}" open', wrong.text)
    assert 'class="tile' in wrong.text


@pytest.mark.wide
def test_later_and_not_come_are_said_in_place(service, hold, staff):
    staff.send(f"/holds/{hold}/answer", **CONFIRM)
    wrong = staff.send(f"/holds/{hold}/expected")
    assert wrong.status_code == 400
    assert re.search(rf'id="later-{hold}" open', wrong.text)
    later = staff.send(f"/holds/{hold}/expected", expected_other="2026-11-24T22:00")
    assert later.url.path == "/capacity"
    assert state(service, hold)[1] == "2026-11-24T21:00:00Z"
    wrong = staff.send(f"/holds/{hold}/no-show")
    assert (wrong.status_code, bool(re.search(rf'id="missed-{hold}" open', wrong.text))) == (400, True)
    service.moment.pass_by(hours=13)
    staff = signed_in(service, "shelter_staff", language="en")
    staff.send(f"/holds/{hold}/no-show", rung="no_answer")
    assert staff.page.url.path == "/capacity"
    assert f"arriving-{hold}" not in staff.page.text


def not_come(service, hold, staff):
    staff.send(f"/holds/{hold}/answer", **CONFIRM)
    service.moment.pass_by(hours=13)
    staff = signed_in(service, "shelter_staff", language="en")
    staff.get("/")
    staff.send(f"/holds/{hold}/no-show", rung="no_answer")
    return staff


@pytest.mark.wide
def test_no_show_is_taken_back_where_it_was_said(service, hold, staff):
    staff = not_come(service, hold, staff)
    missed = part(staff, "missed")
    assert handle_of(service.shelter.get(f"/holds/{hold}").json()["registration"]) in missed
    assert f'action="/holds/{hold}/no-show/reversal"' in missed
    assert re.search(r"Until [A-Z][a-z]{2} \d\d:\d\d you can take this report back\.", missed)
    back = staff.send(f"/holds/{hold}/no-show/reversal")
    assert (back.url.path, back.status_code) == ("/capacity", 200)
    assert part(staff, "missed") == ""
    assert f"arriving-{hold}" in part(staff, "arriving")


@pytest.mark.wide
def test_no_show_that_is_final_is_not_offered_back(service, hold, staff):
    staff = not_come(service, hold, staff)
    service.moment.pass_by(minutes=20)
    staff = signed_in(service, "shelter_staff", language="en")
    staff.get("/")
    assert part(staff, "missed")
    service.moment.pass_by(minutes=10)
    late = staff.send(f"/holds/{hold}/no-show/reversal")
    assert (late.status_code, part(staff, "missed")) == (409, "")
    assert "half an hour" in late.text or "30 minutes" in late.text


def test_page_that_is_open_by_itself_is_no_look(service, hold, staff):
    board = staff.get("/capacity/board").text
    assert handle_of(service.shelter.get(f"/holds/{hold}").json()["registration"]) in board


@pytest.mark.wide
def test_place_that_closes_and_an_old_count_are_told(service, hold, staff):
    staff.send(f"/holds/{hold}/answer", **CONFIRM)
    assert "/register/unit/" not in staff.page.text
    unit = service.shelter.get(f"/holds/{hold}").json()["unit"]
    version = service.desk.get(f"/units/{unit}/closing").json()["version"]
    service.desk.made(f"/units/{unit}/close", {"until": "2026-12-31"}, If_Match=f'"{version}"')
    closing = "closes, and clients live there or are expected · by 31 Dec 2026"
    assert f'{closing} · <a href="/register/unit/{unit}"' in read(staff)
    assert "Your last count is of" not in staff.page.text
    service.moment.at += timedelta(hours=25)
    staff = signed_in(service, "shelter_staff", language="en")
    assert "Your last count is of" in read(staff)


@pytest.mark.wide
def test_stay_past_its_limit_is_said_to_be(service, hold, staff):
    staff.send(f"/holds/{hold}/answer", **CONFIRM)
    staff.send(f"/holds/{hold}/arrive")
    service.moment.at += timedelta(days=95)
    staff = signed_in(service, "shelter_staff", language="en")
    assert "the stay is past its limit" in read(staff)
    assert "the stay nears its limit" not in staff.page.text


@pytest.mark.wide
def test_shelter_that_has_closed_says_so(service, staff):
    shelter = service.shelter.get("/session").json()["shelter"]
    here = service.desk.get(f"/shelters/{shelter}/closing").json()
    for one in here["stays"]:
        service.desk.made(f"/stays/{one['stay']}/end", {"reason": "own_housing"})
    version = here["version"]
    today = day_of(service.moment.at).isoformat()
    closed = service.desk.made(f"/shelters/{shelter}/close", {"until": today}, If_Match=f'"{version}"')
    assert closed["status"] == "closed"
    assert "The shelter is closed." in read(staff)
    assert "There is no bed yet." not in read(staff)


def read(staff):
    return staff.get("/").text


@pytest.mark.wide
def test_form_of_the_rooms_explains_when_it_is_stored(staff):
    assert "Nothing is stored before you send it." in staff.page.text
