"""Capacity reports of shelters, and the numbers of free beds that the service computes from them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field

from api.http.context import Acts, Input, Output, Versioned
from api.http.field_types import Code, Day, Moment
from api.http.operations import get, patch, post, put
from api.v1.all_faults import read
from placement.access.permissions import Permission
from placement.capacity import reads
from placement.capacity import report as capacity_report
from placement.capacity.overview import ShelterCapacity, shelter_capacity
from placement.capacity.report import RoomInput, Stored
from placement.capacity.vacancy import OtherUse
from placement.core.codes import Freshness, Gender, OutOfService
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.tables import RoomReport


class OutOfServiceIn(Input):
    beds: int = Field(ge=0, le=100)
    reason: OutOfService | None = None
    until: Day | None = Field(None, description="The first day on which these beds are in service again.")


class OthersIn(Input):
    """Beds used by people whom another service placed. Their identity is never stored."""

    count: int = Field(ge=1, le=100)
    gender: Gender
    minor: bool = False
    until: Day | None = Field(None, description="The first day on which these beds are free again.")


class OutOfServiceOut(Output):
    beds: int
    reason: OutOfService | None
    until: date | None


class OthersOut(Output):
    count: int
    gender: Gender
    minor: bool
    until: date | None


class DiscrepancyOut(Output):
    """A contradiction between the report and the service's data. Shelter and desk see it; nothing is overwritten."""

    room: str
    too_many: int = Field(description="The number of beds in use above the number of beds that exist.")
    counted: int | None = Field(description="The number of free beds that the shelter counted.")
    derived: int | None = Field(description="The number of free beds that the service computed at that moment.")


class EndedUseOut(Output):
    """Beds whose reported use has ended, because its last day is over. They now count as free."""

    room: str
    field: Literal["out_of_service", "used_by_others"]
    beds: int
    until: date


_OF_THE_ANSWER = Field(None, description="Computed by the service. Leave it out, or send it as you read it.")


class RoomCountPatch(Input):
    """A report of a single room. It may also contain the read-only fields of a GET, with unchanged values."""

    room: Code | None = _OF_THE_ANSWER
    out_of_service: OutOfServiceIn | None = None
    used_by_others: list[OthersIn] = Field(default=[], max_length=20)
    free_from: Day | None = Field(None, description="The first day on which the free beds can be used.")
    counted_free: int | None = Field(
        None, ge=0, description="Your own count of free beds. It changes nothing: a difference from ours is shown."
    )
    unit: str | None = _OF_THE_ANSWER
    unit_name: str | None = _OF_THE_ANSWER
    name: str | None = _OF_THE_ANSWER
    beds: int | None = _OF_THE_ANSWER
    reported_at: Moment | None = _OF_THE_ANSWER
    closing: bool | None = _OF_THE_ANSWER
    taken: int | None = _OF_THE_ANSWER
    kept: int | None = _OF_THE_ANSWER
    kept_until: Moment | None = _OF_THE_ANSWER
    withheld: int | None = _OF_THE_ANSWER
    free_beds: int | None = _OF_THE_ANSWER
    free_beds_from: Day | None = _OF_THE_ANSWER
    free_now: int | None = _OF_THE_ANSWER

    def changed_in(self, known: RoomInput) -> RoomInput:
        """Returns the room as it is known, changed by the values of this report."""
        given: dict[str, Any] = {}
        if "out_of_service" in self.model_fields_set:
            out = self.out_of_service or OutOfServiceIn(beds=0)
            given |= {"out_of_service": out.beds, "out_reason": out.reason, "out_until": out.until}
        if "used_by_others" in self.model_fields_set:
            given["used_by_others"] = [OtherUse(**use.model_dump()) for use in self.used_by_others]
        if "free_from" in self.model_fields_set:
            given["free_from"] = self.free_from
        return replace(known, counted_free=self.counted_free, **given)


_COUNTED = frozenset({"out_of_service", "used_by_others", "free_from", "counted_free"})
_FIGURES = frozenset(RoomCountPatch.model_fields) - _COUNTED - {"room"}
"""The read-only fields of a room. A report may contain them with unchanged values."""


class RoomIn(RoomCountPatch):
    """A room in a report of all rooms. A value that is left out means zero or empty."""

    room: Code

    def word(self) -> RoomInput:
        return self.changed_in(RoomInput(self.room))


