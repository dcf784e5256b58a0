"""Problems made to be hard: each ends in time, with an answer that obeys every rule and a bound that is true."""

import pytest

from bench.adversarial import KINDS
from matching import check, match, prepared_problem
from tests.support.proof import FULL

SMALL = 24  # registrations: few enough for the best to be known
LIMIT = 4.0  # seconds; how well it is kept is measured by `python -m bench.time_limit`
QUICK = {"nobody anywhere", "5,000 registrations, one bed", "one registration, 30,000 beds", "many ties"}
BUSY = {"5,000 registrations, one bed", "many ties"}
"""Of them, those whose full size takes `make test` most of a second."""


@pytest.mark.wide
@pytest.mark.parametrize("kind", KINDS)
def test_adversarial_problem_solved_both_ways_has_a_true_bound(kind, monkeypatch):
    make, _ = KINDS[kind]
    problem = make(SMALL)
    best = match(problem)
    assert best.status == "optimal"
    assert check(problem, best).ok
    monkeypatch.setattr(prepared_problem, "MOST_CHOICES_WHOLE", 0)
    found = match(problem)
    assert check(problem, found).ok
    assert found.bound is not None
    assert found.objective <= best.objective <= found.bound


@pytest.mark.wide
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.wide if kind in BUSY else ()) for kind in KINDS if kind in QUICK]
)
def test_adversarial_full_size_easy_problems_are_proven(kind):
    make, size = KINDS[kind]
    problem = make(size)
    found = match(problem, time_limit=60)
    assert check(problem, found).ok
    assert found.status == "optimal"


@pytest.mark.long
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in QUICK])
def test_adversarial_full_size_ends_with_a_valid_answer(kind):
    make, size = KINDS[kind]
    problem = make(size if FULL else size // 4)
    found = match(problem, time_limit=LIMIT)
    assert check(problem, found).ok
    assert found.placements
    assert found.bound is not None
    assert found.objective <= found.bound


@pytest.mark.wide
def test_large_path_keeps_a_limit_too_short_for_the_whole_model(monkeypatch):
    make, _ = KINDS["cliques to keep apart"]
    problem = make(200)  # 18,000 choices at the least: seven tenths of a second to build
    assert not prepared_problem.PreparedProblem(problem).is_large
    monkeypatch.setattr("matching.exact.model.build", lambda *_, **__: pytest.fail("the whole model was built"))
    monkeypatch.setattr("matching.large.search._Search.improve", lambda *_: None)
    found = match(problem, time_limit=0.5)
    assert found.bound is not None
    assert check(problem, found).ok
