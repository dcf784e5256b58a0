"""The parts of a registration besides its facts (persons, dangers, pairs ...): their input, checked and stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, TypedDict, Unpack

from sqlmodel import SQLModel

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import AgeGroup, AvoidedKind, Gender, Region, RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotAllowed
from placement.core.geography import places_like, places_named
from placement.core.ids import new_id
from placement.core.languages import LANGUAGES, NO_LANGUAGE
from placement.crypto.encrypted_columns import Unreadable, is_readable
from placement.dated_rules.lookup import safety_km
from placement.registrations.case_lookup import cases_named
from placement.registrations.entitlement import ADULT
from placement.registrations.household import age_on, years_on
from placement.registrations.related_cases import (
    Named,
    all_named_by,
    contradictions,
    named_by,
    replace_named,
    require_not_contradicted,
)
from placement.registrations.searches import follow_persons
from placement.tables import (
    Avoidance,
    KeepApart,
    Location,
    Provider,
    ReachPoint,
    RegisteredPerson,
    Registration,
    StaysWith,
    Threat,
    Unit,
)
from placement.tables.facts import SpokenLanguage

ASKED_FOR = "asked_for"
"""Why a place is avoided that a user named."""


@dataclass(frozen=True, slots=True)
class PersonInput:
    """As the record has them: `RegisteredPerson`. Either the age is given, or what the person is taken for."""

    gender: Gender
    age: int | None = None
    presumed: AgeGroup | None = None
    adult_on: date | None = None
    housed_as: Gender | None = None
    guardian: bool = False


@dataclass(frozen=True, slots=True)
class PointInput:
    """A place from the list, or a point, as given by the user."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class ThreatInput:
    point: PointInput
    min_km: int | None
    """None: the default of the day."""


@dataclass(frozen=True, slots=True)
class ReachInput:
    point: PointInput
    max_km: int


@dataclass(frozen=True, slots=True)
class AvoidedInput:
    kind: AvoidedKind
    target: str


_CHECKED = ("languages", "language_required", "needs", "preferred_needs", "needed_from", "needed_by")


class Parts(TypedDict, total=False):
    """Those that are given; one that is left out, or None, stays as it was."""

    persons: Sequence[PersonInput] | None
    threats: Sequence[ThreatInput] | None
    near: PointInput | None
    avoided: Sequence[AvoidedInput] | None
    reach: Sequence[ReachInput] | None
    keep_apart: Sequence[str] | None
    stay_with: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class CaseSaid:
    """What a check of the parts needs of the case besides. `facts`: those of `_CHECKED`."""

    id: str
    """Empty where it is new."""
    is_draft: bool
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, registration: Registration) -> "CaseSaid":
        is_draft = registration.status is RegistrationStatus.DRAFT
        return cls(registration.id, is_draft, {name: getattr(registration, name) for name in _CHECKED})


@dataclass(frozen=True, slots=True)
class Checked:
    """The points and references of what was given (None: not given), and what is wrong with the parts."""

    dangers: list[dict[str, Any] | None]
    reached: list[dict[str, Any] | None]
    near: dict[str, Any] | None
    keep_apart: list[str] | None
    stay_with: list[str] | None
    faults: list[Fault]


def avoid(act: Act, registration_id: str, kind: AvoidedKind, target: str, reason: str) -> None:
    """Makes the registration avoid this target until a user lifts it. Harmless when set twice."""
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
    """Raises `Conflict` where the key of this case is missing, or was destroyed as in a restored backup: an unreadable
    field must not pass for an empty one.
    """
    values = (registration.alias, registration.content)
    if any(isinstance(value, Unreadable) and value.erased for value in values):
        raise Conflict("content_erased")
    if not is_readable(*values):
        raise Conflict("content_unreadable", owner=registration.id)


