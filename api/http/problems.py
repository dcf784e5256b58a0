"""Errors as problem documents (RFC 9457), in the reader's language.

Only this module maps errors to status codes.
"""

import errno
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Any

import structlog
from litestar import Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.handlers import HTTPRouteHandler
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http.connections import AnyRequest
from api.http.field_types import Coded
from api.http.language import language_of
from placement.core.errors import (
    BudgetSpent,
    Busy,
    Conflict,
    Differs,
    DiskFull,
    Fault,
    Invalid,
    NotAcceptable,
    NotAllowed,
    NotFound,
    NotYet,
    PlacementError,
    ReasonNeeded,
    SealBroken,
    Stopped,
    Telling,
    TokenAway,
    TooManyTries,
    TooSlow,
    Unauthenticated,
    Unreachable,
    VersionMissing,
    VersionPassed,
    kind_and_place,
)
from placement.storage.database_faults import Cause, DatabaseFault, cause_of, facts_of
from placement.text.catalogue import translate
from placement.text.messages import say

_LOG = structlog.get_logger()

BAD_REQUEST = 400
"""The status of every invalid or unreadable input."""


class BadBody(HTTPException):
    """Raised if the body is refused before it was read completely."""

    def __init__(self, code: str, status: int = BAD_REQUEST, **found: object) -> None:
        super().__init__(status_code=status)
        self.code, self.found = code, found


_PASSES = {"busy": 2, "request_in_progress": 2, "sso_unreachable": 2, "database_away": 5, "token_away": 5}
"""Error codes that pass by themselves, with the seconds for `Retry-After` (assumed)."""

_STATUS: dict[type[PlacementError], int] = {
    Unauthenticated: 401,
    NotAllowed: 403,
    ReasonNeeded: 403,
    SealBroken: 403,
    NotFound: 404,
    NotAcceptable: 406,
    TooSlow: 408,
    Conflict: 409,
    Stopped: 409,
    VersionPassed: 412,
    Invalid: BAD_REQUEST,
    Telling: BAD_REQUEST,
    Differs: BAD_REQUEST,
    VersionMissing: 428,
    TooManyTries: 429,
    BudgetSpent: 429,
    Busy: 503,
    NotYet: 503,
    DiskFull: 507,
    Unreachable: 503,
    TokenAway: 503,
}


class FieldProblem(BaseModel):
    """An invalid field, and how to correct it."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457). `type` contains its code; `errors` lists invalid fields, if any."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


def problem(
    request: AnyRequest,
    status: int,
    code: str,
    facts: Mapping[str, object] = MappingProxyType({}),
    *,
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response[bytes]:
    """Makes the problem document of an error code, with the texts of the catalogue."""
    language = language_of(request)
    body = Problem(
        type=f"urn:placement:problem:{code}",
        title=translate("status", status, language),
        status=status,
        detail=say(code, facts, language),
        errors=[
            FieldProblem(field=fault.field, code=fault.code, message=say(fault.code, fault.facts, language))
            for fault in faults
        ],
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language", **headers}
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    if code in _PASSES:
        headers.setdefault("Retry-After", str(_PASSES[code]))
    return Response(
        body.model_dump_json().encode(), status_code=status, media_type="application/problem+json", headers=headers
    )


def status_of(error: PlacementError) -> int:
    return _STATUS[type(error)]


def of_placement(request: AnyRequest, error: PlacementError) -> Response[bytes]:
    faults = error.faults if isinstance(error, Invalid) else ()
    return problem(request, _STATUS[type(error)], error.code, error.facts, faults=faults, headers=retry_after(error))


def retry_after(error: PlacementError) -> dict[str, str]:
    """Returns the header `Retry-After` for a temporary refusal, otherwise no header."""
    is_temporary = isinstance(error, TooManyTries | BudgetSpent | Busy | NotYet)
    return {"Retry-After": str(error.facts["seconds"])} if is_temporary else {}


def of_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Answers an error of the web framework that occurred before the handler."""
    if isinstance(error, ValidationException):
        return problem(request, BAD_REQUEST, "invalid", faults=_faults_of(request, error))
    if isinstance(error, BadBody):
        return problem(request, error.status_code, error.code, error.found)
    if isinstance(error.__cause__, SerializationException):
        return of_serialization(request, error.__cause__)
    code = _CODES.get(error.status_code)
    if code is None:
        return of_anything(request, error)
    allow = (error.headers or {}).get("allow")
    facts = {"most": _most_of(request)} if code == "too_large" else {}
    return problem(request, error.status_code, code, facts, headers={"Allow": allow} if allow else {})


