"""The address and the version of the API, and the end dates of operations that a later version removes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from litestar.types import Scope

BASE = "/api/v1"
API_VERSION = "1.0.0"
"""The version of the API, not of the distribution (`docs/guide/api.md`). It is in each answer."""

DOCUMENT = f"{BASE}/openapi.json"
DOCUMENT_FOR_SHELTERS = f"{BASE}/openapi-shelters.json"
DOCUMENTS = (DOCUMENT, DOCUMENT_FOR_SHELTERS)
HEADER = "API-Version"


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an operation, declared in its route as `ends`. The operation's answers then have the headers
    `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
    """

    since: date
    """The day since which software should use another operation."""
    until: date
    """The day until which the operation works at least."""

    @property
    def headers(self) -> dict[str, str]:
        since, until = (datetime.combine(day, time(), UTC) for day in (self.since, self.until))
        return {"Deprecation": f"@{int(since.timestamp())}", "Sunset": format_datetime(until, usegmt=True)}


def is_of_api(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")


def ending_in(marks: Mapping[str, object]) -> Ending | None:
    """Returns the end that a route declares; `None` if it declares no end."""
    found = marks.get("ends")
    return found if isinstance(found, Ending) else None


def version_headers(scope: Scope) -> dict[bytes, bytes]:
    """Returns the headers of an answer of the API: the API's version, and the end of the operation."""
    if not is_of_api(scope["path"]):
        return {}
    handler = scope.get("route_handler")  # the framework sets it when it finds the route
    ending = ending_in(handler.opt) if handler else None
    headers = {HEADER: API_VERSION, **(ending.headers if ending else {})}
    return {name.lower().encode(): value.encode() for name, value in headers.items()}
