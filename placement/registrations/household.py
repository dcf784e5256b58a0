"""The persons of a registration on a day: their ages, who is a minor, and what counts where it is not known."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from placement.core.codes import AgeGroup, Gender
from placement.registrations.entitlement import ADULT, Member
from placement.tables import RegisteredPerson

COUNTS_AS = {AgeGroup.ADULT: ADULT, AgeGroup.MINOR: ADULT - 1}
"""The age in years that the engine gets where it is not known (assumed: the nearest to the limit)."""


def age_on(person: RegisteredPerson, day: date) -> int | None:
    """Completed years, None where the age is not known.

    Exact where the day of turning 18 is known; otherwise at least: the age given at registration, and the whole years
    since.
    """
    if person.age is None:
        return None
    if person.adult_on is not None:
        return years_on(person.adult_on, day)
    return min(120, person.age + max(0, _years(person.age_on, day)))


def years_on(adult_on: date, day: date) -> int:
    """Completed years on a day, of a person who turns 18 on another."""
    return max(0, min(120, ADULT + _years(adult_on, day)))


def counted_age(person: RegisteredPerson, day: date) -> int:
    """The age that rules and engine get."""
    age = age_on(person, day)
    return COUNTS_AS[person.presumed or AgeGroup.ADULT] if age is None else age


def is_minor(person: RegisteredPerson, day: date) -> bool:
    return counted_age(person, day) < ADULT


def housed_as(person: RegisteredPerson) -> Gender:
    """The gender by which a place is sought."""
    return person.housed_as or person.gender


def members(persons: Iterable[RegisteredPerson], day: date) -> list[Member]:
    """The persons as the rules of entitlement take them."""
    return [
        Member(housed_as(person), counted_age(person, day), guardian=person.guardian, age_known=person.age is not None)
        for person in persons
    ]


def parents_who_are_minors(persons: Iterable[RegisteredPerson], day: date) -> list[RegisteredPerson]:
    """The minors who have a child of their own with them; none where an adult is there."""
    listed = list(persons)
    if all(is_minor(person, day) for person in listed) and not all(person.guardian for person in listed):
        return [person for person in listed if person.guardian]
    return []


def who_is_who(
    before: Sequence[RegisteredPerson], after: Sequence[RegisteredPerson], day: date
) -> Iterator[tuple[RegisteredPerson, RegisteredPerson]]:
    """Pairs the persons of a household before and after a change: by gender and age first, then, as what was entered
    wrongly is put right, in their order.
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
    """Whole years from one day to another, negative for an earlier one."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))
