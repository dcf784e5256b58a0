"""The whole model on one page: as good as the engine on every problem, and short enough to read."""

import pytest

from bench.model import solved
from matching import match
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small
from tests.support.paths import ROOT

LONGEST = 100  # lines


def compared(seeds, make):
    """Compares status and best total of both; returns how often each status occurred."""
    seen = {"optimal": 0, "infeasible": 0}
    for seed in seeds:
        problem = read(make(seed))
        found = match(problem)
        expected = ("INFEASIBLE", 0) if found.status == "infeasible" else ("OPTIMAL", found.objective)
        assert solved(problem, 20.0) == expected, seed
        seen[found.status] += 1
    return seen


def test_the_page_has_at_most_a_hundred_lines():
    assert len((ROOT / "bench/model.py").read_text().splitlines()) <= LONGEST


@pytest.mark.wide
@pytest.mark.parametrize("make", [small, second])
def test_the_page_has_the_best_total_of_the_engine(make):
    seen = compared(range(60), make)
    assert min(seen.values()) >= 3, seen


@pytest.mark.long
def test_the_page_and_the_engine_agree_on_many_problems():
    compared(range(9000, 10000), second)
