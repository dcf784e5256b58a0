"""Stays of clients in a shelter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import HAPPENED, Code, Moment
from api.http.operations import get, post
from api.http.paging import Limit, Offset, Reference
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.duty_codes import DeskAfterwards
from placement.core.list_orders import StayOrder
from placement.placements import reads
from placement.placements.decisions import provisional_status
from placement.placements.decisions.provisional_status import NOTHING_SAID, ProvisionalStatus
from placement.placements.moves import room_moves
from placement.placements.stays import reversals, stays
from placement.placements.stays.place_fit import rooms_of_stays
from placement.placements.stays.prior_state import StatusReport, reversible_until
from placement.placements.stays.stay_clock import began_on
from placement.tables import Room, Stay

_SEEN_BLOCKER = (
    "The code that you saw, empty for none: 409 `blocked_otherwise` where it is another by now. Left out, nothing is "
    "compared."
)


class EndIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `end`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)
    happened_at: Moment | None = Field(None, description=HAPPENED)
    persons: list[Annotated[int, Field(ge=1, le=99)]] = Field(
        [],
        max_length=20,
        description="With `left_to_unknown_destination`: the numbers, from 1, of the persons who left, if others of "
        "the household are still there. Empty: all persons left.",
    )


class BlockerIn(Input):
    blocker: str | None = Field(None, description="A coded reason of the step `block`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)
    seen_blocker: str | None = Field(None, max_length=40, description=_SEEN_BLOCKER)


_SEEN = (
    "The rooms in which you saw the household: 409 `lives_otherwise` where it has others by now. Left out, nothing is "
    "compared."
)


class StayMoveIn(Input):
    rooms: list[Code] = Field(
        min_length=1, max_length=20, description="Rooms of a unit of the shelter, in which the household gets beds."
    )
    confirm: bool = Field(default=False, description="true: move although a rule breaks that is not about danger.")
    seen_rooms: list[Code] | None = Field(None, max_length=20, description=_SEEN)


class SwapIn(Input):
    stay: Code = Field(description="The stay of the other household, in the same shelter.")
    confirm: bool = Field(default=False, description="As in a move.")
    seen_rooms: list[Code] | None = Field(None, max_length=20, description=_SEEN)
    seen_rooms_of_other: list[Code] | None = Field(None, max_length=20, description="As `seen_rooms`, for the other.")

    def seen(self, stay_id: str) -> dict[str, list[str]]:
        """Returns the rooms of both households, as the user's page showed them. `stay_id`: the stay in the path."""
        said = {stay_id: self.seen_rooms, self.stay: self.seen_rooms_of_other}
        return {stay: rooms for stay, rooms in said.items() if rooms is not None}


class StayRoomOut(Output):
    room: str
    name: str


class StayOut(Output):
    id: str
    status: str
    registration: str
    unit: str
    place: str = Field(description="The unit and its shelter, by name.")
    rooms: list[StayRoomOut] = Field(
        description="The rooms of the household, in the form of `seen_rooms` of a move; empty after the stay has ended."
    )
    starts_on: date | None = Field(description="The day of arrival; null before it, as are clock, day and limit.")
    arrived_at: datetime | None = Field(description="The beginning of the day, if the stay was taken over.")
    taken_over_on: date | None = Field(
        description="The day on which a stay was entered that had begun before the service was used."
    )
    clock_from: date | None = Field(description="The first day of the clock; after a move, that of the first place.")
    day: int | None = Field(description="The day of the stay, from 1; moves do not interrupt it.")
    limit_on: date | None = Field(description="The first day after the days that the scheme allows.")
    mark: int | None = Field(description="The last review day of the stay that has been reached.")
    blocker: str | None = Field(description="The code of the reason why the client stays beyond the limit.")
    blocked_on: date | None = Field(description="The day on which it was last recorded; asked again four weeks later.")
    asked_again: bool = Field(description="true: the reason must be recorded again.")
    desk_afterwards: DeskAfterwards | None = Field(description="As in the hold with which the stay began.")
    ended_on: date | None
    end_reason: str | None
    hold: str | None = Field(description="The hold with which the stay began; null if the stay was taken over.")
    arrival_reversible_until: datetime | None = Field(description="The time until which the arrival can be reversed.")
    end_reversible_until: datetime | None = Field(description="The time until which the departure can be reversed.")


class StayPage(Output):
    items: list[StayOut]
    total: int


