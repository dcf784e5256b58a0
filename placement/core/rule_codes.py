"""The closed list of the kinds of dated rules; all others: `codes.py`."""

from enum import StrEnum


class RuleKind(StrEnum):
    """The kinds of dated rules (`placement/dated_rules/`)."""

    ENTITLEMENT = "entitlement"  # which schemes are open to whom
    STAY_LIMIT = "stay_limit"  # after how many days a stay should end
    SAFETY_DISTANCE = "safety_distance"  # to a danger point, where the registrant names none
    REASON = "reason"  # a coded reason: the steps at which it may be given, and its automatic effect
