"""Entitlement to schemes: every combination is decided by one rule, with its ground and its text."""

from dataclasses import replace
from datetime import date
from itertools import combinations, product

import pytest

from placement.core.codes import Gender, ResidenceBasis, Scheme
from placement.registrations.entitlement import MULTIPLE_PROBLEM_NEEDS, RULES, Applicant, applicant, entitlement

F, M, OTHER = Gender
GENDERS = [frozenset(some) for count in (1, 2, 3) for some in combinations(Gender, count)]
EVERYBODY = [
    Applicant(basis, genders, has_adult, problems)
    for basis, genders, has_adult, problems in product(ResidenceBasis, GENDERS, (True, False), (True, False))
]
WMO = {ResidenceBasis.DUTCH, ResidenceBasis.EU, ResidenceBasis.VICTIM_PERMIT, ResidenceBasis.WITNESS_PERMIT}
REFLECTION = {ResidenceBasis.REFLECTION, ResidenceBasis.REFLECTION_DUBLIN}


def test_entitlement_is_decided_by_the_first_rule_that_fits():
    assert len(EVERYBODY) == 8 * 7 * 2 * 2
    for who in EVERYBODY:
        fitting = [rule for rule in RULES if rule.fits(who)]
        assert fitting, who
        assert (entitlement(who).rule, entitlement(who).schemes) == (fitting[0].code, fitting[0].schemes)
        assert all(who.basis in rule.bases and who.has_adult == rule.adults for rule in fitting)


def test_every_entitlement_rule_decides_for_some_client():
    assert {entitlement(who).rule for who in EVERYBODY} == {rule.code for rule in RULES}


def test_cosm_is_for_adults_in_the_reflection_period_only():
    for who in EVERYBODY:
        assert (Scheme.COSM in entitlement(who).schemes) == (who.basis in REFLECTION and who.has_adult), who


def test_omm_is_for_adults_with_multiple_problems_first_of_all():
    for who in EVERYBODY:
        schemes = entitlement(who).schemes
        due = who.has_adult and who.multiple_problems and who.basis in WMO | REFLECTION
        assert (schemes[:1] == (Scheme.OMM,)) == due
        assert (Scheme.OMM in schemes) == due


def test_multiple_problems_put_omm_first_and_change_nothing():
    """A man with multiple problems was offered women's shelter before men's."""
    for who in EVERYBODY:
        if who.has_adult and who.multiple_problems and who.basis in WMO | REFLECTION:
            without = entitlement(replace(who, multiple_problems=False)).schemes
            assert entitlement(who).schemes == (Scheme.OMM, *without), who


def test_minors_go_to_nidos_or_youth_protection_and_nowhere_else():
    for who in EVERYBODY:
        schemes = entitlement(who).schemes
        if not who.has_adult:
            eu = who.basis in {ResidenceBasis.DUTCH, ResidenceBasis.EU}
            assert schemes == (() if eu else (Scheme.MINORS,))
        assert (Scheme.MINORS in schemes) == (
            not who.has_adult and who.basis not in {ResidenceBasis.DUTCH, ResidenceBasis.EU}
        )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_entitlement_rule_has_a_ground_and_a_date_or_none(rule):
    assert len(rule.ground) >= len("Jeugdwet")
    assert rule.since is None or rule.since <= date(2026, 1, 1)
    assert len(set(rule.schemes)) == len(rule.schemes)


def test_one_entitlement_rule_alone_opens_no_scheme():
    at_another_door = [rule for rule in RULES if not rule.schemes]
    assert [rule.code for rule in at_another_door] == ["minor_dutch_or_eu"]


@pytest.mark.parametrize(
    ("persons", "genders", "has_adult"),
    [
        ([(F, 18)], {F}, True),
        ([(F, 17)], {F}, False),
        ([(F, 30), (M, 5)], {F}, True),  # a child that comes along does not count
        ([(F, 17), (M, 15)], {F, M}, False),
        ([(F, 30), (M, 31), (OTHER, 4)], {F, M}, True),
    ],
)
def test_children_that_come_along_do_not_count(persons, genders, has_adult):
    who = applicant(ResidenceBasis.DUTCH, persons, [], multiple_problems=False)
    assert (who.genders, who.has_adult) == (genders, has_adult)


@pytest.mark.parametrize("need", sorted(MULTIPLE_PROBLEM_NEEDS))
def test_multiple_problem_is_one_of_the_listed_needs(need):
    assert applicant(ResidenceBasis.EU, [(F, 30)], [need], multiple_problems=False).multiple_problems
    assert not applicant(ResidenceBasis.EU, [(F, 30)], ["pregnancy"], multiple_problems=False).multiple_problems
    assert applicant(ResidenceBasis.EU, [(F, 30)], [], multiple_problems=True).multiple_problems
