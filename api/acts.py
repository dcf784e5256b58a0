"""One request, one act, one transaction: how every handler reaches the domain."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Request, Response
from pydantic import BaseModel, ConfigDict

from api.language import language_of
from placement import clock, idempotency
from placement.acting import Act, Actor
from placement.database import Database
from placement.errors import Invalid, VersionMissing, VersionPassed
from placement.idempotency import Answer, Attempt
from placement.settings import Settings

Asked = TypeVar("Asked")
_LONGEST_KEY = 100


class Input(BaseModel):
    """What may come in: an unknown field is a fault, and so is `"3"` for 3."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """What goes out."""

    def etag(self) -> str | None:
        """The version that `If-Match` of a later write must name."""
        return None


Told = TypeVar("Told", bound=Output)


class Acts:
    """The acts of one request: by its actor, at its moment, answered in its reader's language."""

    def __init__(self, request: Request[Actor, Any, Any], body: bytes) -> None:
        self._request = request
        self._body = body
        self._database: Database = request.app.state.database
        self._settings: Settings = request.app.state.settings
        self._at = clock.now()
        self.language = language_of(request)

    def read(self, tell: Callable[[Act], Told]) -> Response[Told]:
        return self._response(self.run(tell), 200)

    def write(self, tell: Callable[[Act], Told], *, status: int = 200) -> Response[Told]:
        """Does it once, however often it is sent (`Idempotency-Key`), and commits, or leaves nothing behind."""
        return self.ask_and_write(lambda: None, lambda act, _: tell(act), status=status)

    def ask_and_write(
        self, ask: Callable[[], Asked], tell: Callable[[Act, Asked], Told], *, status: int = 200
    ) -> Response[Told]:
        """As `write`, with something slow before it, outside the transaction."""
        attempt = self._claim()
        if isinstance(attempt, Answer):
            return Response(
                attempt.body.encode(),  # type: ignore[arg-type]  # the bytes of a Told
                status_code=attempt.status,
                headers={**attempt.headers, "Idempotent-Replayed": "true"},
                media_type="application/json",
            )
        try:
            asked = ask()
            with self._database.transaction() as session:
                response = self._response(
                    tell(Act(session, self._request.user, self._at, self._settings), asked), status
                )
                if attempt:
                    body = response.content.decode()  # type: ignore[attr-defined]  # bytes, see _response
                    idempotency.finish(session, attempt, Answer(status, dict(response.headers), body))
        except BaseException:
            if attempt:
                idempotency.abandon(self._database, attempt)
            raise
        return response

    def run(self, do: Callable[[Act], Asked]) -> Asked:
        """A transaction of its own, for what has to be read before something slow."""
        with self._database.transaction() as session:
            return do(Act(session, self._request.user, self._at, self._settings))

    def version(self) -> int:
        """The version that this write changes, as `If-Match` names it. Raises `VersionMissing`."""
        named = self._request.headers.get("if-match")
        if named is None:
            raise VersionMissing("version_missing")
        try:
            return int(named.strip().strip('"'))
        except ValueError as error:
            raise VersionPassed("version_passed", given=named, newest="?") from error

    def _claim(self) -> Attempt | Answer | None:
        key = self._request.headers.get("idempotency-key")
        if key is None:
            return None
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise Invalid.at("Idempotency-Key", "too_many", max_length=_LONGEST_KEY)
        said = f"{self._request.method} {self._request.url.path}\n".encode() + self._body
        fingerprint = hashlib.sha256(said).hexdigest()
        return idempotency.claim(self._database, self._request.user.id, key, fingerprint, self._at)

    def _response(self, told: Told, status: int) -> Response[Told]:
        headers = {"Content-Language": self.language, "Vary": "Accept-Language"}
        if (tag := told.etag()) is not None:
            headers["ETag"] = f'"{tag}"'
        return Response(
            told.model_dump_json().encode(),  # type: ignore[arg-type]  # the bytes of a Told
            status_code=status,
            headers=headers,
            media_type="application/json",
        )


async def acts_of(request: Request[Actor, Any, Any]) -> Acts:
    return Acts(request, await request.body())
