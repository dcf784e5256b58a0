"""Who is asking, and whether the route is for them. Deny unless allowed: a route that names no permission is shut."""

from typing import Any

import anyio.to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from placement import clock, keys
from placement.acting import Actor
from placement.database import Database
from placement.errors import NotAllowed, Unauthenticated
from placement.permissions import require
from placement.vocabulary import Protocol

Connection = ASGIConnection[Any, Any, Any, Any]


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Turns the token of a request into its actor. Routes marked `public=True` are left alone."""

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token_refused")
        database: Database = connection.app.state.database
        actor = await anyio.to_thread.run_sync(_actor_of, database, token.strip())
        return AuthenticationResult(user=actor, auth=Protocol.API_KEY)


def permitted(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard of every route. (What the framework answers to OPTIONS is the list of methods, which /schema has.)"""
    if handler.opt.get("public") or connection.scope.get("method") == "OPTIONS":
        return
    permission = handler.opt.get("permission")
    if permission is None:
        raise NotAllowed("route_is_shut")
    require(connection.user, permission)


def _actor_of(database: Database, token: str) -> Actor:
    with database.transaction() as session:
        return keys.actor_of(session, clock.now(), token)
