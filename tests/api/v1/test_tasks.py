"""`GET /api/v1/tasks` and the number of tasks in the title of the first page."""

import re

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


def asked(service):
    """Makes a hold that its shelter has to answer; returns the case and the shelter."""
    case = service.desk.made("/registrations", somebody())["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    hold = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["hold"]
    return case, service.desk.get(f"/holds/{hold}").json()["unit"].split("-")[0]


def of_case(reader, case):
    return [one for one in reader.get("/tasks").json()["items"] if one["registration"] == case]


@pytest.mark.wide
@one_store
def test_tasks_say_owner_next_and_when_each_has_to_act(service):
    case, shelter = asked(service)
    [task] = of_case(service.desk, case)
    assert (task["kind"], task["owner"], task["page"]) == (
        "hold",
        {"role": "shelter_staff", "reach": shelter},
        "/holds",
    )
    assert task["goes_to"] == {"role": "desk", "reach": None}
    assert task["since"] < task["goes_on_at"] < task["due"]
    assert (task["late"], task["yours"]) == (False, False)
    service.moment.pass_by(hours=2)
    [later] = of_case(service.desk, case)
    assert (later["id"], later["late"], later["yours"]) == (task["id"], True, True)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_role_without_cases_is_told_of_none(service, role):
    asked(service)
    assert all(one["registration"] is None for one in getattr(service, role).get("/tasks").json()["items"])


@pytest.mark.wide
@one_store
def test_first_page_has_the_number_of_its_tasks_in_the_title(service):
    """A count is missing for days, and stays without a coordinator are long. A hold belongs to the shelter; when it is
    late, the desk also has it.
    """
    service.close_all()
    asked(service)
    numbers = []
    for _ in range(2):
        shown = signed_in(service, "desk").get("/").text
        numbers.append(int(re.search(r"<title>\((\d+)\) Today", shown)[1]))
        service.moment.pass_by(hours=2)
    assert numbers[1] == numbers[0] + 1 > 1
