"""Admission of requests. Each kind of work has a pool with a limited number of places. A request waits for a place, the
most urgent request first, with a time limit.

The body is read before a request gets a place, so that a slow client does not occupy a place. If the client closes the
connection while its request waits, the request is dropped.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from api.http import threads
from api.http.budgets import Budgets
from api.http.connections import AnyRequest
from api.http.cookies import network_of, sign_in_of
from api.http.metrics import ADMITTED
from api.http.request_body import HungUp, Incoming
from api.http.work_kinds import Work
from api.http.work_queues import Lane, Lanes
from placement.access import scoped_queries
from placement.accounts.login import Standing, standing_of
from placement.core.arrival import CURRENT, LEAST_URGENT, Arrival
from placement.core.context import Actor
from placement.core.errors import TooSlow
from placement.storage.database import Database

ARRIVAL = "arrival"
_CASE = "registration_id"


class Admission:
    """The middleware that lets a request wait for its place. It runs last, after authentication."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        work = Work.of(scope["route_handler"], str(scope.get("method")))
        if work is Work.FREE:
            await self._app(scope, receive, send)
            return
        request: AnyRequest = Request(scope)
        arrival, incoming = arrival_of(scope), Incoming(receive)
        try:
            await self._admit(work, request, arrival, incoming, send)
        except HungUp:
            arrival.gone = True
        except TooSlow:
            ADMITTED.labels(work.value, "slow_body").inc()
            raise

    async def _admit(self, work: Work, request: AnyRequest, arrival: Arrival, incoming: Incoming, send: Send) -> None:
        lanes: Lanes = request.app.state.lanes
        budgets: Budgets = request.app.state.budgets
        of = await _judged_in_order(request, arrival) if work is Work.PASSWORD else whose(request)
        if budgets.is_spent(work, of):  # only requests that are not for tonight; others have their own budget
            await _find_urgency(request, work, arrival)
            budgets.require(work, of, arrival.urgency)
        with lanes.body(of):
            handler: Any = request.scope["route_handler"]
            await incoming.read(handler.resolve_request_max_body_size())
        await _find_urgency(request, work, arrival)
        budgets.require(work, of, arrival.urgency)
        CURRENT.set(arrival)
        async with _watched(incoming, lanes[work], arrival), lanes[work].place(arrival, of):
            threads.WORK.set(work)
            await budgets.spend(work, of, arrival.urgency)
            await self._app(request.scope, incoming, send)


def arrival_of(scope: Scope) -> Arrival:
    """Returns the time and urgency that were stored for this request when it arrived."""
    arrival: Arrival = scope["state"][ARRIVAL]
    return arrival


def whose(request: AnyRequest) -> str:
    """Returns the id of the account that sent the request; without an account, the network that it came from."""
    actor: Actor | None = request.scope.get("user")
    return network_of(request) if actor is None else actor.id


async def _judged_in_order(request: AnyRequest, arrival: Arrival) -> str:
    """Sets the priority of a request that checks a password. Returns the sender in whose name the request is counted:
    account, browser or network.

    A browser in which a user has signed in before comes first, and is counted apart from its network.
    """
    if request.scope.get("user") is not None:
        arrival.urgency = Standing.KNOWN
        return whose(request)
    lanes: Lanes = request.app.state.lanes
    database, _, at, caller = sign_in_of(request)

    def find() -> Standing:
        with database.transaction() as session:
            return standing_of(session, at, caller.device, caller.network)

    async with lanes[Work.STANDING].place(arrival, caller.network):
        standing = await threads.run(find)
    arrival.urgency = standing
    return f"browser {caller.device}" if standing is Standing.KNOWN else caller.network


async def _find_urgency(request: AnyRequest, work: Work, arrival: Arrival) -> None:
    """Gives a request for a proposal the urgency of its case, if the actor may see the case."""
    actor, case = request.scope.get("user"), request.path_params.get(_CASE)
    if work is not Work.ENGINE or actor is None or case is None or arrival.urgency != LEAST_URGENT:
        return
    database: Database = request.app.state.database

    def find() -> int:
        with database.transaction() as session:
            return scoped_queries.urgency_of(session, actor, str(case)) or LEAST_URGENT

    lanes: Lanes = request.app.state.lanes
    async with lanes[Work.ENTRY].place(arrival, whose(request)):
        arrival.urgency = await threads.run(find)


@asynccontextmanager
async def _watched(incoming: Incoming, lane: Lane, arrival: Arrival) -> AsyncIterator[None]:
    """Drops the request if the client closes the connection while the request waits."""

    async def watch() -> None:
        await incoming.hung_up()
        arrival.gone = True
        lane.drop(arrival)

    watching = asyncio.create_task(watch()) if incoming.is_complete else None
    try:
        yield
    finally:
        if watching is not None:
            watching.cancel()
