"""The bounds that order alternatives and bottlenecks are never below the exact totals, and save most of the solves."""

from collections import Counter

import pytest

from bench.generator import SIZES
from bench.generator import problem as bench_problem
from matching import alternatives, bottlenecks, match
from matching.exact.model import build
from matching.exact.relaxation import Relaxation
from matching.explanations import forced_choice
from matching.explanations.explain import explain
from matching.explanations.most_gain import MostGain
from matching.prepared_problem import PreparedProblem
from tests.support.matching.brute_force import Brute
from tests.support.matching.extras import with_extra
from tests.support.matching.problem_parts import problem, read, registration, room, unit
from tests.support.matching.random_problems import second, small
from tests.support.proof import FULL

EXTRAS = ("high_care", "room_1", "room_4")


def prove_bounds(seeds):
    """Compares each extra of every problem, by its bound and by trying everything; counts the events."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        raw = second(seed) if seed % 2 else small(seed, easy=bool(seed % 4))
        best = Brute(raw).best()
        if best is None:
            continue
        prepared = PreparedProblem(read(raw))
        relaxation = Relaxation(build(prepared.index, prepared.valuation, prepared.open_to))
        most = MostGain(prepared, relaxation)
        assert relaxation.bound >= best
        for unit_id, here in prepared.index.units.items():
            for extra in EXTRAS:
                if extra == "high_care" and here.high_care_limit is None:
                    continue
                total = Brute(with_extra(raw, unit_id, extra)).best()
                bound = most.bound + most.of(here, extra)
                assert bound >= total, (seed, unit_id, extra)
                seen["extras"] += 1
                seen["gains"] += total > best
                seen["care gains"] += total > best and extra == "high_care"
                seen["fixed there"] += bool(prepared.index.fixed_in(unit_id, without=""))
                seen["groups"] += bool(prepared.index.groups)
                seen["tight"] += total > best and bound == total
    return seen


@pytest.mark.wide
def test_bound_of_an_extra_is_never_below_its_exact_total():
    seen = prove_bounds(range(40_000, 40_080))
    assert seen["gains"] >= 150, seen
    assert min(seen["care gains"], seen["fixed there"], seen["groups"]) >= 5, seen
    assert seen["tight"] >= 10, seen


@pytest.mark.long
def test_bound_of_an_extra_holds_in_many_more_problems():
    prove_bounds(range(41_000, 41_000 + 600 * (5 if FULL else 1)))


@pytest.mark.parametrize(
    "part", ["_most_of_room", "_most_of_care", pytest.param("_most_of_all", marks=pytest.mark.wide)]
)
def test_bound_of_an_extra_that_forgets_a_part_is_detected(part, monkeypatch):
    monkeypatch.setattr(MostGain, part, lambda *_: 0)
    with pytest.raises(AssertionError, match=r"4\d{4}"):
        prove_bounds(range(40_000, 40_400))


@pytest.mark.wide
def test_bound_of_a_unit_is_never_below_its_exact_total():
    units = 0
    for seed in range(42_000, 42_060):
        raw = second(seed) if seed % 2 else small(seed, easy=bool(seed % 4))
        asked = read(raw)
        before, brute = match(asked), Brute(raw)
        for name in [row.id for row in asked.registrations if row.id not in PreparedProblem(asked).index.fixed]:
            allowed = [row.unit for row in explain(asked, name).units if row.allowed]
            if before.status != "optimal" or not allowed:
                continue
            builder = forced_choice.ForcedChoices(
                PreparedProblem(asked), name, dict.fromkeys(allowed, ()), before
            ).builder
            relaxation = Relaxation(builder)
            others = relaxation.bound - relaxation.part_of(name)
            for unit_id in allowed:
                total = brute.best((name, unit_id))
                if total is not None:
                    assert others + relaxation.worth_of(name, unit_id) >= total, (seed, name, unit_id)
                    units += 1
    assert units >= 100


@pytest.fixture
def solves(monkeypatch):
    """The number of exact solves of a list."""
    counted: Counter[str] = Counter()
    real = forced_choice.exactly

    def count(*args, **options):
        counted["solves"] += 1
        return real(*args, **options)

    monkeypatch.setattr(forced_choice, "exactly", count)
    monkeypatch.setattr("matching.explanations.bottlenecks.exactly", count)
    return counted


def test_bottlenecks_solve_few_of_the_extras_of_a_country(solves):
    country = bench_problem(SIZES["national"], 4)
    extras = sum(2 + (unit.high_care_limit is not None) for unit in country.units)
    assert len(bottlenecks(country, top=10).bottlenecks) == 10
    assert extras >= 120
    assert solves["solves"] <= 20


def test_alternatives_solve_few_of_many_open_units(solves):
    units = [unit(f"U{number:02}", languages=["en"] if number < 8 else []) for number in range(40)]
    speaks = [{"code": "en", "level": "native"}]
    rows = [registration("A1", languages=speaks, language_required=False)]
    asked = read(problem(rows, units, [room(f"R{number:02}", f"U{number:02}") for number in range(40)]))
    assert [row.loss for row in alternatives(asked, "A1", top=3).alternatives] == [0, 0, 0]
    assert solves["solves"] == 3
