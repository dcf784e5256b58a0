"""A case and its persons as pages name them: handle, reference, and what matters in one line."""

from typing import Any

from babel import Locale
from markupsafe import Markup

from placement.core.codes import AgeGroup, Gender
from placement.registrations.case_handles import handle_of
from placement.registrations.case_summary import Brief, BriefPerson
from placement.registrations.entitlement import ADULT
from placement.text.catalogue import Language, translate
from placement.text.persons import person_words

_PERSONS, _LANGUAGES, _NEEDS = 4, 2, 3
"""How many of each a line has; the number of the others is said."""


def case_words(reference: str) -> Markup:
    """A case as pages show it: its handle, and the reference small beside it."""
    return Markup('<b class="handle">{}</b> <small>{}</small>').format(handle_of(reference), reference)


def person(one: Any, language: Language) -> str:
    """A person of a registration, a hold or a brief: with gender, age, and what is presumed where it is not known."""
    group = getattr(one, "group", None) or (AgeGroup.MINOR if _is_minor(one) else AgeGroup.ADULT)
    return person_words(Gender(one.gender), group, one.age, language)


def brief_words(brief: Brief | None, language: Language) -> str:
    """What tells the case from others: *woman 31 + girl 9 · Tigrinya · wheelchair*. Empty where it cannot be read."""
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
    """The same of a hold or a stay, made of what its shelter is told of the client."""
    group = {True: AgeGroup.MINOR, False: AgeGroup.ADULT}
    persons = [BriefPerson(Gender(one.gender), one.age, group[_is_minor(one)]) for one in held.persons]
    birth = held.expected_birth is not None
    return brief_words(Brief((*persons,), (*held.languages,), (*held.needs, *held.room_needs), birth), language)


def _is_minor(one: Any) -> bool:
    return bool(one.presumed == AgeGroup.MINOR if one.age is None else one.age < ADULT)
