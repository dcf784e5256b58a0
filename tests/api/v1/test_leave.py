"""Leaving by the API and the page: the code first, then a second person; what they agreed is done elsewhere."""

import pytest

from tests.support.api.bodies import BODIES
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store
EXPORT = BODIES["LeaveRequestIn"]
DESTRUCTION = {"kind": "destroy_keys", "reason": "leaving", "text": "we stop using it"}


def problem(answer):
    return answer.status_code, answer.json()["type"].removeprefix("urn:placement:problem:")


def test_request_needs_the_code_and_a_second_person(service):
    desk = service.session_of(service.desk.account)
    assert problem(desk.post("/leave-requests", EXPORT)) == (403, "second_factor_needed")
    first, second = service.verified(service.desk.account), service.verified(service.second.account)
    asked = first.made("/leave-requests", EXPORT)
    assert (asked["facts"]["recipient"], asked["command"]) == (EXPORT["recipient"], None)
    path = f"/second-person-requests/{asked['id']}/grant"
    assert problem(first.post(path, {})) == (409, "second_person_needed")
    granted = second.made(path, {})
    assert granted["command"] == f"placement export --with-people --approval {asked['id']} --output people.age"
    assert problem(second.post(path, {})) == (409, "asking_settled")
    assert [one["status"] for one in service.auditor.get("/second-person-requests").json()["items"]] == ["granted"]


def test_recipient_that_is_no_key_is_named(service):
    answer = service.verified(service.desk.account).post("/leave-requests", {**EXPORT, "recipient": "age1x"})
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("recipient", "recipient_is_no_key")]


@pytest.mark.wide
def test_destruction_names_the_case_of_a_legal_hold(service):
    case = service.coordinator.made("/registrations", somebody())["id"]
    desk = service.verified(service.desk.account)
    desk.made(f"/registrations/{case}/legal-hold", {"reason": "complaint", "review_on": "2027-01-01"})
    answer = desk.post("/leave-requests", DESTRUCTION)
    assert problem(answer) == (409, "leave_legal_hold")
    assert case in answer.json()["detail"]


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_page_asks_for_the_code_and_shows_the_command(service, language):
    first, second = (signed_in(service, "desk", language=language) for _ in range(2))
    first.is_named("Medewerker 1")
    assert 'action="/second-factor"' in first.get("/leave").text
    assert 'action="/leave/ask"' not in first.get("/leave").text
    service.moment.pass_by(seconds=30)
    assert first.send("/second-factor", code=first.person.code()).status_code == 200
    assert first.send("/leave/ask", kind="export_people", reason="leaving", text="short").status_code == 400
    shown = first.send("/leave/ask", **EXPORT)
    assert "G-" in words_of(shown)
    assert "Medewerker 1" in words_of(shown)
    assert "/grant" not in second.get("/second-person").text
