"""One request, one act, one transaction: how every handler calls the domain. No answer without its audit event."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.serialization import encode_json
from pydantic import BaseModel, ConfigDict

from api.http.desk_numbers import DeskNumbers
from api.http.language import language_of
from api.http.origin import origin_of
from api.http.readers import Readers, require_fields, require_readable
from placement.access.permissions import Permission, require
from placement.audit import answer_replay, page_reads
from placement.audit import log as audit_log
from placement.core import clock
from placement.core.context import Act, Actor
from placement.core.errors import Invalid, NotAcceptable, ReasonNeeded, VersionMissing, VersionPassed
from placement.core.settings import Settings
from placement.placements.proposals import proposals
from placement.solver.previews import Previews
from placement.solver.snapshot import Snapshot
from placement.storage import idempotency
from placement.storage.database import Database
from placement.storage.disk_reserve import DiskReserve
from placement.storage.idempotency import Answer, Attempt
from placement.tasks.opening import are_open_still, with_cases_of_tasks

Asked = TypeVar("Asked")
View = TypeVar("View")
_ABSENT = object()
LONGEST_KEY = 100
_ETAG = re.compile(r'(?:W/)?"?(\d{1,18})"?', re.ASCII)
"""A proxy that compresses an answer makes its tag a weak one."""


class Input(BaseModel):
    """Base of input models. Rejects unknown fields, and `"3"`, `true` or 3.0 for 3."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Self:
        """Validates as JSON: a day is a string, a list is an array. (The framework requests lax Python mode.)"""
        return cls.model_validate_json(encode_json(obj))


class Output(BaseModel):
    """Base of output models."""

    @classmethod
    def of(cls, source: object, **said: Any) -> Self:
        """With what `source` has under the names of the fields, of what is named by its id with `_id` after it; `said`:
        what has another name there, or none.
        """
        same = {name: _fact_of(source, name) for name in cls.model_fields if name not in said}
        return cls.model_validate({**same, **said}, from_attributes=True)

    def etag(self) -> str | None:
        """The version for `If-Match` in a later write; None if the resource has no version."""
        return None


class Versioned(BaseModel):
    """Of an output model: of what a later write changes, which names this version by `If-Match`."""

    version: int

    def etag(self) -> str:
        return str(self.version)


def _fact_of(source: object, name: str) -> Any:
    found = getattr(source, name, _ABSENT)
    return getattr(source, f"{name}_id") if found is _ABSENT else found


AnyOutput = TypeVar("AnyOutput", bound=Output)


