"""Every route for every kind of caller, against `placement/access/permissions.py`; own and foreign things."""

from typing import Any

import pytest
from sqlmodel import select

from placement.access.permissions import Permission
from placement.core.codes import Role
from placement.tables import Account, ApiKey
from tests.support.api.route_roles import CALLERS
from tests.support.api.routes import PUBLIC, VERSION, WITH_ID, Route, routes_of
from tests.support.api.service import API, Caller, Service, rooms_as_they_are
from tests.support.audit_log import logged

ROLES = {name: role for role, name in CALLERS.items()} | {
    "elsewhere": Role.COORDINATOR,
    "other_shelter": Role.SHELTER,
}


@pytest.mark.wide
def test_every_route_has_a_permission_or_is_public(shared):
    routes = routes_of(shared)
    assert len(routes) > 30
    assert {route.template.rstrip("/") or "/" for route in routes if route.public} <= PUBLIC
    for route in routes:
        assert route.public != (route.permission is not None), route


def test_every_permission_opens_a_route(shared):
    assert {route.permission for route in routes_of(shared)} - {None} == set(Permission)


def test_every_route_is_open_to_exactly_its_roles(shared):
    seen = 0
    for route in routes_of(shared):
        if route.public:
            continue
        for who, role in ROLES.items():
            problem = _unknown(shared, route, getattr(shared, who).software.authorization())
            shut = role not in route.permission.reach
            assert (problem.get("type") == "urn:placement:problem:role_may_not") == shut, (route, who, problem)
            seen += 1
    assert seen > 100


@pytest.mark.wide
@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer nonsense", "Basic ZGVzazpkZXNr", "Bearer \xff\xfe", "bearer  "]
)
def test_non_public_route_without_a_valid_token_is_refused(shared, token):
    for route in routes_of(shared):
        if route.public:
            continue
        problem = _unknown(shared, route, {"Authorization": token.encode("latin-1")} if token else {})
        assert problem["type"] == "urn:placement:problem:token_refused", route


@pytest.mark.wide
def test_a_key_for_reading_reads_and_does_nothing_else(shared):
    auditor = shared.program(Role.AUDITOR, scopes=("read",))
    readers = {Role.DESK: shared.reader, Role.AUDITOR: auditor, Role.SHELTER: shared.shelter_reader("S01")}
    refused = 0
    for route in routes_of(shared):
        for role, reader in readers.items():
            if route.public or role not in route.permission.reach:
                continue
            reads = route.permission.value.endswith(":read")
            assert reads == (route.method == "GET"), route
            problem = _unknown(shared, route, reader.authorization())
            assert (problem.get("type") == "urn:placement:problem:key_may_not") == (not reads), (route, problem)
            refused += not reads
    assert refused > 15


def test_a_route_without_a_permission_is_shut_even_to_the_desk(service):
    handlers = service.app.route_handler_method_map[f"{API}/capacity"]
    handlers["GET"].opt.pop("permission")
    try:
        answer = service.desk.get("/capacity")
    finally:
        handlers["GET"].opt["permission"] = Permission.COUNTRY_READ
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:route_is_shut")


def _unknown(service: Service, route: Route, headers: dict[str, Any]) -> dict[str, Any]:
    """What this route says about a thing that does not exist; an empty object where it says nothing wrong."""
    path = route.template
    while "{" in path:
        path = path[: path.index("{")] + "X-0" + path[path.index("}") + 1 :]
    body = {} if route.method == "GET" else {"json": {}}
    answer = service.client.request(route.method, path, headers=headers, **body)
    assert answer.status_code < 500, (route, answer.text)
    if answer.status_code in {401, 403}:
        return dict(answer.json())
    return {}