def _most_of(request: AnyRequest) -> int:
    """Returns the largest body that the route allows, in megabytes."""
    handler: HTTPRouteHandler = request.scope["route_handler"]  # type: ignore[assignment]
    return (handler.resolve_request_max_body_size() or 0) // 1_000_000


def of_serialization(request: AnyRequest, error: SerializationException) -> Response[bytes]:
    """Answers invalid JSON with the position of the fault, without its content."""
    reason = str(error.__cause__ or error)
    if "truncated" in reason:
        return problem(request, BAD_REQUEST, "malformed_cut_off")
    if at := re.search(r"\(byte (\d+)\)", reason):
        return problem(request, BAD_REQUEST, "malformed_at", {"byte": at[1]})
    return problem(request, BAD_REQUEST, "malformed")


def of_nesting(request: AnyRequest, error: RecursionError) -> Response[bytes]:
    """Answers JSON that is nested too deeply. Only such JSON causes a `RecursionError` here."""
    _LOG.warning("request.too_deep", **kind_and_place(error))
    return problem(request, BAD_REQUEST, "malformed")


def of_letters(request: AnyRequest, error: UnicodeDecodeError) -> Response[bytes]:
    """Answers a body that is not UTF-8. The answer does not repeat its bytes."""
    _LOG.warning("request.not_utf8", **kind_and_place(error))
    return problem(request, BAD_REQUEST, "malformed")


def of_database(request: AnyRequest, error: DBAPIError) -> Response[bytes]:
    """Answers a violated constraint (a bed is already taken) or a lock timeout."""
    reason = str(error.orig)
    for constraint, code in _FORBIDDEN:
        if constraint in reason:
            return problem(request, 409, code)
    if isinstance(error, OperationalError) or cause_of(error) is not Cause.FAILS:
        return of_fault(request, error)
    return of_anything(request, error)


def of_fault(request: AnyRequest, error: DatabaseFault) -> Response[bytes]:
    """Answers if the database is unavailable, full or locked. Each cause has its own text. Logs the cause."""
    _LOG.error("database.fault", **facts_of(error))
    return problem(request, *status_and_code_of(error))


def status_and_code_of(error: DatabaseFault) -> tuple[int, str]:
    return _OF_CAUSE[cause_of(error)]


