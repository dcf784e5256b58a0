"""Declarations of a hard rule: the words exist, and the safety rules are the rules against danger."""

import pytest

from matching import HARD_RULES
from placement.placements.decisions.present_problem import SAFETY_RULES
from placement.text.guidance import RULES
from tests.support.catalogue_ids import messages


@pytest.mark.parametrize("rule", HARD_RULES, ids=lambda rule: rule.code)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_rule_has_its_words_in_every_language(rule, language):
    known = set(messages(language))
    assert {("rule", rule.code), ("rule.means", rule.code)} <= known
    assert {("authority", rule.waived_by), ("source", rule.source)} <= known


def test_safety_rules_are_those_against_danger():
    assert {
        "threat_distance", "keep_apart", "avoided_region", "avoided_location", "avoided_provider", "avoided_unit"
    } == SAFETY_RULES  # fmt: skip


def test_safety_is_waived_until_a_day_and_rooms_never():
    until_a_day = {rule.code for rule in HARD_RULES if rule.waived_by == "second_person_until_a_day"}
    assert until_a_day == SAFETY_RULES
    assert {rule.code for rule in HARD_RULES if rule.waived_by == "nobody"} == {"rooms"}


def test_help_follows_the_rules_in_order_of_evaluation():
    assert [help_.code for help_ in RULES] == [rule.code for rule in HARD_RULES]
