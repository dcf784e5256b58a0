"""The plan of an event through the API: made, accepted, asked, answered, and the day itself."""

import pytest

from placement.audit.events import Event
from tests.support.api.bodies import CALL, CONFIRM
from tests.support.api.events import accepted, planned, raid
from tests.support.audit_log import logged
from tests.support.stores import one_store

ARRIVAL = {name: CONFIRM[name] for name in ("expected_at", "driver")}


def lines(plan):
    return {line["registration"]: line for house in plan["houses"] for line in house["lines"]}


def read(caller, event):
    answer = caller.get(f"/events/{event}/plan")
    assert answer.is_success, answer.text
    return answer.json()


def asked_in(service, event):
    """Returns the holds of the plan's largest house that were asked, and the house."""
    house = max(read(service.desk, event)["houses"], key=lambda one: one["persons"])
    return house["shelter"], [line["hold"] for line in house["lines"] if line["state"] == "asked"]


@pytest.mark.wide
@one_store
def test_raid_is_planned_asked_answered_and_arrives(service):
    event, cases = raid(service)
    plan = planned(service, event)
    assert (plan["version"], plan["figures"][0]["persons"]) == (1, 5)
    assert {*lines(plan), *(one["registration"] for one in plan["without"])} == {*cases}
    done = accepted(service, event, 1)
    assert ({*done["registrations"]}, done["changed"]) == ({*lines(plan)}, [])
    [written] = logged(service, event=Event.EVENT_PLAN_ACCEPTED, object_id=event)
    assert (written.actor, written.facts) == (service.desk.account, {"accepted": len(lines(plan)), "changed": 0})
    shelter, holds = asked_in(service, event)
    assert (shelter, len(holds)) == ("S01", 4)
    vehicle = {"registrations": cases[:2], "vehicle": "bus 1"}
    assert service.desk.put(f"/events/{event}/vehicles", vehicle).is_success
    [written] = logged(service, event=Event.EVENT_VEHICLE_SET, object_id=event)
    assert (written.actor, written.facts) == (service.desk.account, {"shown": sorted(cases[:2])})
    first, second, *others = holds
    answer = {
        "confirmed": [first, second],
        "refused": [{"hold": one, "reason": "house_mix"} for one in others],
    }
    assert [one["status"] for one in service.staff.made("/holds/answers", {**answer, **ARRIVAL})["items"]] == [
        "confirmed", "confirmed", "refused", "refused",
    ]  # fmt: skip
    again = planned(service, event)  # around what was accepted
    assert {line["state"] for line in lines(again).values()} <= {"confirmed", "planned", "reserved"}
    assert all(line["unit"] for line in lines(again).values())
    assert len(service.staff.made("/holds/arrivals", {"holds": [first, second]})["items"]) == 2
    now = lines(read(service.desk, event))
    assert sorted(line["state"] for line in now.values()).count("there") == 2
    assert {now[one]["vehicle"] for one in cases[:2] if one in now} <= {"bus 1"}


@pytest.mark.wide
@one_store
def test_answer_of_a_house_is_stored_whole_or_not_at_all(service):
    event, _ = raid(service)
    planned(service, event)
    accepted(service, event, 1)
    shelter, holds = asked_in(service, event)
    wrong = {"confirmed": holds[:2], "refused": [{"hold": holds[2], "reason": "no_such"}], **ARRIVAL}
    assert service.staff.post("/holds/answers", wrong).status_code == 400
    assert asked_in(service, event)[1] == holds
    twice = {"confirmed": [holds[0]], "refused": [{"hold": holds[0], "reason": "house_mix"}], **ARRIVAL}
    assert service.staff.post("/holds/answers", twice).status_code == 400
    assert service.other_staff.post("/holds/answers", {"confirmed": holds, **ARRIVAL}).status_code == 400
    heard = {"call": CALL, "confirmed": holds, **ARRIVAL}
    assert service.second.post("/shelters/S02/telephone/answers", heard).status_code == 400
    entered = service.second.made(f"/shelters/{shelter}/telephone/answers", heard)
    assert {one["by_telephone"] for one in entered["items"]} == {"entered"}


@pytest.mark.wide
@one_store
def test_coordinator_sees_members_of_the_own_region_alone(service):
    event, cases = raid(service)
    planned(service, event)
    assert {*lines(read(service.coordinator, event))} <= {*cases}
    assert service.elsewhere.get(f"/events/{event}/plan").status_code == 404
    for caller in (service.staff, service.auditor, service.report_reader):
        assert caller.get(f"/events/{event}/plan").status_code == 403
    assert service.coordinator.post(f"/events/{event}/plan", {}).status_code == 403


@pytest.mark.wide
@one_store
def test_chosen_unit_is_kept_and_freed_again(service):
    event, _ = raid(service, 2)
    plan = planned(service, event)
    case, line = next(iter(lines(plan).items()))
    choices = service.desk.get(f"/events/{event}/plan/lines/{case}").json()
    other = next(one["unit"] for one in choices["items"] if one["unit"] != line["unit"])
    path, body = f"/events/{event}/plan/lines/{case}", {"unit": other, "reason": "client_preference"}
    assert service.desk.put(path, body).status_code == 428
    assert service.desk.put(path, {"unit": other}, If_Match='"1"').status_code == 400
    changed = service.desk.put(path, body, If_Match='"1"').json()
    assert (lines(changed)[case]["unit"], lines(changed)[case]["chosen"]) == (other, True)
    assert service.desk.put(path, body, If_Match='"1"').status_code == 412
    freed = service.desk.put(path, {}, If_Match='"2"').json()
    assert (lines(freed)[case]["unit"], lines(freed)[case]["chosen"]) == (line["unit"], False)
