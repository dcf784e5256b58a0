"""The bounds that order alternatives and bottlenecks are never below the exact totals, and save most of the solves."""

from collections import Counter

import pytest

from bench.characters import generated
from bench.generator import SIZES
from matching import alternatives, bottlenecks, match
from matching.answer import best_of
from matching.exact.implied_rows import implied_rows
from matching.exact.relaxation import SCALE, Relaxation
from matching.explanations import forced_choice
from matching.explanations.explain import explain
from matching.explanations.extra_places import ExtraPlaces
from matching.limit import NO_LIMIT
from matching.prepared_problem import PreparedProblem
from tests.support.matching.brute_force import Brute
from tests.support.matching.extras import with_extra
from tests.support.matching.problem_parts import problem, read, registration, room, unit
from tests.support.matching.random_problems import second, small
from tests.support.proof import FULL


def prove_bounds(raws):
    """Compares each extra of every problem, by its bounds and by trying everything; counts the events."""
    seen: Counter[str] = Counter()
    for number, raw in enumerate(raws):
        brute = Brute(raw).best()
        if brute is None:
            continue
        prepared = PreparedProblem(read(raw))
        best = best_of(prepared)
        places = ExtraPlaces(prepared, best, NO_LIMIT)
        assert best.objective == brute
        for (unit_id, extra), most in places.most.items():
            total = Brute(with_extra(raw, unit_id, extra)).best()
            bound, reached = places.relaxed((unit_id, extra))
            assert most >= bound >= total, (number, unit_id, extra)
            assert reached is None or bound == total, (number, unit_id, extra)
            assert places.solved((unit_id, extra)).objective == total, (number, unit_id, extra)
            seen["extras"] += 1
            seen["gains"] += total > brute
            seen["care gains"] += total > brute and extra == "high_care"
            seen["fixed there"] += bool(prepared.index.fixed_in(unit_id, without=""))
            seen["group gains"] += total > brute and any(group.must for group in prepared.index.groups.values())
            seen["tight"] += total > brute and most == total
            seen["reached"] += total > brute and reached is not None
    return seen


def mixed(seeds):
    return [second(seed) if seed % 2 else small(seed, easy=bool(seed % 4)) for seed in seeds]


def grouped(seeds):
    """Problems in which every registration is in a group that must be together, at any level."""
    for seed in seeds:
        raw = second(seed)
        names = [row["id"] for row in raw["registrations"]]
        pairs = [names[first : first + 2] for first in range(0, len(names) - 1, 2)]
        levels = ("unit", "location", "region")
        rows = [
            {"id": f"G{number}", "registrations": pair, "where": levels[(seed + number) % 3], "must": True}
            for number, pair in enumerate(pairs)
        ]
        yield raw | {"together": rows, "fixed": []}


@pytest.mark.wide
def test_bound_of_an_extra_with_groups_is_never_below_its_total():
    seen = prove_bounds(grouped(range(43_000, 43_012)))
    assert seen["group gains"] >= 12, seen
    assert seen["reached"] >= 8, seen


@pytest.mark.wide
def test_bound_of_an_extra_is_never_below_its_exact_total():
    seen = prove_bounds(mixed(range(40_000, 40_080)))
    assert seen["gains"] >= 150, seen
    assert min(seen["care gains"], seen["fixed there"], seen["group gains"]) >= 5, seen
    assert seen["tight"] >= 10, seen


@pytest.mark.long
def test_bound_of_an_extra_holds_in_many_more_problems():
    many = 600 * (5 if FULL else 1)
    prove_bounds(mixed(range(41_000, 41_000 + many)))
    prove_bounds(grouped(range(44_000, 44_000 + many)))


@pytest.mark.wide
@pytest.mark.parametrize("forgotten", ["unit", "weights"])
def test_implied_row_that_forbids_too_much_is_detected(forgotten, monkeypatch):
    def wrong(builder, extra):
        for row in implied_rows(builder, extra):
            yield row._replace(unit="") if forgotten == "unit" else row._replace(most=0)

    monkeypatch.setattr("matching.exact.relaxation.implied_rows", wrong)
    with pytest.raises(AssertionError):
        prove_bounds(mixed(range(40_000, 40_400)))


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
            bound = relaxation.solved()
            others = bound.total - relaxation.part_of(bound, name)
            for unit_id in allowed:
                total = brute.best((name, unit_id))
                if total is not None:
                    assert (others + relaxation.worth_of(bound, name, unit_id)) // SCALE >= total, (seed, name, unit_id)
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
    monkeypatch.setattr("matching.explanations.extra_places.exactly", count)
    return counted


@pytest.mark.parametrize(("character", "seed"), [("plain", 2), ("groups", 0), ("rooms", 1)])
def test_bottlenecks_solve_at_most_two_extras_for_each_row(character, seed, solves):
    country = generated(SIZES["national"], seed, character)
    extras = sum(2 + (unit.high_care_limit is not None) for unit in country.units)
    found = bottlenecks(country, top=10)
    assert (len(found.bottlenecks), found.complete) == (10, True)
    assert extras >= 120
    assert solves["solves"] <= 2 * 10


def test_alternatives_solve_few_of_many_open_units(solves):
    units = [unit(f"U{number:02}", languages=["en"] if number < 8 else []) for number in range(40)]
    speaks = [{"code": "en", "level": "native"}]
    rows = [registration("A1", languages=speaks, language_required=False)]
    asked = read(problem(rows, units, [room(f"R{number:02}", f"U{number:02}") for number in range(40)]))
    assert [row.loss for row in alternatives(asked, "A1", top=3).alternatives] == [0, 0, 0]
    assert solves["solves"] == 0
