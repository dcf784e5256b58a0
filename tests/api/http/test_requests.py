"""Common properties of requests: idempotency, versions, languages, paging, headers, problems, health, metrics."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from http import HTTPStatus

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import create_engine

from api.http.api_version import API_VERSION, DOCUMENT, Ending
from placement.core.clock import day_of
from placement.registrations import related_cases
from placement.storage.database import Database
from placement.storage.schema_form import SchemaForm
from tests.support.api.service import API, somebody
from tests.support.next_version import become_next_version
from tests.support.stores import OPERATOR, both_stores

SECURE = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def test_repeated_write_is_done_once_and_answered_alike(service):
    first = service.coordinator.post("/registrations", somebody(), Idempotency_Key="one")
    before = service.digest()
    again = service.coordinator.post("/registrations", somebody(), Idempotency_Key="one")
    assert (again.status_code, again.content) == (201, first.content)
    assert service.digest() == before
    assert again.headers.pop("idempotent-replayed") == "true"
    assert "idempotent-replayed" not in first.headers
    varies = {one.headers.pop("x-request-id") for one in (again, first)}
    assert (len(varies), again.headers) == (2, first.headers)
    assert first.headers["etag"] == '"1"'


def test_repeated_write_after_a_change_gets_the_first_answer(service):
    first = service.coordinator.post("/registrations", somebody(), Idempotency_Key="one")
    reference = first.json()["id"]
    change = {"If_Match": '"1"', "Idempotency_Key": "two"}
    changed = service.coordinator.patch(f"/registrations/{reference}", {"urgency": 4}, **change)
    repeated = service.coordinator.patch(f"/registrations/{reference}", {"urgency": 4}, **change)
    assert (repeated.status_code, repeated.content, repeated.headers["etag"]) == (200, changed.content, '"2"')
    assert service.coordinator.post("/registrations", somebody(), Idempotency_Key="one").json()["urgency"] == 1


def test_idempotency_key_of_another_request_is_refused(service):
    service.coordinator.made("/registrations", somebody(), Idempotency_Key="one")
    for path, body in [("/registrations", somebody(urgency=2)), ("/registrations/R-1/close", somebody())]:
        answer = service.coordinator.post(path, body, Idempotency_Key="one")
        if "close" in path:  # the body is looked at first
            assert answer.status_code == 400
        else:
            assert answer.json()["errors"][0]["code"] == "key_used_otherwise"


def test_idempotency_key_is_per_actor(service):
    body = somebody()
    first = service.coordinator.made("/registrations", body, Idempotency_Key="one")
    assert service.desk.made("/registrations", body, Idempotency_Key="one")["id"] != first["id"]


def test_a_refused_write_leaves_its_key_free(service):
    assert service.coordinator.post("/registrations", somebody(urgency=9), Idempotency_Key="one").status_code == 400
    assert service.coordinator.post("/registrations", somebody(urgency=2), Idempotency_Key="one").status_code == 201


@pytest.mark.wide
@both_stores
def test_failed_write_stores_nothing_and_frees_its_key(service, monkeypatch):
    tokens = service.coordinator.authorization()
    before = service.digest()
    with monkeypatch.context() as broken:
        broken.setattr(related_cases, "named_by", _breaks)
        answer = service.coordinator.post("/registrations", somebody(alias="canary"), Idempotency_Key="one")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:placement:problem:server_fault")
    assert "canary" not in answer.text
    assert service.digest() == before
    assert tokens == service.coordinator.authorization()
    assert service.coordinator.post("/registrations", somebody(), Idempotency_Key="one").status_code == 201


@pytest.mark.wide
@both_stores
def test_concurrent_requests_with_one_key_have_one_effect(service):
    """Each thread has a client, hence a connection, of its own."""
    service.coordinator.authorization()
    total = service.coordinator.get("/registrations").json()["total"]
    together = threading.Barrier(4)

    def register(_):
        together.wait()
        return service.coordinator.post("/registrations", somebody(), Idempotency_Key="one")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(register, range(4)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert len({answer.content for answer in made}) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:placement:problem:request_in_progress")
            assert answer.headers["retry-after"]
    assert service.coordinator.get("/registrations").json()["total"] == total + 1


@pytest.mark.wide
def test_a_change_needs_the_newest_version_and_moves_it(service):
    made = service.coordinator.post("/registrations", somebody())
    path = f"/registrations/{made.json()['id']}"
    assert service.coordinator.get(path).headers["etag"] == made.headers["etag"]
    assert service.coordinator.patch(path, {"urgency": 2}).status_code == 428
    changed = service.coordinator.patch(path, {"urgency": 2}, If_Match=made.headers["etag"])
    assert changed.status_code == 200
    assert changed.headers["etag"] == service.coordinator.get(path).headers["etag"] != made.headers["etag"]
    stale = service.coordinator.patch(path, {"urgency": 3}, If_Match=made.headers["etag"], Accept_Language="en")
    assert stale.status_code == 412
    assert "you change version 1, and the newest is 2" in stale.json()["detail"]
    assert service.coordinator.get(path).json()["urgency"] == 2


def test_null_empties_what_can_be_empty(service):
    made = service.coordinator.post("/registrations", somebody(alias="Vos", near={"place": "Utrecht"}))
    path = f"/registrations/{made.json()['id']}"
    assert (made.json()["alias"], made.json()["near"]["place"]) == ("Vos", "Utrecht")
    emptied = service.coordinator.patch(path, {"alias": None, "near": None}, If_Match='"1"').json()
    assert (emptied["alias"], emptied["near"]) == (None, None)
    assert service.coordinator.patch(path, {"persons": None}, If_Match='"2"').status_code == 400


def test_a_change_leaves_alone_what_it_does_not_name(service):
    said = {"alias": "Vos", "near": {"lat": 52.0, "lon": 5.0}, "threats": [{"place": "Utrecht"}], "needs": ["medical"]}
    facts = somebody(**said, needed_by="2026-12-30")  # a day that nobody has chosen follows the urgency
    made = service.coordinator.made("/registrations", facts)
    changed = service.coordinator.patch(f"/registrations/{made['id']}", {"urgency": 2}, If_Match='"1"').json()
    follows = {"next_look_at": "2026-11-25T08:00:00Z"}  # the next morning, and no longer an hour later
    assert changed == {**made, "urgency": 2, "version": 2, "request": {**made["request"], "urgency": 2}, **follows}


LANGUAGES = [
    (None, "nl"),
    ("", "nl"),
    ("nl", "nl"),
    ("en", "en"),
    ("EN-gb", "en"),
    ("en-GB,en;q=0.9,nl;q=0.8", "en"),
    ("nl;q=0.8, en;q=0.9", "en"),
    ("en ; q=0.5 , nl ; q=0.6", "nl"),
    ("de, fr", "nl"),
    ("de, en;q=0.1", "en"),
    ("en;q=0", "nl"),
    ("nl;q=0, *", "en"),
    ("*", "nl"),
    ("en;q=nan", "nl"),
    ("en;q=much, nl;q=0.1", "nl"),
    ("en;q=7", "nl"),
    (",,;;q=,", "nl"),
    ("x" * 5000, "nl"),
]


@pytest.mark.parametrize(("accepted", "language"), LANGUAGES, ids=[str(case[0])[:20] for case in LANGUAGES])
def test_answer_is_in_the_preferred_language(shared, accepted, language):
    headers = {} if accepted is None else {"Accept_Language": accepted}
    found = shared.desk.get("/registrations/R-0", **headers)
    assert found.headers["content-language"] == language
    assert found.json()["detail"].startswith("Dit bestaat niet" if language == "nl" else "This does not exist")
    assert "Accept-Language" in found.headers["vary"]
    assert shared.desk.get("/vocabulary", **headers).headers["content-language"] == language
    page = shared.client.get("/about", headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert f'<html lang="{language}">' in page.text


def test_lists_come_a_page_at_a_time(service):
    whole = service.desk.get("/registrations?limit=200").json()
    assert whole["total"] == len(whole["items"]) > 5
    pages = [service.desk.get(f"/registrations?limit=4&offset={offset}").json() for offset in (0, 4, 8, 12, 16)]
    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert {page["total"] for page in pages} == {whole["total"]}
    beyond = service.desk.get("/registrations?offset=1000000").json()
    assert (beyond["items"], beyond["total"]) == ([], whole["total"])


def test_the_most_urgent_and_then_the_longest_waiting_come_first(service):
    rows = service.desk.get("/registrations?limit=200").json()["items"]
    day = lambda row: day_of(datetime.fromisoformat(row["waits_since"]))  # noqa: E731
    assert rows == sorted(rows, key=lambda row: (row["urgency"], day(row), row["id"]))


@pytest.mark.parametrize(("path", "field", "value"), [
    ("/registrations", "status", "open"),
    ("/registrations", "region", "rotterdam"),
    ("/stays", "status", "in_house"),
])  # fmt: skip
def test_a_filter_leaves_what_was_asked_for(shared, path, field, value):
    everything = shared.desk.get(f"{path}?limit=200").json()["items"]
    found = shared.desk.get(f"{path}?limit=200&{field}={value}").json()
    assert found["items"] == [row for row in everything if row[field] == value] != []
    assert found["total"] == len(found["items"])


def test_filters_of_holds_and_decisions(shared):
    for path in (
        "/holds?status=expired",
        "/decisions?status=refused",
        "/holds?registration=R-0",
        "/stays?status=planned",
    ):
        assert shared.desk.get(path).json() == {"items": [], "total": 0}


PLACES = ["/about", "/schema", "/api/v1/openapi.json", "/static/start.css", "/health/live", "/health/ready"]
WRONG = [
    ("GET", "/nowhere", 404),
    ("GET", "/metrics", 404),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/static/", 404),
    ("GET", "/static/vendor", 404),
    ("GET", "/static/../app.py", 404),
    ("GET", "/static/%2e%2e/app.py", 404),
    ("GET", f"{API}/holds", 401),
    ("POST", f"{API}/holds", 405),
    ("POST", "/about", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", place, 200) for place in PLACES] + WRONG)
def test_every_answer_has_the_security_headers(shared, method, path, status):
    answer = shared.client.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in SECURE} == SECURE
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "server" not in answer.headers
    kind = answer.headers["content-type"]
    assert "charset=utf-8" in kind or re.fullmatch(r"application/([\w.]+\+)?json", kind), kind


@pytest.mark.parametrize(
    ("path", "status"), [("/holds", 401), ("/nowhere", 404), ("/openapi.json", 200), ("/capacity", 200), ("", 404)]
)
def test_every_answer_of_the_api_has_its_version(shared, path, status):
    ask = shared.coordinator.get if path == "/capacity" else lambda path: shared.client.get(API + path)
    answer = ask(path)
    assert (answer.status_code, answer.headers["api-version"]) == (status, API_VERSION)
    assert "api-version" not in shared.client.get("/about").headers


@pytest.mark.wide
def test_operation_that_ends_states_it_in_answer_and_description(shared, monkeypatch):
    handler = shared.app.route_handler_method_map[f"{API}/capacity"]["GET"]
    monkeypatch.setitem(handler.opt, "ends", Ending(since=date(2027, 1, 1), until=date(2028, 1, 1)))
    for answer in (shared.coordinator.get("/capacity"), shared.client.get(f"{API}/capacity")):
        told = [answer.headers[name] for name in ("deprecation", "sunset")]
        assert told == ["@1798761600", "Sat, 01 Jan 2028 00:00:00 GMT"]
    paths = shared.client.get(DOCUMENT).json()["paths"]
    assert paths["/capacity"]["get"]["deprecated"] is True
    assert {"Deprecation", "Sunset"} <= paths["/capacity"]["get"]["responses"]["401"]["headers"].keys()
    other = shared.coordinator.get("/holds")
    assert "deprecation" not in other.headers
    assert not paths["/holds"]["get"].get("deprecated")


def test_path_with_a_slash_at_its_end_is_not_found(shared):
    assert shared.coordinator.get("/capacity").status_code == 200
    refused = shared.coordinator.get("/capacity/")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:placement:problem:not_found")


@pytest.mark.wide
def test_page_of_another_host_may_read_the_document(shared):
    assert shared.client.get(DOCUMENT).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in shared.coordinator.get("/capacity").headers


@pytest.mark.parametrize(("method", "path", "status"), WRONG)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_framework_error_is_a_problem_document(shared, method, path, status, language):
    answer = shared.client.request(method, path, headers={"Accept-Language": language})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status == answer.status_code
    assert re.fullmatch(r"urn:placement:problem:[a-z_]+", problem["type"])
    assert problem["detail"]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        assert "GET" in answer.headers["allow"]
    if status == HTTPStatus.UNAUTHORIZED:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_options_is_answered_without_a_token_and_without_a_body(shared):
    answer = shared.client.options(f"{API}/registrations/R-1")
    assert (answer.status_code, answer.content) == (204, b"")


def test_health_is_ready_and_reports_late_jobs(service):
    assert service.client.get("/health/live").json() == {"status": "live"}
    ready = service.client.get("/health/ready", headers=OPERATOR)
    assert ready.status_code == 200
    assert ready.json()["database"] == "ok"
    assert "placement scheduler" in ready.json()["jobs"]


@pytest.mark.wide
@both_stores
def test_health_unmigrated_database_is_not_ready_and_says_why(begun):
    with begun.country.database.migrating() as configuration:
        command.downgrade(configuration, "base")
    ready = begun.client.get("/health/ready", headers=OPERATOR)
    assert (ready.status_code, ready.json()["database"]) == (503, SchemaForm.EMPTY.value)
    assert "placement migrate" not in ready.text
    assert begun.client.get("/health/live").status_code == 200


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("revision", "form"),
    [
        ("0069", SchemaForm.OLDER),
        ("0068", SchemaForm.TOO_OLD),
        ("9999", SchemaForm.NEWER),
        ("9999", SchemaForm.AHEAD),
    ],
)
def test_health_names_older_and_newer_tables_apart(service, revision, form, monkeypatch, tmp_path):
    become_next_version(monkeypatch, tmp_path)
    with service.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": revision})
        if form is SchemaForm.AHEAD:
            shared = text("UPDATE storerecord SET detail = '0069 9999' WHERE fact = 'works_from'")
            connection.execute(shared)
    ready = service.client.get("/health/ready", headers=OPERATOR)
    where, status = ("tables", 200) if form is SchemaForm.AHEAD else ("database", 503)
    assert (ready.status_code, ready.json()[where]) == (status, form.value)
    assert ("placement migrate" in ready.text) == (form is SchemaForm.OLDER)


@both_stores
def test_health_silent_database_is_not_ready_request_is_retried(service):
    headers = service.desk.authorization()
    service.database.engine.dispose()
    away, why = service.database.engine.url.set(database="/nowhere/at/all"), "away: it does not answer as it should"
    if service.database.engine.dialect.name == "postgresql":
        away, why = service.database.engine.url.set(database="nowhere"), "refuses_us: it knows no such database or role"
    service.app.state.database = Database(create_engine(away), service.database.audit_keys)
    try:
        ready = service.client.get("/health/ready", headers=OPERATOR)
        assert (ready.status_code, ready.json()["database"]) == (503, why)
        answer = service.client.get(f"{API}/vocabulary", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:placement:problem:database_away")
        assert answer.headers["retry-after"] == "5"
    finally:
        service.app.state.database.close()
        service.app.state.database = service.database


@pytest.mark.wide
def test_metrics_count_by_route_never_by_path_or_unknown_method(shared):
    shared.desk.get("/registrations/R-CANARY")
    shared.client.get("/canary-of-a-path?canary=1")
    shared.client.request("CANARY", "/")
    exposed = shared.client.get("/metrics", headers=OPERATOR).text
    assert (
        'placement_requests_total{method="GET",route="/api/v1/registrations/{registration_id}",status="404"}' in exposed
    )
    assert 'method="other"' in exposed
    assert "canary" not in exposed.lower()


def _breaks(*_):
    raise RuntimeError("canary")
