"""The validation of a request before its handler: ids, query, content type and characters."""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from litestar.exceptions import SerializationException
from litestar.serialization import decode_json

from api.http import threads
from api.http.connections import AnyRequest
from api.http.context import Acts
from api.http.problems import BadBody
from placement.core.errors import Fault, Invalid, NotFound
from placement.core.ids import CODE_PATTERN

_ID = re.compile(CODE_PATTERN)
_HALF = re.compile("[\ud800-\udfff]")
"""A surrogate (half of a UTF-16 pair), which is not a character."""

_NOT_IN_QUERY = {"acts", "body", "data", "request"}


AllFaults = Callable[[Acts, Mapping[str, str], Mapping[str, object]], object]
"""A check that a route declares as `all_faults`. It runs if the input model rejects the body, so that software gets all
faults at once: those of the model, and those that the domain finds in the other fields. Raises `Invalid`.
"""


async def require_well_formed(request: AnyRequest) -> None:
    """Checks a request before its handler. Raises `NotFound` for an impossible id. Raises `Invalid` for an unknown
    query parameter, a field that occurs twice, or a text with NUL. Raises `BadBody` if the body is not JSON in UTF-8.
    """
    if not all(_ID.fullmatch(str(part)) for part in request.path_params.values()):
        raise NotFound
    parameters = set(request.route_handler.parsed_fn_signature.parameters)
    known = parameters - _NOT_IN_QUERY - set(request.path_params)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        code = "filter_unknown" if known else "filter_none"
        raise Invalid([Fault(name[:50], code, {"allowed": sorted(known)}) for name in unknown])
    packed = request.headers.get("content-encoding", "").strip().lower()
    if packed not in {"", "identity"} and parameters & {"body", "data"}:
        raise BadBody("body_encoded", 415, encoding=packed[:20])
    sent = request.headers.get("content-type")
    if "data" not in parameters:
        return
    if sent is not None and sent.split(";")[0].strip().lower() != "application/json":
        raise BadBody("not_acceptable_body", 415)
    body = await request.body()
    if faults := await threads.run(_faults_of, body):
        raise Invalid(faults)
    if tell := request.route_handler.opt.get("all_faults"):
        await threads.run(_tell, tell, Acts(request, body), request.path_params, body)


def _require_utf_8(body: bytes) -> None:
    if body.startswith(codecs.BOM_UTF8):
        raise BadBody("malformed_mark")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadBody("malformed_letters", byte=error.start) from None


def _tell(tell: AllFaults, acts: Acts, ids: Mapping[str, str], body: bytes) -> None:
    with suppress(SerializationException):  # the framework reports invalid JSON
        if isinstance(facts := decode_json(body), dict):
            tell(acts, ids, facts)


def _faults_of(body: bytes) -> list[Fault]:
    """Returns a fault for each field that occurs twice in an object, and for each text with NUL, which PostgreSQL
    cannot store. Raises `BadBody` for invalid characters.
    """
    _require_utf_8(body)
    found: set[str] = set()
    with_nul: list[Fault] = []

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen: set[str] = set()
        for name, _ in pairs:
            (found if name in seen else seen).add(name)
        return dict(pairs)

    # the framework reports invalid or too deeply nested JSON
    with suppress(ValueError, RecursionError):
        whole = json.loads(body, object_pairs_hook=look)
        if b"\\ud" in body.lower() and _HALF.search(json.dumps(whole, ensure_ascii=False)):
            raise BadBody("malformed_half")
        if b"\\u0000" in body:
            with_nul = list(_with_nul(whole, ()))
    return [*(Fault(name[:50], "field_twice") for name in sorted(found)), *with_nul]


def _with_nul(value: object, where: tuple[str, ...]) -> Iterator[Fault]:
    if isinstance(value, str):
        if "\0" in value:
            yield Fault(".".join(where)[:200] or "body", "text_not_plain")
    elif isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _with_nul(part, (*where, str(name)))
