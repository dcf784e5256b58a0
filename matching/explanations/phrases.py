"""English sentences for the engine's facts. The sentences of a rule are in the file of the rule. Translations come from
a `gettext` catalogue, in which all these texts have the context `engine`.
"""

from collections.abc import Iterable, Mapping
from gettext import NullTranslations
from typing import Any

from matching.rules import HARD_RULES
from matching.rules.changes import Change

ENGLISH = NullTranslations()
CONTEXT = "engine"

RULES: dict[str, str] = {
    f"{rule.code}.{way}" if way else rule.code: sentence
    for rule in HARD_RULES
    for way, sentence in rule.all_sentences().items()
}
"""The sentences by rule, or by `rule.way` if a rule can be broken in several ways."""
CHANGES: dict[str, str] = {what: said for rule in HARD_RULES for what, said in rule.change_sentences.items()}
_BY_CODE = {rule.code: rule for rule in HARD_RULES}

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
    "minors": "protected shelter for minors",
    "crisis": "crisis bed",
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
    """Returns the sentence that explains why `rule` forbids a placement. `facts`: the values in the sentence. `words`:
    the catalogue that translates the sentence.

    Raises KeyError for an unknown rule.
    """
    return _filled(_BY_CODE[rule].all_sentences()[_BY_CODE[rule].way(facts)], facts, words)


def say_change(change: Change, words: NullTranslations = ENGLISH) -> str:
    """Returns the sentence about a `change`. `words`: the catalogue. Raises KeyError for an unknown kind of change."""
    return _filled(CHANGES[change.what], change.facts, words)


def say_term(term: str, words: NullTranslations = ENGLISH) -> str:
    """Returns the name of a `term` of the objective. `words`: the catalogue. Raises KeyError for an unknown term."""
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
