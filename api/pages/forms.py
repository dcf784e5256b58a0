"""A submitted form, which is parsed once and accepted only from the service's own pages (CSRF protection)."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from litestar import Request
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from api.http.connections import ActorRequest, AnyConnection, AnyRequest
from api.http.context import Acts
from api.http.cookies import session_secret_of
from placement.accounts import sessions
from placement.core import clock
from placement.core.clock import AMSTERDAM
from placement.core.errors import Invalid, NotAllowed
from placement.text.days import typed_day

CSRF_FIELD = "csrf_token"
KEY_FIELD = "idempotency_key"
VERSION_FIELD = "version"
OURS = frozenset({CSRF_FIELD, KEY_FIELD, VERSION_FIELD, "kept"})
PASSWORDS = frozenset({"password", "current", "code", "credential"})
"""Fields that must be typed again and are never sent back."""
_READING = {"GET", "HEAD", "OPTIONS"}
LONGEST_NUMBER = 18
"""The most digits of a number that every database can store."""
_BETWEEN = re.compile(r"[,;\n]")
_WORDS_OF_A_HANDLE = 2
_PART = re.compile(r"^(\w+)\.([0-9]{1,4})\.(\w+)$")


class Form:
    """The form's fields in order; a name can occur several times."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = list(fields)

    def with_meant(self) -> "Form":
        """Returns the form with the chosen suggestion in place of a misspelt word."""
        name, _, meant = self.get("meant").partition("=")
        return Form((one, meant if name and one == name else value) for one, value in self.fields if one != "meant")

    def without_gaps(self) -> "Form":
        """Returns the form without empty rows and with new row numbers, because errors refer to rows by number."""
        filled: dict[str, set[int]] = {}
        for field, value in self.fields:
            if (part := _PART.match(field)) and value.strip():
                filled.setdefault(part[1], set()).add(int(part[2]))
        place = {(name, old): new for name, rows in filled.items() for new, old in enumerate(sorted(rows))}
        parts = [(_PART.match(field), field, value) for field, value in self.fields]
        return Form(
            (f"{part[1]}.{place[part[1], int(part[2])]}.{part[3]}" if part else field, value)
            for part, field, value in parts
            if part is None or (part[1], int(part[2])) in place
        )

    def get(self, name: str) -> str:
        """Returns the value without surrounding spaces; an empty text if it was not sent."""
        return next((value.strip() for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name and value]

    def has(self, name: str) -> bool:
        """Checks whether a checkbox is ticked."""
        return bool(self.all(name))

    def every(self, *names: str) -> dict[str, str]:
        return {name: self.get(name) for name in names}

    def optional(self, *names: str) -> dict[str, str | None]:
        """Returns these fields by name; an empty field is `None`."""
        return {name: self.get(name) or None for name in names}

    def some(self, *names: str) -> dict[str, str]:
        """Returns these fields by name, without empty fields."""
        return {name: self.get(name) for name in names if self.get(name)}

    def case(self, name: str) -> dict[str, str]:
        """Returns this field and the case in it (with single spaces) as a mapping; an empty mapping for an empty
        field.
        """
        return {name: " ".join(self.get(name).split())} if self.get(name) else {}

    def part(self, name: str) -> "Form":
        """Returns the fields of a part of the form: `call.number` becomes the `number` of part `call`."""
        start = f"{name}."
        return Form((field.removeprefix(start), value) for field, value in self.fields if field.startswith(start))

    def rows(self, name: str) -> list[dict[str, str]]:
        """Returns a list of records (`person.0.age`, `person.1.age`, ...), without empty records."""
        found: dict[int, dict[str, str]] = {}
        for field, value in self.fields:
            part = _PART.match(field)
            if part and part[1] == name:
                found.setdefault(int(part[2]), {})[part[3]] = value.strip()
        return [found[number] for number in sorted(found) if any(found[number].values())]


def number(written: str) -> int | str:
    """Returns a number; a text that is not a number is returned unchanged, and the API rejects it with a message."""
    digits = written.removeprefix("-")
    return int(written) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else written


def cases_in(written: str) -> list[str]:
    """Returns the cases in a text, each given by its reference (with hyphens) or by the two words of its handle."""
    found: list[str] = []
    for part in _BETWEEN.split(written):
        pending: list[str] = []
        for word in part.split():
            pending.append(word)
            if "-" in word or len(pending) == _WORDS_OF_A_HANDLE:
                found += pending if "-" in word else [" ".join(pending)]
                pending = []
        found += pending
    return found


def day_in(written: str) -> str:
    """Returns a typed day in ISO 8601; other texts are returned unchanged, and the API rejects them with a message."""
    return typed_day(written, clock.day_of(clock.now()))


def iso_day(written: str) -> date | None:
    """Reads a day in the form that browsers send (ISO 8601); returns `None` for other texts."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def local_moment(written: str, not_before: datetime | None = None) -> str:
    """Returns a day and time in Amsterdam as a moment with its time zone; other texts are returned unchanged, and the
    API rejects them. If the time occurs twice (end of summer time), returns the first moment, or the second if the
    first is before `not_before`.
    """
    try:
        typed = datetime.fromisoformat(written)
    except ValueError:
        return written
    if typed.tzinfo is not None:  # the time is absolute already, as in a value that a page sent
        return written
    first = typed.replace(tzinfo=AMSTERDAM)
    is_second = not_before is not None and first.astimezone(UTC) < not_before <= first.replace(fold=1).astimezone(UTC)
    return first.replace(fold=is_second).isoformat()


def fields_of(kept: str) -> list[tuple[str, str]]:
    """Reads the form values that the browser kept while the user signed in again; empty if the text is malformed."""
    try:
        found = json.loads(kept)
    except ValueError:
        return []
    pairs = [one for one in found if isinstance(one, list) and len(one) == 2] if isinstance(found, list) else []  # noqa: PLR2004
    return [(str(name), str(value)) for name, value in pairs if name not in OURS]


def credential_of(form: Form) -> dict[str, object]:
    """Returns the browser's answer about a passkey, put into the form by a script. Raises `Invalid` for other texts."""
    try:
        found = json.loads(form.get("credential"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid.at("credential", "passkey_refused")
    return found


SentForm = NamedDependency[Form]
"""The request's form, as a handler's parameter."""


async def form_of(request: AnyRequest) -> Form:
    """Returns a form's text fields. Leaves out files, and values with NUL, which PostgreSQL rejects even in a query. If
    a single section is saved while the user types, empty rows stay, because the page is not loaded again.
    """
    await request.body()  # keeps the body: a form with files would otherwise use up the stream
    fields = (await request.form()).multi_items()
    form = Form((name, value) for name, value in fields if isinstance(value, str) and "\0" not in value).with_meant()
    return form if form.has("section") else form.without_gaps()


async def acts_of_form(request: ActorRequest) -> Acts:
    """Returns the acts of a page. Fields of its form replace the headers that software sends."""
    if request.method in _READING:
        return Acts(request, b"")
    form = await form_of(request)
    return Acts(request, await request.body(), key=form.get(KEY_FIELD) or None, follows=form.get(VERSION_FIELD) or None)


def is_from_our_pages(connection: AnyConnection) -> bool:
    """Checks whether `Origin`, which every browser sends with a POST, is this host."""
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:  # the text is not an address
        return False
    return bool(origin.netloc) and origin.netloc == connection.headers.get("host")


async def genuine(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Raises `NotAllowed` for a form that comes from another site, whether or not a user is signed in. Does not check
    the route that the single sign-on provider calls without a browser (`by_provider`), because a signed token protects
    it.
    """
    if connection.scope.get("method") in _READING or handler.opt.get("by_provider"):
        return
    if not is_from_our_pages(connection):
        raise NotAllowed("csrf_refused")
    if handler.opt.get("public"):
        return
    form = await form_of(Request(connection.scope, connection.receive, connection.send))
    sessions.require_csrf_token(session_secret_of(connection) or "", form.get(CSRF_FIELD))
