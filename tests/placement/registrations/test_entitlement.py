"""Entitlement to schemes: every combination is decided by one rule, with its ground and its text."""

from dataclasses import replace
from datetime import date
from itertools import combinations, product

import pytest

from placement.core.codes import Gender, Household, ResidenceBasis, Scheme
from placement.core.rule_codes import CommunityRights, RuleKind
from placement.dated_rules.first import first_rules
from placement.dated_rules.lookup import rules_of_day
from placement.registrations.entitlement import (
    MULTIPLE_PROBLEM_NEEDS,
    Applicant,
    Member,
    applicant,
    entitlement,
    fits,
)
from tests.support.stores import AT

F, M, OTHER = Gender
FIRST = [row for row in first_rules(AT) if row.kind is RuleKind.ENTITLEMENT]
RULES = rules_of_day(FIRST, AT.date())
GENDERS = [frozenset(some) for count in (1, 2, 3) for some in combinations(Gender, count)]
EVERYBODY = [
    Applicant(*facts) for facts in product(ResidenceBasis, GENDERS, Household, (True, False), (None, *CommunityRights))
]
ADULTS = [who for who in EVERYBODY if who.household is Household.ADULTS]
MINORS = [who for who in EVERYBODY if who.household is Household.MINORS]
B = ResidenceBasis
WMO = {B.DUTCH, B.EU, B.VICTIM_PERMIT, B.WITNESS_PERMIT, B.OTHER_LAWFUL}
REFLECTION = {B.REFLECTION, B.REFLECTION_DUBLIN}


def may_reflect(who):
    """Returns True in the reflection period, and for a citizen of the EU whom B8/3.1 includes."""
    return who.basis in REFLECTION or (who.basis is B.EU and who.community_rights is CommunityRights.NO)


def test_entitlement_is_decided_by_the_first_rule_that_fits():
    assert len(EVERYBODY) == 12 * 7 * 4 * 2 * 3
    for who in EVERYBODY:
        fitting = [rule for rule in RULES if fits(rule.value, who)]
        assert fitting, who
        deciding = fitting[0].row.code, fitting[0].value.schemes
        assert (entitlement(who, RULES).rule, entitlement(who, RULES).schemes) == deciding
        assert all(who.basis in rule.value.bases and who.household in rule.value.households for rule in fitting)


def test_every_entitlement_rule_decides_for_some_client():
    assert {entitlement(who, RULES).rule for who in EVERYBODY} == {rule.row.code for rule in RULES}


def test_cosm_is_for_adults_in_the_reflection_period_only():
    for who in EVERYBODY:
        due = may_reflect(who) and who.household is Household.ADULTS
        assert (Scheme.COSM in entitlement(who, RULES).schemes) == due, who


def test_eu_citizen_is_entitled_by_the_fact_that_decides():
    """The fact is asked for no other applicant, and changes no other entitlement."""
    for who in EVERYBODY:
        known = {one: entitlement(replace(who, community_rights=one), RULES) for one in CommunityRights}
        decides = known[CommunityRights.YES].rule != known[CommunityRights.NO].rule
        assert decides == (who.basis is B.EU and who.household is Household.ADULTS), who
        asks = "community_rights" if decides and who.community_rights is None else None
        assert entitlement(who, RULES).asks == asks
        unknown = entitlement(replace(who, community_rights=None), RULES)
        assert unknown.schemes == known[CommunityRights.YES].schemes
    without = entitlement(Applicant(B.EU, frozenset({F}), Household.ADULTS, False, CommunityRights.NO), RULES)
    assert without.schemes == (Scheme.COSM, Scheme.CRISIS)
    assert "B8/3.1" in without.ground
    assert "Stcrt. 2023, 13577" in without.source


def test_omm_is_for_adults_with_multiple_problems_first_of_all():
    for who in EVERYBODY:
        schemes = entitlement(who, RULES).schemes
        due = who.household is Household.ADULTS and who.multiple_problems and who.basis in WMO | REFLECTION
        assert (schemes[:1] == (Scheme.OMM,)) == due
        assert (Scheme.OMM in schemes) == due


def test_multiple_problems_put_omm_first_and_change_nothing():
    """A man with multiple problems was offered women's shelter before men's."""
    for who in ADULTS:
        if who.multiple_problems and who.basis in WMO | REFLECTION:
            without = entitlement(replace(who, multiple_problems=False), RULES).schemes
            assert entitlement(who, RULES).schemes == (Scheme.OMM, *without), who


