"""Words for every rule, reason and change, filled from the facts; in another language by a catalogue."""

import re
from gettext import NullTranslations

import pytest

from matching import RULES, explain, say, say_change, say_term
from matching.explanations.phrases import RULES as PHRASES
from matching.explanations.phrases import TERMS
from matching.objective import Points
from matching.rooms.allocation import REASONS
from matching.rules.changes import Change
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small


def test_every_rule_reason_and_term_has_a_phrase():
    assert {phrase.partition(".")[0] for phrase in PHRASES} == set(RULES)
    assert {phrase.partition(".")[2] for phrase in PHRASES if phrase.startswith("rooms.")} == set(REASONS)
    assert set(TERMS) == set(Points.__struct_fields__)


@pytest.mark.wide
def test_every_explanation_is_phrased_without_open_placeholders():
    said = set()
    for seed in range(300):
        raw = second(seed, easy=False) if seed % 2 else small(seed)
        for registration in raw["registrations"]:
            for unit in explain(read(raw), registration["id"]).units:
                for row in unit.broken:
                    words = say(row.rule, row.facts)
                    assert words
                    assert not {"{", "}"} & set(words)
                    assert "None" not in words
                    said.add(row.rule)
    assert said == set(RULES)


class Capitals(NullTranslations):
    """A language that writes all in capitals, and a number with a comma."""

    def pgettext(self, context: str, message: str) -> str:
        return self.npgettext(context, message, message, 1)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        assert context == "engine"
        words = msgid1 if n == 1 else msgid2
        return "," if words == "." else re.sub(r"(?<!{)\b[a-z ']+\b(?!})", lambda found: found[0].upper(), words)


def test_words_are_words():
    facts = {"km": 31.2, "min_km": 50}
    assert say("threat_distance", facts) == "31.2 km from a place of danger, at least 50 km is needed"
    assert "women, others" in say("gender", {"genders": ["male"], "admits": ["female", "other"]})
    assert say_term("blocked_beds") == "beds left empty"
    change = Change("age", "min_age", "shelter", {"before": 18, "after": 17})
    assert say_change(change) == "if the shelter takes somebody aged 17 (now from 18)"


def test_sentences_and_numbers_come_from_the_given_catalogue():
    words = Capitals()
    facts = {"km": 31.2, "min_km": 50}
    assert say("threat_distance", facts, words) == "31,2 KM FROM A PLACE OF DANGER, AT LEAST 50 KM IS NEEDED"
    assert "WOMEN, OTHERS" in say("gender", {"genders": ["male"], "admits": ["female", "other"]}, words)
    assert say_term("blocked_beds", words) == "BEDS LEFT EMPTY"
    assert say("rooms", {"persons": 2, "reason": "too_late"}, words) == "FOR 2 PERSONS THE ROOMS COME FREE TOO LATE"


def test_singular_is_used_for_one_person():
    facts = {"persons": 1, "reason": "too_late"}
    assert say("rooms", facts) == "for 1 person the rooms come free too late"
    assert "2 persons" in say("rooms", facts | {"persons": 2})
