"""The data of a client that a shelter sees to answer a hold and give care: the minimum, no longer than needed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select as columns
from sqlmodel import col, func, select

from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.registrations.household import age_on, housed_as
from placement.tables import Bed, BedClaim, Hold, RegisteredPerson, Registration, Room, Stay
from placement.tables.facts import FactsForShelter

_FOR_SHELTER = set(FactsForShelter.model_fields)


@dataclass(frozen=True, slots=True)
class HoldFacts:
    rooms: list[tuple[str, str, int, int]]
    """Room, its name, beds, persons: more beds than persons where a household has the room for itself."""
    persons: list[tuple[str, int | None, str | None]]
    """The gender by which a place was sought, and the age, or what the person is taken for where it is not known."""
    languages: list[str]
    client: FactsForShelter
    stay: str | None
    end_reason: str | None
    """Why the stay ended, if it did: also before the client arrived."""
    needed: bool
    """Whether the beds are asked for or lived in: else it contains nothing about the client, and nobody is rung."""


def hold_facts(act: Act, held: Hold) -> HoldFacts:
    return facts_of_holds(act, [held])[held.id]


def facts_of_holds(act: Act, holds: Sequence[Hold]) -> dict[str, HoldFacts]:
    """The facts of each of these holds, in as many queries as for one."""
    ids = [held.id for held in holds]
    stays = {stay.hold_id: stay for stay in act.session.exec(select(Stay).where(col(Stay.hold_id).in_(ids)))}
    needed = [held for held in holds if _is_needed(held, stays.get(held.id))]
    cases = [held.registration_id for held in needed]
    registrations: dict[str, Registration] = {}
    persons: defaultdict[str, list[RegisteredPerson]] = defaultdict(list)
    of_cases = select(Registration, RegisteredPerson).join(RegisteredPerson).where(col(Registration.id).in_(cases))
    for registration, person in act.session.exec(of_cases.order_by(col(RegisteredPerson.number))):
        registrations[registration.id] = registration
        persons[registration.id].append(person)
    rooms = _rooms(act, [held.id for held in needed])
    found = {}
    for held in holds:
        stay = stays.get(held.id)
        stay_id, end_reason = (stay.id, stay.end_reason) if stay else (None, None)
        if held not in needed:
            found[held.id] = HoldFacts([], [], [], FactsForShelter(), stay_id, end_reason, needed=False)
            continue
        registration = registrations[held.registration_id]
        found[held.id] = HoldFacts(
            rooms[held.id],
            [
                (housed_as(person).value, age_on(person, act.day), person.presumed)
                for person in persons[registration.id]
            ],
            [spoken.code for spoken in registration.languages],
            FactsForShelter(**registration.model_dump(include=_FOR_SHELTER)),
            stay_id,
            end_reason,
            needed=True,
        )
    return found


def _rooms(act: Act, hold_ids: Sequence[str]) -> dict[str, list[tuple[str, str, int, int]]]:
    found: defaultdict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    query = (
        columns(
            *map(col, (BedClaim.hold_id, Bed.room_id, Room.name)), func.count(), func.count(col(BedClaim.person_id))
        )
        .select_from(Bed)
        .join(Room)
        .join(BedClaim)
        .where(col(BedClaim.hold_id).in_(hold_ids))
        .group_by(col(BedClaim.hold_id), Bed.room_id, Room.name)
        .order_by(Bed.room_id)
    )
    for hold_id, room, name, beds, persons in act.session.execute(query):
        found[hold_id].append((room, name, beds, persons))
    return found


def _is_needed(held: Hold, stay: Stay | None) -> bool:
    """Whether the data is needed: for a bed that is asked for, or that the client lives in; not after that."""
    if held.status in {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}:
        return True
    return held.status is HoldStatus.CONFIRMED and stay is not None and stay.status is not StayStatus.ENDED