class CapacityIn(Input):
    """A report of all rooms of a shelter. It may also contain the read-only fields of a GET, with unchanged values."""

    rooms: list[RoomIn] = Field(max_length=1000)
    shelter: str | None = _OF_THE_ANSWER
    name: str | None = _OF_THE_ANSWER
    version: int | None = _OF_THE_ANSWER
    reported_at: Moment | None = _OF_THE_ANSWER
    freshness: Freshness | None = _OF_THE_ANSWER
    confirmation_asked_at: Moment | None = _OF_THE_ANSWER
    free_now: int | None = _OF_THE_ANSWER
    discrepancies: list[DiscrepancyOut] | None = _OF_THE_ANSWER
    ended: list[EndedUseOut] | None = _OF_THE_ANSWER


class RoomOut(Output):
    room: str
    unit: str
    unit_name: str
    name: str
    beds: int
    reported_at: datetime | None = Field(
        description="The time at which the shelter last counted the room. Null: never; no bed is given out, and a "
        "confirmation is refused."
    )
    closing: bool = Field(description="true: the room, or a place that contains it, is closing and takes nobody new.")
    out_of_service: OutOfServiceOut
    used_by_others: list[OthersOut]
    free_from: date | None = Field(description="The first day on which the free beds can be used, as reported.")
    taken: int = Field(description="Beds that this service gave out: stays, holds, and `kept` beds.")
    kept: int = Field(description="Beds of `taken` that wait for a decision; the shelter is not asked for them yet.")
    kept_until: datetime | None = Field(description="The latest end of the time for which they are kept.")
    withheld: int = Field(description="Beds that are not given out until the shelter has confirmed its count.")
    free_beds: int = Field(description="Beds that can be given out, from `free_beds_from` on.")
    free_beds_from: date
    free_now: int


class ShelterCount(BaseModel):
    """Base of output models: a shelter's free beds, and the age of its last count."""

    shelter: str
    name: str
    reported_at: datetime | None = Field(
        description="The age of the count: the time at which the shelter counted the room that it counted longest ago."
    )
    freshness: Freshness
    confirmation_asked_at: datetime | None = Field(
        description="The time since which the service waits for the shelter to confirm its count."
    )
    free_now: int
    discrepancies: list[DiscrepancyOut]


class CapacityOut(Versioned, ShelterCount, Output):
    rooms: list[RoomOut]
    ended: list[EndedUseOut] = Field(
        description="Beds that the last report states as out of service, or used by others, until a day that has "
        "passed. They are in service, or free, again."
    )


class IgnoredRoomOut(Output):
    """A reported room that was ignored, with the reason."""

    room: str
    reason: Literal["room_closed", "room_planned"] = Field(description="The room is closed, or not open yet.")


class MissingRoomOut(Output):
    """A room that the report left out. Its last count is still used, and shown with its age."""

    room: str
    name: str
    reported_at: datetime | None = Field(description="The time of its last count. Null: never; no bed is given out.")


class ReportedOut(CapacityOut):
    """The rooms after a report, with the rooms that the report left out and those that the service ignored."""

    ignored: list[IgnoredRoomOut]
    missing: list[MissingRoomOut]


@get("/shelters/{shelter_id:str}/capacity", summary="Read the rooms of a shelter", permission=Permission.CAPACITY_READ)
def read_capacity(act: Act, shelter_id: FromPath[str]) -> CapacityOut:
    """Read the known state of every room of a shelter, and its free beds."""
    return serialize_capacity(act, reads.capacity(act, shelter_id))


