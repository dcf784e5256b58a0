"""The large path, forced upon problems small enough to know the best: its bound holds, its answer obeys every rule."""

import json
from collections import Counter

import pytest

from bench.generator import SIZES, size_for
from bench.generator import problem as bench_problem
from matching import check, match, prepared_problem, write_solution
from matching.fallback import House
from matching.large.problem_arrays import ProblemArrays
from tests.support.matching.brute_force import Brute, most
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit
from tests.support.matching.random_problems import second, small
from tests.support.proof import FULL


@pytest.mark.wide
def test_large_path_bound_holds_and_answer_is_nearly_optimal(monkeypatch):
    seen: Counter[str] = Counter()
    for seed in range(8000, 8150):
        asked = read(small(seed, easy=bool(seed % 2)))
        best = match(asked)
        with monkeypatch.context() as patch:
            patch.setattr(prepared_problem, "MOST_CHOICES_WHOLE", 0)
            found = match(asked)
        assert check(asked, found).ok
        assert (found.status == "infeasible") == (best.status == "infeasible"), seed
        assert found.status != "degraded", (seed, found.why)
        assert found.bound >= best.objective >= found.objective, seed
        seen[found.status] += 1
        seen["best"] += found.objective == best.objective
        seen["fixed"] += bool(asked.fixed) and found.status != "infeasible"
    assert seen["best"] >= 135
    assert seen["optimal"] >= 25
    assert seen["fixed"] >= 1


