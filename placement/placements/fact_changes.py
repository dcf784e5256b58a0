"""Changes of the facts of a client who has a place: with a reason, checked at once against the place."""

from collections.abc import Mapping
from typing import Any

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.room_state import room_states
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.reason_codes import ChangeReason
from placement.placements import place_check
from placement.placements.place_check import ROOMS, PlaceHeld
from placement.registrations import case_rows, fact_history, registrations
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Bed, BedClaim, Hold, Registration


@needs(Permission.REGISTRATION_CHANGE)
def change(
    act: Act,
    registration_id: str,
    version: int,
    facts: Mapping[str, Any],
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
    confirm: bool = False,
    **parts: Any,
) -> Registration:
    """Changes what is given, and nothing else, at any time of a case that is not closed.

    `facts`, `parts`, `open_it`: as of `registrations.change`, which does it while the client has no place. Of a client
    who has one it needs a `reason`, and the place is checked: where a rule breaks that held before it is stored only
    with `confirm`, and is a task from then on. Nobody is moved by it. Each person more gets a free bed in the rooms of
    the household, if there is one; the beds of those who left are free.

    Raises `VersionPassed` and `Conflict` as `registrations.change` does, and `Invalid` at `reason`, `text`, `confirm`.
    """
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    place = place_check.place_of(act, known)
    if place is None:
        return registrations.change(act, registration_id, version, facts, open_it=open_it, **parts)
    case_rows.require_readable(known)
    lock_shelter_of_unit(act.session, place.unit_id)
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    registrations.require_version(version, registration.version)
    _require_reason(reason, text)
    held_before = _broken(act, registration, place)
    before = fact_history.said_of(act, registration)
    fields = registrations.set_facts(act, registration, facts, parts)
    case_rows.set_parts(act, registration, **parts)
    act.session.flush()
    registrations.touch(registration)
    if "persons" in parts:
        _seat(act, registration, place)
    broken = _broken(act, registration, place)
    new = sorted(broken - held_before)
    if new and not confirm:
        raise Invalid.at("confirm", "place_breaks", rules=new)
    registration.breaks = sorted(broken & {*new, *registration.breaks})
    fact_history.record(act, registration, before, reason=reason, text=text)
    audit_log.write(
        act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields, reason=reason, broken=new
    )
    return registration


def _require_reason(reason: ChangeReason | None, text: str | None) -> None:
    if reason is None:
        raise Invalid.at("reason", "change_reason_missing", allowed=list(ChangeReason))
    if reason is ChangeReason.OTHER and not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=reason)


def _broken(act: Act, registration: Registration, place: PlaceHeld) -> set[str]:
    """The codes of the hard rules that the place breaks; `rooms` also where a person has no bed."""
    broken = {one.rule for one in place_check.broken_in(act, registration, place.unit_id)}
    seated = {claim.person_id for claim in place.claims(act)}
    return broken | {ROOMS for person in registration.persons if person.id not in seated}


def _seat(act: Act, registration: Registration, place: PlaceHeld) -> None:
    """Gives the persons, in their order, the beds that the household has, more where its rooms have one free; frees
    those of nobody, but of a household that has its rooms for itself.
    """
    claims = place.claims(act)
    persons: list[str | None] = [person.id for person in registration.persons]
    whole = any(claim.whole_room for claim in claims)
    if len(persons) > len(claims):
        claims += _claim_more(act, claims, len(persons) - len(claims))
    for claim, person in zip(claims, persons, strict=False):
        claim.person_id = person
    for claim in claims[len(persons) :]:
        claim.person_id = None
        if not whole and isinstance(place.row, Hold):
            claim.cancelled = True
        elif not whole:
            claim.ends_on = max(claim.starts_on, act.day)
    act.session.flush()


def _claim_more(act: Act, claims: list[BedClaim], wanted: int) -> list[BedClaim]:
    """Beds that are free in the rooms of these claims, at most so many."""
    rooms = {act.session.get_one(Bed, claim.bed_id).room_id for claim in claims}
    one = claims[0]
    states = [state for room, state in room_states(act.session, act.day).items() if room in rooms]
    free = [bed for state in states for bed in state.free_bed_ids][:wanted]
    made = [
        BedClaim(
            bed_id=bed,
            hold_id=one.hold_id,
            stay_id=one.stay_id,
            registration_id=one.registration_id,
            whole_room=one.whole_room,
            starts_on=max(one.starts_on, act.day),
        )
        for bed in free
    ]
    act.session.add_all(made)
    return made
