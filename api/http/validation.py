"""Validation of every request before its handler: ids, query and content type."""

import json
import re
from contextlib import suppress
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException

from api.http import threads
from placement.core.errors import Fault, Invalid, NotFound
from placement.core.ids import CODE_PATTERN

_ID = re.compile(CODE_PATTERN)
_NOT_IN_QUERY = {"acts", "body", "data", "request"}


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
    if twice := await threads.run(_named_twice, await request.body()):
        raise Invalid([Fault(name[:50], "field_twice") for name in twice])


def _named_twice(body: bytes) -> list[str]:
    """Names that stand more than once in one object: JSON readers keep the last value and drop the others."""
    found: set[str] = set()

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            (found if name in seen else seen).add(name)

    with suppress(ValueError, RecursionError):  # no JSON, or too deep: the framework says it
        json.loads(body, object_pairs_hook=look)
    return sorted(found)
