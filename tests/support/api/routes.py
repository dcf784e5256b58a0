"""The routes of the application, and those with an id in their path."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from litestar.handlers import HTTPRouteHandler

from api.http.models import input_of
from api.v1.routes import ROUTES
from placement.access.permissions import Permission, Reach
from placement.core.codes import Role
from tests.support.api.bodies import BODIES
from tests.support.api.resources import PARAMETERS
from tests.support.api.service import API, Service

PUBLIC = {
    "/about",
    "/api/v1/token",
    "/api/v1/session",
    "/api/v1/session/code",
    "/api/v1/session/sso",
    "/api/v1/session/sso/code",
    "/api/v1/invitations/look",
    "/api/v1/invitations/password",
    "/api/v1/invitations/join",
    "/api/v1/invitations/passkey",
    "/api/v1/invitations/passkey/options",
    "/api/v1/session/passkey",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/unsubscribe/{token:str}",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path:str}",
    "/static/{file_path:path}",
}


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    permission: Permission | None
    public: bool


def routes_of(service: Service) -> list[Route]:
    return [
        Route(method, template, handler.opt.get("permission"), bool(handler.opt.get("public")))
        for template, methods in service.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if method not in {"OPTIONS", "HEAD", "asgi"} and (template.startswith("/api") or template in PUBLIC)
    ]


VERSION = {"If-Match": '"1"', "Idempotency-Key": "k"}


class WithId(NamedTuple):
    """A route with an id in its path. `path` has `{}` in its place, and what nobody has in that of each further id; `%`
    stands for a case of another. `thing`: what the id is of, or the id itself.
    """

    method: str
    path: str
    thing: str
    body: dict[str, Any] | None
    strangers: tuple[str, ...]
    """Who has the permission of the route, and does not own the thing."""


_THINGS = {
    **{name: name for name in ("registration", "proposal", "decision", "hold", "stay", "avoidance")},
    **{name: name for name in ("session", "key", "absence")},
    "second_person": "change", "shelter": "S01", "location": "S01-L1", "unit": "S01-L1-U1", "room": "S01-L1-U1-R01",
}  # fmt: skip
"""What of `things` a row asks for; of anything else it is asked only that each id is answered alike."""
_STRANGERS = {Role.COORDINATOR: "elsewhere", Role.SHELTER: "other_shelter", Role.SHELTER_STAFF: "other_staff"}
"""By role, who does not own what stands in `things`."""
_OF_A_PERSON = {"session": ("second", "elsewhere"), "key": ("second", "staff"), "absence": ("second", "staff")}
_AFTER_SECOND_FACTOR = {"/holds/{}/address", "/shelters/{}/telephones"}
"""Of these another is a stranger after the second factor only: `test_address_disclosure.py`, `test_people.py`."""


def _with_id() -> Iterator[WithId]:
    """Returns a row for each route with an id, read from the routes of the API and their permissions."""
    for route in ROUTES.routes:
        for handler in route.route_handlers:
            if not isinstance(handler, HTTPRouteHandler) or handler.opt.get("public") or "{" not in route.path_format:
                continue
            first, *others = re.findall(r"{(\w+)}", route.path_format)
            path = route.path_format.removeprefix(API).replace(f"{{{first}}}", "{}")
            for one in others:
                path = path.replace(f"{{{one}}}", "V-0" if one == "avoidance_id" else "X-0")
            thing, taken = PARAMETERS.get(first, ""), input_of(handler)
            body = BODIES[taken.__name__] if taken else None
            for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                strangers = () if method != "GET" and path in _AFTER_SECOND_FACTOR else _strangers(handler, thing)
                yield WithId(method, path, _THINGS.get(thing, ""), body, strangers)
    yield WithId("POST", "/registrations/%/changes/{}/erase", "fact_change", None, ())
    yield WithId("POST", "/registrations/%/avoided/{}/lift", "avoidance", None, ("desk", "elsewhere"))


def _strangers(handler: HTTPRouteHandler, thing: str) -> tuple[str, ...]:
    if thing in _OF_A_PERSON or thing not in _THINGS:
        return _OF_A_PERSON.get(thing, ())
    reach = handler.opt["permission"].reach
    return tuple(who for role, who in _STRANGERS.items() if reach.get(role, Reach.ALL) is not Reach.ALL)


WITH_ID = sorted(_with_id(), key=lambda row: (row.path, row.method))
