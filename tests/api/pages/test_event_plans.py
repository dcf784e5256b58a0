"""The pages of an event's plan, as a person uses them: accept, ring a house, plan again, and the day."""

import re
from datetime import timedelta

import pytest

from placement.core.codes import Role
from tests.support.api.events import accepted, event_of, planned, raid
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

CALLED = {"call__number": "placing", "call__caller_role": "groepsleider", "call__caller_name": "De stem"}
EXPECTED = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "taxi"}


def asked_of(service, event, shelter):
    plan = service.second.get(f"/events/{event}/plan").json()
    [house] = [one for one in plan["houses"] if one["shelter"] == shelter]
    return {line["hold"]: line["registration"] for line in house["lines"] if line["state"] == "asked"}


@pytest.mark.wide
@one_store
def test_house_answers_in_a_single_call_on_its_page(service):
    event, _ = raid(service)
    here = f"/events/{event}/plan"
    desk = signed_in(service, "desk")
    name = service.desk.get(f"/events/{event}").json()["name"]
    pages = [desk.get(f"/events/{event}{more}").text for more in ("/plan", "/plan/houses/S01", "/day")]
    assert [name in page.split("<h1>")[0] + page.split("<h1>")[1][:100] for page in pages] == [True, True, True]
    assert "There is no plan yet." in desk.get(here).text
    assert "Accept this plan and ask for 5 places" in desk.send(here).text
    accepted(service, event, 1, by=service.second)
    assert "0 of 5 have a bed." in desk.get(here).text
    holds = asked_of(service, event, "S01")
    refused, *others = holds
    page = desk.get(f"{here}/houses/S01")
    assert page.text.count('name="hold"') == len(holds)
    answers = {f"answer__{hold}": "yes" for hold in others} | {f"answer__{refused}": "house_mix"}
    page = desk.send_list(f"{here}/houses/S01", [("hold", hold) for hold in holds], **answers, **EXPECTED, **CALLED)
    assert f"{len(others)} of 5 have a bed." in page.text
    assert "plan/lines/" + holds[refused] in page.text  # it was planned again at once
    page = desk.get(f"/events/{event}/day")
    chosen = [("chosen", holds[hold]) for hold in others]
    page = desk.send_list(f"/events/{event}/day/arrivals", chosen, to=f"/events/{event}/day/vehicle", vehicle="bus 1")
    assert "By vehicle" in page.text
    there = [*chosen, *((f"hold.{holds[hold]}", hold) for hold in others)]
    page = desk.send_list(f"/events/{event}/day/arrivals", there)
    assert page.text.count("has arrived") == len(others)


@pytest.mark.wide
@one_store
def test_changed_line_is_named_and_planned_again(service):
    event, cases = raid(service, 3)
    here = f"/events/{event}/plan"
    planned(service, event)
    desk = signed_in(service, "desk")
    desk.get(here)
    version = service.desk.get(f"/registrations/{cases[0]}").json()["version"]
    assert service.desk.patch(f"/registrations/{cases[0]}", {"high_care": True}, If_Match=f'"{version}"').is_success
    page = desk.send(f"{here}/accept")
    assert "2 lines are accepted." in page.text
    assert "whoever still waits was planned again" in page.text
    page = desk.get(f"{here}/lines/{cases[0]}")
    assert page.status_code == 200, page.text
    page = desk.send(f"{here}/lines/{cases[0]}", unit="")
    assert "Accept this plan and ask for 1 place" in page.text
    coordinator = signed_in(service, Role.COORDINATOR)
    page = coordinator.get(here)
    assert page.status_code == 200, page.text
    assert "Accept" not in page.text


@pytest.mark.wide
@one_store
def test_late_members_are_postponed_together_on_the_day(service):
    event, _ = raid(service, 3)
    planned(service, event)
    accepted(service, event, 1)
    holds = asked_of(service, event, "S01")
    expected = {"expected_at": (service.moment.at + timedelta(hours=1)).isoformat(), "driver": "taxi"}
    service.staff.made("/holds/answers", {"confirmed": [*holds], **expected})
    service.moment.pass_by(hours=2.5)
    desk, day = signed_in(service, "desk"), f"/events/{event}/day"
    assert f'href="{day}#h-' in desk.get("/").text  # a single task leads to the page
    page = desk.get(day)
    assert f"{len(holds)} households are late" in page.text
    lines = [*(("chosen", case) for case in holds.values()), *((f"hold.{case}", hold) for hold, case in holds.items())]
    to = {"to": f"{day}/later"}
    later = f"{service.moment.at + timedelta(hours=4):%Y-%m-%dT%H:%M}"
    page = desk.send_list(f"{day}/arrivals", lines, **to, expected_other="2020-01-01T10:00")
    assert (page.status_code, "households are late" in page.text) == (400, True)
    page = desk.send_list(f"{day}/arrivals", lines, **to, expected_other=later)
    assert "households are late" not in page.text
    assert f'href="{day}#h-' not in desk.get("/").text


@pytest.mark.wide
@one_store
def test_bed_of_a_later_day_is_given_up_for_tonight(service):
    service.close_all()
    day = service.moment.at.date() + timedelta(days=3)
    asked = somebody(urgency=2, needed_from=str(day), needed_by=str(day))
    event = event_of(service, [service.desk.made("/registrations", asked)["id"] for _ in range(6)], days=3)
    planned(service, event)
    accepted(service, event, 1)
    client = service.desk.made("/registrations", somebody(urgency=1))["id"]
    desk = signed_in(service, "desk")
    desk.get(f"/registrations/{client}")
    page = desk.send(f"/registrations/{client}/propose")
    [give_up, *_] = re.findall(rf"/events/{event}/plan/lines/[^/]+/withdraw", page.text)
    desk.send(give_up)
    page = desk.send(f"/registrations/{client}/propose")
    assert (give_up in page.text, 'value="accept"' in page.text) == (False, True)


@pytest.mark.wide
@one_store
def test_shelter_gives_one_answer_for_all_on_its_page(service):
    event, _ = raid(service, 4)
    planned(service, event)
    accepted(service, event, 1)
    staff = signed_in(service, "shelter_staff")
    assert "/holds/answers" in staff.get("/holds").text
    holds = [*asked_of(service, event, "S01")]
    staff.get("/holds/answers")
    answers = {f"answer__{hold}": "yes" for hold in holds}
    page = staff.send_list("/holds/answers", [("hold", hold) for hold in holds], **answers, **EXPECTED)
    assert page.status_code == 200, page.text
    assert {service.staff.get(f"/holds/{hold}").json()["status"] for hold in holds} == {"confirmed"}
