"""A case and its persons as pages show them: handle (two words), reference, and a line with the important facts."""

from typing import Any, Protocol

from babel import Locale
from markupsafe import Markup

from placement.core.codes import AgeGroup, Gender
from placement.registrations.case_handles import handle_of
from placement.registrations.case_summary import Brief, BriefPerson
from placement.registrations.entitlement import ADULT
from placement.text.catalogue import Language, translate
from placement.text.persons import person_words

_PERSONS, _LANGUAGES, _NEEDS = 4, 2, 3
"""The largest numbers of persons, languages and needs in a line. A line also shows how many are left out."""


def case_words(reference: str) -> Markup:
    """Returns the handle of a case, with the reference in small letters."""
    return Markup('<b class="handle">{}</b> <small>{}</small>').format(handle_of(reference), reference)


class _Person(Protocol):
    """A person in a registration, hold or summary."""

    @property
    def gender(self) -> str: ...
    @property
    def age(self) -> int | None: ...


def person(one: _Person, language: Language) -> str:
    """Returns a person in words: gender and age, or the presumed age group if the age is unknown."""
    group = getattr(one, "group", None) or (AgeGroup.MINOR if _is_minor(one) else AgeGroup.ADULT)
    return person_words(Gender(one.gender), group, one.age, language)


def brief_words(brief: Brief | None, language: Language) -> str:
    """Describes a case by its main facts: *woman 31 + girl 9 · Tigrinya · wheelchair*. Empty if unreadable."""
    if brief is None:
        return ""
    names = Locale(language).languages
    persons = [person(one, language) for one in brief.persons[:_PERSONS]]
    if len(brief.persons) > _PERSONS:
        persons.append(str(len(brief.persons) - _PERSONS))
    spoken = [names.get(code.replace("-", "_"), code) for code in brief.languages[:_LANGUAGES]]
    needs = dict.fromkeys(translate(type(code).__name__, code.value, language) for code in brief.needs)
    parts = [" + ".join(persons), ", ".join(spoken), ", ".join([*needs][:_NEEDS])]
    if brief.expects_birth:
        parts.append(translate("person", "expects_birth", language))
    return " · ".join(part for part in parts if part)


def held_words(held: Any, language: Language) -> str:
    """Describes the client of a hold or stay like `brief_words`, but only by facts that the shelter may know."""
    group = {True: AgeGroup.MINOR, False: AgeGroup.ADULT}
    persons = [BriefPerson(Gender(one.gender), one.age, group[_is_minor(one)]) for one in held.persons]
    birth = held.expected_birth is not None
    return brief_words(Brief((*persons,), (*held.languages,), (*held.needs, *held.room_needs), birth), language)


def _is_minor(one: _Person) -> bool:
    return bool(getattr(one, "presumed", None) == AgeGroup.MINOR if one.age is None else one.age < ADULT)
