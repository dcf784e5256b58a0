"""The rules about one registration and one unit, found for pairs at once, are those that `explain` finds."""

import pytest

from matching import UnknownRegistration, broken_in_pairs, explain, problem_of
from matching.eligibility import PAIR_RULES
from tests.support.matching.random_problems import small


@pytest.mark.parametrize("seed", range(30))
def test_rules_broken_in_pairs_are_those_of_explain(seed):
    problem = problem_of(small(seed))
    alone = {rule.code for rule in PAIR_RULES}
    expected = {
        (one.id, row.unit): alone.intersection(broken.rule for broken in row.broken)
        for one in problem.registrations
        for row in explain(problem, one.id).units
    }
    pairs = sorted(expected, reverse=True)
    assert broken_in_pairs(problem, pairs) == [expected[pair] for pair in pairs]


def test_pair_of_an_unknown_registration_is_refused():
    problem = problem_of(small(1))
    with pytest.raises(UnknownRegistration):
        broken_in_pairs(problem, [("R-unknown", problem.units[0].id)])
