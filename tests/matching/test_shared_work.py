"""Work shared between problems that differ in a few rows: true of both."""

import pytest
from msgspec.structs import replace

from matching.explanations.ways_out.other_registrations import without
from matching.index import Index
from matching.objective import Valuation
from matching.prepared_problem import PreparedProblem
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second

SEEDS = range(7000, 7060)


def changed(asked):
    """The same with other units (older people only, other staff), and with waiting that counts more."""
    units = tuple(replace(row, min_age=99, languages=("xx",), specialisms=()) for row in asked.units)
    return replace(asked, units=units)


@pytest.mark.wide
def test_shared_points_of_changed_rows_are_new():
    for asked in (read(second(seed)) for seed in SEEDS):
        first, other = Index(asked), Index(changed(asked))
        shared = Valuation(other, Valuation(first))
        for index, valuation in ((first, Valuation(first, shared)), (other, shared), (first, Valuation(first, shared))):
            for row in index.registrations.values():
                for unit in index.units.values():
                    assert valuation.pair_points(row, unit) == Valuation(index).pair_points(row, unit)
                    assert valuation.idle_in(row, unit) == Valuation(index).idle_in(row, unit)


@pytest.mark.wide
def test_others_have_the_table_of_their_own_problem():
    fixed = 0
    for asked in (read(second(seed, easy=seed % 2 == 0)) for seed in SEEDS):
        prepared = PreparedProblem(asked)
        for name in prepared.index.registrations.keys() - prepared.index.fixed.keys():
            others = without(prepared, name)
            assert others.open_to == PreparedProblem(others.problem).open_to
            fixed += bool(asked.fixed and asked.together)
    assert fixed


def test_index_with_others_fixed_is_that_of_the_problem():
    for asked in (read(second(seed)) for seed in SEEDS):
        base = Index(replace(asked, fixed=()))
        index = base.with_fixed(asked.fixed)
        assert (index.fixed, index.problem) == (Index(asked).fixed, asked)
        for unit in index.units:
            assert index.fixed_in(unit, without="") == Index(asked).fixed_in(unit, without="")
        assert base.fixed == {}
