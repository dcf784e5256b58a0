"""The rows of a case. Stores and changes a registration with its facts and its parts, such as persons, dangers and
pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AvoidedKind, RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict, NotAllowed
from placement.core.ids import new_id
from placement.core.languages import NO_LANGUAGE
from placement.core.registrant_codes import DayFigures
from placement.crypto.encrypted_columns import Unreadable, is_readable
from placement.dated_rules.lookup import safety_km
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import RegistrationMove
from placement.registrations.case import PersonInput
from placement.registrations.case_check import CheckedCase
from placement.registrations.case_handles import new_reference
from placement.registrations.household import age_on
from placement.registrations.related_cases import Named, all_named_by, named_by, replace_named, require_not_contradicted
from placement.registrations.searches import follow_persons
from placement.tables import (
    Avoidance,
    KeepApart,
    ReachPoint,
    RegisteredPerson,
    Registration,
    StaysWith,
    Threat,
)
from placement.tables.facts import SpokenLanguage

ASKED_FOR = "asked_for"
"""The reason of an avoidance that a user requested."""


def avoid(act: Act, registration_id: str, kind: AvoidedKind, target: str, reason: str) -> None:
    """Makes the registration avoid this target until a user lifts the avoidance. Does nothing if it already avoids the
    target.
    """
    if any((row.kind, row.target) == (kind, target) for row in active_avoidances(act, registration_id)):
        return
    avoided = Avoidance(
        id=new_id("V"),
        kind=kind,
        target=target,
        reason=reason,
        since=act.at,
        set_by=act.actor.id,
    )
    registration = act.session.get_one(Registration, registration_id)
    registration.avoidances = [*registration.avoidances, avoided]
    audit_log.write(
        act, Event.AVOIDANCE_SET, registration=registration_id, subject=avoided.id, kind=kind.value, reason=reason
    )


def active_avoidances(act: Act, registration_id: str) -> list[Avoidance]:
    standing = [row for row in act.session.get_one(Registration, registration_id).avoidances if row.lifted_at is None]
    return sorted(standing, key=lambda row: (row.since, row.id))


def persons_of(act: Act, registration_id: str) -> list[RegisteredPerson]:
    return act.session.get_one(Registration, registration_id).persons


def require_readable(registration: Registration) -> None:
    """Raises `Conflict` if the data key of the case is missing, or was destroyed (in a restored backup). Without this
    check, unreadable fields would look empty.
    """
    values = (registration.alias, registration.content)
    if any(isinstance(value, Unreadable) and value.erased for value in values):
        raise Conflict("content_erased")
    if not is_readable(*values):
        raise Conflict("content_unreadable", owner=registration.id)


def require_sure(registration: Registration) -> None:
    """Raises `Conflict` if the case must not get a place: its data key is missing or destroyed, or the seal of its row
    is broken.
    """
    require_readable(registration)
    if registration.is_in_doubt:
        raise Conflict("row_in_doubt")


def new_registration(act: Act, facts: Mapping[str, object], **columns: object) -> Registration:
    """Returns a new registration that is not saved and has no state. `columns`: values that are not part
    of the input.
    """
    return Registration(id=new_reference(act.session), registered_by=act.actor.id, **columns, **facts)


def store(
    act: Act, checked: CheckedCase, move: RegistrationMove, said: DayFigures | None = None, /, **columns: object
) -> Registration:
    """Stores a new registration with its first state and its parts, and returns it. `said`: further facts of the audit
    event. `columns`: as in `new_registration`.
    """
    made = new_registration(act, checked.case.columns(), **columns)
    begin(act, made, move, status=move.target.value, **(said or DayFigures()))
    act.session.add(made)
    act.session.flush()
    set_parts(act, made, checked)
    return made


def set_facts(registration: Registration, checked: CheckedCase) -> None:
    """Sets the given facts of the registration. `set_parts` sets its parts."""
    for name, value in checked.case.columns().items():
        setattr(registration, name, value)


def set_parts(act: Act, registration: Registration, checked: CheckedCase) -> None:
    """Replaces the given parts, and adds the given avoidances. Raises `Conflict` for contradictory pairs. Raises
    `NotAllowed` if an API key makes the client less safe.
    """
    persons, threats, reach = checked.case.persons, checked.case.threats, checked.case.reach
    keep_apart, stay_with = checked.keep_apart, checked.stay_with
    known, seen = all_named_by(act, registration.id), named_by(act, registration.id)  # hidden pairs are kept
    apart, together = {*(keep_apart or ())} - {*known.keep_apart}, {*(stay_with or ())} - {*known.stay_with}
    require_not_contradicted(act, registration.id, apart=apart, together=together)
    default_km = safety_km(act.session, act.day) if threats is not None else 0
    dangers = [
        Threat(id=new_id("T"), point=checked.points[f"threats.{number}"], min_km=threat.min_km or default_km)
        for number, threat in enumerate(threats or ())
    ]
    if act.actor.session_id is None and registration.status is not RegistrationStatus.DRAFT:
        _require_no_less_safe(registration, seen, None if threats is None else dangers, keep_apart)
    if checked.case.near is not None:
        registration.near = checked.points["near"]
    if persons is not None:
        earlier = registration.persons
        registration.persons = [
            _person(act, registration.id, number, word, earlier[number - 1] if number <= len(earlier) else None)
            for number, word in enumerate(persons, start=1)
        ]
        follow_persons(act, registration, earlier)
    if threats is not None:
        registration.threats = dangers
    if reach is not None:
        registration.reach = [
            ReachPoint(id=new_id("W"), point=checked.points[f"reach.{number}"], max_km=one.max_km)
            for number, one in enumerate(reach)
        ]
    if keep_apart is not None:
        replace_named(act, KeepApart, registration.id, {*keep_apart} | ({*known.keep_apart} - {*seen.keep_apart}))
    if stay_with is not None:
        replace_named(act, StaysWith, registration.id, {*stay_with} | ({*known.stay_with} - {*seen.stay_with}))
    for word in checked.case.avoided or ():
        avoid(act, registration.id, word.kind, word.target, ASKED_FOR)


def _require_no_less_safe(
    registration: Registration, named: Named, dangers: Sequence[Threat] | None, keep_apart: Sequence[str] | None
) -> None:
    """Raises `NotAllowed` if an API key removes a recorded danger, or a pair of cases that are kept apart. Only a
    person may remove these.
    """
    gone = dangers is not None and not all(
        any(one.min_km >= danger.min_km and _is_at(one, danger) for one in dangers) for danger in registration.threats
    )
    if gone or (keep_apart is not None and not {*named.keep_apart} <= {*keep_apart}):
        raise NotAllowed("sign_in_needed")


def _is_at(one: Threat, other: Threat) -> bool:
    return all(one.point[name] == other.point[name] for name in ("lat", "lon"))


def _person(
    act: Act, registration_id: str, number: int, word: PersonInput, known: RegisteredPerson | None
) -> RegisteredPerson:
    """Returns the row for a given person. If nothing changed, returns the stored row, which keeps `age_on`."""
    if known is not None and word == PersonInput(
        known.gender, age_on(known, act.day), known.presumed, known.adult_on, known.housed_as, known.guardian
    ):
        return known
    return RegisteredPerson(id=f"{registration_id}/{number}", age_on=act.day, **asdict(word))


def named_languages(registration: Registration) -> list[SpokenLanguage]:
    """Returns the spoken languages. Codes that mean no language are left out, because older registrations can contain
    them.
    """
    return [spoken for spoken in registration.languages if spoken.code.lower() not in NO_LANGUAGE]


FOUND_AHEAD = timedelta(days=14)
"""The time before the first day of need at which the search for a place begins (assumed)."""


def first_sought_on(registration: Registration, day: date) -> date | None:
    """Returns the day on which the search for a place begins. Returns `None` if that day is not after `day`. With an
    earlier search, beds would be held too long.
    """
    first = registration.known("needed_from")
    return first - FOUND_AHEAD if first is not None and first - FOUND_AHEAD > day else None


def lacks_language(registration: Registration) -> bool:
    """Checks whether a common language is required although no language is given. No unit could fulfil this
    requirement.
    """
    return registration.language_required and not named_languages(registration)
