"""A form that was sent: read once, and only when it comes from a page of ours."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from api.http.context import Acts
from api.http.cookies import session_secret_of
from placement.accounts import sessions
from placement.core.context import Actor
from placement.core.errors import NotAllowed

CSRF_FIELD = "csrf_token"
KEY_FIELD = "idempotency_key"
VERSION_FIELD = "version"
OURS = frozenset({CSRF_FIELD, KEY_FIELD, VERSION_FIELD, "kept"})
_READING = {"GET", "HEAD", "OPTIONS"}
_PART = re.compile(r"^(\w+)\.(\d+)\.(\w+)$")


class Form:
    """The fields by name, in order; a name may be there several times."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = list(fields)

    def get(self, name: str) -> str:
        """Without the spaces around it; empty where it was not sent."""
        return next((value.strip() for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name and value]

    def has(self, name: str) -> bool:
        """Of a box that can be ticked."""
        return bool(self.all(name))

    def some(self, *names: str) -> dict[str, str]:
        """Those of these fields in which something was filled in."""
        return {name: self.get(name) for name in names if self.get(name)}

    def rows(self, name: str) -> list[dict[str, str]]:
        """`person.0.age`, `person.1.age`, ...: a list of records, without those in which nothing was filled in."""
        found: dict[int, dict[str, str]] = {}
        for field, value in self.fields:
            part = _PART.match(field)
            if part and part[1] == name:
                found.setdefault(int(part[2]), {})[part[3]] = value.strip()
        return [found[number] for number in sorted(found) if any(found[number].values())]


def number(written: str) -> Any:
    """A number where it is one; of what it is instead the API says what is wrong."""
    return int(written) if written.isascii() and written.isdecimal() else written


def fields_of(kept: str) -> list[tuple[str, str]]:
    """What was typed before somebody signed in again; nothing where it is not that, or would replace what is ours."""
    try:
        found = json.loads(kept)
    except ValueError:
        return []
    pairs = [one for one in found if isinstance(one, list) and len(one) == 2] if isinstance(found, list) else []  # noqa: PLR2004
    return [(str(name), str(value)) for name, value in pairs if name not in OURS]


async def form_of(request: Request[Any, Any, Any]) -> Form:
    return Form((await request.form()).multi_items())


async def acts_of_form(request: Request[Actor, Any, Any]) -> Acts:
    """The acts of a page: a form says in its fields what a program says in headers."""
    if request.method in _READING:
        return Acts(request, b"")
    form = await form_of(request)
    return Acts(request, await request.body(), key=form.get(KEY_FIELD) or None, follows=form.get(VERSION_FIELD) or None)


def is_from_our_pages(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """What the browser itself says of where a form comes from; every browser says so with what it posts."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")


async def genuine(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of every page. Raises `NotAllowed` for a form that is not of our pages, signed in or not."""
    if connection.scope.get("method") in _READING:
        return
    if not is_from_our_pages(connection):
        raise NotAllowed("csrf_refused")
    if handler.opt.get("public"):
        return
    form = await form_of(Request(connection.scope, connection.receive, connection.send))
    sessions.require_csrf_token(session_secret_of(connection) or "", form.get(CSRF_FIELD))
