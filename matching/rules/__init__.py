"""The hard rules, in order of evaluation."""

from matching.rules.age import AgeRule
from matching.rules.avoided_location import AvoidedLocationRule
from matching.rules.avoided_provider import AvoidedProviderRule
from matching.rules.avoided_region import AvoidedRegionRule
from matching.rules.avoided_unit import AvoidedUnitRule
from matching.rules.base import Rule
from matching.rules.children import ChildrenRule
from matching.rules.gender import GenderRule
from matching.rules.high_care import HighCareRule
from matching.rules.keep_apart import KeepApartRule
from matching.rules.language import LanguageRule
from matching.rules.mixed_accepted import MixedAcceptedRule
from matching.rules.needs import NeedsRule
from matching.rules.rooms import RoomsRule
from matching.rules.scheme import SchemeRule
from matching.rules.threat_distance import ThreatDistanceRule
from matching.rules.together import TogetherRule
from matching.rules.within_reach import WithinReachRule

HARD_RULES: tuple[Rule, ...] = (
    SchemeRule(),
    GenderRule(),
    MixedAcceptedRule(),
    AgeRule(),
    ChildrenRule(),
    LanguageRule(),
    ThreatDistanceRule(),
    WithinReachRule(),
    AvoidedRegionRule(),
    AvoidedLocationRule(),
    AvoidedProviderRule(),
    AvoidedUnitRule(),
    NeedsRule(),
    KeepApartRule(),
    TogetherRule(),
    HighCareRule(),
    RoomsRule(),
)
