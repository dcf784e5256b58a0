"""An arrival through the API: the shelter's details when it confirms, and the notices."""

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import confirmed_hold, offered
from tests.support.stores import one_store

ROAD = "+31612345678"


@pytest.fixture
def asked(service):
    """Makes a hold that waits for its shelter."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    proposal = offered(service, needs=["pregnancy"])
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    return service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]


def tasks_of(caller, hold):
    return [one for one in caller.get("/tasks").json()["items"] if one["hold"] == hold]


@pytest.mark.wide
def test_offered_time_can_be_confirmed_as_it_was_read(service, asked):
    times = service.shelter.get(f"/holds/{asked}").json()["offered_times"]
    held = service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "expected_at": times[2]})
    assert (held["status"], held["expected_at"], held["told"]["driver"]) == ("confirmed", times[2], "taxi")


@pytest.mark.wide
def test_confirmed_hold_tells_readers_time_driver_and_number(service, asked):
    service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "road_telephone": "06-12345678"})
    for caller in (service.desk, service.coordinator, service.staff):
        told = caller.get(f"/holds/{asked}").json()["told"]
        assert (told["driver"], told["road_telephone"]) == ("taxi", ROAD)
        [task] = tasks_of(caller, asked)
        assert (task["kind"], task["expected_at"], task["driver"]) == ("arrival", "2026-11-24T17:00:00Z", "taxi")
        assert task["road_telephone"] == ROAD


@pytest.mark.wide
def test_key_is_told_the_driver_and_never_the_number(service, asked):
    service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "road_telephone": ROAD})
    for caller in (service.desk.software, service.coordinator.software, service.shelter):
        for path in (f"/holds/{asked}", "/holds", "/tasks"):
            answer = caller.get(path)
            assert answer.is_success
            assert ROAD not in answer.text
        assert caller.get(f"/holds/{asked}").json()["told"]["driver"] == "taxi"
        assert tasks_of(caller, asked)[0]["driver"] == "taxi"


@pytest.mark.wide
@one_store
def test_number_is_gone_with_the_arrival(service):
    hold = confirmed_hold(service, "Straat 1")
    service.shelter.made(f"/holds/{hold}/arrival")
    held = service.desk.get(f"/holds/{hold}").json()
    assert (held["told"]["road_telephone"], held["offered_times"]) == (None, [])


@pytest.mark.wide
def test_later_tells_the_new_time_to_every_reader(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    later = service.coordinator.made(f"/holds/{asked}/expected", {"expected_at": "2026-11-24T21:30:00+01:00"})
    assert later["expected_at"] == "2026-11-24T20:30:00Z"
    for caller in (service.desk, service.staff):
        assert tasks_of(caller, asked)[0]["expected_at"] == "2026-11-24T20:30:00Z"


@pytest.mark.wide
def test_late_client_is_an_urgent_task_of_desk_and_coordinator(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    service.moment.pass_by(hours=8)
    for caller in (service.desk, service.coordinator):
        [task] = tasks_of(caller, asked)
        assert (task["kind"], task["since"], task["yours"]) == ("late", "2026-11-24T18:00:00Z", True)
        assert (task["owner"]["role"], task["also"]["role"]) == ("coordinator", "desk")
        assert (task["goes_to"], task["goes_on_at"]) == ({"role": "desk", "reach": "on_call"}, "2026-11-24T19:00:00Z")
        assert task["page"] == f"/holds/{asked}/arrival"


@pytest.mark.wide
def test_no_show_answers_the_question_and_is_reversed_once(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    service.moment.pass_by(hours=8)
    for body in ({}, {"rung": None}, {"rung": "yes"}):
        wrong = service.staff.post(f"/holds/{asked}/no-show", body)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "rung")
    said = service.staff.made(f"/holds/{asked}/no-show", {"rung": "no_answer"})
    assert (said["end_reason"], said["persons"], said["no_show_until"]) == ("no_show", [], "2026-11-24T18:30:00Z")
    service.moment.pass_by(minutes=29)
    back = service.coordinator.made(f"/holds/{asked}/no-show/reversal")
    assert (back["status"], back["end_reason"], back["no_show_until"]) == ("confirmed", None, None)
    again = service.desk.post(f"/holds/{asked}/no-show/reversal")
    assert (again.status_code, again.json()["type"]) == (409, "urn:placement:problem:no_show_not_said")


@pytest.mark.wide
def test_no_show_is_final_after_half_an_hour(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    service.desk.made(f"/holds/{asked}/no-show", {"rung": "not_coming", "wants_place": True})
    service.moment.pass_by(minutes=30)
    assert service.desk.get(f"/holds/{asked}").json()["no_show_until"] is None
    late = service.desk.post(f"/holds/{asked}/no-show/reversal")
    assert (late.status_code, late.json()["type"]) == (409, "urn:placement:problem:no_show_is_final")
    assert "11:00" in late.json()["detail"]


@pytest.mark.wide
def test_no_show_is_no_end_of_a_stay(service, asked):
    service.staff.made(f"/holds/{asked}/answer", CONFIRM)
    stay = service.shelter.get(f"/holds/{asked}").json()["stay"]
    by_the_back = service.staff.post(f"/stays/{stay}/end", {"reason": "no_show"})
    assert (by_the_back.status_code, by_the_back.json()["errors"][0]["code"]) == (400, "no_show_is_asked")


@pytest.mark.wide
@one_store
def test_stay_has_no_day_before_the_arrival_and_day_one_on_it(service, asked):
    offered_times = service.shelter.get(f"/holds/{asked}").json()["offered_times"]
    service.staff.made(f"/holds/{asked}/answer", {**CONFIRM, "expected_at": offered_times[-1]})
    days = ("starts_on", "clock_from", "day", "limit_on", "mark")
    [planned] = [one for one in service.desk.get("/stays?status=planned").json()["items"] if one["hold"] == asked]
    assert [planned[name] for name in days] == [None] * 5
    service.moment.pass_by(days=3)
    came = service.shelter.made(f"/holds/{asked}/arrival")
    assert [came[name] for name in ("starts_on", "clock_from", "day")] == [str(service.moment.at.date())] * 2 + [1]
    assert came["limit_on"] > came["starts_on"]
