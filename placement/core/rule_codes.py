"""The kinds of dated rules. All other closed lists are in `codes.py`."""

from enum import StrEnum


class RuleKind(StrEnum):
    """The kinds of dated rules (`placement/dated_rules/`)."""

    ENTITLEMENT = "entitlement"  # the schemes that are open to a client
    STAY_LIMIT = "stay_limit"  # after how many days a stay should end
    SAFETY_DISTANCE = "safety_distance"  # the distance to a danger point for which the registrant gave no distance
    REASON = "reason"  # a coded reason: the steps at which it may be given, and its automatic effect


class CommunityRights(StrEnum):
    """The rights under Community law of a citizen of the EU, the EEA or Switzerland; `None` if these rights are
    unknown.
    """

    YES = "yes"  # for example by work, study, family, or own means
    NO = "no"  # B8/3.1: the reflection period also applies to this client
