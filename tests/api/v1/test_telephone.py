"""A shelter without any account, by telephone: it counts, is asked, agrees, and a client arrives and leaves."""

import pytest
from sqlmodel import select

from placement.tables import Account, ApiKey, Location
from tests.support.api.resources import asked_hold
from tests.support.api.service import rooms_as_they_are
from tests.support.stores import one_store

CALL = {"number": "placing", "caller_role": "groepsleider", "caller_name": "De stem"}
YES = {"call": CALL, "answer": "confirm", "expected_at": "2026-11-24T18:00:00+01:00", "driver": "taxi"}
ADDRESS = "Geheimstraat 1"


@pytest.fixture
def house(service):
    """Leaves S01 without account and key, so that it works by telephone; its address is known."""
    hold = asked_hold(service)
    with service.database.transaction() as session:
        for location in session.exec(select(Location)):
            location.address = ADDRESS
        for account in session.exec(select(Account).where(Account.organisation_id == "O-S01")):
            account.disabled_at = service.moment.at
        for key in session.exec(select(ApiKey).where(ApiKey.shelter_id == "S01")):
            key.revoked_at = service.moment.at
    version = service.desk.get("/shelters/S01").json()["version"]
    body = {"works_by_telephone": True}
    assert service.desk.ask("PATCH", "/shelters/S01", body, If_Match=f'"{version}"').is_success
    return hold


def code_of(answer):
    return answer.json()["type"].removeprefix("urn:placement:problem:")


def kinds_of_tasks(service, caller=None):
    found = (caller or service.desk).get("/tasks").json()["items"]
    return {one["kind"]: one for one in found if one["kind"] in {"to_ring", "call_back", "read_back"}}


@pytest.mark.wide
def test_shelter_without_an_account_from_count_to_end(service, house):
    desk, second = service.desk, service.second
    to_ring = kinds_of_tasks(service)["to_ring"]
    assert (to_ring["page"], to_ring["shelter_telephones"]["placing"]) == (f"/holds/{house}/call", "+31300000100")
    rooms = rooms_as_they_are(desk, "S01")
    counted = desk.post("/shelters/S01/telephone/count", {"call": CALL, "rooms": rooms})
    assert counted.is_success, counted.text
    assert counted.json()["freshness"] == "fresh"
    refused = desk.post(f"/holds/{house}/telephone/answer", YES)
    assert (refused.status_code, code_of(refused)) == (409, "decided_by_you")
    said = second.made(f"/holds/{house}/telephone/answer", YES)
    assert (said["status"], said["by_telephone"]) == ("confirmed", "entered")
    verified = service.verified(desk.account)
    refused = verified.post(f"/holds/{house}/address")
    assert (refused.status_code, code_of(refused)) == (409, "shelter_not_asked_again")
    assert kinds_of_tasks(service)["call_back"]["page"] == "/telephone"
    [entry] = [one for one in desk.get("/telephone-entries?shelter=S01").json()["items"] if one["kind"] == "yes"]
    assert (entry["caller_name"], entry["number"], entry["waits"]) == ("De stem", "+31300000100", True)
    body = {"call": CALL, "agrees": True}
    assert second.post(f"/telephone-entries/{entry['id']}/call-back", body).status_code == 409
    assert verified.made(f"/telephone-entries/{entry['id']}/call-back", body)["certain"]
    assert verified.made(f"/holds/{house}/address")["address"] == ADDRESS
    stay = desk.made(f"/holds/{house}/telephone/arrival", {"call": CALL})
    assert stay["status"] == "in_house"
    assert kinds_of_tasks(service)["read_back"]["page"] == "/shelters/S01/call"
    ended = desk.made(f"/stays/{stay['id']}/telephone/end", {"call": CALL, "reason": "own_housing"})
    assert ended["status"] == "ended"
    assert desk.made("/shelters/S01/telephone/confirmation", {"call": CALL})["freshness"] == "fresh"
    for one in desk.get("/telephone-entries?shelter=S01").json()["items"]:
        if one["waits"]:
            desk.made(f"/telephone-entries/{one['id']}/call-back", body)
    assert "read_back" not in kinds_of_tasks(service)


@one_store
@pytest.mark.parametrize("call", [{**CALL, "number": "+31301234567"}, {**CALL, "number": "night"}])
def test_number_is_chosen_and_never_typed(service, call):
    answer = service.desk.post("/shelters/S01/telephone/confirmation", {"call": call})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == ["call.number"]


@pytest.mark.wide
@one_store
def test_shelter_reads_and_contradicts_its_own_entries(service):
    for shelter in ("S01", "S02"):
        service.desk.made(f"/shelters/{shelter}/telephone/confirmation", {"call": CALL})
    [own] = service.staff.get("/telephone-entries").json()["items"]
    assert (own["shelter"], own["entered_by"]) == ("S01", None)
    assert service.other_staff.post(f"/telephone-entries/{own['id']}/contradiction", {"text": "-"}).status_code == 404
    said = service.staff.made(f"/telephone-entries/{own['id']}/contradiction", {"text": "Kamer 1 is vol."})
    assert said["waits"]
    found = {one["kind"] for one in service.desk.get("/tasks").json()["items"]}
    assert "contradiction" in found
    body = {"text": "Gebeld."}
    assert service.second.made(f"/telephone-entries/{own['id']}/settlement", body)["settlement"] == "Gebeld."


@one_store
def test_numbers_are_read_changed_and_checked(service):
    body = {"telephones": {"placing": "030 123 45 67"}, "seen_telephones": {"placing": "+31300000100"}}
    assert code_of(service.staff.put("/shelters/S01/telephones", body)) == "second_factor_needed"
    staff = service.verified(service.staff.account)
    changed = staff.ask("PUT", "/shelters/S01/telephones", body).json()
    assert (changed["numbers"][0]["number"], changed["history"]) == ("+31301234567", [])
    assert changed["numbers"][0]["new_until"]
    desk = service.verified(service.desk.account)
    seen = desk.get("/shelters/S01/telephones").json()
    assert (seen["numbers"][0]["former"], len(seen["history"])) == ("+31300000100", 1)
    checked = desk.made("/shelters/S01/telephones/check", {"use": "placing", "how": "former_number"})
    assert checked["numbers"][0]["new_until"] is None
