"""The summary that distinguishes the cases in a list: persons, languages, and needs of the room. A summary never
contains a danger point, a name or the basis of residence. Only the case itself shows these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from placement.core.codes import AgeGroup, Gender, RoomFeature, Specialism
from placement.core.context import Act
from placement.registrations.household import age_on, housed_as, is_minor
from placement.tables import RegisteredPerson, Registration


@dataclass(frozen=True, slots=True)
class BriefPerson:
    """A person in a summary. If the age is unknown, `age` is `None` and `group` is the presumed age group."""

    gender: Gender
    age: int | None
    group: AgeGroup


@dataclass(frozen=True, slots=True)
class Brief:
    """The summary of a case. `languages`: the codes in the stored order, the best spoken language first."""

    persons: tuple[BriefPerson, ...]
    languages: tuple[str, ...]
    needs: tuple[Specialism | RoomFeature, ...]
    expects_birth: bool


def brief_of(registration: Registration, day: date, *, housed: bool = False) -> Brief | None:
    """Returns the summary of a case. Returns `None` if the facts were erased or the data key is missing. `housed`: true
    to show the gender for placement, as shelters see it.
    """
    persons = registration.known("persons")
    if persons is None:
        return None
    return Brief(
        persons=tuple(brief_person(person, day, housed=housed) for person in persons),
        languages=tuple(spoken.code for spoken in registration.languages),
        needs=(*registration.needs, *registration.room_needs),
        expects_birth=registration.expected_birth is not None,
    )


def briefs_of(act: Act, cases: Iterable[str], *, housed: bool) -> dict[str, Brief | None]:
    """Returns the summaries of these cases. The caller has checked that the actor may see the cases."""
    rows = act.session.exec(select(Registration).where(col(Registration.id).in_(set(cases))))
    return {row.id: brief_of(row, act.day, housed=housed) for row in rows}


def brief_person(person: RegisteredPerson, day: date, *, housed: bool = False) -> BriefPerson:
    group = AgeGroup.MINOR if is_minor(person, day) else AgeGroup.ADULT
    return BriefPerson(housed_as(person) if housed else person.gender, age_on(person, day), group)
