"""Capacity reports of a shelter, and what the service derives from them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal

from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field

from api.http.context import Acts, Input, Output, Versioned
from api.http.field_types import Code, Day
from api.http.operations import get, post, put
from api.v1.all_faults import read
from placement.access.permissions import Permission
from placement.capacity import reads
from placement.capacity import report as capacity_report
from placement.capacity.overview import ShelterCapacity, shelter_capacity
from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.codes import Freshness, Gender, OutOfService
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.tables import RoomReport


class OutOfServiceIn(Input):
    beds: int = Field(ge=0, le=100)
    reason: OutOfService | None = None
    until: Day | None = Field(None, description="The first day on which these beds are in service again.")


class OthersIn(Input):
    """Beds used by people placed outside this service; never who."""

    count: int = Field(ge=1, le=100)
    gender: Gender
    minor: bool = False
    until: Day | None = Field(None, description="The first day on which these beds are free again.")


class RoomIn(Input):
    room: Code
    out_of_service: OutOfServiceIn | None = None
    used_by_others: list[OthersIn] = Field(default=[], max_length=20)
    free_from: Day | None = Field(None, description="The first day on which the free beds can be used.")
    free_beds: int | None = Field(
        None, ge=0, description="Your own count of free beds. It sets nothing: a difference from ours is shown."
    )

    def word(self) -> RoomInput:
        out = self.out_of_service
        return RoomInput(
            room=self.room,
            out_of_service=out.beds if out else 0,
            out_reason=out.reason if out else None,
            out_until=out.until if out else None,
            used_by_others=[OtherUse(**use.model_dump()) for use in self.used_by_others],
            free_from=self.free_from,
            free_beds=self.free_beds,
        )


class CapacityIn(Input):
    """Every room of the shelter, in one call."""

    rooms: list[RoomIn] = Field(max_length=1000)


class OutOfServiceOut(Output):
    beds: int
    reason: str | None
    until: date | None


class OthersOut(Output):
    count: int
    gender: str
    minor: bool
    until: date | None


class DiscrepancyOut(Output):
    """The report contradicts what the service knows; both sides see it, nothing is overwritten."""

    room: str
    too_many: int = Field(description="By how many beds more are in use than there are.")
    counted: int | None = Field(description="What the shelter counted as free ...")
    derived: int | None = Field(description="... and what the service derived at that moment.")


class EndedUseOut(Output):
    """Beds of the last report that count for nothing any more: the day has come that it gave for their end."""

    room: str
    field: Literal["out_of_service", "used_by_others"]
    beds: int
    until: date


class RoomOut(Output):
    room: str
    unit: str
    unit_name: str
    name: str
    beds: int
    reported: bool = Field(
        description="Whether the shelter ever reported it. Nothing is given out of a room before that, and a "
        "confirmation is refused."
    )
    closing: bool = Field(description="Whether it, or what it is part of, is closing: it takes nobody new.")
    out_of_service: OutOfServiceOut
    used_by_others: list[OthersOut]
    stays: int = Field(description="Beds of people whom this service placed, and of their holds.")
    kept: int = Field(description="Beds of those, kept for a decision that waits: you are not asked for them yet.")
    kept_until: datetime | None = Field(description="Until when at most.")
    withheld: int = Field(description="Beds not given out until the shelter has confirmed its count.")
    free_beds: int = Field(description="Beds that can be given out, from `free_from` on.")
    free_from: date
    free_now: int


class ShelterCount(BaseModel):
    """Of an output model: what one shelter has free, and how fresh its count is."""

    shelter: str
    name: str
    reported_at: datetime | None
    freshness: Freshness
    confirmation_asked_at: datetime | None = Field(
        description="Since when the service waits for this shelter to confirm its count."
    )
    free_now: int
    discrepancies: list[DiscrepancyOut]


class CapacityOut(Versioned, ShelterCount, Output):
    rooms: list[RoomOut]
    ended: list[EndedUseOut] = Field(
        description="Beds that the last report calls out of service or used by others until a day that is not ahead: "
        "they count as in service, or as free."
    )


@get("/shelters/{shelter_id:str}/capacity", summary="Read the rooms of a shelter", permission=Permission.CAPACITY_READ)
def read_capacity(act: Act, shelter_id: FromPath[str]) -> CapacityOut:
    """What the service knows of every room of a shelter, and what is free now."""
    return _serialize(act, reads.capacity(act, shelter_id))


def tell_all(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, Any]) -> None:
    """What is wrong with the rooms that can be read, beside those that cannot; a room that is named is not missing."""
    try:
        read(CapacityIn, facts)
    except Invalid as error:
        fields = [fault.field for fault in error.faults]
        if "rooms" in fields:
            raise
        wrong = {field.split(".")[1] for field in fields if field.startswith("rooms.")}
        rooms = [_as_far(row, is_wrong=str(number) in wrong) for number, row in enumerate(facts["rooms"])]
        named = [room for room in rooms if room is not None]
        if len(named) < len(rooms):
            raise
        found = acts.run(lambda act: capacity_report.faults_of(act, ids["shelter_id"], named))
        raise Invalid([*error.faults, *found]) from error


def _as_far(row: Any, *, is_wrong: bool) -> RoomInput | None:
    """A room of a report; of one that is wrong its name alone, and nothing where that cannot be read."""
    try:
        return read(RoomIn, {"room": row["room"]} if is_wrong else row).word()
    except (Invalid, KeyError, TypeError):
        return None


@put(
    "/shelters/{shelter_id:str}/capacity",
    summary="Report all rooms of a shelter",
    permission=Permission.CAPACITY_REPORT,
    all_faults=tell_all,
)
def report_capacity(
    act: Act, shelter_id: FromPath[str], data: JSONBody[CapacityIn], version: int | None
) -> CapacityOut:
    """Report all rooms. The answer repeats what was understood, what is free now, and any discrepancy.

    With `If-Match` (the ETag of your last GET) a report that was sent in the meantime is not overwritten.
    """
    rooms = [room.word() for room in data.rooms]
    shelter = capacity_report.report_capacity(act, shelter_id, rooms, follows=version)
    return _serialize(act, shelter_capacity(act, shelter))


@post(
    "/shelters/{shelter_id:str}/capacity/confirm",
    summary="Confirm that the last report still holds",
    permission=Permission.CAPACITY_REPORT,
)
def confirm_capacity(act: Act, shelter_id: FromPath[str]) -> CapacityOut:
    """Confirm that every room is still as it was last reported."""
    return _serialize(act, shelter_capacity(act, capacity_report.confirm_capacity(act, shelter_id)))


def _serialize(act: Act, known: ShelterCapacity) -> CapacityOut:
    rooms = [
        RoomOut(
            room=state.room.id,
            unit=state.room.unit_id,
            unit_name=known.units[state.room.unit_id],
            name=state.room.name,
            beds=len(state.beds),
            reported=state.report is not None,
            closing=state.is_closing,
            out_of_service=OutOfServiceOut(
                beds=state.report.out_of_service if state.report else 0,
                reason=state.report.out_reason if state.report else None,
                until=state.report.out_until if state.report else None,
            ),
            used_by_others=[OthersOut.model_validate(use) for use in (state.report.other_use if state.report else [])],
            stays=len(state.claims),
            kept=known.kept[state.room.id].beds if state.room.id in known.kept else 0,
            kept_until=known.kept[state.room.id].until if state.room.id in known.kept else None,
            withheld=state.report.withheld if state.report else 0,
            free_beds=state.vacancy.free_beds,
            free_from=state.vacancy.free_from,
            free_now=state.vacancy.free_now,
        )
        for state in known.rooms
    ]
    return CapacityOut.of(
        known,
        shelter=known.shelter.id,
        name=known.shelter.name,
        confirmation_asked_at=known.asked_at,
        free_now=sum(room.free_now for room in rooms),
        rooms=rooms,
        discrepancies=[DiscrepancyOut.of(what, room=room) for room, what in known.discrepancies],
        ended=[one for state in known.rooms if state.report for one in _ended(state.report, act.day)],
    )


def _ended(report: RoomReport, day: date) -> Iterator[EndedUseOut]:
    if report.out_of_service and report.out_until is not None and report.out_until <= day:
        yield EndedUseOut(
            room=report.room_id, field="out_of_service", beds=report.out_of_service, until=report.out_until
        )
    for use in map(OthersOut.model_validate, report.other_use):
        if use.until is not None and use.until <= day:
            yield EndedUseOut(room=report.room_id, field="used_by_others", beds=use.count, until=use.until)
