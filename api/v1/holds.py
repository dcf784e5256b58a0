"""Holds: beds that are kept until a time, the question to the shelter, and its answer."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import HAPPENED, REQUIRED, CaseSaid, Code, Day, Moment, with_default
from api.http.operations import get, post
from api.http.paging import Limit, Offset, Reference
from api.http.readers import readable_by
from api.v1.decision_notes import ToldOut
from api.v1.organisations import TelephonesOut, serialize_telephones
from api.v1.stays import StayOut, serialize_stay
from api.v1.telephone_numbers import NumbersIn, WrittenNumber
from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import HoldStatus, Role
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.core.duty_codes import DeskAfterwards
from placement.core.errors import Fault, Invalid
from placement.core.telephone_codes import ByTelephone
from placement.placements import reads
from placement.placements.holds import contacts as hold_contacts
from placement.placements.holds import holds, telephone_records
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.contacts import HoldContacts
from placement.placements.holds.shelter_view import HoldFacts, facts_of_holds
from placement.placements.stays import stays
from placement.tables import Hold
from placement.tables.facts import FactsForShelter


class Answer(StrEnum):
    CONFIRM = "confirm"
    REFUSE = "refuse"


class AnswerIn(NumbersIn, Input):
    answer: Answer
    expected_at: Moment | None = Field(
        None, description="The agreed time of arrival; required to confirm. See `offered_times`."
    )
    driver: Driver | None = Field(None, description="The person who brings the client; required to confirm.")
    road_telephone: WrittenNumber | None = Field(
        None,
        description="Only to confirm: a number to call on the way. Shown until the arrival to people who see the hold.",
    )
    reason: Code | None = Field(None, description="A coded reason of the step `refuse`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)
    apart_from: CaseSaid | None = Field(
        None,
        description="For house_mix: the reference or handle of the resident from whom the client is kept apart.",
    )
    happened_at: Moment | None = Field(None, description=HAPPENED)
    until: Day | None = Field(
        None, description="For room_out_of_service and staff_shortage: the day on which clients can come again."
    )


_OF_THE_OTHER = {
    Answer.CONFIRM: ("reason", "text", "until", "apart_from"),
    Answer.REFUSE: ("expected_at", "driver", "road_telephone"),
}
"""The fields that do not fit each answer. They are rejected, because they would not be stored."""


class ArrivalIn(Input):
    happened_at: Moment | None = Field(None, description=HAPPENED)


class ReleaseIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `release`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)


class HeldPersonOut(Output):
    gender: str = Field(description="The gender by which the client is housed.")
    age: int | None
    presumed: str | None = Field(description="adult or minor, if the age is not known.")


class HeldRoomOut(Output):
    room: str
    name: str
    beds: int
    persons: int


class PlacerOut(Output):
    """The person who placed the client (or a deputy), whom the shelter can call."""

    name: str | None
    job_title: str | None
    telephone: str | None


@with_default(REQUIRED)
class HoldOut(FactsForShelter, Output):
    """A hold with the facts that the shelter needs to answer. It does not contain danger points, other registrations or
    the region.

    After a refusal, a release, an expiry or the end of the stay it contains nothing about the client.
    """

    id: str
    status: str
    registration: str
    unit: str
    place: str = Field(description="The unit and its shelter, by name.")
    rooms: list[HeldRoomOut]
    persons: list[HeldPersonOut]
    languages: list[str]
    starts_on: date
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    expected_at: datetime | None
    offered_times: list[datetime] = Field(
        description="Proposed times for `expected_at`, until the client has arrived. Any other time is possible too."
    )
    reason: str | None
    desk_afterwards: DeskAfterwards | None = Field(
        description="The desk's answer to a hold that was requested under a standing mandate. Null: it was not."
    )
    desk_answers_by: datetime | None = Field(
        description="The deadline of the desk for confirming it or sending it back; null: it is not provisional."
    )
    told: ToldOut = Field(description="The notes with the decision and the arrangements since, while they are needed.")
    stay: str | None
    end_reason: str | None = Field(description="The reason why the stay ended; no_show if nobody arrived.")
    no_show_until: datetime | None = Field(
        description="The time until which a no-show can be reversed; null: it cannot."
    )
    by_telephone: ByTelephone | None = Field(
        description="For an acceptance that the desk entered by telephone: whether the shelter has confirmed it "
        "since. Before that no address is shown. Null: the desk did not enter it."
    )
    nobody_rings_back: Annotated[bool, readable_by(Role.DESK, Role.COORDINATOR)] = Field(
        description="true: this acceptance must be checked by a call, but nobody else of the desk is on duty. It is a"
        " task for the morning; until then the shelter itself gives the address."
    )
    shelter_telephones: Annotated[TelephonesOut | None, readable_by(Role.DESK, Role.COORDINATOR)] = Field(
        description="The shelter's numbers; for users who place, while the beds are kept or lived in."
    )
    placers: Annotated[list[PlacerOut], readable_by(Role.SHELTER_STAFF)] = Field(
        description="Persons whom the shelter can call: shown to its people after they confirmed, never to a key."
    )


class HoldPage(Output):
    items: list[HoldOut]
    total: int


@get("/holds", summary="List holds", permission=Permission.HOLD_READ)
def list_holds(
    act: Act,
    status: FromQuery[HoldStatus | None] = None,
    registration: Reference = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> HoldPage:
    """List holds, newest first: a shelter sees those about which it was asked, others see those of their cases."""
    rows, total = reads.holds(act, status, registration, limit, offset)
    return HoldPage(items=serialize_holds(act, rows), total=total)


def holds_named(act: Act, hold_ids: Sequence[str]) -> list[HoldOut]:
    return serialize_holds(act, reads.holds_named(act, hold_ids))


@get("/holds/{hold_id:str}", summary="Read a hold", permission=Permission.HOLD_READ)
def read_hold(act: Act, hold_id: FromPath[str]) -> HoldOut:
    """Read a hold, with the facts that the shelter needs to answer it."""
    return _serialize(act, reads.hold(act, hold_id))


@post("/holds/{hold_id:str}/answer", summary="Confirm or refuse a hold", permission=Permission.HOLD_ANSWER)
def answer_hold(act: Act, hold_id: FromPath[str], data: JSONBody[AnswerIn]) -> HoldOut:
    """Answer for the shelter: confirm the hold, with the time of arrival and the driver; or refuse it with a coded
    reason. A refusal takes effect at once.
    """
    of_the_answer(data)
    if data.answer is Answer.CONFIRM:
        said = ArrivalDetails(data.expected_at, data.driver, data.road_telephone, data.sure_of)
        holds.confirm(act, hold_id, said, data.happened_at)
    else:
        apart, at = data.apart_from, data.happened_at
        holds.refuse(act, hold_id, data.reason, data.text, data.until, apart_from=apart, happened_at=at)
    return _serialize(act, scoped_queries.hold_of(act.session, act.actor, hold_id))


def of_the_answer(data: AnswerIn) -> None:
    """Raises `Invalid` if a confirmation has fields of a refusal, or if a refusal has fields of a confirmation."""
    if of_other := [name for name in _OF_THE_OTHER[data.answer] if getattr(data, name) is not None]:
        raise Invalid([Fault(name, "not_with_this_answer") for name in of_other])


@post(
    "/holds/{hold_id:str}/arrival",
    summary="Report that the client has arrived",
    permission=Permission.HOLD_ARRIVE,
    status_code=201,
)
def report_arrival(act: Act, hold_id: FromPath[str], data: JSONBody[ArrivalIn | None] = None) -> StayOut:
    """Report that the client has arrived; the stay begins. Without a body, the arrival is now."""
    return serialize_stay(act, stays.arrive(act, hold_id, (data or ArrivalIn()).happened_at))


@post("/holds/{hold_id:str}/release", summary="Release a hold", permission=Permission.HOLD_RELEASE)
def release_hold(act: Act, hold_id: FromPath[str], data: JSONBody[ReleaseIn]) -> HoldOut:
    """Release the beds, with a coded reason. Depending on the reason, the client waits again or the case is closed."""
    return _serialize(act, holds.release(act, hold_id, data.reason, data.text))


def _serialize(act: Act, held: Hold) -> HoldOut:
    return serialize_holds(act, [held])[0]


def serialize_holds(act: Act, rows: Sequence[Hold]) -> list[HoldOut]:
    facts = facts_of_holds(act, rows)
    places = place_names.places(act.session, [held.unit_id for held in rows])
    contacts = hold_contacts.contacts_of(act, [held for held in rows if facts[held.id].needed])
    nobody = HoldContacts(None, [])
    alone = telephone_records.that_nobody_rings_about(act, rows)
    return [
        _serialize_one(
            held, facts[held.id], places[held.unit_id], contacts.get(held.id, nobody), nobody_rings=held.id in alone
        )
        for held in rows
    ]


def _serialize_one(held: Hold, facts: HoldFacts, place: str, contacts: HoldContacts, *, nobody_rings: bool) -> HoldOut:
    return HoldOut.of(
        held,
        place=place,
        rooms=[
            HeldRoomOut(room=room, name=name, beds=beds, persons=persons) for room, name, beds, persons in facts.rooms
        ],
        persons=[HeldPersonOut(gender=gender, age=age, presumed=presumed) for gender, age, presumed in facts.persons],
        languages=facts.languages,
        **facts.client.model_dump(),
        desk_afterwards=facts.afterwards.answer,
        desk_answers_by=facts.afterwards.by,
        told=ToldOut.of(facts.told),
        offered_times=list(facts.offered_times),
        stay=facts.stay,
        end_reason=facts.end_reason,
        no_show_until=facts.reversible_until,
        by_telephone=telephone_records.known_of(held) if facts.needed else None,
        nobody_rings_back=nobody_rings,
        shelter_telephones=serialize_telephones(contacts.shelter) if contacts.shelter else None,
        placers=[PlacerOut.of(one) for one in contacts.placers],
    )
