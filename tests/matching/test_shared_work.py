"""Work shared between problems that differ in a few rows: true of both."""

import pytest
from msgspec.structs import replace

from matching import check, match
from matching.check import Verdicts
from matching.explanations.ways_out.other_registrations import without
from matching.index import Index
from matching.objective import Valuation
from matching.prepared_problem import PreparedProblem
from tests.support.matching.problem_parts import problem, read, registration
from tests.support.matching.random_problems import second

SEEDS = range(7000, 7060)


def changed(asked):
    """The same with other units (older people only, other staff), and with waiting that counts more."""
    units = tuple(replace(row, min_age=99, languages=("xx",), specialisms=()) for row in asked.units)
    return replace(asked, units=units)


def test_verdicts_of_other_rows_are_not_used():
    asked = read(problem([registration("A1")]))
    solution, verdicts = match(asked), Verdicts()
    assert check(asked, solution, verdicts).ok
    assert [row.rule for row in check(changed(asked), solution, verdicts).violations] == ["age"]
    dearer = replace(asked, policy=replace(asked.policy, waiting_day=1, blocked_bed=7))
    assert check(dearer, solution, verdicts) == check(dearer, solution)


@pytest.mark.wide
def test_kept_verdicts_give_the_same_report():
    for asked in (read(second(seed, easy=True)) for seed in SEEDS):
        solution, verdicts = match(asked), Verdicts()
        wrong = replace(solution, placements=tuple(replace(row, points=row.points + 1) for row in solution.placements))
        for said in (solution, wrong, solution, wrong):
            for now in (asked, changed(asked)):
                assert check(now, said, verdicts) == check(now, said)


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
