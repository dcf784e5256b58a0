"""The check of a case before it is stored. It looks up all names in the case, and collects all faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import SQLModel

from placement.core.codes import AvoidedKind, Region, RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.languages import LANGUAGES, NO_LANGUAGE
from placement.registrations import responsible_areas
from placement.registrations.case import Case
from placement.registrations.case_lookup import cases_named
from placement.registrations.entitlement import ADULT
from placement.registrations.household import years_on
from placement.registrations.points import points_of
from placement.registrations.related_cases import all_named_by, contradictions
from placement.tables import Location, Provider, Registration, Unit
from placement.tables.registration import StoredPoint


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A case after the check, with its faults, and with codes in place of names. `points`: the points of the case by
    field, such as `threats.0`. `keep_apart`, `stay_with`: the references of the cases that the case names.
    """

    case: Case
    points: Mapping[str, StoredPoint]
    keep_apart: Sequence[str] | None
    stay_with: Sequence[str] | None
    faults: Sequence[Fault]


def valid(
    act: Act, case: Case, before: Registration | None = None, *, draft: bool = False, others: Sequence[Fault] = ()
) -> CheckedCase:
    """Returns the checked case. Raises `Invalid` with the faults of the case and with `others`, faults that were found
    earlier.
    """
    checked = check(act, case, before, draft=draft)
    if faults := [*others, *checked.faults]:
        raise Invalid(faults)
    return checked


def check(act: Act, case: Case, before: Registration | None = None, *, draft: bool = False) -> CheckedCase:
    """Looks up the names in a case, and finds all faults of the case. `before`: the registration that the case changes.
    `draft`: true if the registration is a draft and stays a draft.
    """
    after = case if before is None else case.over(before)
    of_facts = [
        *_language_faults(after, is_draft=draft and (before is None or before.status is RegistrationStatus.DRAFT)),
        *_need_faults(after),
    ]
    of_targets = _target_faults(act, case)
    of_persons = _person_faults(act, case)
    settled, of_places = responsible_areas.settled(act, case, before)
    of_points: list[Fault] = []
    points = points_of(case, of_points)
    own = "" if before is None else before.id
    given = {"keep_apart": case.keep_apart, "stay_with": case.stay_with}
    named = {field: cases_named(act, field, said, but=own) for field, said in given.items() if said is not None}
    keep_apart, stay_with = (named[field][0] if field in named else None for field in given)
    contrary = contradictions(all_named_by(act, own), keep_apart, stay_with)
    found = [of_places, of_points, of_persons, of_facts, of_targets, *(wrong for _, wrong in named.values()), contrary]
    return CheckedCase(settled, points, keep_apart, stay_with, [fault for faults in found for fault in faults])


def _language_faults(case: Case, *, is_draft: bool) -> list[Fault]:
    faults = [
        Fault(field, "language_undetermined" if code in NO_LANGUAGE else "language_unknown", {"found": written})
        for field, written, code in (
            (f"languages.{n}.code", one.code, one.code.lower()) for n, one in enumerate(case.languages)
        )
        if code not in LANGUAGES
    ]
    # a fact that is unknown in a draft can be added later
    if case.language_required and not case.languages and not is_draft:
        faults.append(Fault("languages", "language_missing"))
    return faults


def _need_faults(case: Case) -> list[Fault]:
    both = sorted({*case.needs} & {*case.preferred_needs})
    faults = [Fault("preferred_needs", "need_twice", {"found": need}) for need in both]
    first, last = case.needed_from, case.needed_by
    if first is not None and last is not None and first > last:
        faults.append(Fault("needed_from", "needed_from_late", {"found": last.isoformat()}))
    return faults


def _target_faults(act: Act, case: Case) -> list[Fault]:
    tables: dict[AvoidedKind, type[SQLModel]] = {
        AvoidedKind.LOCATION: Location,
        AvoidedKind.PROVIDER: Provider,
        AvoidedKind.UNIT: Unit,
    }
    return [
        Fault(f"avoided.{number}.target", "target_unknown", {"found": one.target, "kind": one.kind.value})
        for number, one in enumerate(case.avoided or ())
        if (
            one.target not in set(Region)
            if one.kind is AvoidedKind.REGION
            else act.session.get(tables[one.kind], one.target) is None
        )
    ]


def _person_faults(act: Act, case: Case) -> list[Fault]:
    """Returns the faults of the persons. A person has either an age or a presumed age group. Only a minor of known age
    can have the day of the 18th birthday, and that day must fit the age.
    """
    faults = []
    for number, person in enumerate(case.persons or ()):
        age, adult_on = person.age, person.adult_on
        if (age is None) == (person.presumed is None):
            faults.append(Fault(f"persons.{number}.age", "age_or_presumed"))
        elif adult_on is not None and (age is None or age >= ADULT or years_on(adult_on, act.day) != age):
            faults.append(Fault(f"persons.{number}.adult_on", "adult_on_differs", {"found": adult_on.isoformat()}))
    return faults
