"""Hard rule: the unit's provider is not avoided by the registration."""

from matching.rules.base import AvoidedRule


class AvoidedProviderRule(AvoidedRule):
    code = "avoided_provider"
    imposed_by = "coordinator"
    sentence = "this provider is avoided"
    field = "avoided_providers"
    attribute = "provider"