class Acts:
    """The acts of one request: its actor, its moment, and the language of the answer."""

    def __init__(
        self, request: Request[Actor, Any, Any], body: bytes, *, key: str | None = None, follows: str | None = None
    ) -> None:
        """`key`, `follows`: values from a form that replace the headers `Idempotency-Key` and `If-Match`."""
        self.request = request
        self._body = body
        self._key = request.headers.get("idempotency-key") if key is None else key
        self._follows = request.headers.get("if-match") if follows is None else follows
        self._database: Database = request.app.state.database
        self._settings: Settings = request.app.state.settings
        self._readers: Readers = request.app.state.readers
        self.previews: Previews = request.app.state.previews
        """Engine previews that make no placement."""
        self.desk_numbers: DeskNumbers = request.app.state.desk_numbers
        self._at = clock.now()
        self._permission: Any = request.route_handler.opt.get("permission")  # None if the route requires no permission
        self.language = language_of(request)

    @property
    def moment(self) -> datetime:
        """The moment of the whole request."""
        return self._at

    def form_of(self, offered: Sequence[str]) -> str:
        """The preferred one of these media types (`Accept`); the first if there is no such header.

        Raises `NotAcceptable`.
        """
        best = self.request.accept.best_match(list(offered)) if "accept" in self.request.headers else offered[0]
        if best is None:
            raise NotAcceptable("not_acceptable", offered=", ".join(offered))
        return best

    def under(self, permission: Permission) -> Self:
        """A copy with another permission, for a page that does more than its route: checked and logged under it.

        Raises `NotAllowed`.
        """
        require(self.request.user, permission)
        other = copy(self)
        other._permission = permission  # noqa: SLF001 - an instance of the same class
        return other

    def for_one(self, thing: str) -> Self:
        """A copy for one of several things of a form: its transaction and its idempotency key are its own."""
        other = copy(self)
        other._key = self._key and f"{self._key}.{thing}"  # noqa: SLF001 - an instance of the same class
        return other

    def read(self, serialize: Callable[[Act], AnyOutput]) -> Response[AnyOutput]:
        return _sent(self.run(lambda act: self._answer(act, serialize(act))))

    def show(self, page: str, build: Callable[[Act], View], *needed: Permission) -> View:
        """All that a page shows, read in one transaction and with one audit event.

        With it goes how the placement desk is rung: each page has it in its frame.

        `page`: the page's code. `needed`: the permissions of its parts, where they are not the route's own; each is
        checked before anything is read. Raises `NotAllowed`.
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
        """Commits a write once, even if the request is repeated (`Idempotency-Key`); a failure stores nothing."""
        return self.ask_and_write(lambda: None, lambda act, _: do(act))

    def ask_and_write(self, ask: Callable[[], Asked], do: Callable[[Act, Asked], AnyOutput]) -> Response[AnyOutput]:
        """As `write`, with slow work (`ask`) before it, outside the transaction."""
        answer, replayed = self._committed(ask, do)
        return _sent(answer, {"Idempotent-Replayed": "true"} if replayed else None)

    def change(self, model: type[AnyOutput], do: Callable[[Act], AnyOutput]) -> AnyOutput:
        """As `write`, for a page: the output itself."""
        return self.ask_and_change(model, lambda: None, lambda act, _: do(act))

    def ask_and_change(
        self, model: type[AnyOutput], ask: Callable[[], Asked], do: Callable[[Act, Asked], AnyOutput]
    ) -> AnyOutput:
        """As `ask_and_write`, for a page: the output itself."""
        answer, _ = self._committed(ask, do)
        return model.model_validate_json(answer.body)

    def _committed(self, ask: Callable[[], Asked], do: Callable[[Act, Asked], AnyOutput]) -> tuple[Answer, bool]:
        """The answer of a write, and whether it is that of an earlier request with the same key."""
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
                answer = self._answer(act, do(act, asked))
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
        """Runs `do` in a transaction of its own. If a case is closed to the actor, `do` runs once more with the case
        open, as far as a task opens it (`placement/tasks/opening.py`): tasks are looked for only then.
        """
        by_tasks: list[str] = []
        while True:
            try:
                with self._database.transaction() as session:
                    found = do(with_cases_of_tasks(self._act(session), by_tasks))
            except ReasonNeeded as closed:
                if closed.registration_id in by_tasks:
                    raise
                by_tasks.append(closed.registration_id)
            else:
                self.request.state.open_by_task = by_tasks != []
                return found

    def world(self) -> Snapshot:
        """What the engine needs to know of the world, read once for requests that wait; outside any transaction."""
        return self.previews.world(lambda: self.run(proposals.world))

    def apart(self, do: Callable[..., Asked], **given: Any) -> Asked:
        """Runs `do` with its own transactions, for data that is stored even if the request is refused. It takes the
        store, the settings, the moment and the actor, by name the origin and what is `given`.
        """
        facts = self._database, self._settings, self._at, self.request.user
        return do(*facts, origin=origin_of(self.request), **given)

    def version_if_named(self) -> int | None:
        """The version that this write names as its base, or None."""
        return None if self._follows is None else self.version()

    def version(self) -> int:
        """The version that this write changes, as named by `If-Match`.

        Raises `VersionMissing`, or `VersionPassed` if it cannot be parsed.
        """
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
        house = self.request.user.shelter_id or ""  # who works at another one by now gets no answer of the first
        signed = f"{house}{self.request.method} {self.request.url.path}\n".encode() + self._body
        fingerprint = hashlib.sha256(signed).hexdigest()
        return idempotency.claim(self._database, self.request.user.id, key, fingerprint, self._at)

    def _answer(self, act: Act, output: Output) -> Answer:
        """The answer, with the status that the route declares."""
        audit_log.require_event(act, self._permission)
        require_readable(self._readers, act.actor.role, type(output))
        require_fields(act.actor.role, output)
        headers = {"Content-Language": self.language, "Vary": "Accept-Language"}
        if (tag := output.etag()) is not None:
            headers["ETag"] = f'"{tag}"'
        return Answer(
            self.request.route_handler.status_code, headers, output.model_dump_json(), audit_log.case_of(act.session)
        )


def _models_of(view: Any) -> Iterator[BaseModel]:
    """The models in a view: it is one, or a dataclass, a list or a table of such."""
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
"""The acts of its request, as a handler takes them."""


async def acts_of(request: Request[Actor, Any, Any]) -> Acts:
    return Acts(request, await request.body())


def _sent(answer: Answer, more: dict[str, str] | None = None) -> Response[Any]:
    """A response with exactly the bytes that are stored for a replay."""
    headers = {**answer.headers, **(more or {})}
    return Response(answer.body.encode(), status_code=answer.status, headers=headers, media_type="application/json")
