"""Hard rule: the unit's region is not avoided by the registration."""

from matching.rules.base import AvoidedRule


class AvoidedRegionRule(AvoidedRule):
    code = "avoided_region"
    imposed_by = "client"
    source = "avoided_region"
    sentence = "this region is avoided"
    field = "avoided_regions"
    attribute = "region"
