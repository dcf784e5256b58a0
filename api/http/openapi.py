"""The API description (OpenAPI 3.1): the framework's result, with additions that apply to all routes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar, cast

from litestar import Litestar, Response, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, OpenAPIHeader, OpenAPIType, Schema, SecurityScheme, Server, Tag
from litestar.openapi.spec import Contact as Reachable
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.http.api_version import API_VERSION, BASE, DOCUMENT, DOCUMENT_FOR_SHELTERS, HEADER, ending_in
from api.http.connections import AnyRequest, AnyResponse
from api.http.context import LONGEST_KEY, Input, Output
from api.http.examples import with_example
from api.http.field_words import Described, with_words
from api.http.methods import get
from api.http.openapi_slices import for_shelters
from api.http.openapi_webhooks import TAG as WEBHOOKS
from api.http.openapi_webhooks import webhooks
from api.http.problems import BAD_REQUEST, Problem
from api.http.work_kinds import BUDGETED, Work
from placement.access.permissions import Permission, Reach
from placement.core.setting_parts import Contact
from placement.outbox.webhook_events import EVENTS
from placement.text.catalogue import DEFAULT, SOURCE, languages, translate

Model = TypeVar("Model", bound=BaseModel)
Marks = Mapping[tuple[str, str], Mapping[str, object]]
"""The options of each route, by path (as in the description) and method.

- `public`: needs no token
- `throttled`: may answer 429
- `versioned`: uses `If-Match` (`needed` or `optional`)
- `ends`: the deprecation of the operation (`Ending`)
- `told_once`: its answer is not stored for a repeated request
- `takes`: the media types of a file as body
- `asked`: an API key can only request the operation
"""

_ABOUT = """Shelter capacity and placement matching for presumed victims of human trafficking.

