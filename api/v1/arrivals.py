"""Arrivals: a later time, a no-show, and the reversal of an arrival or no-show that was reported by mistake."""

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
    expected_at: Moment = Field(description="The new time of arrival. See `offered_times` of the hold.")
    seen_expected_at: Moment | None = Field(None, description=_SEEN)


class NoShowIn(Input):
    rung: Rung | None = Field(None, description="The result of the call; required. Call before you report.")
    happened_at: Moment | None = Field(None, description=HAPPENED)
    seen_expected_at: Moment | None = Field(None, description=_SEEN)
    wants_place: bool | None = Field(
        None,
        description="Required if the client was reached: does the client still want a place? true: a place is sought "
        "again; false: the case is closed, and a client who was moving stays.",
    )


@post(
    "/holds/{hold_id:str}/arrival/reversal",
    summary="Reverse an arrival",
    permission=Permission.ARRIVAL_SAY,
)
def reverse_arrival(act: Act, hold_id: FromPath[str]) -> HoldOut:
    """Reverse an arrival that was reported for the wrong client, within three days. The client is expected again, and
    is late if the expected time has passed. A client who was moving lives in the old place again (409 if the beds there
    are taken). Everybody who was notified of the arrival is notified of the reversal.
    """
    return serialize_holds(act, [reversals.reverse_arrival(act, hold_id)])[0]


@post("/holds/{hold_id:str}/expected", summary="Postpone an arrival", permission=Permission.ARRIVAL_SAY)
def postpone_arrival(act: Act, hold_id: FromPath[str], data: JSONBody[ExpectedIn]) -> HoldOut:
    """Set a new expected time for a client on the way. The shelter, the coordinator and the desk are notified."""
    return serialize_holds(act, [arrivals.postpone(act, hold_id, data.expected_at, seen=data.seen_expected_at)])[0]


@post("/holds/{hold_id:str}/no-show", summary="Report a no-show", permission=Permission.ARRIVAL_SAY)
def report_no_show(act: Act, hold_id: FromPath[str], data: JSONBody[NoShowIn]) -> HoldOut:
    """Report that the client did not arrive, with the result of your call to the client. The beds are released. A
    client who was not reached is missing: the desk and the coordinator are notified at once.

    The report can be reversed for half an hour.
    """
    seen, wants_place = data.seen_expected_at, data.wants_place
    said = arrivals.no_show(act, hold_id, data.rung, data.happened_at, seen=seen, wants_place=wants_place)
    return serialize_holds(act, [said])[0]


@post(
    "/holds/{hold_id:str}/no-show/reversal",
    summary="Reverse a no-show",
    permission=Permission.ARRIVAL_SAY,
)
def reverse_no_show(act: Act, hold_id: FromPath[str]) -> HoldOut:
    """Reverse a no-show within half an hour: the client is expected again, if the unit has a free bed (409 if not).

    The search for the client ends. Everybody who was notified of the no-show is notified of the reversal.
    """
    return serialize_holds(act, [arrivals.reverse_no_show(act, hold_id)])[0]