def set_parts(act: Act, registration: Registration, **parts: Unpack[Parts]) -> None:
    """Replaces the parts that are given, after all of them were found to be valid."""
    checked = check(act, CaseSaid.of(registration), **parts)
    persons, threats, reach = parts.get("persons"), parts.get("threats"), parts.get("reach")
    if checked.faults:
        raise Invalid(checked.faults)
    keep_apart, stay_with = checked.keep_apart, checked.stay_with
    known, seen = all_named_by(act, registration.id), named_by(act, registration.id)  # what the actor may not see stays
    apart, together = {*(keep_apart or ())} - {*known.keep_apart}, {*(stay_with or ())} - {*known.stay_with}
    require_not_contradicted(act, registration.id, apart=apart, together=together)
    default_km = safety_km(act.session, act.day) if threats is not None else 0
    dangers = [
        Threat(id=new_id("T"), point=point, min_km=threat.min_km or default_km)
        for threat, point in zip(threats or (), _found(checked.dangers), strict=True)
    ]
    if act.actor.session_id is None and registration.status is not RegistrationStatus.DRAFT:
        _require_no_less_safe(registration, seen, None if threats is None else dangers, keep_apart)
    if checked.near:
        registration.near = checked.near
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
            ReachPoint(id=new_id("W"), point=point, max_km=one.max_km)
            for one, point in zip(reach, _found(checked.reached), strict=True)
        ]
    if keep_apart is not None:
        replace_named(act, KeepApart, registration.id, {*keep_apart} | ({*known.keep_apart} - {*seen.keep_apart}))
    if stay_with is not None:
        replace_named(act, StaysWith, registration.id, {*stay_with} | ({*known.stay_with} - {*seen.stay_with}))
    for word in parts.get("avoided") or ():
        avoid(act, registration.id, word.kind, word.target, ASKED_FOR)


def check(act: Act, case: CaseSaid, **parts: Unpack[Parts]) -> Checked:
    """Looks up the points and the cases that are named, and finds all that is wrong with the parts of this case."""
    faults: list[Fault] = []
    persons, threats, avoided = parts.get("persons") or (), parts.get("threats") or (), parts.get("avoided") or ()
    dangers = [point_of(f"threats.{number}", threat.point, faults) for number, threat in enumerate(threats)]
    reached = [point_of(f"reach.{number}", one.point, faults) for number, one in enumerate(parts.get("reach") or ())]
    near = parts.get("near")
    near_point = point_of("near", near, faults) if near else None
    faults += [fault for number, word in enumerate(persons) for fault in _person_faults(act, number, word)]
    faults += _language_faults(case)
    faults += _need_faults(case)
    faults += [fault for number, word in enumerate(avoided) for fault in _target_faults(act, f"avoided.{number}", word)]
    apart = _named(act, case, "keep_apart", parts.get("keep_apart"), faults)
    together = _named(act, case, "stay_with", parts.get("stay_with"), faults)
    faults += contradictions(all_named_by(act, case.id), apart, together)
    return Checked(dangers, reached, near_point, apart, together, faults)


def _require_no_less_safe(
    registration: Registration, named: Named, dangers: Sequence[Threat] | None, keep_apart: Sequence[str] | None
) -> None:
    """What keeps a client safe is taken back by a person. Raises `NotAllowed`."""
    gone = dangers is not None and not all(
        any(one.min_km >= danger.min_km and _is_at(one, danger) for one in dangers) for danger in registration.threats
    )
    if gone or (keep_apart is not None and not {*named.keep_apart} <= {*keep_apart}):
        raise NotAllowed("sign_in_needed")


def _is_at(one: Threat, other: Threat) -> bool:
    return all(one.point[name] == other.point[name] for name in ("lat", "lon"))


def _named(act: Act, case: CaseSaid, field: str, said: Sequence[str] | None, faults: list[Fault]) -> list[str] | None:
    """The references of the cases that are named; what names none becomes a fault."""
    if said is None:
        return None
    references, wrong = cases_named(act, field, said, but=case.id)
    faults += wrong
    return references