People sign in and software has an API key. An error is a problem document (RFC 9457) in the language of
the reader (`Accept-Language`). A write with an `Idempotency-Key` is done once, however often it is sent. Moments are
in UTC, days are those of Amsterdam.
"""
_LANGUAGES = " or ".join(f"{code} (default)" if code == DEFAULT else code for code in languages()) + "."
_TOKEN = "What `POST /api/v1/token` gives for an API key. It lasts until `expires_at`."  # noqa: S105  (words about it)
_SESSION = (
    "The cookie of `POST /api/v1/session/code`. A write also needs the header `X-CSRF-Token`, with the `csrf_token` of "
    "that answer or of `GET /api/v1/session`. The service on one machine without TLS calls the cookie `placement`."
)

_MODEL = "#/components/schemas/{model}"
_TAGS = (
    ("Sign-in", "token session sessions keys", "Tokens, sessions and API keys: how people and software come in."),
    (
        "Oneself",
        "details rings absences",
        "What one is called and rung by; days of being away, and who is told meanwhile.",
    ),
    (
        "Capacity",
        "shelters units capacity providers locations rooms",
        "The register of shelters, what they report about their rooms, what units offer, what is free.",
    ),
    ("Registrations", "registrations", "Clients who need a place, and access to a case outside one's own."),
    (
        "Sent-in",
        "sent-registrations received form-links",
        "What registrants send in, the messages about it, and what the desk does with it.",
    ),
    ("Events", "events evacuations", "Raids and evacuations that bring many clients at once: members, beds, places."),
    (
        "Help-desk",
        "enquiries enquiry-figures entries",
        "Calls of professionals, their figures by month, and entries with answers.",
    ),
    ("Proposals", "proposals decisions mandates", "Where a client could go and why, and what people decide."),
    ("Holds", "holds", "Beds that are kept for a client, until the shelter has answered and the client has arrived."),
    ("Stays", "stays takeovers", "Clients who live in a shelter, until they leave."),
    (
        "Telephone",
        "telephone telephones telephone-entries",
        "What a shelter says by telephone, entered by the desk; and the numbers of a shelter.",
    ),
    ("Files", "imports import-records exports", "Imports of files, and the register of shelters as a file."),
    ("Reports", "reports needs", "The daily report of the country, and the ledger of need."),
    (
        "Counts",
        "count-codes count-records count-doubles count-sheets count-releases",
        "The count register for the country's figures, apart from all cases.",
    ),
    ("Vocabulary", "vocabulary", "Every code of the API, in words."),
    ("Practice", "practice", "The practice room: whether it runs, its scenes and clock, and what it would have sent."),
    ("Set-up", "set-up", "What is missing that the service needs, and who can do it."),
    (
        "Rules",
        "rules rule-changes entitlement",
        "Entitlement, limits of stay, safe distance and reasons, by day.",
    ),
    ("Areas", "areas municipalities registrant-units", "Care areas, municipalities and units of registrants."),
    ("Policy", "policy", "The weights with which places are compared, and what other weights would do."),
    (
        "Messages",
        "messages subscription reminders tasks on-call",
        "Mail, reminders, tasks and who is on call: what waits, what is sent, to whom, and whether it arrived.",
    ),
    (WEBHOOKS, "webhooks", "Where software is told of events, and the requests that it then gets."),
    (
        "Accounts",
        "accounts organisations invitations centre",
        "Who may sign in; what needs a second admin's approval; by which numbers organisations are rung.",
    ),
    (
        "Audit",
        "audit accesses doubt",
        "Audit events, the chain that protects them, anomalies, rows in doubt, and who had access to a case.",
    ),
    ("Second-person", "second-person-requests", "Requests that one person makes and another person grants."),
    (
        "Retention",
        "retention legal-holds legal-hold erasure client-document",
        "How long data is kept, legal holds, and a client's rights.",
    ),
    ("Encryption", "encryption-keys", "The keys of encryption by kind, and requests for new ones: by two admins."),
    ("Leaving", "leave-requests", "An export with people, and the destruction of the keys: by two persons."),
)
"""The tags: name, path segments that select the tag, and description."""
_TAG_OF = {part: name for name, parts, _ in _TAGS for part in parts.split()}
_METHODS = ("get", "post", "put", "patch")
_GOOD = {"200": "The answer.", "201": "What was created.", "202": "What was requested; another person grants it."}
_BY_PERSON = "Needs a signed-in person: no key does it."
_ASKED = "A key with the scope `register` asks for it (202), and a person of the desk grants it."
_LOCATION = {"description": "Where to read the request.", "schema": {"type": "string"}}
_VERSION = Schema(type=OpenAPIType.STRING, example=API_VERSION)
_VERSIONED = {HEADER: {"$ref": f"#/components/headers/{HEADER}"}}
"""The headers of every answer."""
_TEXT = {"type": "string"}
_BYTES = {**_TEXT, "format": "binary"}
_ETAG = {"description": "The version to name with If-Match.", "schema": {"type": "string"}}
_RETRY_AFTER = {
    "description": "After how many seconds to try again; left out where time alone does not help.",
    "schema": {"type": "integer", "minimum": 1},
}
_ENDS = {
    "Deprecation": "Since when software should use another operation (RFC 9745).",
    "Sunset": "Until when this operation goes on working, at least (RFC 8594).",
}
_PASSING = {409, 429, 503}
"""The statuses after which a client may try again."""


class SchemaPage(OpenAPIRenderPlugin):
    """Swagger UI for the description, served from the service's own files."""

    def __init__(self, page: bytes) -> None:
        super().__init__(path="/")
        self._page = page

    def render(self, request: AnyRequest, openapi_schema: Described) -> bytes:
        _ = request, openapi_schema  # the browser loads the document itself
        return self._page


@get(DOCUMENT, public=True, work=Work.READ, include_in_schema=False)
def document(request: AnyRequest) -> AnyResponse:
    """Returns the description as JSON."""
    return _as_file(_described(request))


