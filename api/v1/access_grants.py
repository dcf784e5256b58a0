"""Access grants to a case of another region, with a reason and for a limited time (break-glass)."""

from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code
from api.http.operations import post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.registrations import break_glass


class AccessGrantIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `open`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000, description="Required for break-glass. Stored encrypted.")


class AccessGrantOut(Output):
    registration: str
    reason: str
    broke_glass: bool = Field(
        description="true: break-glass, by a coordinator at night, in a case of another region; reviewed later."
    )
    expires_at: datetime


@post(
    "/registrations/{registration_id:str}/opening",
    summary="Open a case outside your own",
    permission=Permission.REGISTRATION_OPEN,
    status_code=201,
)
def create_access_grant(act: Act, registration_id: FromPath[str], data: JSONBody[AccessGrantIn]) -> AccessGrantOut:
    """Get access for an hour to a case outside your own regions, with a reason. The desk can get access to the cases of
    coordinators at any time. A coordinator can get access to any case between 22:00 and 06:00 (break-glass). Each
    access grant writes an audit event.
    """
    return AccessGrantOut.of(break_glass.open_case(act, registration_id, data.reason, data.text))
