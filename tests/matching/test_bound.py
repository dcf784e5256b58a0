"""The bound: counts nobody to whom the rules leave no choice; model and bound read this from the same table."""

import random
from collections import Counter

import pytest
from msgspec.structs import replace

from bench.generator import problem as bench_problem
from bench.generator import size_for
from matching import Fixed, check, explain, match
from matching.answer import searched
from matching.exact import solve
from matching.exact.solve import solve as really_solve
from matching.index import Index
from matching.large.problem_arrays import ProblemArrays
from matching.limit import NO_LIMIT
from matching.prepared_problem import PreparedProblem
from matching.rooms import pair_feasibility
from matching.rules.high_care import HighCareRule
from matching.rules.keep_apart import KeepApartRule
from matching.rules.rooms import RoomsRule
from matching.rules.together import TogetherRule
from tests.support.matching.brute_force import Brute, most, private
from tests.support.matching.crowded_units import fixed, pairs_of_features
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit
from tests.support.matching.random_problems import FEATURES, second, small, some

TWO_WOMEN = {"persons": [person(), person()], "room_needs": ["wheelchair"], "urgency": 1}


def demanding(seed):
    """Returns a small problem in which groups need features, several persons go together, and an eighth is fixed."""
    raw, r = small(seed, easy=bool(seed % 4)), random.Random(seed)
    for row in raw["registrations"]:
        if r.random() < 0.5:
            row["persons"] = [row["persons"][0] | {"age": 30}] * r.choice([2, 2, 3])
        if r.random() < 0.5:
            row["room_needs"] = some(r, [*FEATURES, "wheelchair"], 0.4)
    where = [unit["id"] for unit in raw["units"]]
    raw["fixed"] = [
        {"registration": row["id"], "unit": r.choice(where)} for row in raw["registrations"] if r.random() < 0.12
    ]
    return raw


@pytest.mark.usefixtures("everything_is_large")
def test_feature_of_no_room_adds_nothing_to_the_bound():
    rows = [registration("A1", **TWO_WOMEN), registration("A2", **TWO_WOMEN)]
    found = match(read(problem(rows, rooms=[room(beds=4)])))
    assert (found.status, found.objective, found.bound) == ("optimal", 0, 0)


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize(
    ("who", "rooms", "taken"),
    [
        pytest.param(TWO_WOMEN, [room("R1", features=["wheelchair"])], [], id="the feature, and beds too few"),
        pytest.param(
            TWO_WOMEN | {"room_needs": ["a", "b", "c"]},
            [room(f"R{i}", features=[code]) for i, code in enumerate("abc")],
            [],
            id="three features in three rooms, two persons",
        ),
        pytest.param(
            TWO_WOMEN, [room("R1", features=["wheelchair"]), room("R2")], [{"room_needs": ["wheelchair"]}], id="fixed"
        ),
        pytest.param(TWO_WOMEN, [room(beds=3, free_beds=1, features=["wheelchair"])], [], id="beds out of use"),
        pytest.param({"private_room": True}, [room(beds=2)], [{}], id="a private room that somebody has"),
        pytest.param({"persons": [person(age=17)]}, [room(beds=2)], [{}], id="a minor with an adult"),
        pytest.param({"high_care": True}, [room(beds=2)], [{"high_care": True}], id="high care"),
        pytest.param({"keep_apart": ["B0"]}, [room(beds=2)], [{}], id="to be kept apart"),
    ],
)
def test_registration_without_choice_adds_nothing_to_the_bound(who, rooms, taken):
    others = [registration(f"B{i}", **facts) for i, facts in enumerate(taken)]
    units = [unit(min_age=0, high_care_limit=1)]
    raw = problem([registration("A1", **who), *others], units, rooms, fixed=[(row["id"], "U1") for row in others])
    alone = match(read(raw | {"registrations": others}))
    found = match(read(raw))
    assert (found.objective, found.bound) == (alone.objective, alone.bound)
    assert found.objective <= 60_000 * len(others)


@pytest.mark.usefixtures("everything_is_large")
def test_fixed_registration_counts_where_it_is_fixed():
    """U2 speaks the language (600 points); U1, the fixed unit of the registration, does not."""
    who = registration(languages=[{"code": "en", "level": "native"}])
    found = match(read(problem([who], [unit("U1"), unit("U2", languages=["en"])], fixed=[("A1", "U1")])))
    assert (found.objective, found.bound) == (60_000, 60_000)


def test_fixed_registration_losing_points_lowers_the_bound():
    who = registration(schemes=["omm", "cosm"])
    asked = read(problem([who], fixed=[("A1", "U1")], policy={"serve": {"3": 0}}))
    for found in (searched(PreparedProblem(asked), NO_LIMIT, None), cut_off(asked), match(asked)):
        assert (found.objective, found.bound) == (-800, -800)