@pytest.mark.wide
def test_minors_go_to_nidos_or_youth_protection():
    """Until the residence is known also to a bed for a short time."""
    expected = dict.fromkeys(ResidenceBasis, (Scheme.MINORS,))
    expected |= {B.DUTCH: (), B.EU: (), B.UNKNOWN: (Scheme.MINORS, Scheme.CRISIS)}
    for who in MINORS:
        assert entitlement(who, RULES).schemes == expected[who.basis]
    assert not [who for who in EVERYBODY if who not in MINORS and Scheme.MINORS in entitlement(who, RULES).schemes]


def test_minor_without_guardian_opens_no_scheme_with_the_adult():
    for who in EVERYBODY:
        if who.household is Household.NO_GUARDIAN:
            assert (entitlement(who, RULES).rule, entitlement(who, RULES).schemes) == ("no_guardian", ())


def test_what_is_not_known_opens_a_bed_for_a_short_time_only():
    """Assumed, whichever of the two is not known."""
    for who in EVERYBODY:
        unknown = who.household is Household.AGE_UNKNOWN or (who in ADULTS and who.basis is B.UNKNOWN)
        if unknown:
            assert (entitlement(who, RULES).schemes, entitlement(who, RULES).assumed) == ((Scheme.CRISIS,), True)


@pytest.mark.parametrize("basis", [B.ASYLUM, B.TEMPORARY_PROTECTION])
def test_client_of_coa_or_municipality_opens_no_scheme(basis):
    """By COA and the municipality. A client of theirs in the reflection period is registered with that."""
    for who in ADULTS:
        if who.basis is basis:
            assert (entitlement(who, RULES).rule, entitlement(who, RULES).schemes) == (basis.value, ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.row.code)
def test_entitlement_rule_has_a_ground_and_a_date_or_none(rule):
    assert len(rule.row.legal_ground) >= len("Jeugdwet")
    assert rule.row.valid_from is None or rule.row.valid_from <= date(2026, 1, 1)
    assert len(set(rule.value.schemes)) == len(rule.value.schemes)


def test_rules_that_open_no_scheme_are_other_doors():
    at_another_door = {rule.row.code for rule in RULES if not rule.value.schemes}
    assert at_another_door == {"no_guardian", "minor_dutch_or_eu", "asylum", "temporary_protection"}


def of(*members: Member, **facts) -> Applicant:
    return applicant(B.DUTCH, members, facts.get("needs", []), multiple_problems=facts.get("problems", False))


@pytest.mark.parametrize(
    ("members", "genders", "household"),
    [
        ([Member(F, 18)], {F}, Household.ADULTS),
        ([Member(F, 17)], {F}, Household.MINORS),
        ([Member(F, 30, guardian=True), Member(M, 5)], {F}, Household.ADULTS),  # a child does not count
        ([Member(F, 17), Member(M, 15)], {F, M}, Household.MINORS),
        ([Member(F, 30), Member(M, 31, guardian=True), Member(OTHER, 4)], {F, M}, Household.ADULTS),
        ([Member(F, 20), Member(F, 17)], {F}, Household.NO_GUARDIAN),  # sisters
        ([Member(F, 20), Member(F, 16, guardian=True), Member(M, 0)], {F}, Household.NO_GUARDIAN),
        ([Member(F, 16, guardian=True), Member(M, 0)], {F}, Household.MINORS),  # a mother who is a minor
        ([Member(F, 18, age_known=False)], {F}, Household.AGE_UNKNOWN),
        ([Member(F, 17, age_known=False)], {F}, Household.MINORS),
        ([Member(F, 30, guardian=True), Member(F, 17, age_known=False)], {F}, Household.ADULTS),
        ([Member(F, 30), Member(M, 18, age_known=False)], {F, M}, Household.AGE_UNKNOWN),
    ],
)  # fmt: skip
def test_household_follows_ages_and_guardian(members, genders, household):
    assert (of(*members).genders, of(*members).household) == (genders, household)


@pytest.mark.parametrize("need", sorted(MULTIPLE_PROBLEM_NEEDS))
def test_multiple_problem_is_one_of_the_listed_needs(need):
    assert of(Member(F, 30), needs=[need]).multiple_problems
    assert not of(Member(F, 30), needs=["pregnancy"]).multiple_problems
    assert of(Member(F, 30), problems=True).multiple_problems
