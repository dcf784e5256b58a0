"""A task opens its case to the desk that has it, as long as the task exists, and is logged as the reason; nothing else
does.
"""

import pytest

from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.placements.holds import holds
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirm_counts
from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store

OPENED, TONIGHT = "registration:opened_by_task", {"urgency": 1}


@pytest.fixture
def case(service):
    """Registers a client of a region with a coordinator, who needs a place tonight."""
    service.close_all()
    confirm_counts(service)
    today = service.moment.at.date().isoformat()
    return service.coordinator.made("/registrations", somebody(**TONIGHT, needed_by=today))["id"]


def code(answer):
    return answer.status_code if answer.is_success else answer.json()["type"].rpartition(":")[2]


def opens(reader, case):
    return code(reader.get(f"/registrations/{case}"))


def of_case(reader, case):
    return [one for one in reader.get("/tasks").json()["items"] if one["registration"] == case]


@pytest.mark.wide
def test_late_task_opens_its_case_to_the_desk_and_is_logged(service, case):
    service.moment.pass_by(hours=1)  # the task is the region's
    assert [(one["kind"], one["yours"]) for one in of_case(service.desk, case)] == [("urgent", False)]
    assert opens(service.desk, case) == "reason_needed"
    service.moment.pass_by(hours=1)
    [task] = of_case(service.desk, case)
    assert task["yours"]
    before = len(logged(service))
    assert opens(service.desk, case) == 200
    lines = logged(service)[before:]
    found = [(one.event, one.registration_id, one.object_id, one.facts) for one in lines if one.event == OPENED]
    assert found == [(OPENED, case, task["id"], {"reason": "urgent"})]
    assert not [one for one in lines if one.event == "access:refused"]
    assert opens(service.second, case) == 200
    assert opens(service.desk.software, case) == "reason_needed"  # opening is an act of a person


@pytest.mark.wide
@one_store
def test_case_is_shut_when_its_task_is_gone(service, case):
    service.moment.pass_by(hours=2)
    assert opens(service.desk, case) == 200
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")["id"]
    service.coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    [task] = of_case(service.desk, case)
    assert opens(service.desk, case) == (200 if task["kind"] == "decision" else "reason_needed")


@pytest.mark.wide
@one_store
def test_coordinator_elsewhere_opens_nothing_by_a_task(service, case):
    service.moment.pass_by(hours=2)
    assert of_case(service.elsewhere, case) == []
    assert opens(service.elsewhere, case) == "not_found"


@pytest.mark.wide
@one_store
def test_desk_finds_and_decides_a_place_by_its_task(service, case):
    """The search ends the task of a lost place: what was proposed is still read and decided on."""
    refused_by_shelter(service, case)
    service.moment.pass_by(hours=1)
    assert [one["kind"] for one in of_case(service.desk, case) if one["yours"]] == ["search_again"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    assert code(service.desk.get(f"/proposals/{proposal['id']}")) == 200
    assert opens(service.desk, case) == 200
    assert opens(service.second, case) == "reason_needed"
    kinds = [one.facts["reason"] for one in logged(service, event=OPENED)]
    assert kinds[0] == "search_again"
    assert kinds[-1] == "proposal"
    if proposal["chosen"] is not None:
        service.desk.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    assert opens(service.desk, case) == "reason_needed"


def kept(service, case):
    """Makes a hold for which a shelter is asked."""
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")["id"]
    coordinator = service.verified(service.coordinator.account)
    decided = coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    if decided["status"] == "waiting_for_desk":
        desk = service.verified(service.desk.account)
        desk.made(f"/decisions/{decided['id']}/confirmation", {"granted": True})
    return decided["hold"]


def refused_by_shelter(service, case):
    hold = kept(service, case)
    shelter = service.coordinator.get(f"/holds/{hold}").json()["unit"].split("-")[0]
    staff = Actor("A-of-shelter", Role.SHELTER_STAFF, shelter_id=shelter, session_id="Z")
    with service.database.transaction() as session:
        holds.refuse(Act(session, staff, service.moment.at, service.country.settings), hold, "no_interpreter")


@pytest.mark.wide
@one_store
def test_late_task_of_a_shelter_opens_nothing(service, case):
    kept(service, case)
    service.moment.pass_by(hours=2)
    assert [(one["kind"], one["yours"]) for one in of_case(service.desk, case)] == [("hold", True)]
    assert opens(service.desk, case) == "reason_needed"


@pytest.mark.wide
@one_store
def test_legal_hold_opens_a_closed_case_to_the_second_person(service, case):
    service.coordinator.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    assert opens(service.desk, case) == "reason_needed"
    wanted = {"reason": "complaint", "review_on": service.moment.at.date().replace(year=2027).isoformat()}
    service.verified(service.desk.account).made(f"/registrations/{case}/legal-hold", wanted)
    assert (opens(service.desk, case), opens(service.second, case)) == ("reason_needed", 200)
    service.moment.pass_by(days=8)  # nobody granted it
    assert [one["kind"] for one in of_case(service.desk, case)] == ["legal_hold_lapsed"]
    assert (opens(service.desk, case), opens(service.second, case)) == ("reason_needed", "reason_needed")


@pytest.mark.wide
@one_store
def test_page_of_a_case_opens_by_its_task_without_a_question(service, case):
    desk = signed_in(service, "desk")
    assert desk.get(f"/registrations/{case}").status_code == 403
    service.moment.pass_by(hours=2)
    desk = signed_in(service, "desk")
    shown = desk.get(f"/registrations/{case}")
    assert shown.status_code == 200
    assert 'id="by-task"' in shown.text
