"""Address disclosure and break-glass over HTTP."""

import pytest

from placement.audit import anomaly_review
from placement.audit.events import Event
from placement.core.context import SYSTEM, Act
from placement.tables import Anomaly
from tests.support.api.operations import told
from tests.support.api.resources import confirmed_hold
from tests.support.api.service import API, somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store

ADDRESS = "Kanariestraat 7"


def problem(answer):
    return answer.status_code, answer.json()["type"].removeprefix("urn:placement:problem:")


def verified(service, role):
    """Returns a signed-in user with a fresh second factor."""
    person = service.signed_in(role)
    service.moment.pass_by(seconds=30)
    person.made("/session/second-factor", {"code": person.code()})
    return person


@pytest.fixture
def hold(service):
    return confirmed_hold(service, ADDRESS)


@pytest.mark.wide
def test_address_needs_the_second_factor_and_is_refused_to_a_key(service, hold):
    path = f"/holds/{hold}/address"
    for caller in (service.coordinator, service.desk, service.elsewhere):
        assert problem(caller.software.post(path)) == (403, "sign_in_needed")
    for caller in (service.shelter, service.staff, service.admin, service.auditor):
        assert problem(caller.post(path)) == (403, "role_may_not")
    signed_in = service.signed_in("coordinator")
    assert problem(signed_in.post(path)) == (403, "second_factor_needed")
    coordinator = verified(service, "coordinator")
    answer = coordinator.post(path)
    assert answer.json() == {"hold": hold, "unit": "S01-L1-U1", "address": ADDRESS, "call_back": None, "ring": []}
    assert problem(coordinator.post("/holds/H-2222-2222-2222/address")) == (404, "not_found")
    with service.database.transaction() as session:
        lines = logged(session, event="address:read")
        assert [(line.object_id, line.protocol) for line in lines] == [(hold, "session")]
        refused = logged(session, object_id=hold, outcome="refused")
        assert {(line.action, line.facts["permission"]) for line in refused} == {("read", "address:reveal")}


@pytest.mark.wide
@one_store
def test_address_is_checked_anew_with_an_idempotency_key(service, hold):
    coordinator = verified(service, "coordinator")
    assert coordinator.post(f"/holds/{hold}/address", Idempotency_Key="one").json()["address"] == ADDRESS
    service.moment.pass_by(minutes=5)
    again = coordinator.post(f"/holds/{hold}/address", Idempotency_Key="one")
    assert problem(again) == (403, "second_factor_needed")
    with service.database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT * FROM idempotentrequest WHERE key = 'one'").all()
    assert stored == []


@pytest.mark.wide
@one_store
def test_desk_gets_the_address_after_giving_a_reason(service, hold):
    desk = verified(service, "desk")
    path = f"/holds/{hold}/address"
    assert problem(desk.post(path)) == (403, "reason_needed")
    desk.made(f"/registrations/{desk.get(f'/holds/{hold}').json()['registration']}/opening", {"reason": "danger_now"})
    assert desk.post(path).json()["address"] == ADDRESS
    desk.made(f"/holds/{hold}/release", {"reason": "unreachable"})
    before = refusals(service)
    assert [problem(desk.post(path)) for _ in range(18)] == [(409, "address_not_shown")] * 18
    assert refusals(service) - before == 18  # each ask has its audit event


def refusals(service):
    refused = logged(service, event=Event.REQUEST_REFUSED.value)
    return sum(line.object_id is not None and line.object_id.startswith("H-") for line in refused)


@pytest.mark.wide
@one_store
def test_the_address_is_in_no_other_answer_and_in_no_log(service, hold):
    assert verified(service, "coordinator").post(f"/holds/{hold}/address").json()["address"] == ADDRESS
    registration = service.desk.get(f"/holds/{hold}").json()["registration"]
    service.opened(registration)
    for caller in (service.coordinator, service.desk, service.shelter, service.auditor, service.admin):
        for path in ("/registrations", "/holds", "/stays", "/decisions", "/capacity", "/audit/events", "/audit/review"):
            assert "Kanarie" not in caller.get(path).text
        for path in (f"/holds/{hold}", f"/registrations/{registration}", f"/registrations/{registration}/accesses"):
            assert "Kanarie" not in caller.get(path).text
    assert "Kanarie" not in service.log.getvalue()


@pytest.mark.wide
def test_break_glass_at_night_must_be_acknowledged_by_the_desk(service):
    client = service.desk.made("/registrations", somebody(region="den-haag", alias="Zwaluw"))["id"]
    service.moment.at = service.moment.at.replace(hour=22)
    coordinator = service.signed_in("coordinator")
    reason = {"reason": "danger_now", "text": "De politie belt."}
    unknown = coordinator.get("/registrations/R-2222-2222-2222")
    foreign = coordinator.get(f"/registrations/{client}")
    assert foreign.status_code == 404
    assert told(foreign) == told(unknown)
    program = service.coordinator.software
    assert problem(program.post(f"/registrations/{client}/opening", reason)) == (403, "sign_in_needed")
    made = coordinator.made(f"/registrations/{client}/opening", reason)
    assert (made["registration"], made["broke_glass"]) == (client, True)
    assert coordinator.get(f"/registrations/{client}").json()["alias"] == "Zwaluw"
    assert service.elsewhere.get(f"/registrations/{client}").status_code == 404
    assert coordinator.ask("PATCH", f"/registrations/{client}", {"urgency": 2}, If_Match='"1"').status_code == 404
    _review(service)
    waiting = service.desk.get("/audit/review?status=waiting").json()["items"]
    found = [row for row in waiting if row["rule"] == "break_glass"]
    assert [(row["registration"], row["counted"]) for row in found] == [(client, 1)]
    path = f"/audit/review/{found[0]['id']}/tick"
    assert problem(coordinator.post(path, {"outcome": "explained"})) == (403, "role_may_not")
    service.signed_in("desk").made(path, {"outcome": "explained"})
    with service.database.transaction() as session:
        assert session.get_one(Anomaly, found[0]["id"]).ticked_by
    service.moment.pass_by(minutes=14)
    assert coordinator.get(f"/registrations/{client}").is_success
    service.moment.pass_by(minutes=14)
    assert coordinator.get("/session").is_success
    for _ in range(3):
        service.moment.pass_by(minutes=12)
        last = coordinator.get(f"/registrations/{client}")
    assert (last.status_code, last.content) == (404, unknown.content)


@pytest.mark.wide
@one_store
def test_break_glass_by_day_is_refused_like_an_unknown_case(service):
    client = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    reason = {"reason": "danger_now", "text": "De politie belt."}
    coordinator = service.signed_in("coordinator")
    foreign, unknown = (
        coordinator.post(f"/registrations/{case}/opening", reason) for case in (client, "R-2222-2222-2222")
    )
    assert foreign.status_code == 404
    assert told(foreign) == told(unknown)
    assert service.client.get(f"{API}/registrations/{client}").status_code == 401


def _review(service):
    with service.database.transaction() as session:
        anomaly_review.find_anomalies(Act(session, SYSTEM, service.moment.at, service.country.settings))