@get(DOCUMENT_FOR_SHELTERS, public=True, work=Work.READ, include_in_schema=False)
def document_for_shelters(request: AnyRequest) -> AnyResponse:
    """Returns the part for software of shelters as JSON."""
    return _as_file(for_shelters(_described(request)))


def _described(request: AnyRequest) -> Described:
    return complete(request.app.openapi_schema.to_schema(), marks_of(request.app))


def _as_file(described: Described) -> AnyResponse:
    """Returns a description as a response. Pages of other sites may read it, because it contains no secret."""
    return Response(described, media_type="application/json", headers={"Access-Control-Allow-Origin": "*"})


def openapi(page: bytes = b"", contact: Contact | None = None) -> OpenAPIConfig:
    """Returns the framework's configuration. `page`: the HTML page at /schema. `contact`: the operator's contact."""
    return OpenAPIConfig(
        title="Placement",
        version=API_VERSION,
        description=_ABOUT,
        contact=Reachable(contact.name or None, contact.url or None, contact.email or None) if contact else None,
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, *_: handler.handler_name,
        servers=[Server(url=BASE)],
        license=License(name="EUPL-1.2", identifier="EUPL-1.2"),
        tags=[Tag(name=name, description=about) for name, _, about in _TAGS],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description=_TOKEN),
                "session": SecurityScheme(
                    type="apiKey", security_scheme_in="cookie", name="__Host-placement", description=_SESSION
                ),
            },
            headers={HEADER: OpenAPIHeader(description="The version of the API.", schema=_VERSION)},
        ),
        security=[{"token": []}, {"session": []}],
        render_plugins=[SchemaPage(page)],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt={"public": True}),
    )


def complete(found: Described, marks: Marks) -> Described:
    """Completes the framework's description: exact models, request headers, and all errors of each operation."""
    paths = {
        path.removeprefix(BASE): {
            method: _operation(path, method, operation, marks[path, method]) if method in _METHODS else operation
            for method, operation in methods.items()
        }
        for path, methods in found["paths"].items()
    }
    return {
        **found,
        "paths": paths,
        "webhooks": webhooks(_MODEL),
        "components": {**found["components"], "schemas": _models(found["components"]["schemas"])},
    }


def _models(found: Described) -> Described:
    """Returns the models as pydantic describes them. The framework leaves out the limits of values."""
    taken: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _below(Input) if model.__name__ in found),
        *((model, "serialization") for model in _below(Output) if model.__name__ in found),
        *((event, "serialization") for event in EVENTS.values()),
        (Problem, "serialization"),
    ]
    _, schemas = models_json_schema(taken, ref_template=_MODEL)
    codes = {name: schema for name, schema in found.items() if "enum" in schema}
    models = sorted({**codes, **schemas["$defs"]}.items())
    return with_words({name: cast("Described", _plain(schema)) for name, schema in models})


