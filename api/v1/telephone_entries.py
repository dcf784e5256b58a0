"""Entries by telephone: what the desk enters from a call with a shelter, and the shelter's answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import HAPPENED, Code, Moment
from api.http.operations import get, post
from api.http.readers import readable_by
from api.v1.capacity import CapacityOut, ReportedOut, RoomIn, reported_out, serialize_capacity
from api.v1.holds import Answer, AnswerIn, HoldOut, of_the_answer, serialize_holds
from api.v1.people import People, people_of
from api.v1.stays import EndIn, StayOut, serialize_stay
from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.capacity.overview import shelter_capacity
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.telephone_codes import Heard, TelephoneUse
from placement.placements.holds import telephone_entries, telephone_records
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_entries import Call
from placement.placements.holds.telephone_records import Entry


class CallIn(Input):
    """A call of the desk to a shelter. (Calls of a shelter to the desk are not entered.)"""

    number: TelephoneUse = Field(description="Which of the shelter's numbers was called.")
    caller_role: str = Field(max_length=100, description="The role of the speaker, as given. Kept for 30 days.")
    caller_name: str = Field(max_length=100, description="As given. Kept for 30 days.")
    heard_at: Moment | None = Field(None, description="The time of the call; left out: now.")

    def word(self) -> Call:
        return Call(self.number, self.caller_role, self.caller_name, self.heard_at)


class HeardCountIn(Input):
    call: CallIn
    rooms: list[RoomIn] = Field(max_length=1000, description="Every room of the shelter.")


class HeardConfirmationIn(Input):
    call: CallIn


class HeardAnswerIn(AnswerIn):
    call: CallIn


class HeardArrivalIn(Input):
    call: CallIn
    happened_at: Moment | None = Field(None, description=HAPPENED)


class HeardEndIn(EndIn):
    call: CallIn


class CallBackIn(Input):
    call: CallIn
    agrees: bool = Field(description="Whether the shelter agrees with what was entered.")
    text: str | None = Field(None, max_length=2000, description="What it reports instead, if it does not agree.")


class ReadBackIn(Input):
    call: CallIn
    entries: list[Code] = Field(min_length=1, max_length=200, description="The entries with which the shelter agrees.")


class ContradictionIn(Input):
    text: str | None = Field(None, max_length=2000, description="What is wrong with the entry; required.")


class SettlementIn(Input):
    text: str | None = Field(None, max_length=2000, description="What the desk did about it; required.")


class TelephoneEntryOut(Output):
    """An entry by telephone. Of the case, it contains only the reference."""

    id: str
    kind: Heard
    shelter: str
    use: TelephoneUse
    number: str = Field(description="The number that was rung, as E.164.")
    caller_role: str | None = Field(description="Null after 30 days, as is the name.")
    caller_name: str | None
    heard_at: datetime
    entered_at: datetime
    entered_by: Annotated[str | None, readable_by(Role.DESK)]
    registration: str | None
    hold: str | None
    stay: str | None
    persons: list[int] = Field(description="The numbers of the persons who left; empty: all persons.")
    alone: Annotated[bool, readable_by(Role.DESK)] = Field(
        description="true: the person who decided entered the acceptance, as nobody else of the desk was on duty."
    )
    to_read_back: bool = Field(description="true: the shelter hears at the next call what was entered.")
    certain: bool = Field(description="true: the shelter agreed with its own account, or when it was called back.")
    agreed_at: datetime | None
    rung_back_at: datetime | None
    contradictable_until: datetime
    contradicted_at: datetime | None
    contradiction: str | None
    settled_at: datetime | None
    settlement: str | None
    waits: bool = Field(description="true: the desk must still act.")


class TelephoneEntriesOut(Output):
    items: list[TelephoneEntryOut] = Field(description="Newest first.")
    people: Annotated[People, readable_by(Role.DESK)]


@get("/telephone-entries", summary="List entries by telephone", permission=Permission.TELEPHONE_READ)
def list_telephone_entries(act: Act, shelter: FromQuery[Code | None] = None) -> TelephoneEntriesOut:
    """List the entries of the last 30 days: a shelter sees its own, the desk those of any shelter."""
    found = telephone_records.listed(act, shelter)
    return TelephoneEntriesOut(items=[serialize_entry(act, one) for one in found], people=_people(act, found))


@post(
    "/shelters/{shelter_id:str}/telephone/count",
    summary="Enter the count of a shelter by telephone",
    permission=Permission.TELEPHONE_ENTER,
)
def enter_count(act: Act, shelter_id: FromPath[str], data: JSONBody[HeardCountIn], version: int | None) -> ReportedOut:
    """Enter a count of all rooms from a call. With `If-Match` you never overwrite a report that was sent meanwhile."""
    rooms = [room.word() for room in data.rooms]
    stored = telephone_entries.enter_count(act, shelter_id, data.call.word(), rooms, follows=version)
    return reported_out(act, stored)


@post(
    "/shelters/{shelter_id:str}/telephone/confirmation",
    summary="Enter by telephone that the last count is right",
    permission=Permission.TELEPHONE_ENTER,
)
def enter_confirmation(act: Act, shelter_id: FromPath[str], data: JSONBody[HeardConfirmationIn]) -> CapacityOut:
    """Enter that the shelter confirmed by telephone that every room is still as last reported."""
    stored = telephone_entries.enter_confirmation(act, shelter_id, data.call.word())
    return serialize_capacity(act, shelter_capacity(act, stored.shelter, stored.rooms))


@post(
    "/holds/{hold_id:str}/telephone/answer",
    summary="Enter the answer of a shelter by telephone",
    permission=Permission.TELEPHONE_ENTER,
)
def enter_answer(act: Act, hold_id: FromPath[str], data: JSONBody[HeardAnswerIn]) -> HoldOut:
    """Enter the answer that a shelter gave to a hold in a telephone call. If it accepts the client, the bed is kept. If
    it refuses, give a coded reason.

    Nobody can enter an acceptance if the called number was changed lately and not checked since. The person who
    decided cannot enter it if another person of the desk is on duty. The address is shown after the shelter has agreed
    with its own account, or after another person of the desk has called the shelter back.
    """
    of_the_answer(data)
    call = data.call.word()
    if data.answer is Answer.CONFIRM:
        said = ArrivalDetails(data.expected_at, data.driver, data.road_telephone, data.sure_of)
        telephone_entries.enter_yes(act, hold_id, call, said)
    else:
        apart = data.apart_from
        telephone_entries.enter_no(act, hold_id, call, data.reason, data.text, data.until, apart_from=apart)
    return serialize_holds(act, [scoped_queries.hold_of(act.session, act.actor, hold_id)])[0]


@post(
    "/holds/{hold_id:str}/telephone/arrival",
    summary="Enter an arrival by telephone",
    permission=Permission.TELEPHONE_ENTER,
    status_code=201,
)
def enter_arrival(act: Act, hold_id: FromPath[str], data: JSONBody[HeardArrivalIn]) -> StayOut:
    """Enter that the shelter reported the client's arrival by telephone; the stay begins."""
    stay = telephone_entries.enter_arrival(act, hold_id, data.call.word(), data.happened_at)
    return serialize_stay(act, stay)


