"""Keys with the scope `register`: what they do by themselves, and what they ask a person of the desk for."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from placement.core.codes import Role
from placement.shelters import key_requests
from placement.tables import Account, Location, RegisterVersion, SecondPersonRequest
from tests.support.api.bodies import BODIES
from tests.support.api.route_roles import ASKED, PERSONS_ONLY
from tests.support.api.service import API
from tests.support.audit_log import logged
from tests.support.stores import both_stores, one_store

FIRST = {"if_match": '"1"'}
EVERY_SCOPE = ("read", "write", "register")
REQUESTS = "/second-person-requests"
PRECISE = {"lat": 52.0907, "lon": 5.1214}
TELEPHONES = {"telephones": {"placing": "030 000 00 09", "night": None, "general": None}}


@dataclass(frozen=True)
class Ask:
    """A change of the register. `read`: the page of the API on which a person reads what it has changed."""

    method: str
    path: str
    body: Any
    read: str
    by: str = "desk"

    @property
    def route(self):
        return f"{self.method} {re.sub('(?<=s/)[^/]+', '{}', self.path)}"


CLOSED = {"until": "2027-01-01"}
ASKS = [
    Ask("POST", "/providers", {"name": "Nieuw"}, "/providers"),
    Ask("PATCH", "/providers/P01", {"name": "Anders"}, "/providers"),
    Ask("POST", "/shelters", BODIES["ShelterIn"] | {"provider": "P01"}, "/shelters"),
    Ask("PATCH", "/shelters/S01", {"name": "Anders", "works_by_telephone": True}, "/shelters/S01"),
    Ask("POST", "/shelters/S01/close", CLOSED, "/shelters/S01"),
    Ask("POST", "/shelters/S01/reopen", None, "/shelters/S01"),
    Ask("POST", "/shelters/S01/locations", {"name": "Nieuw", "where": PRECISE}, "/shelters/S01"),
    Ask("PATCH", "/locations/S01-L1", {"region": "limburg"}, "/shelters/S01"),
    Ask("POST", "/locations/S01-L1/close", CLOSED, "/shelters/S01"),
    Ask("POST", "/locations/S01-L1/reopen", None, "/shelters/S01"),
    Ask("POST", "/locations/S01-L1/units", BODIES["UnitIn"], "/shelters/S01", "shelter"),
    Ask("PATCH", "/units/S01-L1-U1", {"name": "Anders"}, "/shelters/S01", "shelter"),
    Ask("POST", "/units/S01-L1-U1/move", {"location": "S01-L9"}, "/shelters/S01", "shelter"),
    Ask("POST", "/units/S01-L1-U1/close", CLOSED, "/shelters/S01", "shelter"),
    Ask("POST", "/units/S01-L1-U1/reopen", None, "/shelters/S01", "shelter"),
    Ask("PUT", "/units/S01-L1-U1/profile", BODIES["ProfileIn"], "/units/S01-L1-U1/profile", "shelter"),
    Ask("PUT", "/shelters/S01/telephones", TELEPHONES, "/shelters/S01/telephones", "shelter"),
    Ask("POST", "/areas", BODIES["AreaIn"] | {"since": None}, "/areas"),
    Ask("PATCH", "/areas/limburg", {"name": "Zuid"}, "/areas"),
    Ask("POST", "/municipalities", BODIES["MunicipalityIn"] | {"since": None}, "/municipalities"),
    Ask("PATCH", "/municipalities/0363", {"name": "Anders"}, "/municipalities"),
    Ask("POST", "/registrant-units", BODIES["RegistrantUnitIn"] | {"since": None}, "/registrant-units"),
    Ask("PATCH", "/registrant-units/amsterdam", {"name": "Anders"}, "/registrant-units"),
]


@pytest.fixture
def key(service):
    """Software of the desk."""
    return service.program(Role.DESK, scopes=("register",))


@pytest.fixture
def shelters_key(service):
    return service.shelters_program("S01", "register")


@pytest.fixture
def person(service):
    """A person of the desk, right after the second factor."""
    return service.verified(service.second.account)


def asked(program, method="POST", path="/providers", body=None, **headers):
    answer = program.ask(method, path, {"name": "Nieuw"} if path == "/providers" else body, **headers)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def code_of(answer):
    return answer.json()["type"].rsplit(":", 1)[1]


def prepared(service, one):
    """Makes what this change needs: a place that is closed, another location, a municipality."""
    person = service.verified(service.desk.account)
    if one.path.endswith("/reopen"):
        assert person.ask("POST", one.path.replace("reopen", "close"), CLOSED, **FIRST).is_success
    if one.path.endswith("/move"):
        return {"location": person.made("/shelters/S01/locations", {"name": "Ander", "where": PRECISE})["id"]}
    if one.path == "/municipalities/0363" and person.get(one.path).status_code == 404:
        person.made("/municipalities", {**BODIES["MunicipalityIn"], "code": "0363", "since": None})
    return one.body


def test_every_change_that_a_key_asks_for_is_tried():
    assert {one.route.replace("/0363", "/{}").replace("limburg", "{}") for one in ASKS} == ASKED
    assert len(key_requests.CHANGES) == len(ASKED)


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("one", ASKS, ids=lambda one: one.route)
def test_change_is_made_when_a_person_grants_it(service, key, shelters_key, person, one):
    body = prepared(service, one)
    program = key if one.by == "desk" else shelters_key
    version = person.get(f"{one.path.rsplit('/', 1)[0] if one.method == 'POST' else one.path}").headers.get("etag")
    version = '"2"' if one.path.endswith("/reopen") else version or '"1"'
    before = person.get(one.read).json()
    answer = program.ask(one.method, one.path, body, if_match=version)
    assert (answer.status_code, answer.json()["kind"], answer.json()["status"]) == (202, "register", "asked"), (
        answer.text
    )
    request = answer.json()["id"]
    assert answer.headers["location"] == f"{API}{REQUESTS}/{request}"
    assert person.get(one.read).json() == before
    assert person.made(f"{REQUESTS}/{request}/grant", {})["status"] == "granted"
    assert person.get(one.read).json() != before
    granted = logged(service, event="second_person:granted")[-1]
    assert (granted.actor, granted.facts["asked_by"]) == (service.second.account, answer.json()["asked_by"])
    made = logged(service, granted.id, request_id=granted.request_id)
    assert {(event.actor, event.on_behalf_of) for event in made} == {
        (service.second.account, answer.json()["asked_by"])
    }


@pytest.mark.wide
@one_store
def test_operation_for_persons_alone_is_marked_and_refuses_keys(service):
    """Each operation, with a key of every scope, for each role that has its permission."""
    found, described = {}, service.client.get("/api/v1/openapi.json").json()["paths"]
    keys = {role: service.program(role, scopes=EVERY_SCOPE) for role in Role if role not in {Role.SYSTEM, Role.SHELTER}}
    keys[Role.SHELTER] = service.shelters_program("S01", *EVERY_SCOPE)
    for path, methods in described.items():
        for method, operation in methods.items():
            roles = [Role(role) for role in operation["x-roles"] if role != "anybody"]
            address = re.sub("{[^}]*}", "X-0", path)
            answers = [keys[role].ask(method.upper(), address, {} if method != "get" else None) for role in roles]
            refused = {one.status_code == 403 and code_of(one) == "sign_in_needed" for one in answers}
            is_marked = operation.get("x-person-only", False)
            assert refused <= {is_marked}, (method, path)
            assert is_marked == ("Needs a signed-in person" in operation["description"]), (method, path)
            assert is_marked == (operation.get("security") == [{"session": []}]), (method, path)
            asks = "asks for it (202)" in operation["description"]
            assert asks == ("202" in operation["responses"] and not is_marked), (method, path)
            found[f"{method.upper()} {re.sub('{[^}]*}', '{}', path.removeprefix(API))}"] = is_marked, asks
    assert {route for route, (is_marked, _) in found.items() if is_marked} == PERSONS_ONLY
    assert {route for route, (_, asks) in found.items() if asks} == ASKED


@one_store
@pytest.mark.parametrize(
    ("method", "path", "body", "fault"),
    [
        ("POST", "/providers", {"name": ""}, "name"),
        ("POST", "/providers", {"name": "Nieuw", "nme": "Nieuw"}, "nme"),
        ("POST", "/shelters", {"provider": "P-none", "name": "Nieuw"}, "provider"),
        ("POST", "/shelters/S01/locations", {"name": "Nieuw", "where": {"place": "Nergens"}}, "where.place"),
        ("POST", "/shelters/S01/close", {"until": "2020-01-01"}, "until"),
        ("POST", "/locations/S01-L1/units", {"name": "Unit", "scheme": "none"}, "scheme"),
        ("PUT", "/shelters/S01/telephones", {"telephones": {"placing": "12"}}, "telephones.placing"),
        ("PATCH", "/areas/limburg", {"municipalities": ["9999"]}, "municipalities"),
    ],
)
def test_fault_of_a_change_is_shown_when_it_is_asked(  # noqa: PLR0917  (a row of the table)
    service, key, method, path, body, fault
):
    of_person = service.verified(service.desk.account).ask(method, path, body, **FIRST)
    answer = key.ask(method, path, body, **FIRST)
    assert answer.json() == of_person.json()
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, fault)
    assert key.get(REQUESTS).json()["items"] == []


@one_store
def test_version_and_place_are_checked_when_it_is_asked(service, key, shelters_key):
    change = {"region": "limburg"}
    assert key.patch("/locations/S01-L1", change).status_code == 428
    assert key.patch("/locations/S01-L1", change, if_match='"7"').status_code == 412
    assert key.patch("/locations/S99-L1", change, **FIRST).status_code == 404
    for path in ("/units/S02-L1-U1", "/units/S99-L1-U1"):
        assert shelters_key.patch(path, {"name": "Anders"}, **FIRST).status_code == 404
    assert service.verified(service.desk.account).get(REQUESTS).json()["items"] == []


@pytest.mark.wide
@both_stores
def test_repeated_request_is_asked_once(key):
    first, again = (key.post("/providers", {"name": "Nieuw"}, idempotency_key="one") for _ in range(2))
    assert (first.content, first.headers["location"]) == (again.content, again.headers["location"])
    assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
    other = key.post("/providers", {"name": "Nieuw"}, idempotency_key="two")
    assert (other.status_code, code_of(other)) == (409, "change_asked_already")
    assert len(key.get(REQUESTS).json()["items"]) == 1


@pytest.mark.wide
@one_store
def test_key_reads_and_withdraws_its_own_requests_alone(service, key, shelters_key, person):
    theirs = person.ask("PUT", "/locations/S01-L1/address", BODIES["AddressIn"]).json()["id"]
    own = asked(key)
    assert [one["id"] for one in key.get(REQUESTS).json()["items"]] == [own]
    second = service.program(Role.DESK, scopes=EVERY_SCOPE)
    for other in (second, shelters_key):
        assert other.get(f"{REQUESTS}/{own}").status_code == 404
        assert other.post(f"{REQUESTS}/{own}/withdraw").status_code == 404
        assert own not in other.get(f"{REQUESTS}?settled=true").text
    assert code_of(second.post(f"{REQUESTS}/{theirs}/withdraw")) == "sign_in_needed"
    assert key.made(f"{REQUESTS}/{own}/withdraw")["status"] == "withdrawn"
    assert code_of(person.post(f"{REQUESTS}/{own}/grant", {})) == "asking_settled"


@one_store
def test_staff_read_what_the_key_of_their_shelter_asks(service, shelters_key):
    own = asked(shelters_key, "PATCH", "/units/S01-L1-U1", {"name": "Anders"}, **FIRST)
    assert service.staff.get(f"{REQUESTS}/{own}").json()["about"] == "S01-L1-U1"
    assert service.other_staff.get(f"{REQUESTS}/{own}").status_code == 404
    assert service.staff.made(f"{REQUESTS}/{own}/withdraw")["status"] == "withdrawn"


@one_store
def test_key_changes_names_of_shelters_and_rooms_by_itself(key, shelters_key, person):
    renamed = key.patch("/shelters/S01", {"name": "Nieuwe naam"}, **FIRST)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Nieuwe naam")
    assert shelters_key.post("/units/S01-L1-U1/rooms", {"name": "Nieuw", "beds": 1}).status_code == 201
    assert code_of(shelters_key.patch("/shelters/S01", {"name": "Anders"}, if_match='"2"')) == "role_may_not"
    assert key.get(REQUESTS).json()["items"] == person.get(REQUESTS).json()["items"] == []


@pytest.mark.wide
@one_store
def test_key_reads_the_register_and_nothing_else(key, shelters_key):
    for path in ("/shelters", "/shelters/S01", "/providers", "/areas", "/units/S01-L1-U1/profile", "/vocabulary"):
        assert key.get(path).is_success, path
    for path in ("/registrations", "/holds", "/stays", "/capacity", "/tasks", "/keys", "/exports/register"):
        assert code_of(key.get(path)) == "key_may_not", path
    assert [one["id"] for one in shelters_key.get("/shelters").json()["items"]] == ["S01"]
    assert shelters_key.get("/shelters/S02").status_code == 404


@one_store
def test_key_of_today_asks_for_nothing(service):
    today = service.program(Role.DESK, scopes=("read", "write"))
    for one in ASKS:
        if one.by == "desk":
            assert code_of(today.ask(one.method, one.path, one.body, **FIRST)) == "sign_in_needed", one.route
    assert code_of(today.patch("/shelters/S01", {"name": "Anders"}, **FIRST)) == "sign_in_needed"
    profile = service.shelter.put("/units/S01-L1-U1/profile", BODIES["ProfileIn"], **FIRST)
    assert profile.is_success  # by itself, as before


@pytest.mark.wide
@both_stores
def test_outdated_request_is_not_granted_and_changes_nothing(service, key, person):
    request = asked(key, "PATCH", "/locations/S01-L1", {"region": "limburg"}, **FIRST)
    assert person.ask("PATCH", "/locations/S01-L1", {"name": "Anders"}, **FIRST).is_success
    before = service.digest()
    answer = person.post(f"{REQUESTS}/{request}/grant", {})
    assert (answer.status_code, code_of(answer)) == (409, "change_outdated")
    assert service.digest() == before
    assert key.get(f"{REQUESTS}/{request}").json()["status"] == "asked"
    assert person.made(f"{REQUESTS}/{request}/refuse")["status"] == "refused"


@one_store
def test_conflict_is_shown_when_a_person_grants_it(key, person):
    """A conflict can pass, and can be about a client: a key does not learn of it."""
    request = asked(key, "POST", "/units/S01-L1-U1/reopen", **FIRST)
    answer = person.post(f"{REQUESTS}/{request}/grant", {})
    assert (answer.status_code, code_of(answer)) == (409, "place_is_open")


@one_store
def test_grant_needs_the_second_factor_and_the_desk(service, key):
    request = asked(key)
    for role in (Role.ADMIN, Role.COORDINATOR, Role.SHELTER_STAFF):
        other = service.verified(service.person(role).account)
        assert other.post(f"{REQUESTS}/{request}/grant", {}).status_code in {403, 404}, role
    unverified = service.session_of(service.second.account)
    assert code_of(unverified.post(f"{REQUESTS}/{request}/grant", {})) == "second_factor_needed"
    assert key.get(f"{REQUESTS}/{request}").json()["status"] == "asked"


@one_store
def test_request_of_a_revoked_key_is_not_granted(service, person):
    made = person.made("/keys", {"scopes": ["register"], "days": 1})
    program = service.shelters_program("S01", "register")
    program.key = made["key"]
    request = asked(program)
    person.made(f"/keys/{made['id']}/revoke")
    assert code_of(person.post(f"{REQUESTS}/{request}/grant", {})) == "asker_may_not"
    assert person.made(f"{REQUESTS}/{request}/refuse")["status"] == "refused"


@one_store
def test_request_of_a_key_with_another_role_is_not_granted(service, key, person):
    request = asked(key)
    with service.database.transaction() as session:
        session.get_one(Account, key.account).role = Role.AUDITOR
    assert code_of(person.post(f"{REQUESTS}/{request}/grant", {})) == "asker_may_not"


@pytest.mark.wide
@both_stores
def test_key_has_a_limit_of_requests_that_wait(service, key, monkeypatch):
    monkeypatch.setattr(key_requests, "MOST_WAITING", 2)
    for number in range(2):
        assert key.post("/providers", {"name": f"Nieuw {number}"}).status_code == 202
    answer = key.post("/providers", {"name": "Nieuw"})
    assert (answer.status_code, code_of(answer)) == (409, "key_asks_too_much")
    for waiting in key.get(REQUESTS).json()["items"]:
        key.made(f"{REQUESTS}/{waiting['id']}/withdraw")
    assert code_of(key.post("/providers", {"name": "Nieuw"})) == "key_asks_too_much"
    service.moment.pass_by(seconds=timedelta(days=1).total_seconds())
    assert key.post("/providers", {"name": "Nieuw"}).status_code == 202


@one_store
def test_granted_request_does_not_count_for_the_limit(key, person, monkeypatch):
    monkeypatch.setattr(key_requests, "MOST_WAITING", 1)
    person.made(f"{REQUESTS}/{asked(key)}/grant", {})
    assert key.post("/providers", {"name": "Nog een"}).status_code == 202


@pytest.mark.wide
@both_stores
def test_place_of_a_location_is_stored_as_its_cell(service, key, person):
    request = asked(key, "POST", "/shelters/S01/locations", {"name": "Nieuw", "where": PRECISE})
    made = person.made("/shelters/S01/locations", {"name": "Van een persoon", "where": PRECISE})
    person.made(f"{REQUESTS}/{request}/grant", {})
    with service.database.transaction() as session:
        stored = session.get_one(SecondPersonRequest, request).facts["body"]
        assert str(PRECISE["lat"]) not in str(stored)
        of_key, of_person = session.exec(select(Location).where(Location.name.in_(["Nieuw", "Van een persoon"])))
        assert (of_key.cell_row, of_key.cell_column) == (of_person.cell_row, of_person.cell_column)
        assert of_key.region == of_person.region
        version = session.exec(select(RegisterVersion).where(RegisterVersion.thing_id == of_key.id)).one()
    assert made["region"] == of_person.region
    assert version.by == service.second.account


@one_store
@pytest.mark.parametrize("scopes", [["register"], ["read", "register"], ["read", "write", "register"]])
def test_scope_is_chosen_when_the_key_is_made(person, scopes):
    assert person.made("/keys", {"scopes": scopes, "days": 1})["scopes"] == sorted(scopes)


@one_store
def test_scope_register_needs_a_role_that_reads_the_register(service):
    reader = service.verified(service.report_reader.account)
    assert code_of(reader.post("/keys", {"scopes": ["register"], "days": 1})) == "role_may_not"
    staff = service.verified(service.staff.account)
    assert staff.made("/keys", {"scopes": ["register"], "shelter": "S01", "days": 1})["scopes"] == ["register"]
    answer = staff.post("/keys", {"scopes": ["write", "register"], "days": 1})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "scopes")
