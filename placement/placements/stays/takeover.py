"""The take-over: entry of clients who already lived in a shelter or waited when the service was introduced.

They are entered with their real first day, from which every clock counts. They have no proposal, decision or hold, and
figures do not count them as arrivals. Their facts and places are accepted unchanged: a broken rule is shown to the
desk, but rejects nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, or_, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.room_state import RoomState, room_states
from placement.core.clock import day_of, start_of
from placement.core.codes import Gender, RegistrationStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Fault, Telling
from placement.core.ids import new_id
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import stay_limit
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.placements.stays import place_fit
from placement.registrations import case_check
from placement.registrations.case import Case, PersonInput
from placement.registrations.case_rows import persons_of, store
from placement.registrations.household import age_on
from placement.registrations.registrations import with_first_day
from placement.shelters.beds import live
from placement.solver.snapshot_lodgings import Lodging, problems_where_lived, units_beside
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.storage.field_sealing import found_by
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import BedClaim, RegisteredPerson, Registration, Room, Stay, Unit

FURTHEST_BACK = timedelta(days=3653)
"""The longest time since the first day (assumed). An earlier first day is rejected as a typing error."""


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """A room in which a household lives. `persons`: how many persons of the household live in this room, in the order
    of the registration; `None`: all. `shared`: true if other households may use the empty beds, although the facts of
    this household require rooms for itself.
    """

    room: str
    persons: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class _Taken:
    """A room of a take-over. `beds`: the beds of the room that were free since the client's first day. `persons`: the
    number of persons of the household in the room.
    """

    state: RoomState
    beds: tuple[int, ...]
    persons: int
    shared: bool


@needs(Permission.TAKE_OVER)
def take_over_resident(
    act: Act,
    case: Case,
    *,
    unit_id: str,
    rooms: Sequence[RoomTaken],
    came_on: date,
    confirm: bool = False,
) -> Stay:
    """Enters a client who has lived in these rooms since `came_on`: a registration, and a stay that began on that day.

    The beds are claimed from that day on, whatever the shelter reported about the room. Raises `Invalid` with every
    wrong field: a day in the future or too far back, an unknown unit or room, or too few beds. Raises `Invalid` at
    `confirm` if a similar client already lives there or waits.
    """
    lock_shelter_of_unit(act.session, unit_id)
    taken, faults = _rooms_taken(act, unit_id, rooms, len(case.persons or ()), came_on)
    faults = [*_day_faults(act, "came_on", came_on), *faults]
    case = with_first_day(act, case, came_on)
    checked = case_check.valid(act, case, others=faults)
    began = {"waits_since": start_of(came_on), "taken_over_on": act.day}
    registration = store(act, checked, RegistrationMove.TAKE_OVER_HOUSED, **began)
    _ask_if_known(act, registration, unit_id, confirm=confirm)
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
def take_over_waiting(act: Act, case: Case, *, waits_since: date, confirm: bool = False) -> Registration:
    """Enters a client who has waited since this day: an open registration whose waiting time counts from that day.
    Raises `Invalid` like `take_over_resident`.
    """
    faults = _day_faults(act, "waits_since", waits_since)
    case = with_first_day(act, case)
    checked = case_check.valid(act, case, others=faults)
    began = {"waits_since": start_of(waits_since), "taken_over_on": act.day}
    registration = store(act, checked, RegistrationMove.TAKE_OVER_WAITING, **began)
    _ask_if_known(act, registration, None, confirm=confirm)
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
    """Returns the rooms with those of their beds that were free since this day, and the faults in the input."""
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
    """Returns the beds of a room that nobody has claimed for this day or later."""
    later = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > since)
    period = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > col(BedClaim.starts_on))
    claimed = select(BedClaim.bed_id).where(
        col(BedClaim.bed_id).in_(state.beds), col(BedClaim.cancelled).is_(False), later, period
    )
    had = set(act.session.exec(claimed))
    return tuple(bed for bed in state.beds if bed not in had)


def known_already(
    act: Act,
    alias: str | None,
    since: datetime,
    persons: Sequence[PersonInput | RegisteredPerson],
    unit_id: str | None,
    *,
    but: str | None = None,
) -> list[str]:
    """Returns the sorted ids of registrations of similar clients who live in the unit or wait. Similar clients have the
    same alias, ages and genders. Clients without an alias must also have the same first day. `but`: a registration to
    leave out.
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
    rooms = act.session.exec(select(Room.id).where(Room.unit_id == unit_id)).all()
    claims = claims_on(act.session, beds_of_rooms(act.session, rooms), *live(act.day)) if rooms else []
    stays = {claim.stay_id for claim in claims if claim.stay_id}
    in_house = col(Stay.id).in_(stays), Stay.status == StayStatus.IN_HOUSE
    return set(act.session.exec(select(Stay.registration_id).where(*in_house))) if stays else set()


def _ask_if_known(act: Act, registration: Registration, unit_id: str | None, *, confirm: bool) -> None:
    """Raises `Invalid` at `confirm` if a similar client is already registered."""
    alias, since, persons = registration.alias, registration.waits_since, registration.persons
    if not confirm and (known := known_already(act, alias, since, persons, unit_id, but=registration.id)):
        raise Telling.at("confirm", "known_already", registrations=known)


def _household(act: Act, registration: Registration) -> Counter[tuple[Gender, int | None]]:
    return Counter((person.gender, age_on(person, act.day)) for person in registration.persons)


def _claim(act: Act, stay: Stay, taken: Iterable[_Taken], *, private: bool) -> None:
    """Claims the beds from the day of arrival. Claims all beds of the rooms if the household shares the rooms with
    nobody.
    """
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


def _write(act: Act, registration: Registration, since: date, *, stay: str | None = None, **facts: object) -> None:
    said = {"status": registration.status.value, "since": since.isoformat(), **facts}
    audit_log.write(act, Event.TAKEN_OVER, registration=registration.id, subject=stay, shown=None, **said)
