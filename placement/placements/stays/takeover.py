"""The take-over: clients who lived in a shelter, or waited, before the service knew them.

They are entered with the day on which that began, which every clock counts from. No proposal, decision or hold is made
up for them, and no figure counts them as an arrival. What they are, and where they live, is a fact: a rule that the
place breaks is named to the desk, and refuses nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, or_, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.room_state import RoomState, room_states
from placement.core.clock import day_of, start_of
from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, Telling
from placement.core.ids import new_id
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import stay_limit
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.placements.stays import place_fit
from placement.registrations.case_rows import PersonInput, persons_of
from placement.registrations.household import age_on
from placement.registrations.registrations import new_registration, settled, store
from placement.shelters.beds import live
from placement.solver.snapshot_lodgings import Lodging, problems_where_lived, units_beside
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.storage.field_sealing import found_by
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import BedClaim, Registration, Room, Stay, Unit

FURTHEST_BACK = timedelta(days=3653)
"""A day further back is taken for a slip of the pen (assumed)."""


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """A room in which a household lives. `persons`: how many of it, in the order of the registration; None: all.

    `shared`: its empty beds can be given to others, though the household would have the room for itself by its facts.
    """

    room: str
    persons: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class _Taken:
    """Part of a room: the state of the room, the beds that were free since the day, and the persons in them."""

    state: RoomState
    beds: tuple[int, ...]
    persons: int
    shared: bool


@needs(Permission.TAKE_OVER)
def take_over_resident(
    act: Act,
    facts: Mapping[str, Any],
    *,
    persons: Sequence[PersonInput],
    unit_id: str,
    rooms: Sequence[RoomTaken],
    came_on: date,
    confirm: bool = False,
    **parts: Any,
) -> Stay:
    """Enters a client who lives in these rooms since `came_on`: the registration, and the stay that began on that day.

    `facts`, `parts`: as of `registrations.register`. The beds are claimed from that day on; what the shelter reported
    of the room sets no limit. Raises `Invalid`, naming every field that is wrong, where the day is ahead or too far
    back, unit or room do not exist, a room lacks the beds, or (`confirm`) a like client lives there already.
    """
    lock_shelter_of_unit(act.session, unit_id)
    taken, faults = _rooms_taken(act, unit_id, rooms, len(persons), came_on)
    faults = [*_day_faults(act, "came_on", came_on), *faults]
    facts = _settled(act, facts, persons, parts, faults)
    began = {"waits_since": start_of(came_on), "taken_over_on": act.day}
    registration = new_registration(act, {"needed_by": came_on, **facts}, **began)
    begin(act, registration, RegistrationMove.TAKE_OVER_HOUSED)
    _store(act, registration, persons, parts, faults)
    _ask_if_known(act, registration, persons, unit_id, confirm=confirm)
    stay = Stay(
        id=new_id("S"),
        registration_id=registration.id,
        unit_id=unit_id,
        arrived_at=start_of(came_on),
        taken_over_on=act.day,
        limit_on=came_on + stay_limit(act.session, registration.residence_basis, came_on),
    )
    begin(act, stay, StayMove.TAKE_OVER)
    act.session.add(stay)
    act.session.flush()
    unit, beside = units_beside(act.session, [unit_id])[unit_id]
    [problem] = problems_where_lived(act, [Lodging(registration, unit, beside)])
    _claim(act, stay, taken, private=problem.registrations[0].is_private)
    found = place_fit.broken_by(act, problem, registration, unit)
    broken = sorted({one.rule for one in found if one.rule != place_fit.ROOMS})
    _write(act, registration, came_on, broken=broken, stay=stay.id)
    return stay


@needs(Permission.TAKE_OVER)
def take_over_waiting(
    act: Act,
    facts: Mapping[str, Any],
    *,
    persons: Sequence[PersonInput],
    waits_since: date,
    confirm: bool = False,
    **parts: Any,
) -> Registration:
    """Enters a client who waits for a place since this day: an open registration whose waiting days count from it.

    Raises `Invalid` as `take_over_resident` does.
    """
    faults = _day_faults(act, "waits_since", waits_since)
    facts = _settled(act, facts, persons, parts, faults)
    registration = new_registration(act, facts, waits_since=start_of(waits_since), taken_over_on=act.day)
    begin(act, registration, RegistrationMove.TAKE_OVER_WAITING)
    _store(act, registration, persons, parts, faults)
    _ask_if_known(act, registration, persons, None, confirm=confirm)
    _write(act, registration, waits_since)
    return registration


def _day_faults(act: Act, field: str, day: date) -> list[Fault]:
    earliest = act.day - FURTHEST_BACK
    if day > act.day:
        return [Fault(field, "day_ahead", {"found": day.isoformat()})]
    if day < earliest:
        return [Fault(field, "day_too_far_back", {"found": day.isoformat(), "earliest": earliest.isoformat()})]
    return []


def _rooms_taken(
    act: Act, unit_id: str, rooms: Sequence[RoomTaken], persons: int, since: date
) -> tuple[list[_Taken], list[Fault]]:
    """The rooms with the beds that are free from this day on; and what is wrong with them."""
    if act.session.get(Unit, unit_id) is None:
        return [], [Fault("unit", "unit_unknown", {"found": unit_id})]
    states = room_states(act.session, act.day, units=[unit_id])
    taken: list[_Taken] = []
    faults: list[Fault] = []
    left = persons
    for number, given in enumerate(rooms):
        field = f"rooms.{number}.room"
        if (state := states.get(given.room)) is None:
            faults.append(Fault(field, "room_not_of_unit", {"room": given.room, "unit": unit_id}))
            continue
        if given.room in {one.room for one in rooms[:number]}:
            faults.append(Fault(field, "room_twice", {"room": given.room}))
            continue
        part = _Taken(
            state, _free_since(act, state, since), left if given.persons is None else given.persons, given.shared
        )
        if part.persons > len(part.beds):
            facts = {"room": state.room.name, "beds": len(state.beds), "free": len(part.beds), "day": since.isoformat()}
            faults.append(Fault(field, "room_full_since", facts))
        taken.append(part)
        left -= part.persons
    if left and len(taken) == len(rooms):
        faults.append(Fault("rooms", "rooms_of_other_number", {"found": persons - left, "persons": persons}))
    return taken, faults


def _free_since(act: Act, state: RoomState, since: date) -> tuple[int, ...]:
    """The beds of a room that nobody has, or had, from this day on."""
    later = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > since)
    period = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > col(BedClaim.starts_on))
    claimed = select(BedClaim.bed_id).where(
        col(BedClaim.bed_id).in_(state.beds), col(BedClaim.cancelled).is_(False), later, period
    )
    had = set(act.session.exec(claimed))
    return tuple(bed for bed in state.beds if bed not in had)


def _settled(
    act: Act,
    facts: Mapping[str, Any],
    persons: Sequence[PersonInput],
    parts: Mapping[str, Any],
    faults: Sequence[Fault],
) -> Mapping[str, Any]:
    """The facts with the codes of the places. Raises `Invalid` with the faults found so far, and theirs."""
    try:
        return settled(act, facts, {**parts, "persons": persons})
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from error


def _store(
    act: Act,
    registration: Registration,
    persons: Sequence[PersonInput],
    parts: Mapping[str, Any],
    faults: Sequence[Fault],
) -> None:
    """Stores the registration. Raises `Invalid` with the faults found so far, and those of its facts."""
    try:
        store(act, registration, persons, parts)
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from error
    if faults:
        raise Invalid(faults)


def known_already(
    act: Act,
    alias: str | None,
    since: datetime,
    persons: Sequence[PersonInput],
    unit_id: str | None,
    *,
    but: str | None = None,
) -> list[str]:
    """The registrations of clients of the same alias, ages and genders who live in the unit, or wait; sorted.

    Of clients without an alias only those whom the same day is said of. `but`: leaves this one out.
    """
    waits = Registration.status == RegistrationStatus.OPEN
    others = select(Registration).where(
        or_(waits, col(Registration.id).in_(_living_in(act, unit_id))), col(Registration.id).is_distinct_from(but)
    )
    if alias is None:
        others = others.where(col(Registration.alias_index).is_(None), Registration.waits_on == day_of(since))
    else:
        others = others.where(found_by(act.session, Registration, "alias", alias))
    wanted = Counter((person.gender, person.age) for person in persons)
    return [
        other.id
        for other in act.session.exec(others.order_by(Registration.id))
        if is_readable(other.content)
        and _household(act, other) == wanted
        and (alias is not None or other.waits_since == since)
    ]


def _living_in(act: Act, unit_id: str | None) -> set[str]:
    """The registrations that live in a unit."""
    rooms = act.session.exec(select(Room.id).where(Room.unit_id == unit_id)).all()
    claims = claims_on(act.session, beds_of_rooms(act.session, rooms), *live(act.day)) if rooms else []
    stays = {claim.stay_id for claim in claims if claim.stay_id}
    in_house = col(Stay.id).in_(stays), Stay.status == StayStatus.IN_HOUSE
    return set(act.session.exec(select(Stay.registration_id).where(*in_house))) if stays else set()


def _ask_if_known(
    act: Act, registration: Registration, persons: Sequence[PersonInput], unit_id: str | None, *, confirm: bool
) -> None:
    """Raises `Invalid` at `confirm` where a client like this one is known already."""
    alias, since = registration.alias, registration.waits_since
    if not confirm and (known := known_already(act, alias, since, persons, unit_id, but=registration.id)):
        raise Telling.at("confirm", "known_already", registrations=known)


def _household(act: Act, registration: Registration) -> Counter[tuple[Any, int | None]]:
    return Counter((person.gender, age_on(person, act.day)) for person in registration.persons)


def _claim(act: Act, stay: Stay, taken: Iterable[_Taken], *, private: bool) -> None:
    """Claims the beds from the day on which the client came; of a household that has a room for itself, all of them."""
    persons = [person.id for person in persons_of(act, stay.registration_id)]
    for part in taken:
        here, persons = persons[: part.persons], persons[part.persons :]
        whole = private and not part.shared and not part.state.claims
        beds = part.beds if whole else part.beds[: part.persons]
        act.session.add_all(
            BedClaim(
                bed_id=bed,
                stay_id=stay.id,
                registration_id=stay.registration_id,
                person_id=person,
                whole_room=whole,
                starts_on=stay.starts_on,
            )
            for bed, person in zip(beds, [*here, *[None] * (len(beds) - len(here))], strict=True)
        )
    act.session.flush()


def _write(act: Act, registration: Registration, since: date, *, stay: str | None = None, **facts: Any) -> None:
    said = {"status": registration.status.value, "since": since.isoformat(), **facts}
    audit_log.write(act, Event.TAKEN_OVER, registration=registration.id, subject=stay, **said)
