"""Changes of the facts of a client who has a place: with a reason, checked at once against the place."""

from collections.abc import Mapping, Sequence
from typing import Any

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, NotAllowed, Telling
from placement.core.reason_codes import ChangeReason
from placement.placements.decisions.decisions import SAFETY_RULES
from placement.placements.moves.household_beds import is_private, seat_household, take_rooms_alone
from placement.placements.stays import place_fit
from placement.placements.stays.place_fit import ROOMS, PlaceHeld
from placement.registrations import case_rows, fact_history, registrations
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Registration


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
    who has one it needs a `reason`, and the place is checked, or both places of one who moves: where a rule breaks that
    held before it is stored only with `confirm`, and is a task from then on; by a person where the rule is about
    danger. Nobody is moved by it. Each person more gets a free bed in the rooms of the household, if there is one; the
    beds of those who left are free.

    Raises `VersionPassed` and `Conflict` as `registrations.change` does, and `Invalid` at `reason`, `text`, `confirm`.
    """
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    places = place_fit.places_of(act, known)
    if not places:
        said = {"open_it": open_it, "reason": reason, "text": text, **parts}
        return registrations.change(act, registration_id, version, facts, **said)
    case_rows.require_readable(known)
    lock_shelter_of_unit(act.session, *(place.unit_id for place in places))
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    registrations.require_version(version, registration.version)
    if lacks := _reason_faults(reason, text):
        raise Invalid([*lacks, *registrations.faults_of(act, facts, parts, registration)])
    held_before, had_none = _broken(act, registration, places), _without_bed(act, registration, places)
    before, persons = fact_history.said_of(act, registration), registration.persons
    shared = [place for place in places if not is_private(act, registration, place)]
    registrations.set_facts(act, registration, facts, parts)
    case_rows.set_parts(act, registration, **parts)
    registrations.touch(registration)
    act.session.flush()
    for place in places if registration.persons != persons else ():
        seat_household(act, registration, place, persons)
    for place in shared:
        if is_private(act, registration, place):  # one that shared its room before by agreement goes on
            take_rooms_alone(act, registration, place)
    broken = _broken(act, registration, places)
    if _without_bed(act, registration, places) > had_none:
        held_before.discard(ROOMS)  # it broke before, and now one more person has no bed
    new = sorted(broken - held_before)
    if new and not confirm:
        raise Telling.at("confirm", "place_breaks", rules=new)
    if SAFETY_RULES.intersection(new) and act.actor.session_id is None:
        raise NotAllowed("sign_in_needed")
    registration.breaks = sorted(broken & {*new, *registration.breaks})
    fields = fact_history.record(act, registration, before, reason=reason, text=text)
    audit_log.write(
        act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields, reason=reason, broken=new
    )
    return registration


@needs(Permission.REGISTRATION_CHANGE)
def faults_of(
    act: Act,
    registration_id: str,
    facts: Mapping[str, Any],
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
    **parts: Any,
) -> list[Fault]:
    """All that `change` would refuse as `Invalid` before the place is checked; nothing is changed by it."""
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    lacks = _reason_faults(reason, text) if place_fit.places_of(act, known) else []
    return [*lacks, *registrations.faults_of(act, facts, parts, known, draft=not open_it)]


def _broken(act: Act, registration: Registration, places: Sequence[PlaceHeld]) -> set[str]:
    """The rules that any of these places breaks."""
    return {one.rule for place in places for one in place_fit.broken_in(act, registration, place)}


def _without_bed(act: Act, registration: Registration, places: Sequence[PlaceHeld]) -> int:
    return sum(place_fit.without_bed(act, registration, place) for place in places)


def _reason_faults(reason: ChangeReason | None, text: str | None) -> list[Fault]:
    if reason is None:
        codes = list(ChangeReason)
        return [Fault("reason", "change_reason_missing", {"allowed": codes, "codes": codes})]
    if reason is ChangeReason.OTHER and not (text or "").strip():
        return [Fault("text", "text_missing", {"reason": reason})]
    return []