def _found(points: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Those that were looked up without a fault."""
    return [point for point in points if point is not None]


def point_of(where: str, word: PointInput, faults: list[Fault]) -> dict[str, Any] | None:
    if word.place is not None and word.lat is None and word.lon is None:
        meant = places_named(word.place)
        if len(meant) != 1:
            code = "place_ambiguous" if meant else "place_unknown"
            named = [place.in_full for place in meant] or places_like(word.place)
            faults.append(Fault(f"{where}.place", code, {"found": word.place, "allowed": named}))
            return None
        [place] = meant
        return {"place": place.name, "lat": place.point.lat, "lon": place.point.lon}
    if word.place is None and word.lat is not None and word.lon is not None:
        return {"place": None, "lat": word.lat, "lon": word.lon}
    faults.append(Fault(where, "place_or_point"))
    return None


def _person(
    act: Act, registration_id: str, number: int, word: PersonInput, known: RegisteredPerson | None
) -> RegisteredPerson:
    """A person as given; the one who is known where that says the same, with the day on which the age was given."""
    if known is not None and word == PersonInput(
        known.gender, age_on(known, act.day), known.presumed, known.adult_on, known.housed_as, known.guardian
    ):
        return known
    return RegisteredPerson(id=f"{registration_id}/{number}", age_on=act.day, **asdict(word))


def _person_faults(act: Act, number: int, word: PersonInput) -> list[Fault]:
    """The day of turning 18 is of a minor whose age is known, and fits that age."""
    if (word.age is None) == (word.presumed is None):
        return [Fault(f"persons.{number}.age", "age_or_presumed")]
    if word.adult_on is None or (
        word.age is not None and word.age < ADULT and years_on(word.adult_on, act.day) == word.age
    ):
        return []
    return [Fault(f"persons.{number}.adult_on", "adult_on_differs", {"found": word.adult_on.isoformat()})]


def named_languages(registration: Registration) -> list[SpokenLanguage]:
    """Without codes that name none, which were taken once."""
    return [spoken for spoken in registration.languages if spoken.code.lower() not in NO_LANGUAGE]


FOUND_AHEAD = timedelta(days=14)
"""How long before the first day on which a client can come a place is sought (assumed)."""


def first_sought_on(registration: Registration, day: date) -> date | None:
    """The day from which a place is sought, where that is later: beds would be kept for nobody until then."""
    first = registration.known("needed_from")
    return first - FOUND_AHEAD if first is not None and first - FOUND_AHEAD > day else None


def lacks_language(registration: Registration) -> bool:
    """Whether a common language is required, and none is named: no unit can be said to speak it."""
    return registration.language_required and not named_languages(registration)


def _language_faults(case: CaseSaid) -> list[Fault]:
    languages = case.facts["languages"]
    numbered = enumerate(languages)
    faults = [
        Fault(field, "language_undetermined" if code in NO_LANGUAGE else "language_unknown", {"found": written})
        for field, written, code in ((f"languages.{n}.code", one.code, one.code.lower()) for n, one in numbered)
        if code not in LANGUAGES
    ]
    # unknown facts of a draft can be added later
    if case.facts["language_required"] and not languages and not case.is_draft:
        faults.append(Fault("languages", "language_missing"))
    return faults


def _need_faults(case: CaseSaid) -> list[Fault]:
    both = sorted({*case.facts["needs"]} & {*case.facts["preferred_needs"]})
    faults = [Fault("preferred_needs", "need_twice", {"found": need}) for need in both]
    first, last = case.facts["needed_from"], case.facts["needed_by"]
    if first is not None and first > last:
        faults.append(Fault("needed_from", "needed_from_late", {"found": last.isoformat()}))
    return faults


def _target_faults(act: Act, where: str, word: AvoidedInput) -> list[Fault]:
    if word.kind is AvoidedKind.REGION:
        known = word.target in set(Region)
    else:
        tables: dict[AvoidedKind, type[SQLModel]] = {
            AvoidedKind.LOCATION: Location,
            AvoidedKind.PROVIDER: Provider,
            AvoidedKind.UNIT: Unit,
        }
        table = tables[word.kind]
        known = act.session.get(table, word.target) is not None
    return (
        [] if known else [Fault(f"{where}.target", "target_unknown", {"found": word.target, "kind": word.kind.value})]
    )
