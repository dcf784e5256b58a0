"""Dutch and English sentences for the facts that the engine returns."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from matching.explanations.smallest_change import Change

Language = Literal["nl", "en"]

# rule -> words; a rule that can be broken in several ways has `rule.way`
RULES: dict[str, dict[Language, str]] = {
    "scheme": {
        "nl": "de regeling van deze plek ({scheme}) staat niet open; wel: {schemes}",
        "en": "the scheme of this unit ({scheme}) is not open; open are: {schemes}",
    },
    "gender": {
        "nl": "hier worden opgenomen: {admits}; de aanmelding betreft: {genders}",
        "en": "this unit admits {admits}; the registration is for: {genders}",
    },
    "mixed_accepted": {
        "nl": "een gemengd huis ({admits}) wordt niet geaccepteerd",
        "en": "a mixed house ({admits}) is not accepted",
    },
    "age": {
        "nl": "leeftijd {ages}, hier van {min_age} tot en met {max_age} jaar",
        "en": "aged {ages}, this unit takes ages {min_age} to {max_age}",
    },
    "children": {
        "nl": "kinderen van {ages} jaar; hier tot en met {max_age}, jongens tot en met {boys_max_age}",
        "en": "children aged {ages}; this unit takes them up to {max_age}, boys up to {boys_max_age}",
    },
    "children.none": {
        "nl": "kinderen van {ages} jaar; hier worden geen kinderen opgenomen",
        "en": "children aged {ages}; this unit takes no children",
    },
    "language": {
        "nl": "niemand spreekt hier een gemeenschappelijke taal ({languages}), ook geen tolk",
        "en": "nobody here, and no interpreter, speaks a common language ({languages})",
    },
    "threat_distance": {
        "nl": "{km} km van een gevaarlijke plek, ten minste {min_km} km is nodig",
        "en": "{km} km from a place of danger, at least {min_km} km is needed",
    },
    "avoided_region": {"nl": "de regio {region} wordt gemeden", "en": "the region {region} is avoided"},
    "avoided_location": {"nl": "de locatie {location} wordt gemeden", "en": "the location {location} is avoided"},
    "avoided_provider": {"nl": "de aanbieder {provider} wordt gemeden", "en": "the provider {provider} is avoided"},
    "avoided_unit": {"nl": "de afdeling {unit} wordt gemeden", "en": "the unit {unit} is avoided"},
    "needs": {"nl": "hier ontbreekt: {missing}", "en": "missing here: {missing}"},
    "keep_apart": {
        "nl": "op deze locatie is iemand die uit elkaar gehouden moet worden: {registrations}",
        "en": "somebody who must be kept apart is at this location: {registrations}",
    },
    "high_care": {
        "nl": "hier is nog plaats voor {limit} aanmeldingen met zware zorg, en dat is te weinig",
        "en": "this unit can take {limit} more high-care registrations, which is too few",
    },
    "rooms.too_few_beds": {
        "nl": "te weinig vrije bedden voor {persons}",
        "en": "too few free beds for {persons}",
    },
    "rooms.too_late": {
        "nl": "voor {persons} komen de kamers te laat vrij",
        "en": "for {persons} the rooms come free too late",
    },
    "rooms.occupied": {
        "nl": "voor {persons} is geen kamer waarin niemand woont",
        "en": "for {persons} there is no room in which nobody lives",
    },
    "rooms.gender_or_minors": {
        "nl": "voor {persons} is geen bed bij mensen van hetzelfde geslacht, volwassen of minderjarig",
        "en": "for {persons} there is no bed with people of the same gender, adult or minor",
    },
    "rooms.room_needs": {
        "nl": "voor {persons} is geen kamer die heeft wat nodig is",
        "en": "for {persons} there is no room that has what is needed",
    },
}

CHANGES: dict[str, dict[Language, str]] = {
    "accepts_mixed": {
        "nl": "als de cliënt een gemengd huis ({admits}) accepteert",
        "en": "if the client accepts a mixed house ({admits})",
    },
    "min_age": {
        "nl": "als de opvang iemand van {after} jaar opneemt (nu vanaf {before})",
        "en": "if the shelter takes somebody aged {after} (now from {before})",
    },
    "max_age": {
        "nl": "als de opvang iemand van {after} jaar opneemt (nu tot en met {before})",
        "en": "if the shelter takes somebody aged {after} (now up to {before})",
    },
    "boys_max_age": {
        "nl": "als de opvang een jongen van {after} jaar opneemt (nu tot en met {before})",
        "en": "if the shelter takes a boy aged {after} (now up to {before})",
    },
    "interpreter": {
        "nl": "als de opvang een tolk vindt voor de taal {language}",
        "en": "if the shelter finds an interpreter for the language {language}",
    },
    "min_km": {
        "nl": "als {after} km ver genoeg is (nu {before}; het is {km} km), met een tweede persoon van de desk",
        "en": "if {after} km is far enough (now {before}; it is {km} km), with a second person of the desk",
    },
    "avoided_unit": {
        "nl": "als de zorgcoördinator het mijden van {unit} opheft",
        "en": "if the care coordinator lifts the avoidance of {unit}",
    },
    "specialism": {"nl": "als de opvang dit kan bieden: {need}", "en": "if the shelter can offer this: {need}"},
    "high_care_limit": {
        "nl": "als de opvang plaats maakt voor {after} in plaats van {before} aanmeldingen met zware zorg",
        "en": "if the shelter makes place for {after} instead of {before} high-care registrations",
    },
    "needed_by": {
        "nl": "als de plek pas op {after} nodig is (nu {before})",
        "en": "if the place is needed by {after} only (now {before})",
    },
    "private_room": {
        "nl": "als de cliënt geen eigen kamer hoeft",
        "en": "if the client can do without a private room",
    },
    "room_need": {
        "nl": "als de cliënt het zonder {need} in de kamer kan",
        "en": "if the client can do without {need} in the room",
    },
}

TERMS: dict[str, dict[Language, str]] = {
    "serve": {"nl": "urgentie en wachttijd", "en": "urgency and waiting"},
    "language": {"nl": "gemeenschappelijke taal", "en": "common language"},
    "preferred_needs": {"nl": "gewenste hulp", "en": "preferred needs"},
    "scheme": {"nl": "minder passende regeling", "en": "less fitting scheme"},
    "near": {"nl": "afstand tot waar men graag is", "en": "distance from where they would like to be"},
    "scarce": {"nl": "schaarse voorziening onbenut", "en": "scarce provision left idle"},
    "blocked_beds": {"nl": "bedden die leeg blijven", "en": "beds left empty"},
    "rooms": {"nl": "extra kamer", "en": "extra room"},
    "total": {"nl": "totaal", "en": "total"},
}

PERSONS: dict[Language, tuple[str, str]] = {"nl": ("persoon", "personen"), "en": ("person", "persons")}  # one, more

WORDS: dict[str, dict[Language, str]] = {
    "female": {"nl": "vrouwen", "en": "women"},
    "male": {"nl": "mannen", "en": "men"},
    "other": {"nl": "anderen", "en": "others"},
    "cosm": {"nl": "COSM", "en": "COSM"},
    "omm": {"nl": "OMM", "en": "OMM"},
    "womens": {"nl": "vrouwenopvang", "en": "women's shelter"},
    "mens": {"nl": "mannenopvang", "en": "men's shelter"},
    "social": {"nl": "maatschappelijke opvang", "en": "social shelter"},
    "minors": {"nl": "opvang voor minderjarigen", "en": "minors' shelter"},
    "crisis": {"nl": "crisisopvang", "en": "crisis shelter"},
    "wheelchair": {"nl": "rolstoeltoegankelijk", "en": "wheelchair access"},
    "psychiatric": {"nl": "psychiatrische zorg", "en": "psychiatric care"},
    "addiction": {"nl": "verslavingszorg", "en": "addiction care"},
    "family": {"nl": "gezinsopvang", "en": "family care"},
    "pregnancy": {"nl": "zorg bij zwangerschap", "en": "pregnancy care"},
    "infant": {"nl": "zorg voor een baby", "en": "infant care"},
    "ground_floor": {"nl": "begane grond", "en": "ground floor"},
    "private_bathroom": {"nl": "eigen badkamer", "en": "private bathroom"},
}


def say(rule: str, facts: Mapping[str, Any], language: Language) -> str:
    """The sentence why a rule forbids a placement. Raises KeyError for a rule without words."""
    if rule == "rooms":
        rule = f"rooms.{facts['reason']}"
    elif rule == "children" and facts["max_age"] is None:
        rule = "children.none"
    return _filled(RULES[rule][language], facts, language)


def say_change(change: Change, language: Language) -> str:
    """The sentence what would have to change to make a unit feasible."""
    return _filled(CHANGES[change.what][language], change.facts, language)


def say_term(term: str, language: Language) -> str:
    """The name of a term of the objective."""
    return TERMS[term][language]


def _filled(words: str, facts: Mapping[str, Any], language: Language) -> str:
    shown = {name: _shown(fact, language) for name, fact in facts.items()}
    if "persons" in facts:
        shown["persons"] += f" {PERSONS[language][facts['persons'] != 1]}"
    return words.format(**shown)


def _shown(fact: Any, language: Language) -> str:
    if isinstance(fact, float) and language == "nl":
        return str(fact).replace(".", ",")
    if isinstance(fact, str):
        return WORDS[fact][language] if fact in WORDS else fact
    if isinstance(fact, Iterable):
        return ", ".join(_shown(part, language) for part in fact)
    return str(fact)
