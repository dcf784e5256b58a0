"""Validation of every request before its handler: ids, query and content type."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException, SerializationException
from litestar.serialization import decode_json

from api.http import threads
from api.http.context import Acts
from placement.core.errors import Fault, Invalid, NotFound
from placement.core.ids import CODE_PATTERN

_ID = re.compile(CODE_PATTERN)
_NOT_IN_QUERY = {"acts", "body", "data", "request"}


AllFaults = Callable[[Acts, Mapping[str, str], Mapping[str, Any]], object]
"""A route's own (`all_faults=`): raises `Invalid` for a body that its input model refuses, with what the domain would
say of the rest, so that a program has all of it in one answer.
"""


class NotJson(HTTPException):
    status_code = 415


async def require_well_formed(request: Request[Any, Any, Any]) -> None:
    """Raises `NotFound` for an impossible id, `Invalid` for an unknown query parameter or a field that stands
    twice, `NotJson` for a form.
    """
    if not all(_ID.fullmatch(str(part)) for part in request.path_params.values()):
        raise NotFound
    parameters = set(request.route_handler.parsed_fn_signature.parameters)
    known = parameters - _NOT_IN_QUERY - set(request.path_params)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise Invalid([Fault(name[:50], "filter_unknown", {"allowed": sorted(known) or "-"}) for name in unknown])
    sent = request.headers.get("content-type")
    if "data" not in parameters:
        return
    if sent is not None and sent.split(";")[0].strip().lower() != "application/json":
        raise NotJson
    body = await request.body()
    if twice := await threads.run(_named_twice, body):
        raise Invalid([Fault(name[:50], "field_twice") for name in twice])
    if tell := request.route_handler.opt.get("all_faults"):
        await threads.run(_tell, tell, Acts(request, body), request.path_params, body)


def _tell(tell: AllFaults, acts: Acts, ids: Mapping[str, str], body: bytes) -> None:
    with suppress(SerializationException):  # no JSON: the framework says it
        if isinstance(facts := decode_json(body), dict):
            tell(acts, ids, facts)


def _named_twice(body: bytes) -> list[str]:
    """Names that stand more than once in one object: JSON readers keep the last value and drop the others."""
    found: set[str] = set()

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            (found if name in seen else seen).add(name)

    with suppress(ValueError, RecursionError):  # no JSON, or too deep: the framework says it
        json.loads(body, object_pairs_hook=look)
    return sorted(filter(_is_text, found))


def _is_text(name: str) -> bool:
    """A half of a pair of UTF-16 is none, and JSON is not read with it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
