"""The origin of a request, for audit events: network address, authentication protocol, and request id."""

from litestar.types import Scope

from api.http.connections import AnyConnection
from placement.core.codes import Protocol
from placement.core.context import Origin
from placement.core.ids import new_id

_NAME = "request_id"


def name_request(scope: Scope) -> str:
    """Assigns an id to a new request, and returns it.

    Replaces the state dictionary of the scope, because the server may share it between requests.
    """
    name = new_id("Q")
    scope["state"] = {**scope.get("state", {}), _NAME: name}
    return name


def origin_of(connection: AnyConnection) -> Origin:
    """Returns protocol, address and id of a request. Raises ValueError if authentication stored an unknown protocol."""
    return Origin(
        protocol=Protocol(connection.auth) if "auth" in connection.scope else Protocol.NONE,
        address=connection.client.host if connection.client else "unknown",
        request_id=connection.scope["state"][_NAME],
    )
