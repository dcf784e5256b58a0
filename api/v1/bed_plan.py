"""The bed plan of a shelter, for its page: which household has which bed on each day."""

from dataclasses import dataclass
from datetime import date

from api.v1.stays import StayOut, serialize_stays
from placement.core.context import Act
from placement.placements import bed_plan
from placement.placements.bed_plan import BedPlan
from placement.placements.moves import room_moves


def read_bed_plan(act: Act, shelter_id: str, first: date | None) -> BedPlan:
    """Returns the plan that begins on this day, by default today."""
    return bed_plan.bed_plan(act, shelter_id, first or act.day)


def stays_in(act: Act, plan: BedPlan) -> dict[str, StayOut]:
    """Returns the stays of a plan, by id."""
    return {one.id: one for one in serialize_stays(act, bed_plan.stays_in(act, plan))}


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room to which a household can move now. `new`: rules that only the move would break; the user confirms them."""

    id: str
    name: str
    unit: str
    new: tuple[str, ...]


def open_rooms_of(act: Act, stay_id: str) -> list[RoomChoice]:
    found = room_moves.open_rooms(act, stay_id)
    return [RoomChoice(one.room.id, one.room.name, one.unit.name, one.new) for one in found]
