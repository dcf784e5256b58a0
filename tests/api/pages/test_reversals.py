"""Reversal of a report about the wrong client, on the page of stays. The case of a client who left links to it."""

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import AT, somebody
from tests.support.stores import one_store

UNIT = "S01-L1-U1"
BACK, LEFT = 'action="/stays/{}/end/reversal"', "Left in the last three days"
NOT_YET = 'action="/holds/{}/arrival/reversal"'
AGAIN = 'action="/registrations/{}/close/reversal"'


@pytest.fixture
def ended(service):
    """Ends a stay as the staff of the shelter. Returns the case, the stay, and the pages of the staff."""
    where = {"unit": UNIT, "rooms": [{"room": f"{UNIT}-R01"}], "came_on": str(AT.date())}
    made = service.desk.made("/takeovers", somebody(**where))
    case, stay = made["registration"]["id"], made["stay"]["id"]
    staff = signed_in(service, "shelter_staff", language="en")
    assert LEFT not in staff.get("/stays").text
    assert staff.send(f"/stays/{stay}/end", reason="own_housing").status_code == 200
    return case, stay, staff


@pytest.mark.wide
def test_staff_takes_back_that_a_client_left(service, ended):
    case, stay, staff = ended
    shown = staff.get("/stays")
    assert LEFT in shown.text
    assert BACK.format(stay) in shown.text
    assert service.desk.get(f"/registrations/{case}").json()["status"] == "closed"
    staff.get("/stays")  # a second window with a form of its own
    answer = staff.send(f"/stays/{stay}/end/reversal")
    assert answer.status_code == 200
    assert LEFT not in answer.text
    assert service.desk.get(f"/registrations/{case}").json()["status"] == "placed"
    staff.page = shown
    refused = staff.send(f"/stays/{stay}/end/reversal")
    assert refused.status_code == 409
    assert "Nobody reported that this client left" in refused.text


@pytest.mark.wide
@one_store
def test_case_of_a_client_said_to_have_left_leads_to_it(service, ended):
    case, stay, _ = ended
    coordinator = signed_in(service, "coordinator", language="nl")
    page = coordinator.get(f"/registrations/{case}")
    assert 'href="/stays#left"' in page.text
    assert "Gemeld voor de verkeerde cliënt?" in words_of(page)
    assert BACK.format(stay) in coordinator.get("/stays").text
    assert coordinator.send(f"/stays/{stay}/end/reversal").status_code == 200
    assert 'href="/stays#left"' not in coordinator.get(f"/registrations/{case}").text


@pytest.mark.wide
@one_store
def test_way_back_ends_after_three_days(service, ended):
    case, stay, _ = ended
    service.moment.pass_by(days=2, hours=23, minutes=59)
    desk = signed_in(service, "desk", language="en")
    shown = desk.get("/stays")
    assert LEFT in shown.text
    service.moment.pass_by(minutes=1)
    assert LEFT not in desk.get("/stays").text
    assert 'href="/stays#left"' not in desk.get(f"/registrations/{case}").text
    desk.page = shown
    refused = desk.send(f"/stays/{stay}/end/reversal")
    assert refused.status_code == 409
    assert "The 3 days in which" in refused.text


@pytest.mark.wide
@one_store
def test_log_says_of_a_client_listed_that_it_was_read(service, ended):
    case, _, staff = ended
    before = len(service.auditor.get(f"/registrations/{case}/accesses").json()["items"])
    staff.get("/stays")
    assert len(service.auditor.get(f"/registrations/{case}/accesses").json()["items"]) == before + 2


@pytest.mark.wide
@one_store
def test_staff_takes_back_that_a_client_arrived(service):
    hold = asked_hold(service)
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    staff = signed_in(service, "shelter_staff", language="en")
    assert NOT_YET.format(hold) not in staff.get("/stays").text
    service.shelter.made(f"/holds/{hold}/arrival")
    shown = staff.get("/stays")
    assert NOT_YET.format(hold) in shown.text
    assert "until Fri 27 Nov" in words_of(shown)
    assert "Expected" in words_of(staff.send(f"/holds/{hold}/arrival/reversal"))
    shown = service.desk.get(f"/holds/{hold}").json()
    assert (shown["status"], service.desk.get(f"/registrations/{shown['registration']}").json()["status"]) == (
        "confirmed",
        "held",
    )
    assert NOT_YET.format(hold) not in staff.get("/stays").text


@pytest.mark.wide
@one_store
def test_coordinator_opens_a_client_case_closed_by_mistake(service):
    case = service.coordinator.made("/registrations", somebody())["id"]
    coordinator = signed_in(service, "coordinator", language="en")
    assert AGAIN.format(case) not in coordinator.get(f"/registrations/{case}").text
    coordinator.get(f"/registrations/{case}/close")
    coordinator.send(f"/registrations/{case}/close", reason="withdraws_consent")
    assert AGAIN.format(case) in coordinator.get(f"/registrations/{case}").text
    coordinator.send(f"/registrations/{case}/close/reversal")
    found = service.coordinator.get(f"/registrations/{case}").json()
    assert (found["status"], found["closing_reversible_until"]) == ("open", None)
    service.coordinator.made(f"/registrations/{case}/proposals")