@pytest.mark.parametrize(
    ("method", "path", "thing", "body", "strangers"), WITH_ID, ids=[f"{r[0]} {r[1]}" for r in WITH_ID]
)
def test_foreign_and_unknown_things_are_answered_alike(  # noqa: PLR0917  (a row of the table)
    shared, things, method, path, thing, body, strangers
):
    path = path.replace("%", things["foreign"])
    real = things.get(thing, thing)
    made_up = real[:-4] + "2222" if thing in things else "S99"
    callers: dict[str, Caller] = {who: getattr(shared, who) for who in strangers}
    tokens = {who: caller.authorization() for who, caller in callers.items()}
    before = shared.digest()
    for who, token in tokens.items():
        foreign, unknown = (
            shared.client.request(
                method,
                API + path.format(name),
                headers={**VERSION, **token},
                **({"json": body} if body is not None else {}),
            )
            for name in (real, made_up)
        )
        assert foreign.status_code == 404, (who, foreign.text)
        assert foreign.content == unknown.content
        assert foreign.headers == unknown.headers
        assert real not in foreign.text
    assert shared.digest() == before


def test_own_things_are_found(shared, things):
    own = [
        (shared.shelter, "/shelters/S01/capacity"),
        (shared.shelter, "/units/S01-L1-U1/profile"),
        (shared.shelter, f"/holds/{things['hold']}"),
        (shared.coordinator, f"/registrations/{things['registration']}"),
        (shared.coordinator, f"/proposals/{things['proposal']}"),
        (shared.coordinator, f"/holds/{things['hold']}"),
        (shared.staff, "/shelters/S01/capacity"),
        (shared.staff, f"/holds/{things['hold']}"),
        (shared.desk, f"/registrations/{things['registration']}"),
        (shared.desk, f"/proposals/{things['proposal']}"),
    ]
    for caller, path in own:
        assert caller.get(path).status_code == 200, path


def test_lists_hold_own_things_only(shared, things):
    assert {row["region"] for row in shared.coordinator.get("/registrations").json()["items"]} == {"amsterdam"}
    assert {row["region"] for row in shared.elsewhere.get("/registrations").json()["items"]} == {"limburg"}
    assert len({row["region"] for row in shared.desk.get("/registrations").json()["items"]}) > 2
    for path in ("/holds", "/stays"):
        assert {row["unit"][:3] for row in shared.shelter.get(path).json()["items"]} == {"S01"}
    assert things["hold"] not in shared.other_shelter.get("/holds").text
    assert things["decision"] not in shared.elsewhere.get("/decisions").text
    assert things["decision"] in shared.coordinator.get("/decisions").text


def test_another_shelters_room_cannot_be_reported(shared):
    rooms = [*rooms_as_they_are(shared.shelter, "S01"), {"room": "S02-L1-U1-R01"}]
    answer = shared.shelter.put("/shelters/S01/capacity", {"rooms": rooms})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"rooms.{len(rooms) - 1}.room"


def test_a_revoked_key_and_a_disabled_account_count_at_once(service):
    letting_in = [service.second.authorization(), service.second.software.authorization()]
    for headers in letting_in:
        assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 200
    with service.database.transaction() as session:
        account = session.get_one(Account, service.second.account)
        account.disabled_at = service.moment.at
        session.add(account)
    for headers in letting_in:
        assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 401
    assert service.client.post(f"{API}/token", json={"key": service.second.key}).status_code == 401

    headers = service.shelter.authorization()
    with service.database.transaction() as session:
        for key in session.exec(select(ApiKey).where(ApiKey.shelter_id == "S01")):
            key.revoked_at = service.moment.at
    answer = service.client.get(f"{API}/shelters/S01/capacity", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_lives_for_fifteen_minutes(service):
    headers = service.desk.software.authorization()
    service.moment.pass_by(minutes=14, seconds=59)
    assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 200
    service.moment.pass_by(seconds=1)
    assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 401


def test_keys_and_tokens_are_stored_as_fingerprints(service):
    token = service.desk.software.authorization()["Authorization"].split()[1]
    stored = ""
    with service.database.engine.connect() as connection:
        for table in ("apikey", "accesstoken", "idempotentrequest"):
            stored += repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
    stored += repr([line.content for line in logged(service)])
    assert token not in stored
    assert service.desk.key not in stored
