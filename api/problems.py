"""What is wrong, as a problem document (RFC 9457), in the reader's language. The one place that knows status codes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    SerializationException,
    ValidationException,
)
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError

from api.language import language_of
from placement.errors import (
    Busy,
    Conflict,
    Fault,
    Invalid,
    NotAllowed,
    NotFound,
    PlacementError,
    Unauthenticated,
    VersionMissing,
    VersionPassed,
)
from placement.words import say

_LOG = structlog.get_logger()

_STATUS: dict[type[PlacementError], int] = {
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    VersionPassed: 412,
    Invalid: 422,
    VersionMissing: 428,
    Busy: 503,
}


class FieldProblem(BaseModel):
    """One field that is wrong, and what to do."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457). `type` names its code; `errors` names the fields, where there are any."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


def problem(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    facts: Mapping[str, Any] = MappingProxyType({}),
    faults: Iterable[Fault] = (),
) -> Response[bytes]:
    """The document for this code. Everything that a reader sees comes from `placement/words.py`."""
    language = language_of(request)
    body = Problem(
        type=f"urn:placement:problem:{code}",
        title=_TITLES[status][language],
        status=status,
        detail=say(code, facts, language),
        errors=[
            FieldProblem(field=fault.field, code=fault.code, message=say(fault.code, fault.facts, language))
            for fault in faults
        ],
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    if code in {"busy", "request_in_progress"}:
        headers["Retry-After"] = "2"
    return Response(
        body.model_dump_json().encode(), status_code=status, media_type="application/problem+json", headers=headers
    )


def of_placement(request: Request[Any, Any, Any], error: PlacementError) -> Response[bytes]:
    faults = error.faults if isinstance(error, Invalid) else ()
    return problem(request, _STATUS[type(error)], error.code, error.facts, faults)


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the web framework found before any of our code ran."""
    if isinstance(error, ValidationException):
        return problem(request, 422, "invalid", faults=_faults_of(error))
    if isinstance(error, NotFoundException):
        return problem(request, 404, "not_found")
    if isinstance(error, MethodNotAllowedException):
        return problem(request, 405, "no_such_method")
    if error.status_code == 413:  # noqa: PLR2004
        return problem(request, 413, "too_large")
    if isinstance(error.__cause__, SerializationException) or isinstance(error, SerializationException):
        return problem(request, 400, "malformed", {"why": _where(error)})
    if error.status_code < 500:  # noqa: PLR2004
        return problem(request, 400, "malformed", {"why": error.detail})
    return of_anything(request, error)


def of_serialization(request: Request[Any, Any, Any], error: SerializationException) -> Response[bytes]:
    return problem(request, 400, "malformed", {"why": _where(error)})


def of_database(request: Request[Any, Any, Any], error: IntegrityError | OperationalError) -> Response[bytes]:
    """The database had the last word: a bed that was given in the meantime, or a lock that took too long."""
    said = str(error.orig)
    if "bed_is_given_once" in said:
        return problem(request, 409, "bed_taken")
    if "uq_decision_one_standing" in said or "decision.proposal_id" in said:
        return problem(request, 409, "proposal_not_open", {"status": "accepted"})
    if isinstance(error, OperationalError):
        _LOG.warning("database.busy", kind=type(error.orig).__name__)
        return problem(request, 503, "busy")
    return of_anything(request, error)


def of_anything(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours. The log gets the kind and the place, never what was in the request."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    _LOG.error("request.failed", kind=type(error).__name__, place=place)
    return problem(request, 500, "server_fault")


HANDLERS: dict[int | type[Exception], Any] = {
    PlacementError: of_placement,
    SerializationException: of_serialization,
    HTTPException: of_http,
    IntegrityError: of_database,
    OperationalError: of_database,
    Exception: of_anything,
}

_TITLES: dict[int, dict[str, str]] = {
    400: {"nl": "Onleesbaar verzoek", "en": "Unreadable request"},
    401: {"nl": "Niet aangemeld", "en": "Not signed in"},
    403: {"nl": "Mag niet", "en": "Not allowed"},
    404: {"nl": "Niet gevonden", "en": "Not found"},
    405: {"nl": "Methode kan niet", "en": "Method not allowed"},
    409: {"nl": "Botst met de stand van nu", "en": "Conflicts with how things are now"},
    412: {"nl": "Niet de nieuwste versie", "en": "Not the newest version"},
    413: {"nl": "Te groot", "en": "Too large"},
    422: {"nl": "Er klopt iets niet", "en": "Something is not right"},
    428: {"nl": "Versie ontbreekt", "en": "Version missing"},
    500: {"nl": "Fout bij ons", "en": "Our fault"},
    503: {"nl": "Even te druk", "en": "Too busy just now"},
}
assert set(_STATUS.values()) <= set(_TITLES)  # noqa: S101  (a status without a title would be a fault at run time)


def _where(error: Exception) -> str:
    """Where the JSON breaks off, in the parser's words, without anything of the content."""
    said = str(error.__cause__ or error)
    return said.split(":", 1)[-1].strip()[:120]


def _faults_of(error: ValidationException) -> list[Fault]:
    found = getattr(error.__cause__, "errors", None)
    if isinstance(found, list):  # pydantic's, of a body
        return [_fault(one) for one in found]
    extra = error.extra if isinstance(error.extra, list) else []
    return [_parameter_fault(str(one.get("key", "body")), str(one.get("message", ""))) for one in extra] or [
        Fault("body", "missing", {})
    ]


def _fault(found: dict[str, Any]) -> Fault:
    """A fault of pydantic's in our words: which field, and what was expected there."""
    path = [str(step) for step in found["loc"]]
    where = ".".join(path[1:] if path[:1] == ["data"] else path) or "body"
    kind, facts = str(found["type"]), found.get("ctx") or {}
    if isinstance(facts.get("error"), Coded):
        return Fault(where, str(facts["error"]), {})
    code = next((code for start, code in _WORDS_FOR if kind.startswith(start)), "not_right")
    return Fault(where, code, facts)


def _parameter_fault(where: str, said: str) -> Fault:
    """The same for a path, query or header parameter, of which the framework tells in a sentence."""
    return Fault(where, next((code for part, code in _PARAMETER_WORDS if part in said), "not_right"), {})


# What pydantic's kinds of error begin with.
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
    ("string_pattern", "not_this_form"),
    ("string_too_short", "too_few"),
    ("string_too_long", "too_many"),
    ("string", "not_text"),
    ("bool", "not_yes_or_no"),
    ("datetime", "not_a_moment"),
    ("timezone", "not_a_moment"),
    ("date", "not_a_day"),
    ("list", "not_a_list"),
    ("tuple", "not_a_list"),
    ("model", "not_an_object"),
    ("dict", "not_an_object"),
    ("too_short", "too_few"),
    ("too_long", "too_many"),
)
_PARAMETER_WORDS = (("int", "not_whole"), (">=", "not_right"), ("enum", "not_a_code"), ("Missing", "missing"))


class Coded(ValueError):
    """Raised by an input model: its text is a code of `placement/words.py`."""
