"""A client who was expected: comes later, did not come, or came after all."""

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input
from api.http.field_types import HAPPENED, Moment
from api.http.operations import post
from api.v1.holds import HoldOut, serialize_holds
from placement.access.permissions import Permission
from placement.core.arrival_codes import Rung
from placement.core.context import Act
from placement.placements.holds import arrivals
from placement.placements.stays import reversals

_SEEN = "When the client was expected as the caller saw it: where that is another time by now, nothing is stored (409)."


class ExpectedIn(Input):
    expected_at: Moment = Field(description="When the client arrives, as it is now. See `offered_times` of the hold.")
    seen_expected_at: Moment | None = Field(None, description=_SEEN)


class NoShowIn(Input):
    rung: Rung | None = Field(None, description="What came of ringing; needed. Ring first.")
    happened_at: Moment | None = Field(None, description=HAPPENED)
    seen_expected_at: Moment | None = Field(None, description=_SEEN)
    wants_place: bool | None = Field(
        None,
        description="Needed of a client who was reached: whether the client still wants a place. true: a place is "
        "sought again; false: the case is closed, and a client who was moving stays.",
    )


@post(
    "/holds/{hold_id:str}/arrival/reversal",
    summary="Take back that the client arrived",
    permission=Permission.ARRIVAL_SAY,
)
def reverse_arrival(act: Act, hold_id: FromPath[str]) -> HoldOut:
    """For three days, for an arrival of the wrong client: the client is expected as before, or late if the time is
    past. A client who was moving lives on in the old place, if its beds are still free (409 else). Everyone who was
    notified is notified of this.
    """
    return serialize_holds(act, [reversals.reverse_arrival(act, hold_id)])[0]


@post("/holds/{hold_id:str}/expected", summary="Say that the client comes later", permission=Permission.ARRIVAL_SAY)
def postpone_arrival(act: Act, hold_id: FromPath[str], data: JSONBody[ExpectedIn]) -> HoldOut:
    """The client is still on the way: a new expected time. The shelter, the coordinator and the desk are notified."""
    return serialize_holds(act, [arrivals.postpone(act, hold_id, data.expected_at, seen=data.seen_expected_at)])[0]


@post("/holds/{hold_id:str}/no-show", summary="Say that the client did not come", permission=Permission.ARRIVAL_SAY)
def report_no_show(act: Act, hold_id: FromPath[str], data: JSONBody[NoShowIn]) -> HoldOut:
    """Report that the client did not come, and the result of ringing: the beds are free. A client who was not reached
    is missing: the placement desk and the coordinator are notified at once.

    For half an hour it can be taken back.
    """
    seen, wants_place = data.seen_expected_at, data.wants_place
    said = arrivals.no_show(act, hold_id, data.rung, data.happened_at, seen=seen, wants_place=wants_place)
    return serialize_holds(act, [said])[0]


@post(
    "/holds/{hold_id:str}/no-show/reversal",
    summary="Take back that the client did not come",
    permission=Permission.ARRIVAL_SAY,
)
def reverse_no_show(act: Act, hold_id: FromPath[str]) -> HoldOut:
    """Within half an hour: the client is expected again, if a bed of the same unit is still free (409 else).

    The search that followed is withdrawn, and everyone who was notified is notified of this.
    """
    return serialize_holds(act, [arrivals.reverse_no_show(act, hold_id)])[0]
