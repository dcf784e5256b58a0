"""Registrants at the API: a registration sent in, the desk's answer, and a key that does nothing else."""

import pytest

from placement.core.codes import Role
from tests.support.api.bodies import BODIES
from tests.support.api.service import API
from tests.support.audit_log import logged

BODY = BODIES["SentRegistrationIn"] | {"sharing": True}
NUMBER = "+31300000003"


@pytest.fixture
def registrant(service):
    return service.signed_in(Role.REGISTRANT)


@pytest.fixture
def desk(service):
    return service.signed_in(Role.DESK)


def one(registrant, sent_id):
    return next(row for row in registrant.get("/sent-registrations").json()["items"] if row["id"] == sent_id)


def code(answer):
    return answer.json()["type"].rpartition(":")[2]


@pytest.mark.wide
def test_registration_goes_from_registrant_to_desk_and_back(service, registrant, desk):
    sent = registrant.made("/sent-registrations", BODY)
    assert (sent["state"], sent["messages"]) == ("received", [])
    [task] = [row for row in desk.get("/tasks").json()["items"] if row["kind"] == "received"]
    [row] = desk.get("/received").json()["items"]
    assert row["registration"] == task["registration"] != sent["id"]
    found = desk.get(f"/received/{sent['id']}").json()
    assert (found["call_needed"], found["own_numbers"], found["telephone"]) == ("first", [NUMBER], "+31300000009")
    assert code(desk.post(f"/received/{sent['id']}/accept")) == "call_registrant_first"
    desk.made(f"/received/{sent['id']}/call", {"number": NUMBER, "knows": True})
    asked = desk.made(f"/received/{sent['id']}/questions", {"text": "Which language?", "due_at": None})
    assert one(registrant, sent["id"])["state"] == "question"
    answer = {"kind": "answer", "text": "Tigrinya", "answers": asked["messages"][0]["id"]}
    registrant.made(f"/sent-registrations/{sent['id']}/messages", answer)
    desk.made(f"/received/{sent['id']}/messages/read")
    accepted = desk.made(f"/received/{sent['id']}/accept")
    assert (accepted["status"], one(registrant, sent["id"])["state"]) == ("draft", "placing")
    case = desk.get(f"/registrations/{row['registration']}")
    opened = desk.ask(
        "PATCH",
        f"/registrations/{row['registration']}",
        {"open": True, "residence_basis": "reflection"},
        If_Match=case.headers["etag"],
    )
    assert opened.json()["status"] == "open", opened.text
    assert one(registrant, sent["id"]).keys() == sent.keys()
    assert {"sent:listed", "sent:read"} <= {one.event for one in logged(service)}


def test_registrants_answers_have_these_fields_alone(registrant):
    registrant.made("/sent-registrations", BODY | {"sharing": False})
    [sent] = registrant.get("/sent-registrations").json()["items"]
    assert set(sent) == {"id", "state", "registrant_unit", "persons", "sent_at", "withdrawn", "messages"}
    assert set(sent["messages"][0]) == {
        *("id", "kind", "at", "text", "about", "agrees", "answers", "due_at", "withdrawn_at", "open"),
    }


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"persons": [{"gender": "male", "age": 30}] * 30}, "persons"),
        ({"persons": []}, "persons"),
        ({"threats": [{"place": "Antwerpen"}]}, "threats.0.place"),
        ({"registrant_unit": "limburg"}, "registrant_unit"),
        ({"region": "nowhere"}, "region"),
        ({"telephone": "12"}, "telephone"),
        ({"urgency": 9, "threats": [{"place": "Antwerpen"}], "telephone": "12"}, "urgency threats.0.place telephone"),
    ],
)
def test_bad_input_names_its_field_and_stores_nothing(registrant, wrong, fields):
    answer = registrant.post("/sent-registrations", BODY | wrong)
    assert answer.status_code == 400
    assert {fault["field"] for fault in answer.json()["errors"]} == {*fields.split()}
    assert registrant.get("/sent-registrations").json()["items"] == []


def test_form_sent_twice_with_one_key_is_one_registration(registrant):
    first, again = (registrant.post("/sent-registrations", BODY, Idempotency_Key="one") for _ in range(2))
    assert first.json() == again.json()
    assert len(registrant.get("/sent-registrations").json()["items"]) == 1


@pytest.mark.wide
def test_key_of_a_registrant_sends_and_does_nothing_else(service):
    person = service.verified("A-registrant")
    for scopes in (["read"], ["read", "write"], ["register"], ["registration:send", "read"]):
        assert person.post("/keys", {"shelter": None, "scopes": scopes, "days": 9}).status_code == 400
    key = person.made("/keys", {"shelter": None, "scopes": ["registration:send"], "days": 9})["key"]
    desk = service.verified(service.desk.account)
    assert desk.post("/keys", {"shelter": None, "scopes": ["registration:send"], "days": 9}).status_code == 400
    token = service.client.post(f"{API}/token", json={"key": key}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    sent = service.client.post(f"{API}/sent-registrations", json=BODY, headers=headers).json()
    path = f"{API}/sent-registrations/{sent['id']}/messages"
    assert service.client.post(path, json={"kind": "news", "text": "-"}, headers=headers).status_code == 200
    assert service.client.get(f"{API}/sent-registrations", headers=headers).json()["items"][0]["id"] == sent["id"]
    for route in ("/session", "/details", "/keys", "/centre", "/registrations", "/reports"):
        assert service.client.get(f"{API}{route}", headers=headers).status_code == 403, route
