"""Codes of the ledger of need (figures about unmet needs), and the parts of the country."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from placement.core.codes import Region


class LedgerSpan(StrEnum):
    """The period that a record of the ledger covers."""

    DAY = "day"
    MONTH = "month"


class Dimension(StrEnum):
    """The facts by which clients are grouped in the ledger."""

    CAUSE = "cause"  # the obstacle to a place
    BLOCKER = "blocker"  # the obstacle to leaving after the limit of the stay, noted by a person
    NOTED = "noted"  # the obstacle to a place, noted by a person
    SCHEME = "scheme"
    GENDER = "gender"
    AGE = "age"
    FAMILY = "family"
    LANGUAGE = "language"
    REGION = "region"


class PartOfCountry(StrEnum):
    """The coarse region of a case, a place or a reporter."""

    NORTH = "north"
    EAST = "east"
    WEST = "west"
    SOUTH = "south"
    ELSEWHERE = "elsewhere"  # an area that is not a police unit


_PARTS: Mapping[str, PartOfCountry] = MappingProxyType(
    {
        Region.NOORD_NEDERLAND: PartOfCountry.NORTH,
        Region.OOST_NEDERLAND: PartOfCountry.EAST,
        Region.MIDDEN_NEDERLAND: PartOfCountry.EAST,
        Region.NOORD_HOLLAND: PartOfCountry.WEST,
        Region.AMSTERDAM: PartOfCountry.WEST,
        Region.DEN_HAAG: PartOfCountry.WEST,
        Region.ROTTERDAM: PartOfCountry.WEST,
        Region.ZEELAND_WEST_BRABANT: PartOfCountry.SOUTH,
        Region.OOST_BRABANT: PartOfCountry.SOUTH,
        Region.LIMBURG: PartOfCountry.SOUTH,
    }
)


def part_of_country(area: str) -> PartOfCountry:
    return _PARTS.get(area, PartOfCountry.ELSEWHERE)


class HouseholdShape(StrEnum):
    """The shape of a household."""

    ALONE = "alone"
    WITH_CHILDREN = "with_children"
    ADULTS = "adults"  # several adults without children
    MINORS = "minors"  # no adult
    UNKNOWN = "unknown"


class AgeBand(StrEnum):
    """The age of the oldest person of a household."""

    MINOR = "minor"
    UNDER_23 = "under_23"
    UNDER_30 = "under_30"
    UNDER_40 = "under_40"
    OLDER = "older"
    UNKNOWN = "unknown"


class LanguageGroup(StrEnum):
    """The language in which staff can speak with the client most easily."""

    DUTCH = "dutch"
    ENGLISH = "english"
    EUROPEAN = "european"
    OTHER = "other"
    UNKNOWN = "unknown"


class WaitedBand(StrEnum):
    """The number of days that a household has waited."""

    UNDER_3 = "0"
    UNDER_7 = "3"
    UNDER_14 = "7"
    UNDER_30 = "14"
    LONGER = "30"


class WaitObstacle(StrEnum):
    """The obstacles to a place that a person can note for a waiting client (the list is assumed)."""

    PAPERS = "papers"  # proof of identity or of residence is missing
    PAYMENT = "payment"  # nobody has agreed to pay
    CONSENT = "consent"  # the consent of a guardian is missing
    INTERPRETER = "interpreter"  # no interpreter was found
    CARE = "care"  # the client first needs other care, such as a hospital
    TRANSPORT = "transport"  # nobody can bring the client
    RISK = "risk"  # the danger is not known well enough


class Owner(StrEnum):
    """The kind of party who can remove an obstacle."""

    CAPACITY = "capacity"
    RULES = "rules"
    PERMITS = "permits"
    HOUSING = "housing"
    INFORMATION = "information"
    DECISION = "decision"  # a place exists, and a person must decide


class NeedMeasure(StrEnum):
    """A figure that compares a group with all other clients."""

    WAIT = "wait"  # days of waiting for each household that began to wait
    REFUSED = "refused"  # refusals of shelters for each decision
    DECLINED = "declined"  # the share of decisions that decline a proposal
    OVERRIDES = "overrides"  # the share of decisions that choose another unit than the proposal
