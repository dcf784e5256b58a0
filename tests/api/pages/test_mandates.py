"""Standing mandates on their page and in the API; and decisions under a mandate, on the pages of case, decision and
first page.
"""

from datetime import UTC, datetime

import pytest

from placement.core.duty_codes import OutOfHours
from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.settings import changed
from tests.support.stores import one_store

WEEK = {"starts_on": "2026-11-24", "ends_on": "2026-11-30"}
AT_20 = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)


@pytest.fixture
def night(service):
    """Sets the service to Tuesday evening, with the setting `provisional` and no waiting client."""
    service.app.state.settings = changed(service.country.settings, out_of_hours=OutOfHours.PROVISIONAL)
    service.close_all()
    service.moment.at = AT_20
    return service


def given(service):
    return service.verified(service.desk.account).made("/mandates", {"schemes": ["cosm", "omm"], **WEEK})


@pytest.mark.wide
@one_store
def test_mandate_is_given_after_the_factor_and_revoked(service):
    desk = signed_in(service, "desk")
    page = desk.get("/mandates").text
    assert "No mandate is given" in page
    assert "The setting is " in page
    assert 'name="schemes"' not in page
    service.moment.pass_by(seconds=30)
    desk.send("/second-factor", code=desk.person.code())
    desk.get("/mandates")
    wrong = desk.send("/mandates", starts_on="2026-11-24", ends_on="2027-11-24")
    assert (wrong.status_code, "at most 92 days. It can be given again" in wrong.text) == (400, True)
    assert "A mandate is for COSM, OMM or both." in wrong.text
    page = desk.send("/mandates", schemes="cosm", **WEEK).text
    assert "Revoke at once" in page
    [made] = service.desk.get("/mandates").json()["items"]
    assert (made["schemes"], made["stands"], made["revoked_at"]) == (["cosm"], True, None)
    assert "revoked" in desk.send(f"/mandates/{made['id']}/revoke").text
    [made] = service.desk.get("/mandates").json()["items"]
    assert (made["stands"], bool(made["revoked_at"])) == (False, True)


@pytest.mark.wide
@one_store
def test_page_of_the_rota_says_what_counts_at_night(night):
    desk = signed_in(night, "desk")
    assert "No standing mandate is valid today" in desk.get("/on-call").text
    given(night)
    assert "accept proposed places under a standing mandate" in desk.get("/on-call").text
    night.app.state.settings = changed(night.country.settings, out_of_hours=OutOfHours.WAIT)
    assert "The setting is " in desk.get("/on-call").text


@pytest.fixture
def provisional(night):
    """Makes a provisional decision: the coordinator accepts a proposal in the evening."""
    given(night)
    night.shelter.made("/shelters/S01/capacity/confirm")
    case = night.coordinator.made("/registrations", somebody())["id"]
    proposal = night.coordinator.made(f"/registrations/{case}/proposals")
    chosen = proposal["chosen"]
    assert "desk_afterwards" in chosen["must_agree"]
    decision = night.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    assert decision["status"] == "provisional"
    return decision


@pytest.mark.wide
@one_store
def test_provisional_is_shown_on_case_decision_and_first_page(night, provisional):
    coordinator = signed_in(night, "coordinator")
    case = coordinator.get(f"/registrations/{provisional['registration']}").text
    assert "under a standing mandate. The choice is provisional" in case
    assert "The mandate is valid from" in case
    page = coordinator.get(f"/decisions/{provisional['id']}").text
    for words in ("provisional: the desk confirms it afterwards", "Under a standing mandate", "when its duty begins"):
        assert words in page
    assert "Send back" not in page
    assert "confirm it, or send it back" in signed_in(night, "desk").get("/").text
    tasks = night.desk.get("/tasks").json()["items"]
    assert (tasks[0]["kind"], tasks[0]["owner"]["role"]) == ("provisional", "desk")


@pytest.mark.wide
@one_store
def test_desk_sends_back_with_a_reason_that_is_read(night, provisional):
    desk = signed_in(night, "desk")
    path = f"/decisions/{provisional['id']}"
    assert "the beds are given back" in desk.get(path).text
    refused = desk.send(f"{path}/confirm", granted="no")
    assert refused.status_code == 400
    by_enter = desk.send(f"{path}/confirm", granted="yes", text="Te dichtbij")  # the first button, as Enter presses it
    assert (by_enter.status_code, 'value="Te dichtbij"' in by_enter.text) == (400, True)
    desk.send(f"{path}/confirm", granted="no", text="Te dichtbij")
    found = night.coordinator.get(path).json()
    assert (found["status"], found["second_text"], found["sending_back"]) == ("refused", "Te dichtbij", None)
    assert "Te dichtbij" in signed_in(night, "coordinator").get(path).text


@pytest.mark.wide
@one_store
def test_shelter_reads_that_it_is_provisional_and_the_answer(night, provisional):
    staff = signed_in(night, "shelter_staff")
    first = staff.get("/capacity").text
    for words in ("1 of them is provisional", "The desk confirms it or sends it back before"):
        assert words in first
    assert "Provisional: asked under a standing mandate." in staff.get("/holds").text
    [hold] = night.shelter.get(f"/holds?registration={provisional['registration']}").json()["items"]
    assert (hold["desk_afterwards"], hold["desk_answers_by"]) == ("waits", "2026-11-25T09:00:00Z")
    night.desk.made(f"/decisions/{provisional['id']}/confirmation", {"granted": True})
    assert "provisional" not in staff.get("/capacity").text
    assert "The desk has confirmed it afterwards." in staff.get("/holds").text
    assert night.shelter.get(f"/holds/{hold['id']}").json()["desk_afterwards"] == "agreed"


@pytest.mark.wide
@one_store
def test_shelter_reads_that_the_desk_did_not_agree(night, provisional):
    staff = signed_in(night, "shelter_staff")
    [hold] = night.shelter.get(f"/holds?registration={provisional['registration']}").json()["items"]
    night.staff.made(f"/holds/{hold['id']}/answer", CONFIRM | {"expected_at": "2026-11-24T22:00:00+01:00"})
    night.staff.made(f"/holds/{hold['id']}/arrival")
    assert "Provisional: asked" in staff.get("/stays").text
    night.desk.made(f"/decisions/{provisional['id']}/confirmation", {"granted": False, "text": "Te dichtbij"})
    page = staff.get("/stays").text
    assert "The desk did not agree afterwards. Another place is sought" in page
    assert "Te dichtbij" not in page


@pytest.mark.wide
@one_store
def test_desk_confirms_and_it_speaks_dutch(night, provisional):
    desk = signed_in(night, "desk", language="nl")
    path = f"/decisions/{provisional['id']}"
    page = desk.get(path).text
    for words in ("Onder een doorlopend mandaat", "Stuur terug", "voorlopig"):
        assert words in page
    desk.send(f"{path}/confirm", granted="yes")
    assert night.coordinator.get(path).json()["status"] == "final"
    assert "Doorlopende mandaten" in desk.get("/mandates").text
