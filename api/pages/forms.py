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
from api.pages.translation import reader_language
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
"""Fields whose values the pages never show again."""
_READING = {"GET", "HEAD", "OPTIONS"}
LONGEST_NUMBER = 18
"""The largest number of digits that every database can store."""
_BETWEEN = re.compile(r"[,;\n]")
_WORDS_OF_A_HANDLE = 2
_PART = re.compile(r"^(\w+)\.([0-9]{1,4})\.(\w+)$")


class Form:
    """The form's fields in order; a name can occur several times."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = list(fields)

    def with_meant(self) -> "Form":
        """Returns the form with misspelt words replaced by the chosen suggestions."""
        name, _, meant = self.get("meant").partition("=")
        return Form((one, meant if name and one == name else value) for one, value in self.fields if one != "meant")

    def without_gaps(self) -> "Form":
        """Returns the form without empty rows. The other rows get new numbers, because errors name rows by number."""
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
        """Returns the value of a field without surrounding spaces; an empty text if the field is missing."""
        return next((value.strip() for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name and value]

    def has(self, name: str) -> bool:
        """Checks whether a checkbox is ticked."""
        return bool(self.all(name))

    def every(self, *names: str) -> dict[str, str]:
        return {name: self.get(name) for name in names}

    def optional(self, *names: str) -> dict[str, str | None]:
        """Returns these fields by name. An empty field is `None`."""
        return {name: self.get(name) or None for name in names}

    def some(self, *names: str) -> dict[str, str]:
        """Returns these fields by name, without empty fields."""
        return {name: self.get(name) for name in names if self.get(name)}

    def case(self, name: str) -> dict[str, str]:
        """Returns the name and the value of a field that holds a case, without extra spaces; `{}` if it is empty."""
        return {name: " ".join(self.get(name).split())} if self.get(name) else {}

    def part(self, name: str) -> "Form":
        """Returns a part of the form as a form: field `call.number` becomes `number` of part `call`."""
        start = f"{name}."
        return Form((field.removeprefix(start), value) for field, value in self.fields if field.startswith(start))

    def rows(self, name: str) -> list[dict[str, str]]:
        """Returns the rows of a list (`person.0.age`, `person.1.age`, ...), without empty rows."""
        found: dict[int, dict[str, str]] = {}
        for field, value in self.fields:
            part = _PART.match(field)
            if part and part[1] == name:
                found.setdefault(int(part[2]), {})[part[3]] = value.strip()
        return [found[number] for number in sorted(found) if any(found[number].values())]


def number(written: str) -> int | str:
    """Parses a number. Returns other texts unchanged, so that the API rejects them with a message."""
    digits = written.removeprefix("-")
    return int(written) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else written


def cases_in(written: str) -> list[str]:
    """Returns the cases in a text. A case is a reference with hyphens, or the two words of a handle."""
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
    """Parses a typed day into ISO 8601. Returns other texts unchanged, so that the API rejects them with a message."""
    return typed_day(written, clock.day_of(clock.now()))


def iso_day(written: str) -> date | None:
    """Parses a day in ISO 8601, as browsers send it. Returns `None` for other texts."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def local_moment(written: str, not_before: datetime | None = None) -> str:
    """Adds the time zone of Amsterdam to a typed day and time. Returns other texts unchanged, so that the API rejects
    them. If the time occurs twice (end of summer time), uses the first, or the second if the first is before
    `not_before`.
    """
    try:
        typed = datetime.fromisoformat(written)
    except ValueError:
        return written
    if typed.tzinfo is not None:  # already has a time zone, because a page sent it
        return written
    first = typed.replace(tzinfo=AMSTERDAM)
    is_second = not_before is not None and first.astimezone(UTC) < not_before <= first.replace(fold=1).astimezone(UTC)
    return first.replace(fold=is_second).isoformat()


def fields_of(kept: str) -> list[tuple[str, str]]:
    """Parses the form values that the browser kept during a new sign-in. Returns nothing for malformed text."""
    try:
        found = json.loads(kept)
    except ValueError:
        return []
    pairs = [one for one in found if isinstance(one, list) and len(one) == 2] if isinstance(found, list) else []  # noqa: PLR2004
    return [(str(name), str(value)) for name, value in pairs if name not in OURS]


def credential_of(form: Form) -> dict[str, object]:
    """Parses the browser's answer about a passkey. Raises `Invalid` for other texts."""
    try:
        found = json.loads(form.get("credential"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid.at("credential", "passkey_refused")
    return found


SentForm = NamedDependency[Form]
"""The parameter type of a handler that gets the sent form."""


async def form_of(request: AnyRequest) -> Form:
    """Reads the text fields of a form. Leaves out files, and values with NUL, which PostgreSQL rejects. Keeps empty
    rows if only a section is sent, because the numbers of rows on the page stay.
    """
    await request.body()  # reads the body into memory, because the parsing of files uses up the stream
    fields = (await request.form()).multi_items()
    form = Form((name, value) for name, value in fields if isinstance(value, str) and "\0" not in value).with_meant()
    return form if form.has("section") else form.without_gaps()


async def acts_of_form(request: ActorRequest) -> Acts:
    """Makes the `Acts` of a page. Form fields and the language of the page replace the headers that software sends."""
    language = reader_language(request)
    if request.method in _READING:
        return Acts(request, b"", language=language)
    form = await form_of(request)
    key, follows = form.get(KEY_FIELD) or None, form.get(VERSION_FIELD) or None
    return Acts(request, await request.body(), key=key, follows=follows, language=language)


def is_from_our_pages(connection: AnyConnection) -> bool:
    """Checks whether the header `Origin`, which browsers send with every POST, names this host."""
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:  # not a URL
        return False
    return bool(origin.netloc) and origin.netloc == connection.headers.get("host")


async def genuine(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Raises `NotAllowed` for a form that another site sent. Routes with `by_provider` are called by the single sign-on
    provider without a browser; they check a signed token instead.
    """
    if connection.scope.get("method") in _READING or handler.opt.get("by_provider"):
        return
    if not is_from_our_pages(connection):
        raise NotAllowed("csrf_refused")
    if handler.opt.get("public"):
        return
    form = await form_of(Request(connection.scope, connection.receive, connection.send))
    sessions.require_csrf_token(session_secret_of(connection) or "", form.get(CSRF_FIELD))
