"""English sentences for the facts that the engine returns. Another language comes as a `gettext` catalogue, in which
each sentence and word here has the context `engine`.
"""

from collections.abc import Iterable, Mapping
from gettext import NullTranslations
from typing import Any

from matching.rules.changes import Change

ENGLISH = NullTranslations()
CONTEXT = "engine"

# rule -> words; a rule that can be broken in several ways has `rule.way`
RULES: dict[str, str] = {
    "scheme": "the scheme of this unit ({scheme}) is not open; open are: {schemes}",
    "gender": "this unit admits {admits}; the registration is for: {genders}",
    "mixed_accepted": "a mixed house ({admits}) is not accepted",
    "age": "aged {ages}, this unit takes ages {min_age} to {max_age}",
    "children": "children aged {ages}; this unit takes them up to {max_age}, boys up to {boys_max_age}",
    "children.none": "children aged {ages}; this unit takes no children",
    "language": "nobody here, and no interpreter, speaks a common language ({languages})",
    "threat_distance": "{km} km from a place of danger, at least {min_km} km is needed",
    "within_reach": "{km} km from a place that must be within reach, at most {max_km} km is allowed",
    "avoided_region": "the region {region} is avoided",
    "avoided_location": "the location {location} is avoided",
    "avoided_provider": "the provider {provider} is avoided",
    "avoided_unit": "the unit {unit} is avoided",
    "needs": "missing here: {missing}",
    "keep_apart": "somebody who must be kept apart is at this location: {registrations}",
    "together.unit": "the group must be in one unit; not with it here: {registrations}",
    "together.location": "the group must be at one location; not with it here: {registrations}",
    "together.region": "the group must be in one region; not with it here: {registrations}",
    "high_care": "this unit can take {limit} more high-care registrations, which is too few",
    "rooms.too_few_beds": "too few free beds for {persons}",
    "rooms.too_late": "for {persons} the rooms come free too late",
    "rooms.occupied": "for {persons} there is no room in which nobody lives",
    "rooms.gender_or_minors": "for {persons} there is no bed with people of the same gender, adult or minor",
    "rooms.room_needs": "for {persons} there is no room that has what is needed",
}

CHANGES: dict[str, str] = {
    "accepts_mixed": "if the client accepts a mixed house ({admits})",
    "min_age": "if the shelter takes somebody aged {after} (now from {before})",
    "max_age": "if the shelter takes somebody aged {after} (now up to {before})",
    "boys_max_age": "if the shelter takes a boy aged {after} (now up to {before})",
    "interpreter": "if the shelter finds an interpreter for the language {language}",
    "min_km": "if {after} km is far enough (now {before}; it is {km} km), with a second person of the desk",
    "max_km": "if {after} km is near enough (now {before}; it is {km} km)",
    "avoided_unit": "if the care coordinator lifts the avoidance of {unit}",
    "specialism": "if the shelter can offer this: {need}",
    "high_care_limit": "if the shelter makes place for {after} instead of {before} high-care registrations",
    "needed_by": "if the place is needed by {after} only (now {before})",
    "private_room": "if the client can do without a private room",
    "room_need": "if the client can do without {need} in the room",
}

TERMS: dict[str, str] = {
    "serve": "urgency and waiting",
    "language": "common language",
    "preferred_needs": "preferred needs",
    "scheme": "less fitting scheme",
    "near": "distance from where they would like to be",
    "stale": "age of the count of free beds",
    "scarce": "scarce provision left idle",
    "blocked_beds": "beds left empty",
    "rooms": "extra room",
    "total": "total",
}

WORDS: dict[str, str] = {
    "female": "women",
    "male": "men",
    "other": "others",
    "cosm": "COSM",
    "omm": "OMM",
    "womens": "women's shelter",
    "mens": "men's shelter",
    "social": "social shelter",
    "minors": "minors' shelter",
    "crisis": "crisis shelter",
    "wheelchair": "wheelchair access",
    "psychiatric": "psychiatric care",
    "addiction": "addiction care",
    "family": "family care",
    "pregnancy": "pregnancy care",
    "infant": "infant care",
    "ground_floor": "ground floor",
    "private_bathroom": "private bathroom",
}

PERSONS = ("{count} person", "{count} persons")
DECIMAL_MARK = "."


def say(rule: str, facts: Mapping[str, Any], words: NullTranslations = ENGLISH) -> str:
    """The sentence why a rule forbids a placement. Raises KeyError for a rule without words."""
    if rule == "rooms":
        rule = f"rooms.{facts['reason']}"
    elif rule == "children" and facts["max_age"] is None:
        rule = "children.none"
    elif rule == "together":
        rule = f"together.{facts['where']}"
    return _filled(RULES[rule], facts, words)


def say_change(change: Change, words: NullTranslations = ENGLISH) -> str:
    """The sentence what would have to change to make a unit feasible."""
    return _filled(CHANGES[change.what], change.facts, words)


def say_term(term: str, words: NullTranslations = ENGLISH) -> str:
    """The name of a term of the objective."""
    return words.pgettext(CONTEXT, TERMS[term])


def _filled(sentence: str, facts: Mapping[str, Any], words: NullTranslations) -> str:
    shown = {name: _shown(fact, words) for name, fact in facts.items()}
    if "persons" in facts:
        shown["persons"] = words.npgettext(CONTEXT, *PERSONS, facts["persons"]).format(count=facts["persons"])
    return words.pgettext(CONTEXT, sentence).format(**shown)


def _shown(fact: Any, words: NullTranslations) -> str:
    if isinstance(fact, float):
        return str(fact).replace(".", words.pgettext(CONTEXT, DECIMAL_MARK))
    if isinstance(fact, str):
        return words.pgettext(CONTEXT, WORDS[fact]) if fact in WORDS else fact
    if isinstance(fact, Iterable):
        return ", ".join(_shown(part, words) for part in fact)
    return str(fact)
