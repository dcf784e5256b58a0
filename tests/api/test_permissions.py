"""Every route for every kind of caller, against `placement/access/permissions.py`; and whose things are whose."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import select

from placement.access.permissions import GRANTS, Permission
from placement.core.codes import Role
from placement.tables import Account, ApiKey
from tests.api.service import API, Caller, Service, rooms_as_they_are, somebody
from tests.api.things import BODIES

ROLES = {
    "desk": Role.DESK,
    "coordinator": Role.COORDINATOR,
    "elsewhere": Role.COORDINATOR,
    "shelter": Role.SHELTER,
    "other_shelter": Role.SHELTER,
    "staff": Role.SHELTER_STAFF,
    "report_reader": Role.READER,
    "auditor": Role.AUDITOR,
    "admin": Role.ADMIN,
}
PUBLIC = {
    "/about",
    "/api/v1/token",
    "/api/v1/session",
    "/api/v1/session/code",
    "/api/v1/session/sso",
    "/api/v1/session/sso/code",
    "/api/v1/invitations/look",
    "/api/v1/invitations/password",
    "/api/v1/invitations/join",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/unsubscribe/{token:str}",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path:str}",
    "/static/{file_path:path}",
}


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    permission: Permission | None
    public: bool


def routes_of(service: Service) -> list[Route]:
    return [
        Route(method, template, handler.opt.get("permission"), bool(handler.opt.get("public")))
        for template, methods in service.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if method not in {"OPTIONS", "HEAD", "asgi"} and (template.startswith("/api") or template in PUBLIC)
    ]


def test_every_route_names_its_permission_or_is_known_to_be_public(shared):
    routes = routes_of(shared)
    assert len(routes) > 30
    assert {route.template.rstrip("/") or "/" for route in routes if route.public} <= PUBLIC
    for route in routes:
        assert route.public != (route.permission in GRANTS), route


def test_every_permission_opens_a_route(shared):
    assert {route.permission for route in routes_of(shared)} - {None} == set(Permission)


def test_every_route_is_open_to_the_roles_of_the_table_and_to_nobody_else(shared):
    seen = 0
    for route in routes_of(shared):
        if route.public:
            continue
        for who, role in ROLES.items():
            problem = _unknown(shared, route, getattr(shared, who).software.authorization())
            shut = role not in GRANTS[route.permission]
            assert (problem.get("type") == "urn:placement:problem:role_may_not") == shut, (route, who, problem)
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer nonsense", "Basic ZGVzazpkZXNr", "Bearer \xff\xfe", "bearer  "]
)
def test_no_route_but_the_public_ones_is_open_without_a_good_token(shared, token):
    for route in routes_of(shared):
        if route.public:
            continue
        problem = _unknown(shared, route, {"Authorization": token.encode("latin-1")} if token else {})
        assert problem["type"] == "urn:placement:problem:token_refused", route


def test_a_key_for_reading_reads_and_does_nothing_else(shared):
    auditor = shared.program(Role.AUDITOR, scopes=("read",))
    readers = {Role.DESK: shared.reader, Role.AUDITOR: auditor, Role.SHELTER: shared.shelter_reader("S01")}
    refused = 0
    for route in routes_of(shared):
        for role, reader in readers.items():
            if route.public or role not in GRANTS[route.permission]:
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


@pytest.fixture(scope="module")
def things(shared: Service) -> dict[str, str]:
    """One of everything, of the shelter S01 and of the coordinator for Amsterdam."""
    shared.close_all()
    shared.shelter.made("/shelters/S01/capacity/confirm")

    def decided() -> tuple[str, str, dict[str, Any]]:
        reference = shared.coordinator.made(
            "/registrations", somebody(avoided=[{"kind": "region", "target": "limburg"}])
        )
        proposal = shared.coordinator.made(f"/registrations/{reference['id']}/proposals")
        unit = "S01-L1-U1"
        shared.opened(reference["id"])
        body = {"decision": "accept"}
        if proposal["chosen"]["unit"] != unit:
            body = {"decision": "override", "unit": unit, "reason": "client_preference"}
        decision = shared.desk.made(f"/proposals/{proposal['id']}/decision", body)
        return reference["id"], proposal["id"], decision

    registration, proposal, decision = decided()
    stays = shared.desk.get("/stays").json()["items"]
    foreign = shared.desk.made("/registrations", somebody(region="den-haag"))
    return {
        "registration": registration,
        "proposal": proposal,
        "decision": decision["id"],
        "hold": decision["hold"],
        "stay": next(stay["id"] for stay in stays if stay["unit"].startswith("S01")),
        "avoidance": shared.desk.get(f"/registrations/{registration}").json()["avoided"][0]["id"],
        "foreign": foreign["id"],
        "session": shared.signed_in("desk").get("/session").json()["session"],
        "key": shared.signed_in("shelter_staff", 1).made("/keys", {"shelter": "S02"})["id"],
    }


VERSION = {"If-Match": '"1"', "Idempotency-Key": "k"}
WITH_ID = [
    # method, path, what stands in it, a body that is right, who may call it and does not own the thing
    ("GET", "/shelters/{}/capacity", "S01", None, ["other_shelter"]),
    ("PUT", "/shelters/{}/capacity", "S01", {"rooms": []}, ["other_shelter"]),
    ("POST", "/shelters/{}/capacity/confirm", "S01", None, ["other_shelter"]),
    ("GET", "/units/{}/profile", "S01-L1-U1", None, ["other_shelter"]),
    ("POST", "/units/{}/profile/effect", "S01-L1-U1", BODIES["ProfileIn"], ["other_shelter"]),
    ("PUT", "/units/{}/profile", "S01-L1-U1", BODIES["ProfileIn"], ["other_shelter"]),
    ("GET", "/registrations/{}", "registration", None, ["elsewhere"]),
    ("PATCH", "/registrations/{}", "registration", {"urgency": 2}, ["elsewhere"]),
    ("POST", "/registrations/{}/close", "registration", {"reason": "unreachable"}, ["elsewhere"]),
    ("POST", "/registrations/{}/proposals", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/avoided/V-0/lift", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/%/avoided/{}/lift", "avoidance", None, ["desk", "elsewhere"]),
    ("GET", "/registrations/{}/legal-hold", "registration", None, []),  # the desk alone, which sees all
    ("POST", "/registrations/{}/legal-hold", "registration", {"reason": "complaint", "review_on": "2027-01-01"}, []),
    ("POST", "/registrations/{}/legal-hold/answer", "registration", {"granted": True}, []),
    ("POST", "/registrations/{}/legal-hold/lift", "registration", None, []),
    ("POST", "/registrations/{}/opening", "registration", {"reason": "danger_now", "text": "-"}, ["elsewhere"]),
    ("GET", "/proposals/{}", "proposal", None, ["elsewhere"]),
    ("POST", "/proposals/{}/decision", "proposal", {"decision": "accept"}, ["elsewhere"]),
    ("GET", "/decisions/{}", "decision", None, ["elsewhere"]),
    ("POST", "/decisions/{}/confirmation", "decision", {"granted": True}, []),  # the desk alone, which sees all
    ("GET", "/holds/{}", "hold", None, ["elsewhere", "other_shelter"]),
    ("POST", "/holds/{}/answer", "hold", {"answer": "confirm"}, ["other_staff"]),
    ("POST", "/holds/{}/arrival", "hold", None, ["elsewhere", "other_shelter"]),
    ("POST", "/holds/{}/release", "hold", {"reason": "unreachable"}, ["elsewhere"]),
    ("POST", "/holds/{}/address", "hold", None, []),  # with the second factor only: tests/api/test_addresses.py
    ("POST", "/stays/{}/blocker", "stay", {"blocker": "medical"}, ["elsewhere", "other_shelter"]),
    ("GET", "/registrations/{}/accesses", "registration", None, []),  # the desk sees all, the auditor all of the log
    ("POST", "/audit/review/{}/tick", "oddity", {"outcome": "explained"}, []),  # these two see all of it
    ("GET", "/reports/{}", "2026-11-24", None, []),  # a day is nobody's; what of it: tests/api/test_reports.py
    ("POST", "/stays/{}/end", "stay", {"reason": "own_housing"}, ["elsewhere", "other_shelter"]),
    ("POST", "/sessions/{}/end", "session", None, ["second", "elsewhere"]),
    ("POST", "/messages/{}/retry", "message", None, []),  # these two see all of them
    ("POST", "/webhooks/{}/rotate", "webhook", None, []),  # whose: tests/api/test_messages.py
    ("POST", "/webhooks/{}/disable", "webhook", None, []),
    ("POST", "/webhooks/{}/enable", "webhook", None, []),
    ("POST", "/webhooks/{}/try", "webhook", None, []),
    ("GET", "/webhooks/{}/events", "webhook", None, []),
    ("POST", "/keys/{}/revoke", "key", None, ["second", "staff"]),
    ("POST", "/invitations/{}/withdraw", "", None, []),  # an admin alone, who sees all; and the rest of these
    ("GET", "/accounts/{}", "", None, []),
    ("PATCH", "/accounts/{}", "", {}, []),
    ("POST", "/accounts/{}/disable", "", None, []),
    ("POST", "/accounts/{}/enable", "", None, []),
    ("POST", "/accounts/{}/invitation", "", None, []),
    ("POST", "/askings/{}/grant", "", None, []),
    ("POST", "/askings/{}/withdraw", "", None, []),
]


def test_the_table_of_things_has_every_route_with_an_id(shared):
    def shape(path: str) -> str:
        return "/".join("*" if part.startswith(("{", "%", "V-0")) else part for part in path.split("/"))

    routes = [route for route in routes_of(shared) if "{" in route.template and not route.public]
    found = {(route.method, shape(route.template)) for route in routes}
    assert {(method, API + shape(path)) for method, path, *_ in WITH_ID} == found


@pytest.mark.parametrize(
    ("method", "path", "thing", "body", "strangers"), WITH_ID, ids=[f"{r[0]} {r[1]}" for r in WITH_ID]
)
def test_what_is_somebody_elses_looks_like_what_does_not_exist(  # noqa: PLR0917  (a row of the table)
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


def test_what_is_ones_own_is_found(shared, things):
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


def test_lists_hold_ones_own_only(shared, things):
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


def test_only_fingerprints_of_keys_and_tokens_are_stored(service):
    token = service.desk.software.authorization()["Authorization"].split()[1]
    stored = ""
    with service.database.engine.connect() as connection:
        for table in ("apikey", "accesstoken", "auditevent", "idempotentrequest"):
            stored += repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
    assert token not in stored
    assert service.desk.key not in stored
