"""The class `Acts`, for the reads and writes of route handlers. Each is a transaction that stores an audit event."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from litestar import Response
from litestar.di import NamedDependency
from litestar.serialization import encode_json
from litestar.status_codes import HTTP_202_ACCEPTED
from pydantic import BaseModel, ConfigDict

from api.http.connections import ActorRequest, AnyResponse
from api.http.desk_numbers import DeskNumbers
from api.http.language import language_of
from api.http.origin import origin_of
from api.http.readers import Readers, require_fields, require_readable
from placement.access.permissions import Permission, require, require_running
from placement.audit import answer_replay, page_reads
from placement.audit import log as audit_log
from placement.core import clock
from placement.core.context import Act
from placement.core.errors import (
    Conflict,
    Invalid,
    NotAcceptable,
    ReasonNeeded,
    VersionMissing,
    VersionPassed,
)
from placement.core.settings import Settings
from placement.doubt.contacts import naming_whom_to_ring
from placement.placements.proposals import proposals
from placement.solver.previews import Previews
from placement.solver.snapshot import Snapshot
from placement.storage import idempotency
from placement.storage.database import Database
from placement.storage.disk_reserve import DiskReserve
from placement.storage.idempotency import Answer, Attempt
from placement.tasks.opening import are_open_still, with_cases_of_tasks
from placement.text.catalogue import Language

Asked = TypeVar("Asked")
View = TypeVar("View")
_ABSENT = object()
LONGEST_KEY = 100
_ETAG = re.compile(r'(?:W/)?"?(\d{1,18})"?', re.ASCII)
"""The pattern of a version in `If-Match`. The prefix `W/` comes from proxies that compress answers."""


class Input(BaseModel):
    """Base of input models. It rejects unknown fields and values of a wrong type, such as `"3"` for 3."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def model_validate(cls, obj: object, **_: object) -> Self:
        """Validates by the rules of JSON, in which a day is a text, although the framework passes Python values."""
        return cls.model_validate_json(encode_json(obj))


class Output(BaseModel):
    """Base of output models."""

    @classmethod
    def of(cls, source: object, **said: object) -> Self:
        """Makes the output from fields of `source` with the same names. If a field of the output is an object, `source`
        may have its id in `<name>_id`. `said`: further values.
        """
        same = {name: _fact_of(source, name) for name in cls.model_fields if name not in said}
        return cls.model_validate({**same, **said}, from_attributes=True)

    def etag(self) -> str | None:
        """Returns the version for `If-Match` in a later write, or `None` if the object has no version."""
        return None


class Versioned(BaseModel):
    """Base of output models with a version, which a later write must send in `If-Match`."""

    version: int

    def etag(self) -> str:
        return str(self.version)


def _fact_of(source: object, name: str) -> object:
    found = getattr(source, name, _ABSENT)
    return getattr(source, f"{name}_id") if found is _ABSENT else found


AnyOutput = TypeVar("AnyOutput", bound=Output)


class _Rehearsed(Exception):
    """Raised by `Acts.accept` to roll back the trial run of an operation."""


