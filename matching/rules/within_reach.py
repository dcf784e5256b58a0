"""Hard rule: the unit is at most `max_km` from every point that the registration must be able to reach."""

from typing import ClassVar

from matching.rules.base import DistanceRule, Sentences


class WithinReachRule(DistanceRule):
    code = "within_reach"
    imposed_by = "coordinator"
    sentence = "{km} km from a place that must be within reach, at most {max_km} km is allowed"
    change_sentences: ClassVar[Sentences] = {
        "max_km": "if {after} km is near enough (now {before}; it is {km} km)",
    }
    field, limit, circles, side = "within", "max_km", "reach", -1
