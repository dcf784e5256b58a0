"""Beds of a household whose members change while the household has a place."""

from collections.abc import Sequence

from placement.capacity.room_state import RoomState, room_states
from placement.core.context import Act
from placement.placements.stays.place_fit import PlaceHeld, problem_there
from placement.registrations.household import who_is_who
from placement.registrations.searches import not_missing
from placement.tables import BedClaim, RegisteredPerson, Registration


def seat_household(act: Act, registration: Registration, place: PlaceHeld, before: Sequence[RegisteredPerson]) -> None:
    """Assigns beds after the persons of a household changed. `before`: the persons who had the beds until now.

    A person who stays keeps the same bed. A new person gets a free bed in the household's rooms, if a bed is free. The
    bed of a person who left becomes free, unless the household shares its rooms with nobody.
    """
    claims = place.claims(act)
    had = {claim.person_id: claim for claim in claims if claim.person_id is not None}
    same = who_is_who(before, registration.persons, act.day)
    seats = {new.id: had.pop(old.id, None) for old, new in same}
    whole = any(claim.whole_room for claim in claims)
    free = [claim for claim in claims if claim.person_id is None] + list(had.values())
    for claim in claims:
        claim.person_id = None
    for person in not_missing(registration):
        seat = seats.get(person.id) or (free.pop(0) if free else _free_bed(act, registration, place))
        if seat is not None:
            seat.person_id = person.id
            act.session.flush()
    for claim in () if whole else free:
        _give_up(act, place, claim)
    act.session.flush()


def give_bed(act: Act, registration: Registration, place: PlaceHeld) -> int:
    """Gives a free bed in the household's rooms to each person without a bed. Returns how many persons still lack a
    bed.
    """
    claims = place.claims(act)
    seated = {claim.person_id for claim in claims}
    free = [claim for claim in claims if claim.person_id is None]
    without = [person for person in not_missing(registration) if person.id not in seated]
    for person in without:
        seat = free.pop(0) if free else _free_bed(act, registration, place)
        if seat is None:
            break
        seat.person_id = person.id
        act.session.flush()
    seated = {claim.person_id for claim in place.claims(act)}
    return sum(person.id not in seated for person in without)


def is_private(act: Act, registration: Registration, place: PlaceHeld) -> bool:
    """Checks whether the household's facts require rooms that it shares with nobody."""
    problem = problem_there(act, registration, place)
    return any(row.is_private for row in problem.registrations)


def take_rooms_alone(act: Act, registration: Registration, place: PlaceHeld) -> None:
    """Claims the free beds in the household's rooms, so that the household shares these rooms with nobody. Does nothing
    if the beds are already claimed, or if another household has a bed there.
    """
    claims = place.claims(act)
    rooms = _own_rooms(act, place)
    if not claims or any(claim.whole_room for claim in claims) or any(one.claims for one in rooms):
        return
    taken = {claim.bed_id for claim in claims}
    for claim in claims:
        claim.whole_room = True
    spare = [bed for state in rooms for bed in state.free_bed_ids if bed not in taken]
    act.session.add_all(_claim(act, registration, claims[0], bed, whole=True) for bed in spare)
    act.session.flush()


def _own_rooms(act: Act, place: PlaceHeld) -> list[RoomState]:
    """Returns the states of the household's rooms, as if this household had no claims."""
    own = place.rooms(act)
    states = room_states(act.session, act.day, units=[place.unit_id], without={claim.id for claim in place.claims(act)})
    return [state for room, state in states.items() if room in own]


def _free_bed(act: Act, registration: Registration, place: PlaceHeld) -> BedClaim | None:
    """Returns a new claim on a free bed in the household's rooms; `None` if no bed is free there."""
    claims = place.claims(act)
    taken = {claim.bed_id for claim in claims}
    for state in _own_rooms(act, place) if claims else ():
        spare = [bed for bed in state.free_bed_ids if bed not in taken]
        if spare and state.vacancy.free_from <= act.day:
            made = _claim(act, registration, claims[0], spare[0], whole=claims[0].whole_room)
            act.session.add(made)
            return made
    return None


def _claim(act: Act, registration: Registration, like: BedClaim, bed: int, *, whole: bool) -> BedClaim:
    return BedClaim(
        bed_id=bed,
        hold_id=like.hold_id,
        stay_id=like.stay_id,
        registration_id=registration.id,
        whole_room=whole,
        starts_on=max(like.starts_on, act.day),
    )


def _give_up(act: Act, place: PlaceHeld, claim: BedClaim) -> None:
    """Ends a claim today. If the bed has not been used yet, deletes the claim."""
    if place.is_lived_in and claim.starts_on < act.day:
        claim.ends_on = act.day
    else:
        act.session.delete(claim)
