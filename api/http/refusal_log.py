"""Audit events of refusals, stored before the refusal is sent.

- Status 401, 403, 404 (not found, or not accessible), 409 and 412 (not possible in the present state) are logged.
- Of status 400, only errors that disclose stored facts are logged (`Telling`, `Differs`).
- The event has its own transaction, because the request's transaction was rolled back.
- If the event cannot be stored, the database's error is sent instead. So nobody can try things out without a trace.
"""

from functools import partial
from typing import Any

from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http import threads
from api.http.connections import AnyRequest
from api.http.origin import origin_of
from api.http.problems import of_fault, of_placement
from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core import clock
from placement.core.codes import Action, Outcome
from placement.core.errors import (
    Conflict,
    Differs,
    Invalid,
    NotAllowed,
    NotFound,
    PlacementError,
    SealBroken,
    Telling,
    Unauthenticated,
    VersionPassed,
)
from placement.storage.database import Database

REFUSED: tuple[type[PlacementError], ...] = (
    Unauthenticated,
    NotAllowed,
    NotFound,
    Conflict,
    VersionPassed,
    Telling,
    Differs,
)
"""The errors that write an audit event. A malformed request (400) writes no event."""
_NOT_NOW = (Conflict, VersionPassed, Telling)

_CASE = "registration_id"


class Refusal(Response[bytes]):
    """A response that is sent only after its audit event was stored."""

    def __init__(self, answer: Response[bytes] | Response[str], error: PlacementError) -> None:
        content = answer.content.encode() if isinstance(answer.content, str) else answer.content
        super().__init__(
            content,
            status_code=answer.status_code,
            media_type=answer.media_type,
            headers=answer.headers,
            cookies=answer.cookies,
        )
        self._error = error

    def to_asgi_response(self, app: Any, request: AnyRequest, **rest: Any) -> Any:
        answer = super().to_asgi_response(app, request, **rest)
        return _after_its_event(answer, request, self._error)


def of_refusal(request: AnyRequest, error: PlacementError) -> Response[bytes]:
    """Answers an error. If it is a refusal, the answer also writes the audit event."""
    answer = of_placement(request, error)
    return Refusal(answer, error) if isinstance(error, REFUSED) else answer


def _after_its_event(answer: ASGIApp, request: AnyRequest, error: PlacementError) -> ASGIApp:
    async def send_it(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await write_event(request, error)
        except (DBAPIError, NoConnectionInTime) as fault:
            instead = of_fault(request, fault).to_asgi_response(None, request)
            await instead(scope, receive, send)
        else:
            await answer(scope, receive, send)

    return send_it


async def write_event(request: AnyRequest, error: PlacementError) -> None:
    """Writes the audit event of a refusal. Raises `DBAPIError` or `TimeoutError` if the database fails."""
    await threads.run(record, request, error)


def record(request: AnyRequest, error: PlacementError, subject: str | None = None) -> None:
    """Writes the audit event in the current thread. `subject`: the refused object, if the request has several."""
    database: Database = request.app.state.database
    handler = request.scope.get("route_handler")
    permission: Permission | None = handler.opt.get("permission") if handler else None
    asked = {name: str(part) for name, part in request.scope.get("path_params", {}).items()}
    others = [part for name, part in asked.items() if name != _CASE]
    broken = error if isinstance(error, SealBroken) else error.__cause__
    with database.transaction() as session:
        refuse = partial(audit_log.refuse, session, clock.now(), origin_of(request), request.scope.get("user"))
        if isinstance(broken, SealBroken):
            event = Event.SEAL_BROKEN
            about = {"subject": broken.row, "table": broken.table, "row": broken.row}
            refuse(event=event, action=event.action, outcome=event.outcome, **about)
        refuse(
            event=Event.REQUEST_REFUSED if isinstance(error, _NOT_NOW) else Event.ACCESS_REFUSED,
            action=_action(permission),
            outcome=Outcome.NOT_FOUND if isinstance(error, NotFound) else Outcome.REFUSED,
            registration=asked.get(_CASE),
            subject=subject or (others[0] if others else None),
            code=error.faults[0].code if isinstance(error, Invalid) else error.code,
            permission=permission,
        )


def _action(permission: Permission | None) -> Action:
    """Returns the kind of action of the permission. A route without a permission belongs to sign-in."""
    if permission is None:
        return Action.SIGN_IN
    return Action.READ if permission.value.endswith((":read", ":reveal")) else Action.CHANGE
