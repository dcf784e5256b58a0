"""Hard rule: the unit's location is not avoided by the registration."""

from matching.rules.base import AvoidedRule


class AvoidedLocationRule(AvoidedRule):
    code = "avoided_location"
    imposed_by = "coordinator"
    sentence = "this location is avoided"
    field = "avoided_locations"
    attribute = "id"
