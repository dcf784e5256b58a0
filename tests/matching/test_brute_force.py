"""The engine against trying everything, on small random problems."""

import os
from collections import Counter
from functools import partial

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from matching import EngineFault, check, eligibility, explain, match
from matching.check import Violation
from matching.format.solution import Placement, Solution
from tests.support.matching.brute_force import RULES, Brute
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small

CHUNK = 250
RULES_2 = ["within_reach", "together"]  # of format 2
RULES_1 = [rule for rule in RULES if rule not in RULES_2]
CHUNKS = [
    0,
    pytest.param(1, marks=pytest.mark.wide),
    *(pytest.param(chunk, marks=pytest.mark.long) for chunk in range(2, 8)),
]
LONG = 20 if os.environ.get("PROOF_SIZE") == "full" else 1


def prove(seeds, make=small):
    """Compares objective, validity and explanations of these problems; counts how often each thing happened."""
    seen = Counter()
    for seed in seeds:
        raw = make(seed)
        problem, brute = read(raw), Brute(raw)
        best, solution = brute.best(), match(problem)
        if best is None:
            assert solution.status == "infeasible", seed
            assert {(row.registration, row.unit, row.rule) for row in solution.broken} == brute.contradictions(), seed
            seen["infeasible"] += 1
            seen["others without a place"] += not any(brute.explain(one)[unit] for one, unit in brute.fixed.items())
        else:
            assert (solution.status, solution.objective, solution.bound) == ("optimal", best, best), seed
            seen["some placed, some not"] += bool(solution.placements and solution.unplaced)
            seen.update(groups_of(raw, solution))
        assert check(problem, solution).ok
        for registration in raw["registrations"]:
            expected = brute.explain(registration["id"])
            for unit in explain(problem, registration["id"]).units:
                broken = {row.rule: row.facts.get("reason") for row in unit.broken}
                assert broken == expected[unit.unit], (seed, registration["id"], unit.unit)
                assert list(broken) == [rule for rule in RULES if rule in broken], "in order of evaluation"
                by_checker = checked_alone(problem, solution, registration["id"], unit.unit)
                assert by_checker == set(broken) - {"rooms"}, (seed, registration["id"], unit.unit)
                seen["allowed" if not broken else "several"] += len(broken) != 1
                seen.update(list(broken) if len(broken) == 1 else ())
    return seen


def checked_alone(problem, solution: Solution, registration, unit):
    """Returns the rules (but `rooms`) that the checker finds broken with only this and the fixed registrations."""
    placed = {row.registration: row.unit for row in problem.fixed} | {registration: unit}
    rows = tuple(Placement(other, place, (), 0) for other, place in sorted(placed.items()))
    found: tuple[Violation, ...] = check(problem, replace(solution, placements=rows)).violations
    mine = [row for row in found if row.registration == registration and row.rule in RULES]
    return {row.rule for row in mine if row.rule != "together" or set(row.facts["registrations"]) & set(placed)} - {
        "rooms"
    }


def groups_of(raw, solution):
    """How the groups fare: those that must be together by whether they are placed, the others by their points."""
    placed = {row.registration for row in solution.placements}
    for group in raw.get("together", []):
        if group["must"]:
            yield "must and placed" if group["registrations"][0] in placed else "must and unplaced"
    for row in () if solution.together is UNSET else solution.together:
        if row.points:
            yield "points for a group"


@pytest.mark.wide
@pytest.mark.parametrize("chunk", CHUNKS)
def test_answer_is_optimal_and_every_explanation_is_true(chunk):
    seen = prove(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    # not vacuous: of 250 problems at least so many had somebody placed and somebody not; each rule alone forbade a pair
    assert seen["some placed, some not"] >= 60
    assert seen["infeasible"] >= 10
    assert seen["allowed"] >= 100
    assert all(seen[rule] >= 3 for rule in RULES_1), seen


@pytest.mark.wide
@pytest.mark.parametrize("chunk", [0, *(pytest.param(chunk, marks=pytest.mark.long) for chunk in range(1, 9))])
def test_format_2_answer_is_optimal_and_explained(chunk):
    seen = prove(range(20_000 + chunk * CHUNK, 20_000 + (chunk + 1) * CHUNK), second)
    assert all(seen[rule] >= 5 for rule in RULES_2), seen
    assert min(seen["must and placed"], seen["must and unplaced"], seen["points for a group"]) >= 15, seen
    assert min(seen["infeasible"], seen["some placed, some not"]) >= 15, seen
    assert seen["others without a place"] >= 5, seen


@pytest.mark.long
def test_answer_is_optimal_on_many_more_problems():
    seen = prove(range(1_000_000, 1_000_000 + 500 * LONG))
    assert seen["some placed, some not"] >= 120 * LONG
    assert all(seen[rule] >= 6 * LONG for rule in RULES_1), seen


@pytest.mark.long
def test_format_2_answer_is_optimal_on_many_more_problems():
    seen = prove(range(2_000_000, 2_000_000 + 500 * LONG), partial(second, easy=False))
    assert all(seen[rule] >= 4 * LONG for rule in RULES), seen
    assert min(seen["must and placed"], seen["points for a group"], seen["others without a place"]) >= 2 * LONG, seen


def problems(number):
    return (raw for seed in range(number) for raw in (small(seed), second(seed)))


@pytest.mark.parametrize("rule", list(eligibility.PAIR_RULES), ids=lambda r: r.code)
def test_an_engine_without_one_of_its_pair_rules_is_caught(rule, monkeypatch):
    monkeypatch.setattr(
        eligibility, "PAIR_RULES", tuple(other for other in eligibility.PAIR_RULES if other is not rule)
    )
    assert any(_is_caught(raw) for raw in problems(150) if not raw["fixed"])


def _is_caught(raw):
    try:
        return match(read(raw)).objective != Brute(raw).best()
    except EngineFault:  # its own checker would not let the answer pass
        return True


@pytest.mark.parametrize("rule", RULES[:-1])
def test_each_rule_is_decisive_in_some_problem(rule):
    assert any(Brute(raw).best() != Brute(raw, without=(rule,)).best() for raw in problems(400))