@post(
    "/stays/{stay_id:str}/telephone/end",
    summary="Enter the end of a stay by telephone",
    permission=Permission.TELEPHONE_ENTER,
)
def enter_end(act: Act, stay_id: FromPath[str], data: JSONBody[HeardEndIn]) -> StayOut:
    """Enter that the shelter reported by telephone that the client left, for a coded reason; the beds are free."""
    call, happened = data.call.word(), data.happened_at
    ended = telephone_entries.enter_end(act, stay_id, call, data.reason, data.text, happened, persons=data.persons)
    return serialize_stay(act, ended)


@post(
    "/telephone-entries/{entry_id:str}/call-back",
    summary="Ring the shelter back about an entry",
    permission=Permission.TELEPHONE_ENTER,
)
def ring_back_about_entry(act: Act, entry_id: FromPath[str], data: JSONBody[CallBackIn]) -> TelephoneEntryOut:
    """Record that the desk called the shelter back about an entry, and whether the shelter agrees. The number must not
    be new: changed lately and not checked since. A call that confirms an acceptance must be made by another person than
    the author of the entry. If the shelter agrees, the address can be shown.
    """
    said = telephone_entries.ring_back(act, entry_id, data.call.word(), agrees=data.agrees, text=data.text)
    return serialize_entry(act, said)


@post(
    "/shelters/{shelter_id:str}/telephone/read-back",
    summary="Read back to a shelter what was entered",
    permission=Permission.TELEPHONE_ENTER,
)
def read_back_entries(act: Act, shelter_id: FromPath[str], data: JSONBody[ReadBackIn]) -> TelephoneEntriesOut:
    """Record that these entries were read to the shelter in a single call, and that the shelter agrees."""
    found = telephone_entries.read_back(act, shelter_id, data.call.word(), data.entries)
    return TelephoneEntriesOut(items=[serialize_entry(act, one) for one in found], people=_people(act, found))


@post(
    "/telephone-entries/{entry_id:str}/settlement",
    summary="Settle a contradiction",
    permission=Permission.TELEPHONE_ENTER,
)
def settle_contradiction(act: Act, entry_id: FromPath[str], data: JSONBody[SettlementIn]) -> TelephoneEntryOut:
    """Record how a contradiction was resolved; not by the author of the entry. The entry is not reversed."""
    return serialize_entry(act, telephone_entries.settle(act, entry_id, data.text))


@post(
    "/telephone-entries/{entry_id:str}/agreement",
    summary="Agree with an entry of the desk",
    permission=Permission.TELEPHONE_ANSWER,
)
def agree_with_entry(act: Act, entry_id: FromPath[str]) -> TelephoneEntryOut:
    """Agree, as the shelter, with an entry that the desk made by telephone."""
    return serialize_entry(act, telephone_entries.agree(act, entry_id))


@post(
    "/telephone-entries/{entry_id:str}/contradiction",
    summary="Contradict an entry of the desk",
    permission=Permission.TELEPHONE_ANSWER,
)
def contradict_entry(act: Act, entry_id: FromPath[str], data: JSONBody[ContradictionIn]) -> TelephoneEntryOut:
    """Contradict, as the shelter, an entry within a day. The desk gets a task. The entry is not reversed."""
    return serialize_entry(act, telephone_entries.contradict(act, entry_id, data.text))


def serialize_entry(act: Act, entry: Entry) -> TelephoneEntryOut:
    content, for_desk = entry.content, Permission.TELEPHONE_ENTER.is_of(act.actor)
    role, name = entry.caller or (None, None)
    return TelephoneEntryOut.of(
        content,
        id=entry.id,
        caller_role=role,
        caller_name=name,
        entered_by=content.entered_by if for_desk else None,
        alone=content.alone and for_desk,
        certain=content.is_certain,
        contradictable_until=entry.contradictable_until,
    )


def _people(act: Act, found: Sequence[Entry]) -> People:
    is_desk = Permission.TELEPHONE_ENTER.is_of(act.actor)
    return people_of(act, {one.content.entered_by for one in found}) if is_desk else {}
