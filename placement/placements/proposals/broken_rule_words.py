"""Texts for broken rules, with only the facts that the reader may see.

Other registrations are named only if the reader may see them. Distances appear as 'at least' or 'about', because only
the cell of a shelter is known.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor
from typing import Any

from matching import BrokenRule
from placement.core.geography import HALF_DIAGONAL_KM
from placement.core.occupant_ids import case_of
from placement.core.place_codes import NEVER_REPORTED
from placement.solver.missing_counts import ROOMS, MissingCounts
from placement.text.catalogue import Language, translate
from placement.text.engine_words import say

UNSEEN = "…"
"""The placeholder for a registration that the reader may not see."""


@dataclass(frozen=True, slots=True)
class BrokenWords:
    rule: str
    facts: Mapping[str, Any]
    words: str


def safe_facts(rule: str, facts: Mapping[str, Any], seen: Collection[str] = ()) -> dict[str, object]:
    """Returns the facts that may be disclosed. A registration that the reader may not see is replaced by `UNSEEN`. The
    safety distances in a problem contain half a diagonal of the shelter's cell (`snapshot.py`). This function subtracts
    it again, so that the distances hold for every point of the cell. Distances to places to reach are only rounded.
    """
    safe = dict(facts)
    if rule == "threat_distance":
        safe |= {name: max(0, floor(safe[name] - HALF_DIAGONAL_KM)) for name in ("km",) if name in safe}
        safe |= {name: round(safe[name] - HALF_DIAGONAL_KM) for name in ("min_km", "before") if name in safe}
        if "after" in safe:
            safe["after"] = safe["km"]
    if rule == "within_reach":
        safe |= {name: round(safe[name]) for name in ("km", "after") if name in safe}
    if "registrations" in safe:
        named = list(dict.fromkeys(case_of(one) for one in safe["registrations"]))
        safe["registrations"] = [one if one in seen else UNSEEN for one in named]
    return safe


def broken_words(rule: str, facts: Mapping[str, object], seen: Collection[str], language: Language) -> BrokenWords:
    """Returns the text of a broken rule for a reader who may see the registrations `seen`."""
    shown = safe_facts(rule, facts, seen)
    if rule == "scheme" and not shown["schemes"]:
        return BrokenWords(rule, shown, translate("takeover", "no_scheme", language))
    return BrokenWords(rule, shown, say(rule, _spoken(rule, shown, language), language))


def unit_words(
    unit: str, broken: Iterable[BrokenRule], missing: MissingCounts, seen: Collection[str], language: Language
) -> tuple[BrokenWords, ...]:
    """Returns the texts of the rules that a unit breaks. If the beds of the unit were never counted, the texts
    state this instead of a lack of beds. If a first count could make the unit possible, `NEVER_REPORTED` comes first.
    """
    words = [broken_words(one.rule, one.facts, seen, language) for one in broken]
    if unit in missing.open or unit in missing.hidden:
        told = translate("proposal", "not_counted", language)
        words = [replace(one, words=told) if one.rule == ROOMS else one for one in words]
    if unit in missing.open:
        words.insert(0, BrokenWords(NEVER_REPORTED, {}, translate("proposal", NEVER_REPORTED, language)))
    return tuple(words)


def _spoken(rule: str, facts: Mapping[str, object], language: Language) -> dict[str, object]:
    """Returns the facts with distances in words: a lower limit for a danger, and an approximate distance otherwise."""
    if "km" not in facts:
        return dict(facts)
    if rule == "within_reach":
        return dict(facts) | {"km": translate("proposal", "about", language, km=facts["km"])}
    return dict(facts) | {"km": translate("proposal", "at_least", language, km=facts["km"])}
