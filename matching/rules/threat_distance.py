"""Hard rule: the unit is at least `min_km` from every threat."""

from typing import ClassVar

from matching.rules.base import DistanceRule, SafetyRule, Sentences


class ThreatDistanceRule(SafetyRule, DistanceRule):
    code = "threat_distance"
    imposed_by = "coordinator"
    sentence = "{km} km from a place of danger, at least {min_km} km is needed"
    change_sentences: ClassVar[Sentences] = {
        "min_km": "if {after} km is far enough (now {before}; it is {km} km), with a second person of the desk",
    }
    field, limit, circles, side = "threats", "min_km", "danger", 1