def _plain(schema: object) -> object:
    """Removes null defaults of optional fields, which have no meaning for a reader."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _plain(part) for name, part in schema.items() if (name, part) != ("default", None)}


def _below(model: type[Model]) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def _operation(path: str, method: str, found: Described, marked: Mapping[str, Any]) -> Described:
    public = bool(marked.get("public"))
    writes = method != "get" and not public
    version = marked.get("versioned")
    if marked.get("takes"):
        file = {"schema": _BYTES}
        found = {**found, "requestBody": {"required": True, "content": dict.fromkeys(marked["takes"], file)}}
    statuses = {BAD_REQUEST, 401, 500, 503, 507} | (set() if public else {403})
    statuses |= {429} if marked.get("throttled") or marked.get("work") in BUDGETED else set()
    statuses |= {406} if marked.get("also_as") else set()
    # the paths of practice exist only in practice
    statuses |= {404} if "{" in path or "/practice/" in path else set()
    statuses |= {413, 415} if "requestBody" in found else set()
    statuses |= {409, 413} if writes else set()
    statuses |= {412} if version else set()
    statuses |= {428} if version == "needed" else set()
    parameters = [*found.get("parameters", []), _header("Accept-Language", _LANGUAGES, required=False)]
    if writes and not marked.get("told_once"):
        about = "Of your choice: the same request with the same key is done once, and answered alike."
        parameters.append(_header("Idempotency-Key", about, required=False, maxLength=LONGEST_KEY, minLength=1))
    if version:
        parameters.append(_header("If-Match", "The ETag of your last GET.", required=version == "needed"))
    good = {
        status: {**_with_files(_with_etag(answer), marked.get("also_as", ())), "description": _GOOD[status]}
        for status, answer in found["responses"].items()
        if status.startswith("2")
    }
    access: Described = {"security": []} if public else {}
    description = [found["description"]]
    if is_person_only(marked):
        access = {"security": [{"session": []}], "x-person-only": True}
        description.append(_BY_PERSON)
    if marked.get("asked"):
        schema = {"$ref": _MODEL.format(model="SecondPersonRequestOut")}
        content = {"application/json": {"schema": schema}}
        good["202"] = {
            "description": _GOOD["202"],
            "headers": {**_VERSIONED, "Location": _LOCATION},
            "content": content,
        }
        description.append(_ASKED)
    every = {**good, **{str(status): _problem(status) for status in sorted(statuses)}}
    ending = ending_in(marked)
    if ending:
        description.append(f"Goes on working until {ending.until}, at least.")
        access = {**access, "deprecated": True}
        ends = {name: {"schema": _TEXT, "description": about} for name, about in _ENDS.items()}
        every = {status: {**answer, "headers": {**answer["headers"], **ends}} for status, answer in every.items()}
    described = {
        **found,
        **access,
        "description": " ".join(description),
        "x-roles": {"anybody": Reach.ALL} if public else dict(sorted(marked["permission"].reach.items())),
        "tags": [_tag(path)],
        "parameters": parameters,
        "responses": every,
    }
    return with_example(described)


def is_person_only(marked: Mapping[str, object]) -> bool:
    """Checks whether only a signed-in person can carry out the operation, and no API key can even request it."""
    permission = marked.get("permission")
    needs_person = isinstance(permission, Permission) and permission.person_only and not permission.of_register
    return needs_person and not marked.get("asked")


def _tag(path: str) -> str:
    """Returns the tag of an operation: the tag of the last path segment that has a tag. For
    `/registrations/{registration_id}/proposals` this is *proposals*.
    """
    return next(_TAG_OF[part] for part in reversed(path.split("/")) if part in _TAG_OF)


def _header(name: str, description: str, *, required: bool, **limits: object) -> Described:
    schema = {"type": "string", **limits}
    return {"name": name, "in": "header", "description": description, "required": required, "schema": schema}


def _with_etag(answer: Described) -> Described:
    """Adds the ETag header to answers that have a version."""
    refs = [content["schema"].get("$ref", "") for content in answer.get("content", {}).values()]
    tagged = {_MODEL.format(model=model.__name__) for model in _below(Output) if model.etag is not Output.etag}
    return {**answer, "headers": {**_VERSIONED, **({"ETag": _ETAG} if tagged.intersection(refs) else {})}}


def _with_files(answer: Described, media_types: Iterable[str]) -> Described:
    """Adds the additional media types of an answer."""
    files = {one: {"schema": _TEXT if one.startswith("text/") else _BYTES} for one in media_types}
    return {**answer, "content": answer["content"] | files} if files else answer


def _problem(status: int) -> Described:
    content = {"application/problem+json": {"schema": {"$ref": _MODEL.format(model="Problem")}}}
    headers = {**_VERSIONED, **({"Retry-After": _RETRY_AFTER} if status in _PASSING else {})}
    return {"description": translate("status", status, SOURCE), "headers": headers, "content": content}


def marks_of(app: Litestar) -> Marks:
    return {
        (path.replace(":str}", "}"), str(method).lower()): route.opt
        for path, methods in app.route_handler_method_map.items()
        for method, route in methods.items()
    }
