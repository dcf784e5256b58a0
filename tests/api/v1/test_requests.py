"""A request over HTTP for another place, for a client who already has a place."""

import pytest

from tests.support.api.housed_client import lives_somewhere
from tests.support.api.service import somebody
from tests.support.stores import one_store

WISH = {"kind": "transfer", "ground": "wish", "urgency": 2}


@pytest.fixture
def placed(service):
    return lives_somewhere(service)


def asked(caller, path, body=WISH, version=None):
    version = version or caller.get(path).json()["version"]
    return caller.post(f"{path}/requests", body, If_Match=f'"{version}"')


@pytest.mark.wide
def test_transfer_is_asked_for_listed_and_withdrawn(service, placed):
    made = asked(service.coordinator, placed)
    assert (made.status_code, made.json()["status"], made.headers["etag"]) == (
        201, "moving", f'"{made.json()["version"]}"'
    )  # fmt: skip
    found = service.coordinator.get(f"{placed}/requests").json()["items"]
    assert [(one["number"], one["kind"], one["status"]) for one in found] == [
        (1, "first", "placed"), (2, "transfer", "open")
    ]  # fmt: skip
    case = service.coordinator.get(placed).json()
    assert (case["status"], case["urgency"], case["request"]["ground"]) == ("moving", 2, "wish")
    path = f"{placed}/requests/2/withdraw"
    wrong = service.coordinator.post(path, {"reason": "client_stays"})
    assert wrong.status_code == 428
    gone = service.coordinator.post(path, {"reason": "client_stays"}, If_Match=f'"{case["version"]}"')
    assert (gone.status_code, gone.json()["items"][1]["status"], gone.json()["status"]) == (200, "withdrawn", "placed")


@pytest.mark.wide
def test_proposal_is_for_the_open_request(service, placed):
    asked(service.coordinator, placed, WISH | {"ground": "safety"})
    lived = service.coordinator.get("/stays?status=in_house").json()["items"]
    [stay] = [one for one in lived if f"/registrations/{one['registration']}" == placed]
    made = service.coordinator.made(f"{placed}/proposals")
    assert made["chosen"] is None or not made["chosen"]["unit"].startswith(stay["unit"].rpartition("-")[0])
    broken = {one["unit"]: {rule["rule"] for rule in one["broken"]} for one in made["others"]}
    assert stay["unit"] not in broken  # it is no choice
    there = [rules for unit, rules in broken.items() if unit.startswith(stay["unit"].rpartition("-")[0])]
    assert there
    assert all("avoided_location" in rules for rules in there)


@pytest.mark.wide
def test_second_request_is_a_conflict_that_shows_the_open_one(service, placed):
    asked(service.coordinator, placed)
    refused = asked(service.coordinator, placed)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:placement:problem:request_open")
    assert "aanvraag 2" in refused.json()["detail"]


@pytest.mark.wide
def test_move_and_swap_within_a_shelter(service, placed):
    lived = service.staff.get("/stays?status=in_house").json()["items"]
    [stay] = [one for one in lived if f"/registrations/{one['registration']}" == placed]
    wrong = service.staff.post(f"/stays/{stay['id']}/move", {"rooms": ["S02-L1-U1-R01"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "room_not_of_unit")
    rooms = [one["room"] for one in service.staff.get("/shelters/S01/capacity").json()["rooms"]]
    here = [room for room in rooms if room.startswith(stay["unit"])]
    moved = service.staff.post(f"/stays/{stay['id']}/move", {"rooms": here})
    assert (moved.status_code, moved.json()["clock_from"], moved.json()["day"]) == (200, stay["starts_on"], stay["day"])
    refused = service.staff.post(f"/stays/{stay['id']}/swap", {"stay": stay["id"]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "same_room")


@pytest.mark.wide
@one_store
def test_request_that_lacks_a_ground_names_the_field(service, placed):
    [error] = asked(service.coordinator, placed, {"kind": "transfer"}).json()["errors"]
    assert (error["field"], error["code"]) == ("ground", "ground_of_transfer")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("kind", ["first", "return", "evacuation"])
def test_request_of_another_kind_lists_those_that_can_be_asked(service, placed, kind):
    [error] = asked(service.coordinator, placed, {"kind": kind}).json()["errors"]
    assert (error["field"], error["code"]) == ("kind", "not_listed")
    assert "transfer, onward" in error["message"]
    assert "return" not in error["message"].replace(f"'{kind}'", "")


@pytest.mark.wide
@one_store
def test_request_of_an_unknown_urgency_lists_those_there_are(service, placed):
    refused = service.coordinator.post(f"{placed}/requests", WISH | {"urgency": 9})
    [error] = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("urgency", "not_listed")
    assert error["message"].endswith(": 1, 2, 3, 4.")


@pytest.mark.wide
def test_older_version_of_two_at_once_is_refused(service, placed):
    version = service.coordinator.get(placed).json()["version"]
    assert asked(service.coordinator, placed, version=version).is_success
    assert asked(service.coordinator, placed, version=version).status_code == 412


@one_store
def test_request_of_a_draft_or_an_open_case_is_a_conflict(service):
    draft = service.coordinator.made("/registrations", somebody(open=False))["id"]
    refused = asked(service.coordinator, f"/registrations/{draft}")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:placement:problem:client_without_place")
    assert service.coordinator.get(f"/registrations/{draft}/requests").json()["items"] == []
