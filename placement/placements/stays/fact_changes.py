"""Changes of facts of a client who has a place. Each change needs a reason, and is checked at once
against the place.
"""

from collections.abc import Sequence

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Fault, NotAllowed, Telling
from placement.core.reason_codes import ChangeReason
from placement.placements.decisions.present_problem import SAFETY_RULES
from placement.placements.moves.household_beds import is_private, seat_household, take_rooms_alone
from placement.placements.stays import place_fit
from placement.placements.stays.place_fit import ROOMS, PlaceHeld
from placement.registrations import case_check, case_rows, fact_history, facts_anew, registrations
from placement.registrations.case import Case
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Registration


@needs(Permission.REGISTRATION_CHANGE)
def change(
    act: Act,
    registration_id: str,
    version: int,
    case: Case,
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
    confirm: bool = False,
) -> Registration:
    """Changes the given facts of a case that is not closed. Raises the errors of `registrations.change`.

    `open_it`: as in `registrations.change`; has an effect only while the client has no place.

    If the client has a place, `reason` is required and every kept place is checked. A newly broken rule is stored only
    with `confirm`; the rule becomes a task, and nobody is moved. A newly broken safety rule needs a signed-in person.
    New persons get free beds, if any, in the household's rooms; the beds of persons who left become free. Raises
    `Invalid` at `reason`, `text` or `confirm` if that field is missing or wrong.
    """
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    facts_anew.enter(act, known, case)
    places = place_fit.places_of(act, known)
    if not places:
        return registrations.change(act, registration_id, version, case, open_it=open_it, reason=reason, text=text)
    case_rows.require_readable(known)
    lock_shelter_of_unit(act.session, *(place.unit_id for place in places))
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    registrations.require_version(version, registration.version)
    checked = case_check.valid(act, case, registration, others=_reason_faults(reason, text))
    held_before, had_none = _broken(act, registration, places), _without_bed(act, registration, places)
    before, persons = fact_history.said_of(act, registration), registration.persons
    shared = [place for place in places if not is_private(act, registration, place)]
    case_rows.set_facts(registration, checked)
    case_rows.set_parts(act, registration, checked)
    registrations.touch(registration)
    act.session.flush()
    for place in places if registration.persons != persons else ():
        seat_household(act, registration, place, persons)
    for place in shared:
        if is_private(act, registration, place):  # a household that already shared its room by agreement keeps sharing
            take_rooms_alone(act, registration, place)
    broken = _broken(act, registration, places)
    if _without_bed(act, registration, places) > had_none:
        held_before.discard(ROOMS)  # `rooms` was broken before, but now another person has no bed
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
    case: Case,
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
) -> list[Fault]:
    """Returns the faults for which `change` would raise `Invalid`, except faults of the place. Changes nothing."""
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    lacks = _reason_faults(reason, text) if place_fit.places_of(act, known) else []
    return [*lacks, *registrations.faults_of(act, case, known, draft=not open_it)]


def _broken(act: Act, registration: Registration, places: Sequence[PlaceHeld]) -> set[str]:
    """Returns the rules that are broken in any of these places."""
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