def prove(seeds, make=demanding):
    """Compares the table and the bound with trying everything; counts how many of the cases were real."""
    seen = Counter()
    for seed in seeds:
        raw = make(seed)
        asked, brute = read(raw), Brute(raw)
        open_to = PreparedProblem(asked).open_to
        for reg in raw["registrations"]:
            broken = brute.explain(reg["id"])
            assert set(open_to[reg["id"]]) == {uid for uid, rules in broken.items() if not rules}, (seed, reg["id"])
            for rules in broken.values():
                if list(rules) == ["rooms"]:
                    group = len(reg["persons"]) > 1 and not private(reg)
                    seen["a group closed out by " + rules["rooms"] if group else "another closed out"] += 1
        if brute.best() is None:
            seen["infeasible"] += 1
            continue
        best = match(asked)
        for found in (searched(PreparedProblem(asked), NO_LIMIT, None), cut_off(asked)):
            assert check(asked, found).ok
            assert found.bound <= most(raw), seed
            assert found.bound >= best.objective >= found.objective, seed

        seen["fixed"] += bool(raw["fixed"])
        seen["proven"] += 1
    return seen


def cut_off(asked):
    """Returns the answer of the whole model if the solver has proven next to nothing before it was stopped."""
    with pytest.MonkeyPatch.context() as patch:

        def soon(builder, **options):
            return replace(really_solve(builder, **options), bound=10**9, proven=False)

        patch.setattr(solve, "solve", soon)
        return match(asked)


SEEDS = range(11_000, 11_300)


@pytest.mark.wide
def test_the_bound_is_at_most_what_eligible_choices_allow():
    seen = prove(SEEDS)
    assert seen["proven"] >= 100, seen
    assert seen["infeasible"] >= 100, seen
    assert seen["fixed"] >= 20, seen
    assert seen["a group closed out by room_needs"] >= 100, seen
    assert seen["a group closed out by too_few_beds"] >= 100, seen
    assert seen["a group closed out by gender_or_minors"] >= 20, seen
    assert seen["another closed out"] >= 100, seen


@pytest.mark.wide
def test_bound_counts_groups_at_one_place_only():
    seen = prove(range(22_000, 22_150), second)
    assert min(seen["proven"], seen["fixed"], seen["infeasible"]) >= 10, seen


def _nothing(_rule, _index):
    return lambda _registrations, _allowed: None


@pytest.mark.wide
@pytest.mark.parametrize("rule", [RoomsRule, HighCareRule, KeepApartRule], ids=lambda rule: rule.code)
def test_rule_leaving_its_pairs_open_is_detected(rule, monkeypatch):
    monkeypatch.setattr(rule, "alone", _nothing)
    with pytest.raises(AssertionError):
        prove(SEEDS)


@pytest.mark.wide
def test_group_of_a_fixed_one_left_open_is_detected(monkeypatch):
    monkeypatch.setattr(TogetherRule, "alone", _nothing)
    with pytest.raises(AssertionError):
        prove(range(22_000, 22_300), second)


@pytest.mark.usefixtures("everything_is_large")
def test_group_without_a_common_place_adds_nothing_to_the_bound():
    rows = [registration("A1", urgency=1, avoided_units=["U2"]), registration("A2", avoided_units=["U1"])]
    raw = problem([*rows, registration("A3")], [unit("U1"), unit("U2")])
    raw["together"] = [{"id": "G1", "registrations": ["A1", "A2"], "where": "unit", "must": True}]
    found = match(read(raw))
    assert (found.status, found.objective, found.bound) == ("optimal", 60_000, 60_000)


@pytest.mark.wide
def test_fixed_registrations_counted_everywhere_are_detected(monkeypatch):
    monkeypatch.setattr(ProblemArrays, "_only_where_fixed", lambda *_: None)
    with pytest.raises(AssertionError):
        prove(SEEDS)


@pytest.mark.wide
def test_table_of_many_units_agrees_with_each_pair():
    codes = ("ground_floor", "wheelchair", "private_bathroom")
    problem = bench_problem(size_for(200), 2)
    r, asked = random.Random(2), Counter()
    rows = tuple(replace(row, room_needs=tuple(some(r, codes, 0.3))) for row in problem.registrations)
    where = [(row.id, r.choice(problem.units).id) for row in rows if r.random() < 0.2]
    problem = replace(problem, registrations=rows, fixed=tuple(Fixed(*pair) for pair in where))
    prepared = PreparedProblem(problem)
    for row in problem.registrations:
        allowed = [unit.unit for unit in explain(problem, row.id).units if unit.allowed]
        assert prepared.open_to[row.id] == allowed, row.id
        asked[bool(row.room_needs)] += len(allowed)
    assert min(asked.values()) >= 30, asked


@pytest.mark.wide
def test_the_table_makes_only_so_many_steps_for_hard_units():
    """Beside nine households for whom few ways are left, hundreds ask each in its own way for a bed."""
    rows, rooms = pairs_of_features(0, 16, 6)
    rooms += [room("S1", beds=3)]
    others = [
        registration(f"B{i:03}", persons=[person()] * (1 + i % 3), room_needs=[f"f{i % 6}", f"f{i // 6 % 6}"])
        | {"needed_by": f"2026-11-{24 + i % 5}"}
        for i in range(300)
    ]
    index = Index(read(fixed((rows, rooms), *others)))
    prepared = PreparedProblem(index.problem)
    assert prepared.table.shape == (316, 1)
    asked = pair_feasibility.STEPS_EACH * len(others)
    assert pair_feasibility.STEPS < prepared.index.steps <= pair_feasibility.STEPS + asked + 2_000
    found = match(index.problem, time_limit=30)
    assert found.status in {"optimal", "feasible"}
