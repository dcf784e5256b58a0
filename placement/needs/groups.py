"""The groups of the ledger: coarse codes that follow from the facts of a case."""

from collections.abc import Sequence
from datetime import date

from placement.core.codes import AgeGroup
from placement.core.need_codes import (
    AgeBand,
    Dimension,
    HouseholdShape,
    LanguageGroup,
    WaitedBand,
    part_of_country,
)
from placement.registrations.case_rows import named_languages
from placement.registrations.entitlement import ADULT
from placement.tables import RegisteredPerson, Registration

UNKNOWN = "unknown"
_AGES = ((ADULT, AgeBand.MINOR), (23, AgeBand.UNDER_23), (30, AgeBand.UNDER_30), (40, AgeBand.UNDER_40))
_WAITED = tuple(sorted(WaitedBand, key=int, reverse=True))
_LANGUAGES = (
    (LanguageGroup.DUTCH, frozenset({"nl"})),
    (LanguageGroup.ENGLISH, frozenset({"en"})),
    (
        LanguageGroup.EUROPEAN,
        frozenset(
            {
                *("bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt"),
                *("lv", "mk", "mt", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk"),
            }
        ),
    ),
)
"""The groups of languages, the most useful first. A client's group is the first with a language of the client."""


def band_of(days: int) -> WaitedBand:
    return next(band for band in _WAITED if days >= int(band) or band is WaitedBand.UNDER_3)


def shape_of(persons: Sequence[RegisteredPerson], day: date) -> HouseholdShape:
    if not persons:
        return HouseholdShape.UNKNOWN
    minors = [_is_minor(person, day) for person in persons]
    if all(minors):
        return HouseholdShape.MINORS
    if any(minors):
        return HouseholdShape.WITH_CHILDREN
    return HouseholdShape.ALONE if len(persons) == 1 else HouseholdShape.ADULTS


def groups_of(case: Registration | None, day: date) -> dict[Dimension, str]:
    """Returns the group of a case in each dimension. An unreadable case is in the groups *unknown*."""
    persons = (case and case.known("persons")) or []
    return {
        Dimension.GENDER: str(persons[0].gender) if persons else UNKNOWN,
        Dimension.AGE: _age_band(persons),
        Dimension.FAMILY: shape_of(persons, day),
        Dimension.LANGUAGE: _language_group(case) if case and persons else LanguageGroup.UNKNOWN,
        Dimension.REGION: part_of_country(case.region if case else ""),
    }


def _is_minor(person: RegisteredPerson, day: date) -> bool:
    if person.adult_on is not None:
        return person.adult_on > day
    return person.presumed is AgeGroup.MINOR if person.age is None else person.age < ADULT


def _age_band(persons: Sequence[RegisteredPerson]) -> AgeBand:
    ages = [person.age for person in persons if person.age is not None]
    if not ages:
        return AgeBand.UNKNOWN
    return next((band for most, band in _AGES if max(ages) < most), AgeBand.OLDER)


def _language_group(case: Registration) -> LanguageGroup:
    spoken = {one.code.lower().split("-")[0] for one in named_languages(case)}
    if not spoken:
        return LanguageGroup.UNKNOWN
    return next((group for group, codes in _LANGUAGES if spoken & codes), LanguageGroup.OTHER)
