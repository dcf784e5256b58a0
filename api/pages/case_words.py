"""A case and its persons as pages name them: handle, reference, and the important facts in a line."""

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
"""The most of each kind in a line; of the rest only the number is shown."""


def case_words(reference: str) -> Markup:
    """Returns a case as pages show it: its handle, with the reference in small letters beside it."""
    return Markup('<b class="handle">{}</b> <small>{}</small>').format(handle_of(reference), reference)


class _Person(Protocol):
    """A person of a registration, a hold or a brief."""

    @property
    def gender(self) -> str: ...
    @property
    def age(self) -> int | None: ...


def person(one: _Person, language: Language) -> str:
    """Returns a person in words: gender, age, and the presumed age group if the age is not known."""
    group = getattr(one, "group", None) or (AgeGroup.MINOR if _is_minor(one) else AgeGroup.ADULT)
    return person_words(Gender(one.gender), group, one.age, language)


def brief_words(brief: Brief | None, language: Language) -> str:
    """Returns what distinguishes a case: *woman 31 + girl 9 · Tigrinya · wheelchair*. Empty if unreadable."""
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
    """Returns the same for a hold or a stay, from what its shelter may know of the client."""
    group = {True: AgeGroup.MINOR, False: AgeGroup.ADULT}
    persons = [BriefPerson(Gender(one.gender), one.age, group[_is_minor(one)]) for one in held.persons]
    birth = held.expected_birth is not None
    return brief_words(Brief((*persons,), (*held.languages,), (*held.needs, *held.room_needs), birth), language)


def _is_minor(one: _Person) -> bool:
    return bool(getattr(one, "presumed", None) == AgeGroup.MINOR if one.age is None else one.age < ADULT)
