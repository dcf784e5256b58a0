"""Type aliases for connections, requests and answers."""

from typing import Any

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from placement.core.codes import Protocol
from placement.core.context import Actor

AnyConnection = ASGIConnection[Any, Any, Any, State]
AnyRequest = Request[Any, Any, State]
"""A request before authentication, or of a public route."""
ActorRequest = Request[Actor, Protocol, State]
"""A request with an actor."""
AnyResponse = Response[Any]
