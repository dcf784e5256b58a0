"""Acts entered afterwards, through the API and on the pages."""

from datetime import timedelta

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def asked(service):
    """Makes a hold for which S01 is asked, and lets two hours pass."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    client = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{client}/proposals")["id"]
    service.opened(client)
    decision = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    service.begun = service.moment.at
    service.moment.pass_by(hours=2)
    service.case = client
    return decision["hold"]


def earlier(service, **by):
    return (service.begun + timedelta(**by)).isoformat()


@pytest.mark.wide
def test_night_on_paper_is_entered_with_its_times(service, asked):
    said = {**CONFIRM, "expected_at": earlier(service, minutes=60), "happened_at": earlier(service, minutes=10)}
    held = service.staff.made(f"/holds/{asked}/answer", said)
    assert held["answered_at"].startswith((service.begun + timedelta(minutes=10)).isoformat()[:16])
    stay = service.shelter.made(f"/holds/{asked}/arrival", {"happened_at": earlier(service, minutes=65)})
    left = {"reason": "own_housing", "happened_at": earlier(service, minutes=90)}
    assert service.staff.made(f"/stays/{stay['id']}/end", left)["end_reason"] == "own_housing"
    entries = service.coordinator.get(f"/registrations/{service.case}/timeline").json()["items"]
    told = {one["event"]: [detail["values"] for detail in one["details"]] for one in entries}
    assert [earlier(service, minutes=65)] in told["stay:arrived"]


@pytest.mark.wide
def test_arrival_without_a_body_is_of_now(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    assert service.shelter.made(f"/holds/{asked}/arrival")["starts_on"] == str(service.moment.at.date())


@pytest.mark.wide
def test_moment_to_come_is_refused_at_its_field(service, asked):
    said = {**CONFIRM, "happened_at": earlier(service, hours=3)}
    refused = service.staff.post(f"/holds/{asked}/answer", said)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "happened_at")


@pytest.mark.wide
def test_page_of_holds_takes_when_it_was(service, asked):
    staff = signed_in(service, "shelter_staff")
    assert "It happened earlier" in staff.get("/holds").text
    local = "%Y-%m-%dT%H:%M"
    at = (service.begun + timedelta(hours=1, minutes=10)).strftime(local)  # of Amsterdam, an hour ahead
    fields = {"expected_other": (service.begun + timedelta(hours=2)).strftime(local), "driver": "taxi"}
    staff.send(f"/holds/{asked}/answer", answer="confirm", happened_at=at, **fields)
    staff.get("/holds")
    arrived = (service.begun + timedelta(hours=2, minutes=5)).strftime(local)
    staff.send(f"/holds/{asked}/arrive", happened_at=arrived)
    assert "day 1 of" in staff.get("/stays").text
    page = signed_in(service, "coordinator", language="nl").get(f"/registrations/{service.case}/timeline").text
    assert "werkelijk gebeurd om" in page
