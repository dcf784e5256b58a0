"""Facts of a client who has a place, changed over HTTP; their history, and the erasure of one change."""

import pytest

from placement.core.reason_codes import ChangeReason
from tests.support.api.housed_client import lives_somewhere, near_the_place


@pytest.fixture
def placed(service):
    return lives_somewhere(service)


def patched(caller, path, body, version=None):
    version = version or caller.get(path).json()["version"]
    return caller.patch(path, body, If_Match=f'"{version}"')


@pytest.mark.wide
def test_change_of_a_placed_client_without_a_reason_is_refused(service, placed):
    refused = patched(service.coordinator, placed, {"high_care": True})
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["code"]) == (400, "reason", "change_reason_missing")
    assert "verbetering van een fout" in error["message"]
    assert all(reason.value in error["message"] for reason in ChangeReason)


def refusals(service, event="request:refused"):
    return service.auditor.get(f"/audit/events?event={event}").json()["items"]


def test_address_that_is_typed_wrong_again_is_a_refusal(service):
    asked = service.desk.ask("PUT", "/locations/S01-L1/address", {"address": "Geheimlaan 7, Zwolle"}).json()["id"]
    guessed = service.second.post(f"/second-person-requests/{asked}/grant", {"address": "Geheimlaan 9"})
    assert (guessed.status_code, guessed.json()["errors"][0]["field"]) == (400, "address")
    [tried] = refusals(service, "access:refused")
    assert (tried["object"], tried["facts"]["code"]) == (asked, "address_differs")


@pytest.mark.wide
def test_danger_at_the_place_is_asked_then_stored_and_a_task(service, placed):
    danger = {"threats": [near_the_place(service, placed)], "reason": "new_danger"}
    version = service.coordinator.get(placed).json()["version"]
    asked = patched(service.coordinator, placed, danger)
    [error] = asked.json()["errors"]
    assert (asked.status_code, error["field"], error["code"]) == (400, "confirm", "place_breaks")
    assert "veilige afstand" in error["message"]
    assert service.coordinator.get(placed).json()["version"] == version
    [tried] = refusals(service)
    assert (tried["registration"], tried["facts"]["code"]) == (placed.rpartition("/")[2], "place_breaks")
    stored = patched(service.coordinator, placed, danger | {"confirm": True})
    assert (stored.status_code, stored.json()["status"]) == (200, "placed")
    assert [one["rule"] for one in stored.json()["lives_against"]] == ["threat_distance"]


@pytest.mark.wide
def test_history_has_each_change_and_an_erased_one_is_empty(service, placed):
    patched(service.coordinator, placed, {"high_care": True, "reason": "other", "text": "Zorg", "confirm": True})
    [change] = service.coordinator.get(f"{placed}/changes").json()["changes"]
    assert (change["text"], change["before"], change["after"]) == ("Zorg", {"high_care": False}, {"high_care": True})
    path = f"{placed}/changes/{change['id']}/erase"
    assert service.coordinator.post(path).status_code == 403
    service.opened(placed.removeprefix("/registrations/"))
    assert service.desk.post(path).json()["type"] == "urn:placement:problem:second_factor_needed"
    service.verified(service.desk.account)
    [erased] = service.desk.made(path)["changes"]
    assert (erased["id"], erased["at"], erased["before"]) == (change["id"], None, {})
    assert service.desk.post(path).status_code == 409