def of_anything(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answers an unexpected error. Logs its class and line of code, but nothing of the request."""
    _LOG.error("request.failed", **kind_and_place(error))
    return problem(request, 500, "server_fault")


def of_system(request: AnyRequest, error: OSError) -> Response[bytes]:
    """Answers a full disk. Other errors of the operating system are treated as unexpected errors."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return of_anything(request, error)
    _LOG.error("disk.full", **kind_and_place(error))
    return problem(request, 507, "disk_full")


def code_of(request: AnyRequest, error: Exception) -> str:
    """Logs an error that occurs after the answer has begun. Returns its error code."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    return str(json.loads(handler(request, error).content)["type"]).rpartition(":")[2]


_OF_CAUSE = {
    Cause.AWAY: (503, "database_away"),
    Cause.REFUSES_US: (503, "database_away"),
    Cause.BUSY: (503, "busy"),
    Cause.FULL: (507, "disk_full"),
    Cause.READ_ONLY: (503, "database_read_only"),
    Cause.FAILS: (503, "database_fails"),
}

# Errors of the framework itself, by status.
_CODES = {
    BAD_REQUEST: "malformed",
    404: "not_found",
    405: "no_such_method",
    413: "too_large",
    415: "not_acceptable_body",
}

# The constraints whose violation is a conflict, by words of the error: PostgreSQL names the constraint, SQLite the
# column.
_FORBIDDEN = (
    ("bed_is_given_once", "bed_taken"),
    ("uq_decision_one_standing", "proposal_decided"),
    ("decision.proposal_id", "proposal_decided"),
)

HANDLERS: dict[int | type[Exception], Any] = {
    SerializationException: of_serialization,
    HTTPException: of_http,
    DBAPIError: of_database,
    NoConnectionInTime: of_fault,
    RecursionError: of_nesting,
    UnicodeDecodeError: of_letters,
    OSError: of_system,
    Exception: of_anything,
}


def _faults_of(request: AnyRequest, error: ValidationException) -> list[Fault]:
    found = getattr(error.__cause__, "errors", None)
    if isinstance(found, list):  # errors of pydantic about the body
        return [fault_of(one) for one in found]
    if isinstance(error.__cause__, KeyError):  # a missing query parameter
        return [Fault(str(error.__cause__.args[0]), "missing")]
    extra = error.extra if isinstance(error.extra, list) else []
    return [_parameter_fault(request, str(one["key"])) for one in extra] or [Fault("body", "missing")]


def fault_of(found: Mapping[str, Any]) -> Fault:
    """Converts an error of pydantic into a `Fault`: field, code and expected value."""
    where = ".".join(str(step) for step in found["loc"]) or "body"
    kind, facts = str(found["type"]), dict(found.get("ctx") or {})
    if isinstance(coded := facts.get("error"), Coded):
        return Fault(where, str(coded), coded.found)
    if kind == "string_too_short" and facts["min_length"] == 1:
        return Fault(where, "empty")
    if kind in {"enum", "literal_error"}:
        facts["expected"] = [one.strip("'") for one in re.findall(r"'[^']*'|\d+", str(facts["expected"]))]
    return Fault(where, next((code for start, code in _WORDS_FOR if kind.startswith(start)), "not_right"), facts)


def _parameter_fault(request: AnyRequest, where: str) -> Fault:
    """Returns the fault of a query parameter, from the framework's message and the parameter's type."""
    if where == "data":
        return Fault("body", "missing")
    parameter = request.route_handler.parsed_fn_signature.parameters[where]
    for kind in (parameter.annotation, *(inner.annotation for inner in parameter.inner_types)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return Fault(where, "not_listed", {"expected": [code.value for code in kind]})
        if kind in _KINDS:
            return Fault(where, _KINDS[kind])
        if kind is int:
            limits = parameter.kwarg_definition
            return Fault(where, "not_in_range", {"ge": getattr(limits, "ge", None), "le": getattr(limits, "le", None)})
    return Fault(where, "not_a_code")


_KINDS = {date: "not_a_day", bool: "not_yes_or_no"}

# By the beginning of pydantic's type of error.
_WORDS_FOR = (
    ("missing", "missing"),
    ("extra_forbidden", "field_unknown"),
    ("int", "not_whole"),
    ("float", "not_number"),
    ("finite", "not_number"),
    ("greater_than", "too_low"),
    ("less_than", "too_high"),
    ("enum", "not_listed"),
    ("literal", "not_listed"),
    ("string_pattern", "not_a_code"),
    ("string_too_short", "text_too_short"),
    ("string_too_long", "text_too_long"),
    ("string", "not_text"),
    ("bool", "not_yes_or_no"),
    ("datetime", "not_a_moment"),
    ("timezone", "not_a_moment"),
    ("date", "not_a_day"),
    ("list", "not_a_list"),
    ("model", "not_an_object"),
    ("too_short", "too_few"),
    ("too_long", "too_many"),
)
