"""The OpenAPI description is valid, complete, and what the service really does."""

import json
import os
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.http.api_version import DOCUMENT_FOR_SHELTERS, DOCUMENTS, HEADER
from api.http.openapi import marks_of
from api.http.openapi_slices import EVENTS_FOR_SHELTERS, FOR_SHELTERS
from api.http.work_kinds import allowances
from tests.support.api.routes import routes_of
from tests.support.api.service import API, somebody

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]
EXAMPLES = 200 if os.environ.get("PROOF_SIZE") == "full" else 2
ROLES = ["desk", "coordinator", "shelter", "other_shelter", "admin"]


@pytest.fixture(scope="module")
def described(shared):
    answer = shared.client.get("/api/v1/openapi.json")
    assert answer.headers["content-type"].startswith("application/")
    return answer.json()


def operations_of(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@pytest.mark.wide
def test_description_is_openapi_3_1_without_dangling_references(described):
    assert described["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(described).config.base_url = "http://test"
    components = described["components"]

    def follow(part):
        if isinstance(part, dict):
            if isinstance(ref := part.get("$ref"), str):
                kind, name = ref.removeprefix("#/components/").split("/")
                assert name in components[kind]
            for inner in part.values():
                follow(inner)
        elif isinstance(part, list):
            for inner in part:
                follow(inner)

    follow(described)


@pytest.mark.wide
def test_every_route_is_described(shared, described):
    routes = {
        (route.template, route.method.lower())
        for route in routes_of(shared)
        if route.template.startswith("/api") and route.template not in DOCUMENTS
    }
    [server] = described["servers"]
    found = {(server["url"] + path, method) for path, method, _ in operations_of(described)}
    assert {(path.replace(":str", ""), method) for path, method in routes} == found


@pytest.mark.wide
def test_every_operation_has_a_summary_and_documents_problems(described):
    for path, method, operation in operations_of(described):
        assert operation["description"], path
        problems = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert {"401", "400", "500", "503"} <= set(problems), path
        assert ("404" in problems) == ("{" in path or "/practice/" in path), path
        assert ("409" in problems) == (method != "get" and operation.get("security") != []), path
        assert all(HEADER in answer["headers"] for answer in operation["responses"].values()), path
        for answer in problems.values():
            assert answer["description"]
            assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.wide
def test_refusal_that_time_ends_is_described_with_when(shared, described):
    """Compares the description with the limits of the service: for sign-in, and for requests of an
    account in a minute.
    """
    budgeted = allowances(shared.country.settings).keys()
    for path, method, operation in operations_of(described):
        marks = marks_of(shared.app)[API + path, method]
        assert ("429" in operation["responses"]) == (bool(marks.get("throttled")) or marks.get("work") in budgeted), (
            path
        )
        timed = {status for status, one in operation["responses"].items() if "Retry-After" in one.get("headers", {})}
        assert timed == {"409", "429", "503"} & operation["responses"].keys(), path


NOT_REPEATED = (
    "/holds/{hold_id}/address",
    "/profile/effect",
    "/registrations/search",
    "/registrations/duplicates",
    "/session/recovery-codes",
    "/session/passkeys/options",
    "/session/second-factor/options",
    "/session/password",
)
"""Requests that are sent only because their content does not belong into an address; and codes, which are kept for
nobody.
"""


REGISTER_VERSIONED = (
    "patch /providers/{provider_id}", "patch /shelters/{shelter_id}", "patch /locations/{location_id}",
    "patch /units/{unit_id}", "patch /rooms/{room_id}", "post /units/{unit_id}/move",
    "post /shelters/{shelter_id}/close", "post /locations/{location_id}/close", "post /units/{unit_id}/close",
    "post /rooms/{room_id}/close", "post /shelters/{shelter_id}/reopen", "post /locations/{location_id}/reopen",
    "post /units/{unit_id}/reopen", "post /rooms/{room_id}/reopen",
)  # fmt: skip


def test_write_takes_idempotency_key_and_version_where_needed(described):
    versioned = {}
    for path, method, operation in operations_of(described):
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        repeatable = method != "get" and operation.get("security") != [] and not path.endswith(NOT_REPEATED)
        assert ("Idempotency-Key" in headers) == repeatable, path
        if "If-Match" in headers:
            needed = headers["If-Match"]["required"]
            assert "412" in operation["responses"]
            assert ("428" in operation["responses"]) == needed
            versioned[f"{method} {path.removeprefix('/api/v1')}"] = needed
    assert versioned == {
        "patch /registrations/{registration_id}": True,
        "post /registrations/{registration_id}/requests": True,
        "post /registrations/{registration_id}/requests/{request_number}/withdraw": True,
        "patch /events/{event_id}": True,
        "post /events/{event_id}/plan": False,  # the first plan of an event has no version before it
        "post /events/{event_id}/plan/acceptance": True,
        "put /events/{event_id}/plan/lines/{registration_id}": True,
        **dict.fromkeys(["put /enquiries/{enquiry_id}", "post /enquiries/{enquiry_id}/call-back"], True),
        "put /entries/{knowledge_id}": True,
        **dict.fromkeys([f"post /entries/{{knowledge_id}}/{act}" for act in ("review", "end")], True),
        "patch /areas/{area_code}": True,
        "patch /municipalities/{municipality}": True,
        "patch /registrant-units/{unit_code}": True,
        "put /units/{unit_id}/profile": True,
        "put /policy": True,
        "patch /count-records/{reference}": True,
        **{f"post /count-records/{{reference}}/{act}": True for act in ("merge", "withdrawal", "difference")},
        **dict.fromkeys(REGISTER_VERSIONED, True),
        "patch /shelters/{shelter_id}/capacity/rooms/{room_id}": False,
        "post /shelters/{shelter_id}/telephone/count": False,  # as the report of a shelter
        "put /shelters/{shelter_id}/capacity": False,  # a shelter's own software may report its rooms without a version
    }


def test_input_refuses_unknown_fields_one_output_has_the_address(described):
    for name, schema in described["components"]["schemas"].items():
        if name.endswith(("In", "Patch")):
            assert schema["additionalProperties"] is False, name
        if name in {"AddressOut", "AddressIn", "GrantIn"}:  # shown once, asked for, and typed again
            continue
        assert not {"address", "cell_row", "cell_column"} & set(schema.get("properties", {})), name


def test_the_token_is_asked_for_everywhere_but_where_it_is_given(described):
    open_to_all = [path for path, _, operation in operations_of(described) if operation.get("security") == []]
    assert sorted(path for path in open_to_all) == [
        "/invitations/join", "/invitations/look", "/invitations/passkey", "/invitations/passkey/options",
        "/invitations/password", "/session", "/session/code", "/session/passkey", "/session/sso",
        "/session/sso/code", "/token"
    ]  # fmt: skip
    assert described["security"] == [{"token": []}, {"session": []}]


@pytest.mark.wide
@pytest.mark.parametrize("path", ["/schema", "/about"])
def test_a_page_loads_its_own_files_only(shared, path):
    class Files(HTMLParser):
        found: list[str] = []  # noqa: RUF012  (one parser, one list)

        def handle_starttag(self, tag, attrs):
            names = dict(attrs)
            assert not any(name.startswith("on") or name == "style" for name in names)
            if tag in {"script", "link", "img"}:
                self.found.append(names.get("src") or names.get("href"))
            assert tag not in {"style", "iframe"}

    page = shared.client.get(path)
    parser = Files()
    parser.found = []
    parser.feed(page.text)
    assert parser.found
    for file in parser.found:
        assert not urlsplit(file).netloc
        assert file.startswith("/static/")
        assert shared.client.get(file).status_code == 200


@pytest.mark.wide
@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)  # every role, both stores: the long one below
@pytest.mark.parametrize("who", ["coordinator"])
def test_generated_requests_find_no_fault_or_undescribed_answer(shared, who):
    _fuzz(shared, who, EXAMPLES)


@pytest.mark.long
@pytest.mark.parametrize("who", ROLES)
def test_many_generated_requests_find_no_fault(shared, who):
    _fuzz(shared, who, EXAMPLES * 5)


def _fuzz(service, who, examples):
    """Sends right and wrong requests to each operation, made from its description; every second request is to a real
    thing.
    """
    for role in ROLES:
        getattr(service, role).forget_sign_in()
    caller = getattr(service, who)
    real = _things(service)
    tried = found = shut_out = 0

    def one(case):
        nonlocal tried, found, shut_out
        if tried % 2:
            case.path_parameters = {name: real.get(name, "X-0") for name in case.path_parameters or {}}
        answer = case.call(headers=caller.authorization())
        case.validate_response(answer, checks=CHECKS)
        tried += 1
        found += answer.status_code in {200, 201, 409, 412}
        if answer.status_code == 401:  # an operation has ended the caller's session
            shut_out += 1
            caller.forget_sign_in()

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", service.app)
    schema.config.generation.update(with_security_parameters=False)  # the caller brings its session
    for result in schema.get_all_operations():
        operation = result.ok()
        for generation in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if generation is GenerationMode.POSITIVE or operation.body or operation.query:
                _made_up(examples)(given(operation.as_strategy(generation_mode=generation))(one))()
    assert tried > 26 * examples
    assert found > 5
    assert shut_out < tried / 10


def _things(service):
    """Returns real ids, by the name of the parameter."""
    registration = service.desk.get("/registrations?status=open&region=amsterdam").json()["items"] or [
        service.coordinator.made("/registrations", somebody())
    ]
    proposal = service.coordinator.post(f"/registrations/{registration[0]['id']}/proposals").json()
    return {
        "shelter_id": "S01",
        "unit_id": "S01-L1-U1",
        "registration_id": registration[0]["id"],
        "proposal_id": proposal.get("id", "P-0"),
        "stay_id": service.desk.get("/stays?status=in_house").json()["items"][0]["id"],
    }


def _made_up(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def test_answer_in_a_file_is_text_or_bytes_as_its_kind_is(described):
    kinds = {
        (media_type.startswith("text/"), content["schema"].get("format"))
        for item in described["paths"].values()
        for operation in item.values()
        for media_type, content in operation["responses"].get("200", {}).get("content", {}).items()
        if "json" not in media_type
    }
    assert kinds == {(True, None), (False, "binary")}


@pytest.mark.wide
def test_slice_for_shelters_has_what_a_key_of_a_shelter_does(shared, described):
    part = shared.client.get(DOCUMENT_FOR_SHELTERS).json()
    found = {operation["operationId"]: (path, method, operation) for path, method, operation in operations_of(part)}
    assert found.keys() == set(FOR_SHELTERS)
    for path, method, operation in found.values():
        assert operation == described["paths"][path][method]
        assert {"shelter", "anybody"} & operation["x-roles"].keys(), path
        assert not operation.get("x-person-only"), path
    assert part["webhooks"].keys() == set(EVENTS_FOR_SHELTERS)
    schemas, named = part["components"]["schemas"], re.findall(r'#/components/schemas/([^"]+)"', json.dumps(part))
    assert set(named) == set(schemas)
    assert len(schemas) < len(described["components"]["schemas"]) / 5


def test_page_shows_which_roles_may(shared, described):
    assert described["paths"]["/capacity"]["get"]["x-roles"] == {"coordinator": "own", "desk": "all"}
    assert "showExtensions: true" in shared.client.get("/static/schema.js").text


@pytest.mark.wide
def test_operation_ids_are_readable_and_stand_once(shared):
    described = shared.client.get("/api/v1/openapi.json").json()
    ids = [one["operationId"] for methods in described["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids)) > 90
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", one)] == []
    assert {"list_registrations", "create_registration", "make_proposal", "decide_on_proposal"} <= set(ids)


@pytest.mark.wide
def test_tags_and_licence_are_declared(shared):
    described = shared.client.get("/api/v1/openapi.json").json()
    used = {tag for methods in described["paths"].values() for one in methods.values() for tag in one["tags"]}
    assert {tag["name"] for tag in described["tags"]} == used
    assert described["info"]["license"]["identifier"] == "EUPL-1.2"
