"""Legal holds: while active, no data of the registration is erased. Two persons of the desk set and lift a hold."""

from collections.abc import Iterable
from datetime import date, datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code, Day
from api.http.operations import get, post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.retention import legal_hold, reads
from placement.tables import LegalHold

_OTHERWISE = "409 `legal_hold_otherwise` where it is another by now. Left out, nothing is compared."


class LegalHoldIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `legal_hold`; see /api/v1/vocabulary.")
    review_on: Day | None = Field(None, description="The review date, at most 366 days ahead.")


class LegalHoldReviewIn(Input):
    review_on: Day | None = Field(None, description="The next review date, at most 366 days ahead.")
    seen_review_on: Day | None = Field(None, description=f"The day that you saw: {_OTHERWISE}")


class LegalHoldOut(Output):
    registration: str
    status: str = Field(
        description="asked (active for 7 days), standing, refused, withdrawn, lapsed, lift_asked (still active), lifted"
    )
    reason: str
    review_on: date
    asked_at: datetime
    asked_by: str | None
    answered_by: str | None
    lift_asked_by: str | None
    lifted_by: str | None


@get(
    "/registrations/{registration_id:str}/legal-hold",
    summary="Read the legal hold of a registration",
    permission=Permission.LEGAL_HOLD_READ,
)
def read_legal_hold(act: Act, registration_id: FromPath[str]) -> LegalHoldOut:
    """Read the last legal hold of a registration."""
    return _serialize(act, reads.legal_hold(act, registration_id))


def legal_hold_if_any(act: Act, registration_id: str) -> LegalHoldOut | None:
    found = reads.legal_hold_if_any(act, registration_id)
    return _serialize(act, found) if found else None


@post(
    "/registrations/{registration_id:str}/legal-hold",
    summary="Request a legal hold",
    permission=Permission.LEGAL_HOLD_ASK,
    status_code=201,
)
def request_legal_hold(act: Act, registration_id: FromPath[str], data: JSONBody[LegalHoldIn]) -> LegalHoldOut:
    """Request that nothing of this registration be erased. A second person of the desk must grant it."""
    return _serialize(act, legal_hold.ask(act, registration_id, data.reason, data.review_on))


@post(
    "/registrations/{registration_id:str}/legal-hold/review",
    summary="Keep a legal hold that was reviewed",
    permission=Permission.LEGAL_HOLD_LIFT,
)
def keep_legal_hold(act: Act, registration_id: FromPath[str], data: JSONBody[LegalHoldReviewIn]) -> LegalHoldOut:
    """Record a review of the legal hold: it stays until the next review date."""
    return _serialize(act, legal_hold.keep(act, registration_id, data.review_on, seen=data.seen_review_on))


@post(
    "/registrations/{registration_id:str}/legal-hold/lift",
    summary="Request that a legal hold be lifted",
    permission=Permission.LEGAL_HOLD_LIFT,
)
def request_legal_hold_lift(act: Act, registration_id: FromPath[str]) -> LegalHoldOut:
    """Request that the legal hold be lifted. It stays active until a second person of the desk grants that."""
    return _serialize(act, legal_hold.lift(act, registration_id))


def serialize_legal_holds(act: Act, holds: Iterable[LegalHold]) -> list[LegalHoldOut]:
    rows = list(holds)
    persons = legal_hold.persons_of(act.session, rows)
    return [LegalHoldOut.of(one, **persons[one.id]) for one in rows]


def _serialize(act: Act, hold: LegalHold) -> LegalHoldOut:
    [found] = serialize_legal_holds(act, [hold])
    return found
