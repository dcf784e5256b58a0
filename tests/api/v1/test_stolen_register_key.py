"""An attacker has a key with the scope `register`: of the desk, or of a shelter. It changes nothing without a person of
the desk, learns no cell, address or danger, and cannot hide what others ask.
"""

import re
from datetime import timedelta

import pytest

from api.http.models import input_of
from placement.access.permissions import Permission
from placement.core.codes import Role
from placement.core.geography import Cell, Point
from placement.shelters import key_requests
from placement.tables import Location
from tests.support.api.bodies import BODIES
from tests.support.api.resources import PARAMETERS
from tests.support.api.service import API
from tests.support.audit_log import logged
from tests.support.stores import one_store

pytestmark = one_store
THINGS = {
    "shelter": "S01", "unit": "S01-L1-U1", "location": "S01-L1", "room": "S01-L1-U1-R01", "provider": "P01",
    "area": "limburg", "municipality": "0363", "registrant_unit": "amsterdam",
}  # fmt: skip
ELSEWHERE = {"place": "Maastricht", "lat": None, "lon": None}
REQUESTS = "/second-person-requests"


@pytest.fixture(params=["desk", "shelter"])
def thief(request, service):
    if request.param == "desk":
        return service.program(Role.DESK, scopes=("register",))
    return service.shelters_program("S01", "register")


def sent(service, which):
    """Method, path and right body of each route of which this is true, with real ids of what is there."""
    for template, methods in service.app.route_handler_method_map.items():
        for method, handler in methods.items():
            if not template.startswith(API) or method == "OPTIONS" or not which(method, handler):
                continue
            path = template.removeprefix(API)
            for name in re.findall("{(\\w+):str}", path):
                path = path.replace(f"{{{name}:str}}", THINGS.get(PARAMETERS.get(name), "X-2222-2222-2222"))
            taken = input_of(handler)
            yield method, path, BODIES.get(taken.__name__) if taken else None, bool(handler.opt.get("asked"))


def is_all_else(method, handler):
    """Writes, but for the rooms and names that such a key changes by itself, and those that are no act of it."""
    permission = handler.opt.get("permission")
    return method != "GET" and permission not in {None, Permission.ROOM_CHANGE}


@pytest.mark.wide
def test_stolen_key_changes_nothing_by_any_route(service, thief, monkeypatch):
    """Every route that writes, with real things and right bodies; but for rooms and the names of shelters."""
    monkeypatch.setattr(key_requests, "MOST_WAITING", 100)
    before, tried = service.digest(), 0
    for method, path, body, is_asked in sent(service, is_all_else):
        answer = thief.ask(method, path, body, if_match='"1"')
        assert answer.status_code == 202 if is_asked and answer.is_success else not answer.is_success, (
            path,
            answer.text,
        )
        tried += 1
        if answer.status_code == 202:
            waiting = f"{REQUESTS}/{answer.json()['id']}"
            assert not thief.post(f"{waiting}/grant", {}).is_success
            assert not thief.post(f"{waiting}/refuse").is_success
            assert thief.post(f"{waiting}/withdraw").is_success
    after = service.digest()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"secondpersonrequest", "datakey", "auditevent"}
    changes = {event.event for event in logged(service, protocol="api_key", action="change", outcome="done")}
    assert changes <= {"second_person:asked", "second_person:withdrawn", "token:issued"}
    assert tried > 100


@pytest.mark.wide
def test_stolen_key_learns_no_cell_and_no_address(service, thief):
    with service.database.transaction() as session:
        location = session.get_one(Location, "S01-L1")
        address, centre = str(location.address), Cell(location.cell_row, location.cell_column).centre
    person = service.verified(service.second.account)
    other = service.program(Role.DESK, scopes=("register",))
    asked = other.patch("/locations/S01-L1", {"where": {"lat": centre.lat, "lon": centre.lon}}, if_match='"1"')
    assert asked.status_code == 202
    thief.get(f"{REQUESTS}/{asked.json()['id']}")
    for method, path, _, _ in sent(service, lambda method, handler: method == "GET" and handler.opt.get("permission")):
        thief.ask(method, path)
    learned = "".join(answer.text for answer in thief.answers)
    for secret in (address, str(centre.lat), str(centre.lon), "cell_row"):
        assert secret not in learned
    assert any(answer.is_success for answer in thief.answers)
    assert person.get(f"{REQUESTS}/{asked.json()['id']}").is_success


@pytest.mark.wide
def test_stolen_key_does_not_learn_where_a_client_is_in_danger(service, thief):
    """Moving a unit nearer to a danger is refused to a person; a key is answered as for every other move."""
    person = service.verified(service.desk.account)
    made = person.made("/shelters/S01/locations", {"name": "Ander", "where": ELSEWHERE})["id"]
    client = {"threats": [{"place": "Maastricht", "min_km": 30}]}
    person.made("/takeovers", BODIES["TakeoverIn"] | client)
    refused = person.ask("POST", "/units/S01-L1-U1/move", {"location": made}, if_match='"1"')
    assert refused.json()["type"] == "urn:placement:problem:move_is_unsafe"
    answer = thief.post("/units/S01-L1-U1/move", {"location": made}, if_match='"1"')
    assert (answer.status_code, answer.json()["status"]) == (202, "asked")


def test_stolen_key_does_not_hide_what_others_ask(service, thief, monkeypatch):
    monkeypatch.setattr(key_requests, "MOST_WAITING", 2)
    answers = [
        thief.patch("/units/S01-L1-U1", {"name": f"Unit {number}"}, if_match='"1"').status_code for number in range(4)
    ]
    assert answers == [202, 202, 409, 409]
    other = service.shelters_program("S02", "register")
    assert other.patch("/units/S02-L1-U1", {"name": "Anders"}, if_match='"1"').status_code == 202
    service.moment.pass_by(seconds=timedelta(days=15).total_seconds())
    person = service.verified(service.second.account)
    assert person.get(REQUESTS).json()["items"] == []  # they lapse


def test_key_of_the_desk_moves_no_location_by_itself(service):
    thief = service.program(Role.DESK, scopes=("register",))
    with service.database.transaction() as session:
        before = session.get_one(Location, "S01-L1").model_dump()
    assert thief.patch("/locations/S01-L1", {"where": ELSEWHERE}, if_match='"1"').status_code == 202
    with service.database.transaction() as session:
        after = session.get_one(Location, "S01-L1")
        assert after.model_dump() == before
        assert Cell(after.cell_row, after.cell_column) != Cell.of(Point(50.85, 5.69))
