"""An arrival through the API: what the shelter says when it confirms, and who is told."""

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import confirmed_hold, offered
from tests.support.stores import one_store

ROAD = "+31612345678"


@pytest.fixture
def asked(service):
    """A hold that waits for its shelter."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    proposal = offered(service, needs=["pregnancy"])
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    return service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]


def tasks_of(caller, hold):
    return [one for one in caller.get("/tasks").json()["items"] if one["hold"] == hold]


def test_offered_time_can_be_confirmed_as_it_was_read(service, asked):
    times = service.shelter.get(f"/holds/{asked}").json()["offered_times"]
    held = service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "expected_at": times[2]})
    assert (held["status"], held["expected_at"], held["told"]["driver"]) == ("confirmed", times[2], "taxi")


def test_confirmed_hold_tells_readers_time_driver_and_number(service, asked):
    service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "road_telephone": "06-12345678"})
    for caller in (service.desk, service.coordinator, service.staff):
        told = caller.get(f"/holds/{asked}").json()["told"]
        assert (told["driver"], told["road_telephone"]) == ("taxi", ROAD)
        [task] = tasks_of(caller, asked)
        assert (task["kind"], task["expected_at"], task["driver"]) == ("arrival", "2026-11-24T17:00:00Z", "taxi")
        assert task["road_telephone"] == ROAD


def test_key_is_told_the_driver_and_never_the_number(service, asked):
    service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "road_telephone": ROAD})
    for caller in (service.desk.software, service.coordinator.software, service.shelter):
        for path in (f"/holds/{asked}", "/holds", "/tasks"):
            answer = caller.get(path)
            assert answer.is_success
            assert ROAD not in answer.text
        assert caller.get(f"/holds/{asked}").json()["told"]["driver"] == "taxi"
        assert tasks_of(caller, asked)[0]["driver"] == "taxi"


@one_store
def test_number_is_gone_with_the_arrival(service):
    hold = confirmed_hold(service, "Straat 1")
    service.shelter.made(f"/holds/{hold}/arrival")
    held = service.desk.get(f"/holds/{hold}").json()
    assert (held["told"]["road_telephone"], held["offered_times"]) == (None, [])
