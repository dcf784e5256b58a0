"""The types of connections, requests and answers."""

from typing import Any

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from placement.core.codes import Protocol
from placement.core.context import Actor

AnyConnection = ASGIConnection[Any, Any, Any, State]
AnyRequest = Request[Any, Any, State]
"""A request before its sender is known."""
ActorRequest = Request[Actor, Protocol, State]
"""A request of an actor who is known."""
AnyResponse = Response[Any]
