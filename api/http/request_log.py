"""The technical log and metrics: a log line and two metrics for each request.

The line names the path template of the route, but no ids, query or body. It has the request's id, which the answer has
too, and the id of the distributed trace (W3C Trace Context).
"""

import re
import time

import structlog
from litestar import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.http.admission import ARRIVAL
from api.http.connections import AnyRequest, AnyResponse
from api.http.methods import get
from api.http.metrics import REQUESTS, SECONDS
from api.http.operator_access import is_operator
from api.http.origin import name_request
from api.http.problems import problem
from api.http.work_kinds import Work
from placement.core import clock
from placement.core.arrival import Arrival
from placement.doctor.figures import registry_of

_LOG = structlog.get_logger()

_HUNG_UP = 499
"""The logged status if the client has closed the connection (as in nginx)."""
_TRACE = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observed(app: ASGIApp) -> ASGIApp:
    """Wraps the application as the outermost middleware. Counts, measures and logs every request and error."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        name, arrival = name_request(scope), Arrival()
        scope["state"][ARRIVAL] = arrival
        status = 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        try:
            await app(scope, receive, send_on)
        finally:
            _note(scope, name, _HUNG_UP if arrival.gone else status, time.perf_counter() - began)

    return answer


def _note(scope: Scope, name: str, status: int, seconds: float) -> None:
    route = str(scope.get("path_template") or "unknown")
    method = str(scope.get("method"))
    method = method if method in _METHODS else "other"  # otherwise a client could make any number of series
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    trace = next((_TRACE.fullmatch(value) for key, value in scope["headers"] if key == b"traceparent"), None)
    traced = {"trace": trace[1].decode()} if trace else {}
    ms = round(seconds * 1000, 1)
    _LOG.info("request", method=method, route=route, status=status, request_id=name, ms=ms, **traced)


@get("/metrics", public=True, work=Work.HEALTH, include_in_schema=False)
def metrics(request: AnyRequest) -> AnyResponse:
    """Returns metrics for the operator: requests by route over all processes, the state of processes and engine, and
    figures of the installation. They contain no data of a case.
    """
    if not is_operator(request):
        return problem(request, 404, "not_found")
    state = request.app.state
    text = state.metrics.exposition() + generate_latest(state.group.figures())
    text += generate_latest(registry_of(state.database, state.settings, clock.now()))
    return Response(text, media_type=CONTENT_TYPE_LATEST)
