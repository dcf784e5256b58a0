"""The version of the API, and the deprecation of operations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from litestar.types import Scope

BASE = "/api/v1"
API_VERSION = "1.0.0"
"""The version of the API, which each answer names. It is not the version of the software (`docs/guide/api.md`)."""

DOCUMENT = f"{BASE}/openapi.json"
DOCUMENT_FOR_SHELTERS = f"{BASE}/openapi-shelters.json"
DOCUMENTS = (DOCUMENT, DOCUMENT_FOR_SHELTERS)
HEADER = "API-Version"


@dataclass(frozen=True, slots=True)
class Ending:
    """The deprecation of an operation, declared in its route as `ends`. The operation's answers then have the headers
    `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
    """

    since: date
    """The first day of the deprecation."""
    until: date
    """The last day on which the operation certainly works."""

    @property
    def headers(self) -> dict[str, str]:
        since, until = (datetime.combine(day, time(), UTC) for day in (self.since, self.until))
        return {"Deprecation": f"@{int(since.timestamp())}", "Sunset": format_datetime(until, usegmt=True)}


def is_of_api(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")


def ending_in(marks: Mapping[str, object]) -> Ending | None:
    """Returns the deprecation that a route declares, or `None`."""
    found = marks.get("ends")
    return found if isinstance(found, Ending) else None


def version_headers(scope: Scope) -> dict[bytes, bytes]:
    """Returns the version of the API and any deprecation of the operation, as headers of the answer."""
    if not is_of_api(scope["path"]):
        return {}
    handler = scope.get("route_handler")  # set by the framework when it has found the route
    ending = ending_in(handler.opt) if handler else None
    headers = {HEADER: API_VERSION, **(ending.headers if ending else {})}
    return {name.lower().encode(): value.encode() for name, value in headers.items()}
