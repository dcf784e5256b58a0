"""Approvals: requests of one admin, which another admin grants or which are withdrawn."""

from dataclasses import asdict
from datetime import datetime

from litestar.params import FromPath
from pydantic import BaseModel, Field

from api.http.context import Output
from api.http.operations import get, post
from placement.access.permissions import Permission
from placement.accounts import approval_grants, approvals, reads
from placement.accounts.details import of_record
from placement.core.context import Act
from placement.tables import Account, Approval, KeyRotation, LeaveRequest


class CarriedOutLater(BaseModel):
    """Of an output model: a request that another one grants, and the operator then carries out."""

    id: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime = Field(
        description="Until when it can be granted; once it is granted: until when it can be carried out."
    )
    settled_by: str | None
    settled_at: datetime | None
    granted: bool
    done_at: datetime | None
    command: str | None = Field(description="What the operator runs, where it is granted and not done.")


def command_of(row: KeyRotation | LeaveRequest, command: str) -> str | None:
    return command if row.granted and row.done_at is None else None


class ApprovalOut(Output):
    """A request that waits for a second admin."""

    id: str
    what: str = Field(description="`invite`, `invite_again` or `change`.")
    account: str | None = Field(description="The account that it is for, where there is one.")
    email: str
    name: str | None = Field(description="Of whom it is about, where the admin who asked gave it for an invitation.")
    job_title: str | None
    telephone: str | None
    role: str
    regions: list[str]
    organisation: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime


class ApprovalRow(ApprovalOut):
    asked_by_email: str | None


class ApprovalsOut(Output):
    items: list[ApprovalRow]


class GrantedOut(ApprovalOut):
    invitation: str | None = Field(description="Its id; null where a change was granted, which counts now.")
    link: str | None = Field(description="To give to the person invited, and to nobody else. It is shown this once.")
    link_until: datetime | None


@get("/askings", summary="List what waits for approval", permission=Permission.ACCOUNT_READ)
def list_approvals(act: Act) -> ApprovalsOut:
    """Requests that wait for the approval of a second admin, the oldest first."""
    return ApprovalsOut(items=[_serialize_row(act, one) for one in reads.waiting_approvals(act)])


@post("/askings/{asking_id:str}/grant", summary="Grant an approval", permission=Permission.ACCOUNT_INVITE)
def grant_approval(act: Act, asking_id: FromPath[str]) -> GrantedOut:
    """Grant what another admin requested. For an invitation the answer has the link; a change counts at once."""
    done = approval_grants.grant(act, asking_id)
    made = done.made
    return GrantedOut.of(
        serialize_approval(done.asked),
        invitation=made.invitation.id if made else None,
        link=made.link if made else None,
        link_until=made.invitation.expires_at if made else None,
    )


@post(
    "/askings/{asking_id:str}/withdraw", summary="Withdraw a request for approval", permission=Permission.ACCOUNT_INVITE
)
def withdraw_approval(act: Act, asking_id: FromPath[str]) -> ApprovalOut:
    """Withdraw a request, one's own or that of another admin: it is not to be granted."""
    return serialize_approval(approvals.withdraw(act, asking_id))


def serialize_approval(found: Approval) -> ApprovalOut:
    return ApprovalOut.of(found, **asdict(of_record(found.details)))


def _serialize_row(act: Act, found: Approval) -> ApprovalRow:
    asker = act.session.get(Account, found.asked_by)
    return ApprovalRow.of(serialize_approval(found), asked_by_email=asker.email if asker else None)
