"""Words in Dutch and English: for every rule, reason and change, with the same placeholders, filled from the facts."""

import re

import pytest

from matching import RULES, explain, say, say_change, say_term
from matching.explanations.phrases import CHANGES, TERMS, WORDS
from matching.explanations.phrases import RULES as PHRASES
from matching.explanations.smallest_change import Change
from matching.objective import Points
from matching.rooms.allocation import REASONS
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import small


@pytest.mark.parametrize("phrases", [PHRASES, CHANGES, TERMS, WORDS], ids=["rules", "changes", "terms", "words"])
def test_both_languages_have_the_same_placeholders(phrases):
    for words in phrases.values():
        assert set(words) == {"nl", "en"}
        assert sorted(re.findall(r"{(\w+)}", words["nl"])) == sorted(re.findall(r"{(\w+)}", words["en"]))


def test_every_rule_reason_and_term_has_a_phrase():
    assert {phrase.partition(".")[0] for phrase in PHRASES} == set(RULES)
    assert {phrase.partition(".")[2] for phrase in PHRASES if phrase.startswith("rooms.")} == set(REASONS)
    assert set(TERMS) == set(Points.__struct_fields__)


def test_every_explanation_is_phrased_without_open_placeholders():
    said = set()
    for seed in range(300):
        raw = small(seed)
        for registration in raw["registrations"]:
            for unit in explain(read(raw), registration["id"]).units:
                for row in unit.broken:
                    for language in ("nl", "en"):
                        words = say(row.rule, row.facts, language)
                        assert words
                        assert not {"{", "}"} & set(words)
                        assert "None" not in words
                    said.add(row.rule)
    assert said == set(RULES)


def test_words_are_words():
    assert say("threat_distance", {"km": 31.2, "min_km": 50}, "en") == (
        "31.2 km from a place of danger, at least 50 km is needed"
    )
    assert say("threat_distance", {"km": 31.2, "min_km": 50}, "nl").startswith("31,2 km")
    assert "vrouwen, anderen" in say("gender", {"genders": ["male"], "admits": ["female", "other"]}, "nl")
    assert say_term("blocked_beds", "en") == "beds left empty"
    change = Change("age", "min_age", "shelter", {"before": 18, "after": 17})
    assert say_change(change, "en") == "if the shelter takes somebody aged 17 (now from 18)"


def test_singular_is_used_for_one_person_in_both_languages():
    facts = {"persons": 1, "reason": "too_late"}
    assert say("rooms", facts, "en") == "for 1 person the rooms come free too late"
    assert say("rooms", facts, "nl") == "voor 1 persoon komen de kamers te laat vrij"
    assert "2 persons" in say("rooms", facts | {"persons": 2}, "en")