def prove_groups(seeds):
    """Compares both ways with trying everything; counts how often each thing happened."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        raw = second(seed)
        asked, brute = read(raw), Brute(raw)
        best = brute.best()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prepared_problem, "MOST_CHOICES_WHOLE", 0)
            found = match(asked)
        assert check(asked, found).ok
        assert found.status != "degraded", (seed, found.why)
        assert (found.status == "infeasible") == (best is None), seed
        if best is None:
            seen["infeasible"] += 1
            continue
        assert found.objective <= best <= found.bound <= most(raw), seed
        placed = {row.registration for row in found.placements}
        must = [group for group in raw["together"] if group["must"]]
        seen["must and placed"] += any(group["registrations"][0] in placed for group in must)
        seen["points for a group"] += any(row.points for row in found.together)
        seen["best"] += found.objective == best
        seen["answered"] += 1
    return seen


@pytest.mark.wide
def test_large_path_places_groups_and_its_bound_holds():
    seen = prove_groups(range(21_000, 21_100))
    assert min(seen["must and placed"], seen["points for a group"], seen["infeasible"]) >= 8, seen
    assert seen["best"] >= 0.85 * seen["answered"], seen


@pytest.mark.wide
def test_bound_without_the_points_of_groups_is_detected(monkeypatch):
    monkeypatch.setattr("matching.objective.Valuation.together_at_most", 0)
    with pytest.raises(AssertionError):
        prove_groups(range(21_000, 21_100))


@pytest.fixture
def narrow_neighbourhoods(monkeypatch):
    """A neighbourhood is of one unit, so that groups are not whole in it; the search begins at the simple answer."""
    monkeypatch.setattr("matching.large.search.MOST_IN_PROGRAM", 0)
    monkeypatch.setattr("matching.large.search.construct", lambda *_, **__: ())
    monkeypatch.setattr("matching.large.search.ROUNDS_PER_REGISTRATION", 2)
    monkeypatch.setattr("matching.large.neighbourhood.LIKED_FIRST", 1)
    monkeypatch.setattr("matching.large.neighbourhood.MOST_UNITS", 1)


@pytest.mark.wide
@pytest.mark.usefixtures("narrow_neighbourhoods")
def test_group_not_whole_in_a_neighbourhood_stays_at_its_place():
    seen = prove_groups(range(21_100, 21_150))
    assert min(seen["must and placed"], seen["points for a group"]) >= 4, seen


@pytest.mark.wide
@pytest.mark.usefixtures("narrow_neighbourhoods")
def test_group_torn_by_a_neighbourhood_is_detected(monkeypatch):
    monkeypatch.setattr("matching.large.improvement.Improvement._torn", lambda *_: {})
    with pytest.raises(AssertionError):
        prove_groups(range(21_000, 21_150))


@pytest.mark.long
def test_large_path_places_groups_in_many_more_problems():
    seen = prove_groups(range(30_000, 30_000 + 1_000 * (5 if FULL else 1)))
    assert seen["best"] >= 0.85 * seen["answered"], seen


@pytest.mark.wide
@pytest.mark.usefixtures("everything_is_large")
def test_large_path_answer_is_independent_of_row_order():
    for seed in range(8200, 8220):
        raw = second(seed) if seed % 2 else small(seed, easy=True)
        turned = raw | {key: raw[key][::-1] for key in ("locations", "units", "rooms", "registrations")}
        turned |= {"together": raw["together"][::-1]} if "together" in raw else {}
        answers = []
        for rows in (raw, raw, turned):
            said = json.loads(write_solution(match(read(rows))))
            del said["seconds"]
            answers.append(said)
        assert answers[0] == answers[1] == answers[2]


@pytest.mark.wide
@pytest.mark.usefixtures("everything_is_large")
def test_large_path_with_workers_is_as_good_and_deterministic():
    problem = bench_problem(size_for(60), 1)
    answers = [match(problem, workers=workers) for workers in (1, 3, 3)]
    for found in answers:
        assert check(problem, found).ok
        assert found.bound == answers[0].bound
    assert answers[1].placements == answers[2].placements
    assert answers[1].objective >= 0.999 * answers[0].objective


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("phase", ["simple", "prices", "first", "improvement"])
def test_large_path_interrupted_returns_the_best_answer_so_far(phase, sigint):
    proven = []

    def interrupt(progress):
        proven.append(progress.bound)
        if progress.phase == phase:
            sigint()

    units = [unit(f"U{number}") for number in range(4)]
    rows = [registration(f"A{number}", urgency=1 + number % 4) for number in range(9)]
    asked = read(problem(rows, units, [room(f"R{number}", f"U{number}", 2) for number in range(4)]))
    found = match(asked, watch=interrupt)
    assert check(asked, found).ok
    assert len(found.placements) == 8
    assert found.bound == min(proven)
    assert found.status == ("feasible" if phase == "simple" else "optimal")


@pytest.mark.usefixtures("everything_is_large")
def test_interrupt_among_the_prices_keeps_the_better_bound(sigint):
    proven = []

    def interrupt(progress):
        if progress.phase == "prices":
            proven.append(progress.bound)
            if len(proven) == 5:
                sigint()

    asked = bench_problem(size_for(60), 1)
    found = match(asked, watch=interrupt)
    assert check(asked, found).ok
    assert found.bound == proven[-1] < proven[0]
    assert found.status == "feasible"
    assert len(proven) == 5


@pytest.mark.usefixtures("everything_is_large")
def test_answer_of_the_first_prices_is_there_before_the_program(monkeypatch, sigint):
    monkeypatch.setattr("matching.large.search.column_prices", lambda *_: sigint())
    phases = []
    asked = bench_problem(size_for(60), 1)
    found = match(asked, watch=lambda progress: phases.append((progress.phase, progress.objective)))
    assert check(asked, found).ok
    assert phases[-1] == ("first", found.objective)
    assert found.objective > dict(phases)["simple"]


@pytest.mark.wide
@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("phase", ["simple", "prices", "first", "improvement"])
def test_limit_reached_in_a_phase_ends_the_search_there(phase, stopped_clock):
    phases = []

    def watch(progress):
        phases.append(progress.phase)
        if progress.phase == phase:
            stopped_clock[0] += 1_000

    asked = bench_problem(size_for(60), 1)
    found = match(asked, time_limit=900, watch=watch)
    assert check(asked, found).ok
    assert found.status == "feasible"
    assert len(found.placements) > 20
    rest = phases[phases.index(phase) + 1 :]
    assert set(rest) <= ({"first"} if phase == "prices" else set()), phases


@pytest.mark.usefixtures("everything_is_large")
def test_limit_among_the_pairs_keeps_the_fixed_registrations(stopped_clock, monkeypatch):
    def late(*args):
        stopped_clock[0] += 1_000
        return real(*args)

    real = ProblemArrays._only_where_fixed
    monkeypatch.setattr(ProblemArrays, "_only_where_fixed", late)
    monkeypatch.setattr("matching.large.problem_arrays.ROWS_AT_ONCE", 1)
    raw = problem([registration(), registration("A2")], [unit("U1")], [room("R1", beds=2)], fixed=[("A1", "U1")])
    found = match(read(raw), time_limit=900)
    assert check(read(raw), found).ok
    assert [row.registration for row in found.placements] == ["A1"]
    assert (found.status, found.bound) == ("degraded", None)
    assert "time limit" in found.why


@pytest.mark.wide
def test_limit_that_is_over_leaves_simple_answer_and_ceiling():
    for size in (SIZES["national"], size_for(150)):
        asked = bench_problem(size, 1)
        found = match(asked, time_limit=1e-9)
        assert check(asked, found).ok
        assert found.status == "degraded"
        assert len(found.placements) >= 4
        assert found.bound > found.objective


@pytest.mark.usefixtures("everything_is_large")
def test_construction_at_the_limit_leaves_the_least_urgent(stopped_clock, monkeypatch):
    def late(*args):
        stopped_clock[0] += 400
        return real(*args)

    real = House.place
    monkeypatch.setattr(House, "place", late)
    rows = [registration(f"A{number}", urgency=number) for number in (4, 3, 2, 1)]
    asked = read(problem(rows, [unit("U1")], [room("R1", beds=4)]))
    found = match(asked, time_limit=900)
    assert check(asked, found).ok
    assert [row.registration for row in found.placements] == ["A1", "A2", "A3"]
    assert (found.status, found.bound > found.objective) == ("feasible", True)


@pytest.mark.usefixtures("everything_is_large")
def test_the_largest_total_of_the_format_is_solved():
    # 20 x (10^9 + 10^9 x 36500) points each: twelve are below 2^53, which the format allows at most
    rows = [registration(f"A{number}", persons=[person()] * 20, waiting_days=36_500) for number in range(12)]
    largest = {"serve": {"3": 10**9}, "waiting_day": 10**9, "waiting_cap": 36_500}
    asked = read(problem(rows, rooms=[room(beds=250)], policy=largest))
    found = match(asked)
    assert (found.status, found.objective) == ("optimal", 12 * 730_020_000_000_000)
    assert check(asked, found).ok