def tell_all(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, Any]) -> None:
    """Raises `Invalid` if fields of a report are invalid; the error then also contains the faults that the domain
    finds. A room with a fault is not also reported as missing.
    """
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
    """Returns a reported room as far as it is valid: the whole room, or only its id if other fields are wrong. Returns
    `None` if the id is invalid.
    """
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
) -> ReportedOut:
    """Report all rooms. The answer shows the stored report, the free beds, and any discrepancy. You can send the answer
    of a GET with changed numbers. A room that is closed or not open yet is ignored. A room that is left out keeps its
    last count, with its age. The answer lists both kinds of rooms. With `If-Match` (the ETag of your last GET) you
    never overwrite a report that was sent after that GET.
    """
    if data.model_fields_set > {"rooms"} or any(room.model_fields_set & _FIGURES for room in data.rooms):
        before = serialize_capacity(act, capacity_report.before_report(act, shelter_id, version))
        shown = {room.room: room for room in before.rooms}
        changed = _changed("", data, data.model_fields_set - {"rooms"}, before)
        for number, room in enumerate(data.rooms):
            changed += _changed(f"rooms.{number}.", room, room.model_fields_set & _FIGURES, shown.get(room.room))
        if changed:
            raise Invalid(changed)
    stored = capacity_report.report_capacity(act, shelter_id, [room.word() for room in data.rooms], follows=version)
    return reported_out(act, stored)


@patch(
    "/shelters/{shelter_id:str}/capacity/rooms/{room_id:str}",
    summary="Report one room of a shelter",
    permission=Permission.CAPACITY_REPORT,
)
def report_room(
    act: Act, shelter_id: FromPath[str], room_id: FromPath[str], data: JSONBody[RoomCountPatch], version: int | None
) -> ReportedOut:
    """Report a single room. Omitted values stay as last counted. All other rooms keep their count, with its age.

    The answer contains every room. `If-Match`: the ETag of the whole shelter, as in a report of all rooms.
    """
    if not data.model_fields_set & _COUNTED:
        raise Invalid([Fault("body", "room_uncounted", {"fields": ", ".join(sorted(_COUNTED))})])
    if sent := data.model_fields_set - _COUNTED:
        before = serialize_capacity(act, capacity_report.before_report(act, shelter_id, version))
        shown = {room.room: room for room in before.rooms}
        if changed := _changed("", data, sent, shown.get(room_id)):
            raise Invalid(changed)
    return reported_out(act, capacity_report.report_room(act, shelter_id, room_id, data.changed_in, follows=version))


def _changed(at: str, sent: BaseModel, names: Collection[str], shown: BaseModel | None) -> list[Fault]:
    """Returns a fault for each read-only field in a report whose value differs from that of a GET."""
    both = {name: (getattr(sent, name), getattr(shown, name)) for name in sorted(names)} if shown else {}
    return [
        Fault(at + name, "field_of_the_answer", {"found": given, "now": now})
        for name, (given, now) in both.items()
        if given != now
    ]


@post(
    "/shelters/{shelter_id:str}/capacity/confirm",
    summary="Confirm the last report of a shelter",
    permission=Permission.CAPACITY_REPORT,
)
def confirm_capacity(act: Act, shelter_id: FromPath[str]) -> CapacityOut:
    """Confirm that every room is still as last reported."""
    stored = capacity_report.confirm_capacity(act, shelter_id)
    return serialize_capacity(act, shelter_capacity(act, stored.shelter, stored.rooms))


def reported_out(act: Act, stored: Stored) -> ReportedOut:
    now = serialize_capacity(act, shelter_capacity(act, stored.shelter, stored.rooms))
    return ReportedOut(
        **dict(now),
        ignored=[IgnoredRoomOut(room=room, reason=why) for room, why in stored.ignored.items()],
        missing=[MissingRoomOut.of(room) for room in now.rooms if room.room in stored.missing],
    )


def serialize_capacity(act: Act, known: ShelterCapacity) -> CapacityOut:
    rooms = [
        RoomOut(
            room=state.room.id,
            unit=state.room.unit_id,
            unit_name=known.units[state.room.unit_id],
            name=state.room.name,
            beds=len(state.beds),
            reported_at=known.counted.get(state.room.id),
            closing=state.is_closing,
            out_of_service=OutOfServiceOut(
                beds=state.report.out_of_service if state.report else 0,
                reason=state.report.out_reason if state.report else None,
                until=state.report.out_until if state.report else None,
            ),
            used_by_others=[OthersOut.model_validate(use) for use in (state.report.other_use if state.report else [])],
            free_from=state.report.free_from if state.report else None,
            taken=len(state.claims),
            kept=known.kept[state.room.id].beds if state.room.id in known.kept else 0,
            kept_until=known.kept[state.room.id].until if state.room.id in known.kept else None,
            withheld=state.report.withheld if state.report else 0,
            free_beds=state.vacancy.free_beds,
            free_beds_from=state.vacancy.free_from,
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
