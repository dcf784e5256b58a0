"""The end of an installation: requests to export all data, including data about people, and to destroy the keys. Only
commands carry these requests out.
"""

from litestar.params import JSONBody
from pydantic import Field

from api.http.context import Input
from api.http.operations import post
from api.v1.rules import LONGEST_REASON, SHORTEST_REASON
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.leave import requests
from placement.leave.requests import Wanted


class LeaveRequestIn(Input):
    kind: LeaveKind
    reason: LeaveReason
    text: str = Field(
        min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="The reason in words. Name no case."
    )
    recipient: str | None = Field(
        None, max_length=100, description="For an export: the recipient's public key of age (age1...)."
    )


@post("/leave-requests", summary="Request to leave the service", permission=Permission.LEAVE_ASK, status_code=201)
def request_leave(act: Act, data: JSONBody[LeaveRequestIn]) -> SecondPersonRequestOut:
    """Request the export of all data, including data about people, or the destruction of the keys. First give the
    second factor again. A second person of the desk grants the request. The operator carries it out within an hour.
    """
    return serialize_request(act, requests.ask(act, Wanted(**data.model_dump())))
