"""Authentication of the actor, and the check of permissions. A route without a permission rejects everybody."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from api.http import threads
from api.http.admission import arrival_of
from api.http.connections import AnyConnection
from api.http.cookies import CSRF_HEADER, network_of, session_cookie
from api.http.work_kinds import Work
from api.http.work_queues import Lanes
from placement.access.permissions import require
from placement.accounts import api_keys, sessions
from placement.core import clock
from placement.core.codes import Protocol
from placement.core.context import Actor
from placement.core.errors import NotAllowed, SealBroken, Unauthenticated
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.storage.sealed_session import SealedSession, left_out

_READING = {"GET", "HEAD", "OPTIONS"}


class Authentication(AbstractAuthenticationMiddleware):
    """Finds the actor by the token or, without a token, by the session cookie. Skips routes with `public=True`.

    A write with a session cookie must send the CSRF token in a header. A form of a page sends it in a field, which
    `api/pages/forms.py` checks. A request to a route with `by_itself=True` does not prolong the session: a page sends
    it automatically. Raises `Unauthenticated` without an actor, and `NotAllowed` for a wrong CSRF token.
    """

    async def authenticate_request(self, connection: AnyConnection) -> AuthenticationResult:
        header = connection.headers.get("authorization")
        secret = connection.cookies.get(session_cookie(connection.app.state.settings))
        if header is None and secret:
            used = not connection.scope["route_handler"].opt.get("by_itself")
            async with _entry_of(connection):
                actor = await threads.run(_signed_in, connection.app.state, secret, used)
            if connection.scope.get("method") not in _READING and not connection.scope["route_handler"].opt.get("form"):
                sessions.require_csrf_token(secret, connection.headers.get(CSRF_HEADER, ""))
            return AuthenticationResult(user=actor, auth=Protocol.SESSION)
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token_refused")
        async with _entry_of(connection):
            actor = await threads.run(_actor_of, connection.app.state, token.strip())
        return AuthenticationResult(user=actor, auth=Protocol.API_KEY)


def _entry_of(connection: AnyConnection) -> AbstractAsyncContextManager[None]:
    """Waits for a place in the pool that looks up accounts. A network has a limited number of places."""
    lanes: Lanes = connection.app.state.lanes
    return lanes[Work.ENTRY].place(arrival_of(connection.scope), network_of(connection))


async def permitted(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Raises `NotAllowed` if the actor lacks the route's permission. As a coroutine, it needs no thread.

    OPTIONS needs no permission. The framework answers OPTIONS with a list of methods, which is not secret.
    """
    if handler.opt.get("public") or connection.scope.get("method") == "OPTIONS":
        return
    permission = handler.opt.get("permission")
    if permission is None:
        raise NotAllowed("route_is_shut")
    require(connection.user, permission, can_ask=bool(handler.opt.get("asked")))


def _actor_of(state: State, token: str) -> Actor:
    database: Database = state.database
    with database.transaction() as session, _only_sealed(session, "token_refused"):
        return api_keys.actor_of(session, clock.now(), state.settings, token)


def _signed_in(state: State, secret: str, used: bool) -> Actor:
    database: Database = state.database
    settings: Settings = state.settings
    with database.transaction() as session, _only_sealed(session, "session_refused"):
        return sessions.actor_of(session, clock.now(), settings, secret, used=used)


@contextmanager
def _only_sealed(session: SealedSession, code: str) -> Iterator[None]:
    """Treats a session, key or account with an invalid seal as missing, and writes an audit event about it."""
    try:
        yield
    except SealBroken as broken:
        raise Unauthenticated(code) from broken
    except Unauthenticated as unknown:
        raise unknown from left_out(session)
