"""What tells one case from another where many are listed: persons, languages, and what the room must have.

Never a danger point, a name or the basis of residence: these are in the case alone.
"""

from dataclasses import dataclass
from datetime import date

from placement.core.codes import AgeGroup, Gender, RoomFeature, Specialism
from placement.registrations.household import age_on, is_minor
from placement.tables import RegisteredPerson, Registration


@dataclass(frozen=True, slots=True)
class BriefPerson:
    """`age` is None where it is not known; `group` is then what the person is taken for."""

    gender: Gender
    age: int | None
    group: AgeGroup


@dataclass(frozen=True, slots=True)
class Brief:
    """`languages`: their codes, the best spoken first as given."""

    persons: tuple[BriefPerson, ...]
    languages: tuple[str, ...]
    needs: tuple[Specialism | RoomFeature, ...]
    expects_birth: bool


def brief_of(registration: Registration, day: date) -> Brief | None:
    """None where the facts were erased or the key of the case is missing."""
    persons = registration.known("persons")
    if persons is None:
        return None
    return Brief(
        persons=tuple(brief_person(person, day) for person in persons),
        languages=tuple(spoken.code for spoken in registration.languages),
        needs=(*registration.needs, *registration.room_needs),
        expects_birth=registration.expected_birth is not None,
    )


def brief_person(person: RegisteredPerson, day: date) -> BriefPerson:
    group = AgeGroup.MINOR if is_minor(person, day) else AgeGroup.ADULT
    return BriefPerson(person.gender, age_on(person, day), group)
