"""The return of a missing client to the former bed. The bed must be free; then the stay continues there."""

from collections import defaultdict
from datetime import date

from sqlmodel import col, select

from placement.capacity.room_state import RoomState, room_states
from placement.core.clock import day_of
from placement.core.codes import DecisionStatus
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import StayMove
from placement.placements.stays.place_fit import broken_with
from placement.placements.stays.stays import claims_of
from placement.registrations.searches import not_missing
from placement.tables import Bed, BedClaim, Decision, Hold, RegisteredPerson, Registration, Stay


def is_free_again(act: Act, registration: Registration, left: Stay) -> bool:
    """Checks whether every present person of the household could return to the rooms of the stay `left`."""
    return bool(_claims_again(act, registration, left))


def go_on_in(act: Act, registration: Registration, left: Stay) -> Stay | None:
    """Begins a stay in the rooms of the stay `left`, and returns the new stay. Returns `None` if a person would have no
    bed, or if a new rule breaks. The clock of the new stay continues from the end of the former stay.
    """
    claims = _claims_again(act, registration, left)
    if not claims:
        return None
    day = day_of(act.when)
    stay = Stay(
        id=new_id("S"),
        registration_id=registration.id,
        unit_id=left.unit_id,
        goes_on_from=left.id,
        arrived_at=act.when,
        limit_on=day + (left.limit_on - left.ended_on),
    )
    begin(act, stay, StayMove.RETURN)
    act.session.add(stay)
    act.session.flush()
    for claim in claims:
        claim.stay_id, claim.starts_on = stay.id, day
    act.session.add_all(claims)
    act.session.flush()
    return stay


def _claims_again(act: Act, registration: Registration, left: Stay) -> list[BedClaim]:
    """Returns unsaved claims for the household on beds of its former rooms. Returns an empty list if the household
    cannot return there.
    """
    if not is_readable(left.unit_id, left.limit_on, left.starts_on) or left.ended_on is None:
        return []
    if was_sent_back(act, left) or left.end_reason == MOVED_ON:  # after a move, the other persons lived elsewhere
        return []
    before = [one for one in claims_of(act, left) if one.ends_on is not None and one.ends_on >= left.ended_on]
    persons = not_missing(registration)
    if not before or len(persons) > len(before):
        return []
    states = room_states(act.session, act.day, units=[left.unit_id])
    beds = select(Bed.id, Bed.room_id).where(col(Bed.id).in_({one.bed_id for one in before}))
    room_of = dict(act.session.exec(beds).all())
    wanted: defaultdict[str, list[BedClaim]] = defaultdict(list)
    for claim in before:
        wanted[room_of[claim.bed_id]].append(claim)
    found = [claim for room, claims in wanted.items() for claim in _in_room(act.day, states.get(room), claims)]
    if len(found) < len(before):
        return []
    for claim in found:
        claim.registration_id = registration.id
    _seat(found, before, persons)
    if not before[0].whole_room:
        found = [claim for claim in found if claim.person_id is not None]
    broken = broken_with(act, registration, left.unit_id, found, set(wanted))
    return [] if broken - _broken_before(act, registration, left) else found


def _in_room(day: date, state: RoomState | None, claims: list[BedClaim]) -> list[BedClaim]:
    """Returns as many claims in this room as before, on the same beds if possible. Returns an empty list if too few
    beds are free.
    """
    if state is None or state.vacancy.free_from > day or len(state.free_bed_ids) < len(claims):
        return []
    taken = {claim.bed_id for claim in state.claims}
    same = [claim.bed_id for claim in claims if claim.bed_id not in taken]
    others = [bed for bed in state.beds if bed not in taken and bed not in same]
    beds = (*same, *others)[: len(claims)]
    return [BedClaim(bed_id=bed, whole_room=claims[0].whole_room, starts_on=day) for bed in beds]


def _seat(found: list[BedClaim], before: list[BedClaim], persons: list[RegisteredPerson]) -> None:
    """Assigns a bed to each person: the former bed if it is in `found`, otherwise any other bed in `found`."""
    had = {claim.person_id: claim.bed_id for claim in before}
    free = {claim.bed_id: claim for claim in found}
    for person in sorted(persons, key=lambda one: one.id not in had):
        bed = had.get(person.id)
        claim = free.pop(bed) if bed in free else free.pop(next(iter(free)))
        claim.person_id = person.id


def was_sent_back(act: Act, left: Stay) -> bool:
    """Checks whether the desk sent back the decision on this place. Then nobody returns to it."""
    decision = _decision_on(act, left)
    return decision is not None and decision.status is DecisionStatus.REFUSED


def _broken_before(act: Act, registration: Registration, left: Stay) -> set[str]:
    """Returns the rules that were known to be broken while the client lived in this place."""
    decision = _decision_on(act, left)
    return {*registration.breaks, *(() if decision is None else decision.broken)}


def _decision_on(act: Act, stay: Stay) -> Decision | None:
    """Returns the decision on the place. If the stay continues an earlier stay, returns the decision on the first of
    these stays.
    """
    while stay.hold_id is None and stay.goes_on_from is not None:
        stay = act.session.get_one(Stay, stay.goes_on_from)
    if stay.hold_id is None:
        return None
    held = act.session.get_one(Hold, stay.hold_id)
    return act.session.get_one(Decision, held.decision_id)
