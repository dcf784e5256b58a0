"""Entitlement: the schemes that are open to an applicant by today's rules (`placement/dated_rules/`). It is determined
before matching, so that a client without an open scheme is referred elsewhere and does not wait. The first rule that
fits decides. If no rule fits, no scheme is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from placement.core.area_codes import SchemesOfArea
from placement.core.codes import Gender, Household, ResidenceBasis, Scheme, Specialism
from placement.core.rule_codes import CommunityRights
from placement.dated_rules.lookup import RuleOfDay
from placement.dated_rules.values import EntitlementValue

ADULT = 18
MULTIPLE_PROBLEM_NEEDS = frozenset({Specialism.PSYCHIATRIC, Specialism.ADDICTION, Specialism.INTELLECTUAL_DISABILITY})
"""OMM is for victims with (L)VB, GGZ, addiction or serious problems in several domains (comensha.nl, OMM, 2019)."""

Rules = Sequence[RuleOfDay[EntitlementValue]]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the form that the rules use. `gender`: the gender for placement. `age`: in years; an assumed age if
    the age is unknown. `guardian`: true for a parent or guardian of the minors.
    """

    gender: Gender
    age: int
    guardian: bool = False
    age_known: bool = True


@dataclass(frozen=True, slots=True)
class Applicant:
    """The facts of a registration on which the rules depend."""

    basis: ResidenceBasis
    genders: frozenset[Gender]
    household: Household
    multiple_problems: bool
    community_rights: CommunityRights | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The schemes that are open to a registration, most suitable first. If the list is empty, the client is referred
    elsewhere. `words`: the text of the rule for the referral, by language. If it is empty, the text of the catalogue is
    used (context `entitlement`).
    """

    schemes: tuple[Scheme, ...]
    rule: str
    ground: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None
    assumed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    asks: str | None = None
    """The name of an unknown fact that could open another scheme; `None` if there is no such fact."""


IN_AREA = {
    SchemesOfArea.OWN: Entitlement((), "area_own"),
    SchemesOfArea.NONE: Entitlement((), "area_none"),
    SchemesOfArea.UNKNOWN: Entitlement((), "area_unknown"),
}
"""The results for an area that has its own schemes, no schemes or unknown schemes. In such an area, no scheme of this
service is open.
"""
NO_RULE = Entitlement((), "no_rule")
"""The result if no rule fits: no scheme is open until the desk changes something."""


def fits(rule: EntitlementValue, applicant: Applicant) -> bool:
    return (
        applicant.basis in rule.bases
        and applicant.household in rule.households
        and rule.multiple_problems in {None, applicant.multiple_problems}
        and rule.community_rights in {None, applicant.community_rights}
        and (rule.genders is None or applicant.genders == frozenset(rule.genders))
    )


def entitlement(applicant: Applicant, rules: Rules) -> Entitlement:
    """Returns the result of the first rule that fits the applicant. The result also names an unknown fact if that fact
    could change the result.
    """
    found = _first_fitting(applicant, rules)
    if applicant.community_rights is not None:
        return found
    known = (_first_fitting(replace(applicant, community_rights=one), rules) for one in CommunityRights)
    return replace(found, asks="community_rights") if any(one.rule != found.rule for one in known) else found


def _first_fitting(applicant: Applicant, rules: Rules) -> Entitlement:
    for rule in rules:
        if fits(rule.value, applicant):
            row = rule.row
            about = row.model_dump(include={"source", "assumed", "words"})
            return Entitlement(
                rule.value.schemes, row.code, row.legal_ground, since=row.valid_from, until=rule.until, **about
            )
    return NO_RULE


def applicant(
    basis: ResidenceBasis,
    members: Iterable[Member],
    needs: Iterable[str],
    *,
    multiple_problems: bool,
    community_rights: CommunityRights | None = None,
) -> Applicant:
    """Returns the applicant that these persons and needs describe. The gender of children with adults is ignored."""
    listed = list(members)
    adults = [member for member in listed if member.age >= ADULT]
    parents = [member for member in listed if member.guardian]
    return Applicant(
        basis=basis,
        genders=frozenset(member.gender for member in (adults or parents or listed)),
        household=household_of(listed),
        multiple_problems=multiple_problems or not MULTIPLE_PROBLEM_NEEDS.isdisjoint(needs),
        community_rights=community_rights,
    )


def household_of(members: Sequence[Member]) -> Household:
    """Returns the kind of household. An adult with a minor is not always the guardian, for example if the adult is a
    sister.
    """
    adults = [member for member in members if member.age >= ADULT]
    if not adults:
        return Household.MINORS
    if len(adults) < len(members) and not any(adult.guardian for adult in adults):
        return Household.NO_GUARDIAN
    return Household.ADULTS if all(adult.age_known for adult in adults) else Household.AGE_UNKNOWN
