"""Leaving the service: requests for an export with people and for the destruction of the keys. They are carried out at
the command line, never by a route.
"""

from collections.abc import Mapping
from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, post
from api.v1.approvals import CarriedOutLater, command_of
from api.v1.rules import LONGEST_REASON, SHORTEST_REASON
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.leave import requests
from placement.leave.requests import Wanted
from placement.tables import LeaveRequest

_COMMANDS: Mapping[LeaveKind, str] = {
    LeaveKind.EXPORT_PEOPLE: "placement export --with-people --approval {id} --output people.age",
    LeaveKind.DESTROY_KEYS: "placement leave --approval {id} --certificate certificate.json",
}


class LeaveRequestIn(Input):
    kind: LeaveKind
    reason: LeaveReason
    text: str = Field(
        min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="Why, in words. No case belongs in it."
    )
    recipient: str | None = Field(
        None, max_length=100, description="Of an export: the public key of age that it is encrypted for (age1...)."
    )


class LeaveRequestOut(CarriedOutLater, Output):
    kind: str
    reason: str
    text: str
    recipient: str | None
    begun_at: datetime | None


class LeaveRequestsOut(Output):
    items: list[LeaveRequestOut]


@get("/leave-requests", summary="List requests to leave the service", permission=Permission.LEAVE_READ)
def list_leave_requests(act: Act) -> LeaveRequestsOut:
    """The last requests for an export with people or the destruction of the keys, the newest first."""
    return LeaveRequestsOut(items=[_serialize(row) for row in requests.listed(act)])


@post("/leave-requests", summary="Request to leave the service", permission=Permission.LEAVE_ASK, status_code=201)
def request_leave(act: Act, data: JSONBody[LeaveRequestIn]) -> LeaveRequestOut:
    """Request it, right after the second factor was given again; a second person of the desk grants it."""
    return _serialize(requests.ask(act, Wanted(**data.model_dump())))


@post(
    "/leave-requests/{leave_request_id:str}/grant",
    summary="Grant a request to leave the service",
    permission=Permission.LEAVE_GRANT,
)
def grant_leave(act: Act, leave_request_id: FromPath[str]) -> LeaveRequestOut:
    """Grant what another person of the desk requested, right after the second factor was given again. The operator
    carries it out within an hour.
    """
    return _serialize(requests.grant(act, leave_request_id))


@post(
    "/leave-requests/{leave_request_id:str}/withdraw",
    summary="Withdraw a request to leave the service",
    permission=Permission.LEAVE_ASK,
)
def withdraw_leave(act: Act, leave_request_id: FromPath[str]) -> LeaveRequestOut:
    """Withdraw a request, one's own or another's, as long as it is not begun."""
    return _serialize(requests.withdraw(act, leave_request_id))


def _serialize(row: LeaveRequest) -> LeaveRequestOut:
    return LeaveRequestOut.of(row, command=command_of(row, _COMMANDS[row.kind].format(id=row.id)))
