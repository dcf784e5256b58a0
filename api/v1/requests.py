"""Requests for places: a client's first request, and requests for another place."""

from datetime import date, datetime
from typing import Literal

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output, Versioned
from api.http.field_types import Day
from api.http.operations import get, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.codes import Urgency
from placement.core.context import Act
from placement.core.request_codes import RequestGround, RequestKind, WithdrawalReason
from placement.registrations import requests
from placement.registrations.request_rows import Listed, open_request, requests_of
from placement.registrations.requests import Asked
from placement.tables import Registration

LONGEST_NUMBER = 9
"""The largest number of digits in the number of a request."""


class RequestIn(Input):
    kind: Literal[RequestKind.TRANSFER, RequestKind.ONWARD] = Field(
        description="The first place is requested with the registration, and a return with the return of a closed case."
    )
    ground: RequestGround | None = Field(
        None, description="Only for a transfer: its ground. With `safety` the location that is left is avoided."
    )
    urgency: Urgency = Urgency.WEEK
    needed_from: Day | None = Field(
        None,
        description="The client cannot move before this day: a place is sought from two weeks before it.",
    )
    needed_by: Day | None = Field(None, description="The last first day; left out: as late as the urgency allows.")
    text: str | None = Field(None, max_length=500, description="Other information in words.")

    def asked(self) -> Asked:
        return Asked(**self.model_dump())


class WithdrawalIn(Input):
    reason: WithdrawalReason
    text: str | None = Field(None, max_length=500, description="The reason in words; required with the reason `other`.")


class RequestOut(Output):
    """A request. The urgency, days and waiting time of an open request are those of the registration."""

    number: int = Field(description="The number of the request within the registration, from 1.")
    kind: str
    ground: str | None
    status: str = Field(description="open, held, placed, withdrawn or closed")
    urgency: int
    needed_from: date | None
    needed_by: date
    waits_since: datetime
    text: str | None
    made_at: datetime
    made_by: str
    reason: str | None = Field(description="The code of the reason for which it was withdrawn.")
    ended_text: str | None
    ended_on: date | None = Field(description="Null for the first request: it ended when the first stay began.")


class RequestsOut(Versioned, Output):
    """The requests of a registration, earliest first."""

    registration: str
    status: str
    items: list[RequestOut]
    people: People


@get(
    "/registrations/{registration_id:str}/requests",
    summary="List the requests of a registration",
    permission=Permission.REGISTRATION_READ,
)
def list_requests(act: Act, registration_id: FromPath[str]) -> RequestsOut:
    """List all requests for places for a client, and how each ended."""
    registration, found = requests.listed(act, registration_id)
    return _serialize_all(act, registration, found)


@post(
    "/registrations/{registration_id:str}/requests",
    summary="Ask for another place",
    permission=Permission.REGISTRATION_CHANGE,
    status_code=201,
)
def request_place(act: Act, registration_id: FromPath[str], version: int, data: JSONBody[RequestIn]) -> RequestsOut:
    """Request another place for a client who has a place. The client keeps the present bed until the move."""
    registration = requests.ask(act, registration_id, version, data.asked())
    return _serialize_all(act, registration, requests_of(act, registration))


@post(
    "/registrations/{registration_id:str}/requests/{request_number:str}/withdraw",
    summary="Withdraw a request",
    permission=Permission.REQUEST_WITHDRAW,
)
def withdraw_request(
    act: Act, registration_id: FromPath[str], request_number: FromPath[str], version: int, data: JSONBody[WithdrawalIn]
) -> RequestsOut:
    """Withdraw a request. The client stays in the present place. First release the bed that is kept for the request."""
    is_number = request_number.isascii() and request_number.isdecimal() and len(request_number) < LONGEST_NUMBER
    known = int(request_number) if is_number else 0
    registration = requests.withdraw(act, registration_id, known, version, reason=data.reason, text=data.text)
    return _serialize_all(act, registration, requests_of(act, registration))


def serialize_open(act: Act, registration: Registration) -> RequestOut | None:
    """Returns the open request, or `None`."""
    found = open_request(act, registration)
    return None if found is None else RequestOut.of(found)


def _serialize_all(act: Act, registration: Registration, found: list[Listed]) -> RequestsOut:
    return RequestsOut(
        registration=registration.id,
        status=registration.status,
        version=registration.version,
        items=[RequestOut.of(one) for one in found],
        people=people_of(act, (one.made_by for one in found)),
    )
