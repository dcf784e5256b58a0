"""The formula of the objective in the guide has every term and every weight, with the defaults of the code."""

from matching import DEFAULT_POLICY, Points
from tests.support import policy_table


def test_table_in_the_guide_is_the_one_made_from_the_defaults():
    page = policy_table.PAGE.read_text()
    assert page == policy_table.with_table(page), "run: python -m tests.support.policy_table"


def test_formula_has_each_term_and_each_weight_once():
    assert list(policy_table.FORMULA) == [*(term for term in Points.__struct_fields__ if term != "total"), "groups"]
    weights = [name for formula in policy_table.FORMULA.values() for name in policy_table.named(formula)]
    assert sorted(weights) == sorted(DEFAULT_POLICY.__struct_fields__)
