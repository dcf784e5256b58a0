"""How a person is rung: the page, its forms, and the pages that count as a look at a task of tonight."""

import pytest

from placement.audit.events import Event
from placement.core.context import SYSTEM, Act
from placement.notifications.task_notices import tell_of_tasks
from placement.outbox.push_devices import MOST
from tests.support.api.bodies import BODIES
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirm_counts
from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store

HERE = "/account/rings"
DEVICE = BODIES["DeviceIn"]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("role", ["coordinator", "shelter_staff"])
def test_each_actor_chooses_sms_and_quiet_hours(service, role):
    person = signed_in(service, role, language="nl")
    page = person.get(HERE)
    assert "na 5 minuten een sms" in page.text
    refused = person.send(HERE, sms="yes", quiet_from="22", quiet_until="")
    assert (refused.status_code, 'id="quiet_until-fault"' in refused.text) == (400, True)
    page = person.send(HERE, sms="", quiet_from="22", quiet_until="7")
    assert page.text.count(" selected") >= 2
    page = person.send(HERE, sms="yes", quiet_from="", quiet_until="")
    found = {"coordinator": service.coordinator, "shelter_staff": service.staff}[role].get("/rings").json()
    assert (found["quiet_from"], found["quiet_until"], found["sms_is_set_up"]) == (None, None, False)


@pytest.mark.wide
@one_store
def test_device_is_allowed_shown_and_removed(service):
    desk = signed_in(service, "desk")
    desk.get(HERE)
    for number in range(MOST):
        page = desk.send(
            f"{HERE}/devices", **DEVICE | {"name": f"N{number}", "endpoint": f"https://push.example/{number}"}
        )
        assert (page.status_code, f"<span>N{number}</span>" in page.text) == (200, True)
    again = desk.send(f"{HERE}/devices", **DEVICE)
    assert (again.status_code, "Remove a device first." in again.text) == (409, True)
    wrong = desk.send(f"{HERE}/devices", **DEVICE | {"endpoint": "http://127.0.0.1/x"})
    assert wrong.status_code == 400
    [first] = [one for one in service.desk.get("/rings").json()["devices"] if one["name"] == "N0"]
    assert "N0" not in desk.send(f"{HERE}/devices/{first['id']}/remove").text.partition("<main")[2].partition("form")[0]
    assert "push.example" not in service.desk.get("/rings").text
    assert len(logged(service, event=Event.DEVICE_ALLOWED)) == MOST


def tell(service):
    with service.country.database.transaction() as session:
        tell_of_tasks(Act(session, SYSTEM, service.moment.at, service.country.settings))


@pytest.mark.wide
@one_store
def test_unseen_task_is_the_desks_too_and_a_look_keeps_it_so(service):
    service.close_all()
    confirm_counts(service)
    today = service.moment.at.date().isoformat()
    case = service.coordinator.made("/registrations", somebody(urgency=1, needed_by=today))["id"]
    service.moment.pass_by(hours=1)
    tell(service)
    assert service.desk.get(f"/registrations/{case}").status_code == 403
    service.moment.pass_by(minutes=10)
    tell(service)
    desk = signed_in(service, "desk")
    assert desk.get(f"/registrations/{case}").status_code == 200
    service.moment.pass_by(minutes=10)
    tell(service)
    assert desk.get(f"/registrations/{case}").status_code == 200
    [task] = [one for one in service.desk.get("/tasks").json()["items"] if one["registration"] == case]
    assert (task["kind"], task["yours"]) == ("urgent", True)
