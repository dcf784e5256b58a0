"""What the service tells about itself: one log line and two metrics a request.

A request is named by its route's template, never by its path: no id, no query and no body is ever written down.
"""

import os
import sys
import time
from typing import Any

import structlog
from litestar import Response, get
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.origin import name_request

_LOG = structlog.get_logger()

REQUESTS = Counter("placement_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("placement_request_seconds", "Time to answer", ["method", "route"])

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def set_up_logging() -> None:
    """Lines of JSON on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def observed(app: ASGIApp) -> ASGIApp:
    """Goes around everything else, errors included: counts, times and logs."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        name = name_request(scope)
        status = 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, send_on)
        finally:
            _note(scope, name, status, time.perf_counter() - began)

    return answer


def _note(scope: Scope, name: str, status: int, seconds: float) -> None:
    route = str(scope.get("path_template") or "unknown")
    method = str(scope.get("method"))
    method = method if method in _METHODS else "other"  # a caller could make up a new series with every request
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    _LOG.info("request", method=method, route=route, status=status, request_id=name, ms=round(seconds * 1000, 1))


@get("/metrics", public=True, include_in_schema=False, sync_to_thread=True)
def metrics() -> Response[Any]:
    """Counts and times by route, of all worker processes together. Nothing of any case."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
