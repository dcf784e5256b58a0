"""A shelter's answer to several holds at once, and the arrival of several clients."""

from typing import Annotated

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import HAPPENED, Code, Day, Moment
from api.http.operations import post
from api.v1.holds import HoldOut, serialize_holds
from api.v1.stays import StayOut, serialize_stay
from api.v1.telephone_entries import CallIn
from api.v1.telephone_numbers import NumbersIn, WrittenNumber
from placement.access.permissions import Permission
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.placements.holds import house_answers
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.house_answers import HoldRefusal, HouseAnswer

Several = Annotated[list[Code], Field(max_length=200)]


class HoldRefusalIn(Input):
    hold: Code
    reason: Code | None = Field(None, description="A coded reason of the step `refuse`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)
    until: Day | None = Field(
        None, description="For room_out_of_service and staff_shortage: the day on which it takes people again."
    )


class HouseAnswerIn(NumbersIn, Input):
    confirmed: Several = Field([], description="The holds that the house accepts.")
    expected_at: Moment | None = Field(None, description="When these clients arrive; needed if any is confirmed.")
    driver: Driver | None = Field(None, description="Who brings them; needed if any is confirmed.")
    road_telephone: WrittenNumber | None = Field(None, description="The number to ring on the way.")
    refused: list[HoldRefusalIn] = Field([], max_length=200, description="The holds that the house refuses.")

    def word(self) -> HouseAnswer:
        return HouseAnswer(
            self.confirmed,
            ArrivalDetails(self.expected_at, self.driver, self.road_telephone, self.sure_of),
            [HoldRefusal(one.hold, one.reason, one.text, one.until) for one in self.refused],
        )


class HeardHouseAnswerIn(HouseAnswerIn):
    call: CallIn


class ArrivalsIn(Input):
    holds: Annotated[list[Code], Field(min_length=1, max_length=200)]
    happened_at: Moment | None = Field(None, description=HAPPENED)


class HoldsOut(Output):
    items: list[HoldOut]


class StaysArrivedOut(Output):
    items: list[StayOut]


@post("/holds/answers", summary="Answer several holds at once", permission=Permission.HOLD_ANSWER)
def answer_holds(act: Act, data: JSONBody[HouseAnswerIn]) -> HoldsOut:
    """Answer for the shelter: accept all or some of these holds, and give a coded reason for each refusal. If any
    answer is not possible, nothing is stored.
    """
    return HoldsOut(items=serialize_holds(act, house_answers.answer(act, data.word())))


@post(
    "/shelters/{shelter_id:str}/telephone/answers",
    summary="Enter the answer of a shelter to several holds",
    permission=Permission.TELEPHONE_ENTER,
)
def enter_answers(act: Act, shelter_id: FromPath[str], data: JSONBody[HeardHouseAnswerIn]) -> HoldsOut:
    """Enter a shelter's answer to several holds from a telephone call. The rules of `enter_answer` apply."""
    answered = house_answers.enter(act, shelter_id, data.call.word(), data.word())
    return HoldsOut(items=serialize_holds(act, answered))


@post("/holds/arrivals", summary="Report several arrivals", permission=Permission.HOLD_ARRIVE, status_code=201)
def report_arrivals(act: Act, data: JSONBody[ArrivalsIn]) -> StaysArrivedOut:
    """Report that these clients have arrived; their stays begin."""
    arrived = house_answers.arrive(act, data.holds, data.happened_at)
    return StaysArrivedOut(items=[serialize_stay(act, stay) for stay in arrived])