class Acts:
    """Runs the reads and writes of a request. Each is a transaction that stores an audit event of the actor."""

    def __init__(
        self,
        request: ActorRequest,
        body: bytes,
        *,
        key: str | None = None,
        follows: str | None = None,
        language: Language | None = None,
    ) -> None:
        """`key`, `follows`: values of a form, used instead of the headers `Idempotency-Key` and `If-Match`. `language`:
        the language of a page, used instead of `Accept-Language`.
        """
        self.request = request
        self._body = body
        self._key = request.headers.get("idempotency-key") if key is None else key
        self._follows = request.headers.get("if-match") if follows is None else follows
        self._database: Database = request.app.state.database
        self._settings: Settings = request.app.state.settings
        self._readers: Readers = request.app.state.readers
        self.previews: Previews = request.app.state.previews
        """Previews by the engine. They place no client."""
        self.desk_numbers: DeskNumbers = request.app.state.desk_numbers
        self._at = clock.now()
        self._permission = request.route_handler.opt.get("permission")  # `None` for a route without a permission
        self.language = language or language_of(request)

    @property
    def moment(self) -> datetime:
        """The time of the request. All reads and writes of the request have the same time."""
        return self._at

    def form_of(self, offered: Sequence[str]) -> str:
        """Returns the offered media type that the header `Accept` prefers; without the header, the first.

        Raises `NotAcceptable`.
        """
        best = self.request.accept.best_match(list(offered)) if "accept" in self.request.headers else offered[0]
        if best is None:
            raise NotAcceptable("not_acceptable", offered=", ".join(offered))
        return best

    def under(self, permission: Permission) -> Self:
        """Returns a copy with another permission, for a page that uses several operations. Audit events of the copy
        name this permission. Raises `NotAllowed` if the actor does not have it.
        """
        require(self.request.user, permission)
        other = copy(self)
        other._permission = permission  # noqa: SLF001 - an instance of the same class
        return other

    def for_one(self, thing: str) -> Self:
        """Returns a copy for one object (`thing`) of a form about several objects. It has its own idempotency key."""
        other = copy(self)
        other._key = self._key and f"{self._key}.{thing}"  # noqa: SLF001 - an instance of the same class
        return other

    def read(self, serialize: Callable[[Act], AnyOutput]) -> Response[AnyOutput]:
        return _sent(self.run(lambda act: self._answer(act, serialize(act))))

    def show(self, page: str, build: Callable[[Act], View], *needed: Permission) -> View:
        """Reads everything that a page shows, in one transaction and with one audit event. Also reads the desk's
        telephone numbers for the frame of the page.

        `page`: the page's code. `needed`: additional permissions of the page's parts, checked before anything is read.
        Raises `NotAllowed`.
        """
        for permission in needed:
            require(self.request.user, permission)

        def shown(act: Act) -> View:
            view = build(act)
            self.request.state.ring = self.desk_numbers.of(act)
            page_reads.merge_reads(act, page)
            for permission in needed or (self._permission,):
                audit_log.require_event(act, permission)
            told = list(_models_of(view))
            for model in set(map(type, told)):
                require_readable(self._readers, act.actor.role, model)
            for one in told:
                require_fields(act.actor.role, one)
            return view

        return self.run(shown)

    def write(self, do: Callable[[Act], AnyOutput]) -> Response[AnyOutput]:
        """Runs a write in a transaction. For a repeated `Idempotency-Key`, returns the stored answer."""
        return self.ask_and_write(lambda: None, lambda act, _: do(act))

    def ask_and_write(self, ask: Callable[[], Asked], do: Callable[[Act, Asked], AnyOutput]) -> Response[AnyOutput]:
        """Runs a write like `write`. `ask`: slow work to do before the transaction; `do` gets its result."""
        answer, replayed = self._committed(ask, do)
        return _sent(answer, {"Idempotent-Replayed": "true"} if replayed else None)

    def accept(
        self, rehearsed: Callable[[Act], object], do: Callable[[Act], AnyOutput], place: Callable[[AnyOutput], str]
    ) -> Response[AnyOutput]:
        """Stores a request (with `do`) that is carried out later, and answers 202 with its address (`place`).
        `rehearsed`: the later operation. It is run and rolled back, so that its errors are raised now. A `Conflict` is
        ignored: its cause may disappear later, and its text could disclose a client.
        """

        def rehearse() -> None:
            def tried(act: Act) -> None:
                rehearsed(act)
                raise _Rehearsed

            with suppress(_Rehearsed, Conflict):
                self.run(tried)

        answer, replayed = self._committed(rehearse, lambda act, _: do(act), place)
        return _sent(answer, {"Idempotent-Replayed": "true"} if replayed else None)

    def change(self, model: type[AnyOutput], do: Callable[[Act], AnyOutput]) -> AnyOutput:
        """Runs a write like `write` for a page: returns the output instead of a response."""
        return self.ask_and_change(model, lambda: None, lambda act, _: do(act))

    def ask_and_change(
        self, model: type[AnyOutput], ask: Callable[[], Asked], do: Callable[[Act, Asked], AnyOutput]
    ) -> AnyOutput:
        """Runs a write like `ask_and_write` for a page: returns the output instead of a response."""
        answer, _ = self._committed(ask, do)
        return model.model_validate_json(answer.body)

    def _committed(
        self,
        ask: Callable[[], Asked],
        do: Callable[[Act, Asked], AnyOutput],
        place: Callable[[AnyOutput], str] | None = None,
    ) -> tuple[Answer, bool]:
        """Runs a write. Returns its answer and false. For a repeated request, returns the stored answer and true."""
        reserve: DiskReserve = self.request.app.state.reserve
        reserve.require_room()
        attempt = self._claim()
        if isinstance(attempt, Answer):
            stored = attempt
            self.run(lambda act: answer_replay.record_replay(act, stored, self._permission))
            return stored, True
        try:
            asked = ask()

            def done(act: Act) -> Answer:
                answer = self._answer(act, do(act, asked), place)
                if attempt:
                    idempotency.finish(act.session, attempt, answer)
                by_tasks = act.actor.opened - self.request.user.opened
                self.request.state.task_is_done = not are_open_still(act, by_tasks)
                return answer

            answer = self.run(done)
        except BaseException:
            if attempt:
                idempotency.abandon(self._database, attempt)
            raise
        return answer, False

    def run(self, do: Callable[[Act], Asked]) -> Asked:
        """Runs `do` in a transaction. If the actor may not see a case, but has a task about it
        (`placement/tasks/opening.py`), runs `do` again with access to this case.
        """
        by_tasks: list[str] = []
        while True:
            try:
                with self._naming_whom_to_ring(), self._database.transaction() as session:
                    act = self._act(session)
                    if self._permission is not None:
                        require_running(act, self._permission)
                    found = do(with_cases_of_tasks(act, by_tasks))
            except ReasonNeeded as closed:
                if closed.registration_id in by_tasks:
                    raise
                by_tasks.append(closed.registration_id)
            else:
                self.request.state.open_by_task = by_tasks != []
                return found

    def world(self) -> Snapshot:
        """Returns the snapshot of cases and beds for the engine. Requests that wait together share it."""
        return self.previews.world(lambda: self.run(proposals.world))

    def apart(self, do: Callable[..., Asked], **given: object) -> Asked:
        """Calls a function that commits its own transactions, so that its data stays stored even if the request is
        refused. `do` gets database, settings, time, actor, origin and `given`.
        """
        facts = self._database, self._settings, self._at, self.request.user
        with self._naming_whom_to_ring():
            return do(*facts, origin=origin_of(self.request), **given)

    def _naming_whom_to_ring(self) -> AbstractContextManager[None]:
        is_person = self.request.user.key_id is None
        return naming_whom_to_ring(self._database, self._settings, self._at, names=is_person)

    def version_if_named(self) -> int | None:
        """Returns the version in `If-Match`, or `None` without the header."""
        return None if self._follows is None else self.version()

    def version(self) -> int:
        """Returns the version in `If-Match`. Raises `VersionMissing`, or `VersionPassed` for a malformed version."""
        named = self._follows
        if named is None:
            raise VersionMissing("version_missing")
        found = _ETAG.fullmatch(named.strip())
        if found is None:
            raise VersionPassed("version_unreadable", given=named)
        return int(found[1])

    def _act(self, session: Any) -> Act:
        return Act(session, self.request.user, self._at, self._settings, origin_of(self.request))

    def _claim(self) -> Attempt | Answer | None:
        key = self._key
        if key is None:
            return None
        if not key:
            raise Invalid.at("Idempotency-Key", "empty")
        if len(key) > LONGEST_KEY:
            raise Invalid.at("Idempotency-Key", "text_too_long", max_length=LONGEST_KEY)
        house = self.request.user.shelter_id or ""  # no stored answer of a person's former shelter
        signed = f"{house}{self.request.method} {self.request.url.path}\n".encode() + self._body
        fingerprint = hashlib.sha256(signed).hexdigest()
        return idempotency.claim(self._database, self.request.user.id, key, fingerprint, self._at)

    def _answer(self, act: Act, output: AnyOutput, place: Callable[[AnyOutput], str] | None = None) -> Answer:
        """Makes the answer. Checks that an audit event was written, and that the role may read the output. `place`:
        returns the address for the header `Location`; the answer then has status 202.
        """
        audit_log.require_event(act, self._permission)
        require_readable(self._readers, act.actor.role, type(output))
        require_fields(act.actor.role, output)
        headers = {"Content-Language": self.language, "Vary": "Accept-Language"}
        if (tag := output.etag()) is not None:
            headers["ETag"] = f'"{tag}"'
        status = self.request.route_handler.status_code
        if place is not None:
            status, headers["Location"] = HTTP_202_ACCEPTED, place(output)
        return Answer(status, headers, output.model_dump_json(), audit_log.case_of(act.session))


def _models_of(view: object) -> Iterator[BaseModel]:
    """Yields all models in a page's content, which may be nested in dataclasses, lists and mappings."""
    if isinstance(view, BaseModel):
        yield view
    elif is_dataclass(view):
        for field in fields(view):
            yield from _models_of(getattr(view, field.name))
    elif isinstance(view, Mapping):
        yield from _models_of(list(view.values()))
    elif isinstance(view, list | tuple):
        for one in view:
            yield from _models_of(one)


RequestActs = NamedDependency[Acts]
"""The parameter type of a handler that gets the `Acts` of its request."""


async def acts_of(request: ActorRequest) -> Acts:
    return Acts(request, await request.body())


def _sent(answer: Answer, more: dict[str, str] | None = None) -> AnyResponse:
    """Returns a response with exactly the stored body, so that a repeated request gets the same bytes."""
    headers = {**answer.headers, **(more or {})}
    return Response(answer.body.encode(), status_code=answer.status, headers=headers, media_type="application/json")
