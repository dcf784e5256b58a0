"""The data of a client that a shelter sees to answer a hold and give care: the minimum, no longer than needed."""

from dataclasses import dataclass

from sqlmodel import col, func, select

from placement.capacity.room_state import age_on
from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.registrations.registrations import persons_of
from placement.tables import Bed, BedClaim, Hold, Registration, Room, Stay


@dataclass(frozen=True, slots=True)
class HoldFacts:
    rooms: list[tuple[str, str, int, int]]
    """Room, its name, beds, persons: more beds than persons where a household has the room for itself."""
    persons: list[tuple[str, int]]
    """Gender, age."""
    languages: list[str]
    needs: list[str]
    room_needs: list[str]
    private_room: bool
    high_care: bool
    stay: str | None
    end_reason: str | None
    """Why the stay ended, if it did: also before the client arrived."""


def hold_facts(act: Act, held: Hold) -> HoldFacts:
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    if not _is_needed(held, stay):
        gone = (stay.id, stay.end_reason) if stay else (None, None)
        return HoldFacts([], [], [], [], [], False, False, *gone)
    registration = act.session.get_one(Registration, held.registration_id)
    rooms = act.session.exec(
        select(Bed.room_id, Room.name, func.count(), func.count(col(BedClaim.person_id)))
        .join(Room)
        .join(BedClaim)
        .where(BedClaim.hold_id == held.id)
        .group_by(Bed.room_id, Room.name)
        .order_by(Bed.room_id)
    ).all()
    return HoldFacts(
        rooms=[(room, name, beds, persons) for room, name, beds, persons in rooms],
        persons=[(person.gender.value, age_on(person, act.day)) for person in persons_of(act, registration.id)],
        languages=[spoken["code"] for spoken in registration.languages],
        needs=registration.needs,
        room_needs=registration.room_needs,
        private_room=registration.private_room,
        high_care=registration.high_care,
        stay=stay.id if stay else None,
        end_reason=stay.end_reason if stay else None,
    )


def _is_needed(held: Hold, stay: Stay | None) -> bool:
    """Whether the data is needed: for a bed that is asked for, or that the client lives in; not after that."""
    if held.status in {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}:
        return True
    return held.status is HoldStatus.CONFIRMED and stay is not None and stay.status is not StayStatus.ENDED