@get("/stays", summary="List stays", permission=Permission.STAY_READ)
def list_stays(
    act: Act,
    status: FromQuery[StayStatus | None] = None,
    registration: Reference = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> StayPage:
    """List clients who are expected, in house or gone; earliest first."""
    return stay_page(act, status, limit, offset, registration_id=registration)


def stay_page(
    act: Act,
    status: StayStatus | None,
    limit: int,
    offset: int,
    order: StayOrder = StayOrder.EARLIEST_FIRST,
    *,
    registration_id: str | None = None,
    shelter_id: str | None = None,
) -> StayPage:
    only = {"registration_id": registration_id, "shelter_id": shelter_id}
    rows, total = reads.stays(act, status, limit, offset, order, **only)
    return StayPage(items=serialize_stays(act, rows), total=total)


def read_stay(act: Act, stay_id: str) -> StayOut:
    """Returns a stay for its page."""
    return serialize_stay(act, reads.stay(act, stay_id))


def living(act: Act, registration_id: str) -> StayOut | None:
    """Returns the client's present stay, for the page of a case."""
    stay = reads.lives_in(act, registration_id)
    return None if stay is None else serialize_stay(act, stay)


@post("/stays/{stay_id:str}/blocker", summary="Record why a client stays", permission=Permission.STAY_BLOCK)
def name_blocker(act: Act, stay_id: FromPath[str], data: JSONBody[BlockerIn]) -> StayOut:
    """Record the coded reason why the client stays beyond the limit."""
    return serialize_stay(act, stays.name_blocker(act, stay_id, data.blocker, data.text, seen=data.seen_blocker))


@post("/stays/{stay_id:str}/end", summary="End a stay", permission=Permission.STAY_END)
def end_stay(act: Act, stay_id: FromPath[str], data: JSONBody[EndIn]) -> StayOut:
    """End a stay, because the client has left, for a coded reason. The beds become free. After
    `left_to_unknown_destination` the client is missing, and the desk and the coordinator are notified at once.
    """
    said = data.reason, data.text, data.happened_at
    return serialize_stay(act, stays.end(act, stay_id, *said, persons=data.persons))


@post("/stays/{stay_id:str}/end/reversal", summary="Reverse the end of a stay", permission=Permission.STAY_END)
def reverse_stay_end(act: Act, stay_id: FromPath[str]) -> StayOut:
    """Reverse the end of a stay within three days: the client lives in the same beds again (409 if they are taken).

    The case gets its former state, and a search for the client ends. Everybody who was notified of the end is notified
    of the reversal.
    """
    return serialize_stay(act, reversals.reverse_end(act, stay_id))


def reversible_ends(act: Act) -> list[StayOut]:
    """Returns the ended stays whose end can be reversed, for the page."""
    return serialize_stays(act, reversals.reversible_ends(act))


def reversible_end_of(act: Act, registration_id: str) -> StayOut | None:
    """Returns the ended stay of a case if its end can be reversed, for the page of the case."""
    stay = reversals.reversible_end_of(act, registration_id)
    return None if stay is None else serialize_stay(act, stay)


@dataclass(frozen=True, slots=True)
class MoveChoices:
    """The choices on the page of a move: rooms by id with their names, and other residents for an exchange."""

    stay: StayOut
    rooms: list[tuple[str, str, str, int]]
    others: list[StayOut]


def move_choices(act: Act, stay_id: str) -> MoveChoices:
    found = room_moves.choices(act, stay_id)
    rooms = [(room.id, room.name, unit, free) for room, unit, free in found.rooms]
    return MoveChoices(serialize_stay(act, found.stay), rooms, serialize_stays(act, found.others))


@post("/stays/{stay_id:str}/move", summary="Move a client within the shelter", permission=Permission.STAY_MOVE)
def move_stay(act: Act, stay_id: FromPath[str], data: JSONBody[StayMoveIn]) -> StayOut:
    """Move a household to other rooms of its shelter, from today. The stay continues with its limit."""
    return serialize_stay(act, room_moves.move(act, stay_id, data.rooms, confirm=data.confirm, seen=data.seen_rooms))


@post("/stays/{stay_id:str}/swap", summary="Exchange the rooms of two households", permission=Permission.STAY_MOVE)
def swap_stays(act: Act, stay_id: FromPath[str], data: JSONBody[SwapIn]) -> StayPage:
    """Exchange the rooms of two households in a shelter, from today. If either household cannot move, nobody moves."""
    both = room_moves.swap(act, stay_id, data.stay, confirm=data.confirm, seen=data.seen(stay_id))
    return StayPage(items=serialize_stays(act, both), total=len(both))


def serialize_stay(act: Act, stay: Stay) -> StayOut:
    return serialize_stays(act, [stay])[0]


def serialize_stays(act: Act, rows: Sequence[Stay]) -> list[StayOut]:
    places = place_names.places(act.session, [stay.unit_id for stay in rows])
    clocks = began_on(act.session, rows)
    rooms = rooms_of_stays(act, rows)
    said = provisional_status.of_holds(act, [stay.hold_id for stay in rows if stay.hold_id and not stay.ended_on])
    return [
        _serialize(
            act,
            stay,
            places[stay.unit_id],
            clocks[stay.id],
            said.get(stay.hold_id or "", NOTHING_SAID),
            rooms=rooms.get(stay.id, []),
        )
        for stay in rows
    ]


def _serialize(
    act: Act, stay: Stay, place: str, began: date | None, said: ProvisionalStatus, *, rooms: Sequence[Room]
) -> StayOut:
    last = stay.ended_on or act.day
    return StayOut.of(
        stay,
        place=place,
        rooms=[StayRoomOut(room=room.id, name=room.name) for room in rooms],
        clock_from=began,
        day=None if began is None else max(0, (last - began).days + 1),
        mark=stays.last_mark(stay, act.day, began),
        asked_again=stays.is_asked_again(stay, act.day, began),
        desk_afterwards=said.answer,
        arrival_reversible_until=reversible_until(act, stay, StatusReport.ARRIVED),
        end_reversible_until=reversible_until(act, stay, StatusReport.LEFT),
    )
