"""The description of the API (OpenAPI 3.1): what the framework finds out, completed with what all routes have alike."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.http.context import LONGEST_KEY, Input, Output
from api.http.problems import TITLES, Problem
from placement.access.permissions import GRANTS, SIGNED_IN_ONLY, Reach

Model = TypeVar("Model", bound=BaseModel)
Described = dict[str, Any]
Marks = Mapping[tuple[str, str], Mapping[str, Any]]
"""What a handler says of itself, by path (as the description writes it) and method.

`public`: without token; `throttled`: may answer 429; `versioned`: takes `If-Match`, `needed` or `optional`;
`told_once`: its answer is not kept for a repetition.
"""

_MODEL = "#/components/schemas/{model}"
_TAGS = {
    "token": "1 sign in",
    "session": "1 sign in",
    "sessions": "1 sign in",
    "keys": "1 sign in",
    "invitations": "9 who comes in",
    "askings": "9 who comes in",
    "accounts": "9 who comes in",
    "organisations": "9 who comes in",
    "shelters": "2 a shelter reports",
    "units": "2 a shelter reports",
    "registrations": "3 somebody is registered",
    "proposals": "4 a proposal, and a decision",
    "decisions": "4 a proposal, and a decision",
    "holds": "5 the shelter answers",
    "stays": "6 somebody lives there",
    "capacity": "7 the country",
    "reports": "7 the country",
    "audit": "9 the log, and who looks at it",
    "retention": "9 what is kept",
    "legal-holds": "9 what is kept",
    "policy": "9 how places are weighed",
    "messages": "9 what goes out",
    "subscription": "9 what goes out",
    "reminders": "9 what goes out",
    "webhooks": "9 what goes out",
    "vocabulary": "8 codes and their words",
}
"""By the first part of a path: the order of the work."""
_METHODS = ("get", "post", "put", "patch")
_ETAG = {"description": "The version to name with If-Match.", "schema": {"type": "string"}}


class SchemaPage(OpenAPIRenderPlugin):
    """The description, to read and to try: Swagger UI, from our own files."""

    def __init__(self, page: bytes) -> None:
        super().__init__(path="/")
        self._page = page

    def render(self, request: Request[Any, Any, Any], openapi_schema: Described) -> bytes:
        _ = request, openapi_schema  # the page fetches it from /schema/openapi.json
        return self._page


class SchemaFile(JsonRenderPlugin):
    """The description, as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Described) -> bytes:
        return super().render(request, complete(openapi_schema, _marks(request)))


def openapi(version: str, page: bytes) -> OpenAPIConfig:
    """OpenAPI 3.1 at /schema/openapi.json, and its page at /schema."""
    return OpenAPIConfig(
        title="Placement",
        version=version,
        description="Shelter capacity and placement matching for presumed victims of human trafficking.",
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        license=License(name="EUPL-1.2", identifier="EUPL-1.2"),
        tags=[Tag(name=name) for name in sorted(set(_TAGS.values()))],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name="__Host-placement"),
            }
        ),
        security=[{"token": []}, {"session": []}],
        render_plugins=[SchemaPage(page), SchemaFile()],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt={"public": True}),
    )


def _operation_id(handler: HTTPRouteHandler, method: object, path: object) -> str:
    """The name of the handler's function: what a generated client calls the operation."""
    _ = method, path
    return handler.handler_name


def complete(found: Described, marks: Marks) -> Described:
    """The same description, with exact models, the headers that go in, and every problem that an operation can give."""
    paths = {
        path: {
            method: _operation(path, method, operation, marks[path, method]) if method in _METHODS else operation
            for method, operation in methods.items()
        }
        for path, methods in found["paths"].items()
    }
    return {
        **found,
        "paths": paths,
        "components": {**found["components"], "schemas": _models(found["components"]["schemas"])},
    }


def _models(found: Described) -> Described:
    """As pydantic describes them, with every limit that it holds to: the framework's own description lacks some."""
    taken: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _below(Input)),
        *((model, "serialization") for model in _below(Output)),
        (Problem, "serialization"),
    ]
    _, schemas = models_json_schema(taken, ref_template=_MODEL)
    codes = {name: schema for name, schema in found.items() if "enum" in schema}
    return {name: _plain(schema) for name, schema in sorted({**codes, **schemas["$defs"]}.items())}


def _plain(schema: Any) -> Any:
    """Without what says nothing to a reader: null as the default of what may be left out."""
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
    statuses = {401, 422, 500, 503, 507} | (set() if public else {403})
    statuses |= {429} if marked.get("throttled") else set()
    statuses |= {406} if marked.get("also_as") else set()
    statuses |= {404} if "{" in path else set()
    statuses |= {400, 413, 415} if "requestBody" in found else set()
    statuses |= {409, 413} if writes else set()
    statuses |= {412} if version else set()
    statuses |= {428} if version == "needed" else set()
    parameters = [*found.get("parameters", []), _header("Accept-Language", "nl (default) or en.", required=False)]
    if writes and not marked.get("told_once"):
        about = "Of your choice: the same request with the same key is done once, and answered alike."
        parameters.append(_header("Idempotency-Key", about, required=False, maxLength=LONGEST_KEY, minLength=1))
    if version:
        parameters.append(_header("If-Match", "The ETag of your last GET.", required=version == "needed"))
    good = {
        status: _with_files(_with_etag(answer), marked.get("also_as", ()))
        for status, answer in found["responses"].items()
        if status.startswith("2")
    }
    security: Described = {"security": []} if public else {}
    if not public and marked["permission"] in SIGNED_IN_ONLY:
        security = {"security": [{"session": []}]}
    return {
        **found,
        **security,
        "x-roles": {"anybody": Reach.ALL} if public else dict(sorted(GRANTS[marked["permission"]].items())),
        "tags": [_TAGS[path.split("/")[3]]],
        "parameters": parameters,
        "responses": {**good, **{str(status): _problem(status) for status in sorted(statuses)}},
    }


def _header(name: str, description: str, *, required: bool, **limits: Any) -> Described:
    schema = {"type": "string", **limits}
    return {"name": name, "in": "header", "description": description, "required": required, "schema": schema}


def _with_etag(answer: Described) -> Described:
    """The answers that have a version tell it."""
    refs = [content["schema"].get("$ref", "") for content in answer.get("content", {}).values()]
    tagged = {_MODEL.format(model=model.__name__) for model in _below(Output) if model.etag is not Output.etag}
    return {**answer, "headers": {"ETag": _ETAG}} if tagged.intersection(refs) else answer


def _with_files(answer: Described, media_types: Iterable[str]) -> Described:
    """What the same answer can be had as, besides JSON."""
    files = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {**answer, "content": answer["content"] | files} if files else answer


def _problem(status: int) -> Described:
    content = {"application/problem+json": {"schema": {"$ref": _MODEL.format(model="Problem")}}}
    return {"description": TITLES[status]["en"], "content": content}


def _marks(request: Request[Any, Any, Any]) -> Marks:
    return {
        (path.replace(":str}", "}"), str(method).lower()): route.opt
        for path, methods in request.app.route_handler_method_map.items()
        for method, route in methods.items()
    }
