"""The closed list of the kinds of dated rules; all others: `codes.py`."""

from enum import StrEnum


class RuleKind(StrEnum):
    """The kinds of dated rules (`placement/dated_rules/`)."""

    ENTITLEMENT = "entitlement"  # which schemes are open to whom
    STAY_LIMIT = "stay_limit"  # after how many days a stay should end
    SAFETY_DISTANCE = "safety_distance"  # to a danger point, where the registrant names none
    REASON = "reason"  # a coded reason: the steps at which it may be given, and its automatic effect


class CommunityRights(StrEnum):
    """Whether a citizen of the EU, the EEA or Switzerland derives rights from Community law; `None`: not known."""

    YES = "yes"  # such as by work, study, family, or means of their own
    NO = "no"  # B8/3.1: the reflection period is for this client too
