"""The persons of a registration on a given day: their ages, including assumed ages, and who is a minor."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from placement.core.codes import AgeGroup, Gender
from placement.registrations.entitlement import ADULT, Member
from placement.tables import RegisteredPerson

COUNTS_AS = {AgeGroup.ADULT: ADULT, AgeGroup.MINOR: ADULT - 1}
"""The age in years that the rules and the engine use for a presumed age group (assumed: the age next to the limit)."""


def age_on(person: RegisteredPerson, day: date) -> int | None:
    """Returns the age in completed years. Returns `None` if the age is unknown. The age is exact if the 18th birthday
    is stored. Otherwise it is the least possible age: the age at registration, plus the whole years since then.
    """
    if person.age is None:
        return None
    if person.adult_on is not None:
        return years_on(person.adult_on, day)
    return min(120, person.age + max(0, _years(person.age_on, day)))


def years_on(adult_on: date, day: date) -> int:
    """Returns the age on `day`, in completed years, of a person who turns 18 on `adult_on`."""
    return max(0, min(120, ADULT + _years(adult_on, day)))


def counted_age(person: RegisteredPerson, day: date) -> int:
    """Returns the age that the rules and the engine use: the known age, or that of the presumed age group."""
    age = age_on(person, day)
    return COUNTS_AS[person.presumed or AgeGroup.ADULT] if age is None else age


def is_minor(person: RegisteredPerson, day: date) -> bool:
    return counted_age(person, day) < ADULT


def housed_as(person: RegisteredPerson) -> Gender:
    """Returns the gender for which the person needs a place."""
    return person.housed_as or person.gender


def members(persons: Iterable[RegisteredPerson], day: date) -> list[Member]:
    """Returns the persons in the form that the rules of entitlement use."""
    return [
        Member(housed_as(person), counted_age(person, day), guardian=person.guardian, age_known=person.age is not None)
        for person in persons
    ]


def parents_who_are_minors(persons: Iterable[RegisteredPerson], day: date) -> list[RegisteredPerson]:
    """Returns the minors who have a child with them. Returns an empty list if the household has an adult."""
    listed = list(persons)
    if all(is_minor(person, day) for person in listed) and not all(person.guardian for person in listed):
        return [person for person in listed if person.guardian]
    return []


def who_is_who(
    before: Sequence[RegisteredPerson], after: Sequence[RegisteredPerson], day: date
) -> Iterator[tuple[RegisteredPerson, RegisteredPerson]]:
    """Matches the persons of a household before a change with the persons after the change. First matches persons of
    the same gender and age, and then the remaining persons in order. The second step finds persons whose facts were
    corrected.
    """

    def like(person: RegisteredPerson) -> tuple[object, ...]:
        return person.gender, person.presumed, age_on(person, day), person.adult_on

    left, unknown = list(before), []
    for person in after:
        same = next((one for one in left if like(one) == like(person)), None)
        if same is None:
            unknown.append(person)
        else:
            left.remove(same)
            yield same, person
    yield from zip(left, unknown, strict=False)


def _years(since: date, day: date) -> int:
    """Returns the number of whole years from `since` to `day`. It is negative if `day` is earlier."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))
