"""A problem that changes a little is answered by what was known: as rightly as if it were asked for the first time."""

from collections import Counter
from random import Random

import pytest
from msgspec.structs import replace

from matching import Rolling, answer, check, match
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small

pytestmark = pytest.mark.wide


def changed(problem, how, chance):
    """A client gone, one new, one changed, a room gone."""
    rows = list(problem.registrations)
    at = chance.randrange(len(rows))
    if how == "gone":
        gone = rows.pop(at).id
        return replace(
            problem,
            registrations=tuple(rows),
            together=tuple(row for row in problem.together if gone not in row.registrations),
            fixed=tuple(row for row in problem.fixed if row.registration != gone),
        )
    if how == "new":
        return replace(problem, registrations=(*rows, replace(rows[at], id="new", keep_apart=())))
    if how == "changed":
        rows[at] = replace(rows[at], urgency=1, persons=rows[at].persons[:1], high_care=True)
        return replace(problem, registrations=tuple(rows))
    rooms = list(problem.rooms)
    rooms.pop(chance.randrange(len(rooms)))
    return replace(problem, rooms=tuple(rooms))


@pytest.mark.usefixtures("everything_is_large")
def test_rolling_answer_is_valid_with_a_true_bound(monkeypatch):
    seen: Counter[str] = Counter()
    for seed in range(8400, 8440):
        chance, rolling = Random(seed), Rolling()
        problem = read(second(seed) if seed % 2 else small(seed, easy=True))
        rolling.match(problem)
        for how in chance.sample(["gone", "new", "changed", "room gone"], 4):
            if not problem.registrations or not problem.rooms:
                break
            problem = changed(problem, how, chance)
            found = rolling.match(problem)
            with monkeypatch.context() as patch:
                patch.setattr(answer, "MOST_CHOICES_WHOLE", 10**9)
                best = match(problem)
            assert check(problem, found).ok
            assert (found.status == "infeasible") == (best.status == "infeasible")
            assert found.status != "degraded", found.why
            assert found.objective <= best.objective <= found.bound, (seed, how)
            seen[how] += 1
            seen["best"] += found.objective == best.objective
    assert min(seen[how] for how in ("gone", "new", "changed", "room gone")) >= 22
    assert seen["best"] >= 0.9 * (seen.total() - seen["best"])


@pytest.mark.usefixtures("everything_is_large")
def test_rolling_keeps_prices_and_placements(monkeypatch):
    problem = read(small(8421, easy=True))
    rolling = Rolling()
    before = rolling.match(problem)
    assert before.placements

    def again(*_):
        raise AssertionError

    monkeypatch.setattr("matching.large.search.subgradient_prices", again)
    assert rolling.match(problem).placements == before.placements


def test_small_problems_are_solved_whole():
    problem = read(small(8421, easy=True))
    rolling = Rolling()
    assert rolling.match(problem).status == rolling.match(problem).status == "optimal"
