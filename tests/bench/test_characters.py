"""The three generators: each has its own difficulties, and the engine solves each; the tables of their figures."""

import pytest

from bench.characters import CHARACTERS, LEVELS, generated
from bench.generator import SIZES, size_for
from bench.model import solved
from bench.tables import large_table, whole_table, with_table
from matching import PROBLEM_FORMAT, check, match, write_problem

NATIONAL = SIZES["national"]


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_seed_gives_one_problem(character):
    first, again, other = (write_problem(generated(NATIONAL, seed, character)) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.wide
@pytest.mark.parametrize("character", CHARACTERS)
def test_a_country_of_each_character_is_solved(character):
    for seed in (1, 2):
        problem = generated(NATIONAL, seed, character)
        solution = match(problem)
        assert len(problem.registrations) == NATIONAL.registrations
        assert solution.status == "optimal"
        assert solution.placements
        assert check(problem, solution).ok
        assert solved(problem, 30.0) == ("OPTIMAL", solution.objective)


@pytest.mark.wide
def test_groups_are_at_every_level_with_reach_and_old_counts():
    problems = [generated(NATIONAL, seed, "groups") for seed in range(1, 4)]
    groups = [group for problem in problems for group in problem.together]
    assert {group.where for group in groups} == set(LEVELS)
    assert {group.must for group in groups} == {True, False}
    assert {problem.format for problem in problems} == {PROBLEM_FORMAT}
    assert any(row.within for problem in problems for row in problem.registrations)
    assert {"fresh", "ageing", "stale"} <= {unit.freshness for problem in problems for unit in problem.units}
    larger = generated(size_for(100), 1, "groups")
    placed = {row.registration for row in match(larger).placements}
    assert any(set(group.registrations) <= placed for group in larger.together if group.must)


def test_rooms_are_hard():
    rows = [row for seed in range(1, 4) for row in generated(NATIONAL, seed, "rooms").registrations]
    assert sum(len(row.persons) > 1 and not row.is_private and bool(row.room_needs) for row in rows) >= 5
    assert sum(len(row.persons) >= 5 and row.is_private for row in rows) >= 5
    assert sum(row.principals[0].age < 18 for row in rows) >= 5
    apart = [len(row.keep_apart) for row in rows]
    assert max(apart) >= 3


def test_tables_have_median_and_worst_of_each_generator():
    row = {"size": "eu", "character": "rooms", "limit_s": 20.0, "optimal": 0, "first_s": 1.0, "peak_mb": 100.0}
    rows = [row | {"gap_points": points, "left_%": points / 100} for points in (10, 2_000, 30)]
    assert "| eu, rooms | 3 | 20 | 0 | 30 (2,000) | 0.30 % (20.00 %) | 1.00 (1.00) | 100 (100) |" in large_table(rows)
    times = dict.fromkeys(("match_s", "alternatives_s", "bottlenecks_s", "ways_out_s", "advice_s", "model_s"), 0.004)
    whole = {"size": "national", "character": "plain", "optimal": 1, "highs_whole_s": 0.0061} | times
    assert "| national, plain | 1 | 1 | 4.0 | 4.0 | 4.0 | 4.0 | 4.0 | 4.0 | 6.1 |" in whole_table([whole])
    page = "a\n<!-- made by: make bench -->\nold\n<!-- end of what is made -->\nb\n"
    assert with_table(with_table(page, "new\n"), "new\n") == page.replace("\nold\n", "\n\nnew\n\n")
