"""Rooms for all who are fixed in one unit: exact, and by a counted number of steps, however hard the unit is."""

import json
from collections import Counter

import pytest

from matching import alternatives, bottlenecks, check, degraded, explain, write_problem
from matching.answer import answer
from matching.index import Index
from matching.prepared_problem import PreparedProblem
from matching.rooms import allocation as seating
from matching.rooms import allocation_exact as seating_exact
from matching.rooms.allocation import MOST_STEPS, STEPS_OF_A_SOLVER, allocate
from matching.rooms.allocation_exact import allocation
from matching.solvers import cp_sat
from matching.work import Undecided
from tests.support.matching.brute_force import Brute
from tests.support.matching.crowded_units import FAMILIES, alike, fixed, mixture, pairs_of_features, pigeons
from tests.support.matching.problem_parts import person, read, registration, room
from tests.support.matching.random_problems import small
from tests.support.matching.room_program import has_seats, wrong_with

ONCE = MOST_STEPS + STEPS_OF_A_SOLVER + 200  # and the last step, which may list many pairs of rooms


def full(raw):
    """The problem with every key that has a default, as plain dictionaries."""
    return json.loads(write_problem(read(raw)))


def seated(raw):
    """Returns {registration: {room: persons}} or `None`, and the steps that it took."""
    index = Index(read(raw))
    found = allocate(index, "U1", list(index.registrations.values()))
    uses = found and {name: {use.room: use.persons for use in rooms} for name, rooms in found.items()}
    return uses, index.steps


@pytest.mark.parametrize("name", FAMILIES)
def test_seat_in_a_hard_unit_is_exact_in_counted_steps(name):
    crowd, known = FAMILIES[name]
    raw = full(fixed(crowd))
    found, steps = seated(raw)
    assert (found is not None) == (has_seats(raw) if known is None else known)
    assert not found or not wrong_with(raw, found)
    assert steps <= ONCE


@pytest.mark.wide
def test_families_need_both_answers_of_the_solvers():
    seen = Counter()
    for crowd, _ in FAMILIES.values():
        found, steps = seated(fixed(crowd))
        seen[found is not None, steps > MOST_STEPS] += 1
    assert min(seen[True, True], seen[False, True]) >= 5, seen


@pytest.mark.wide
@pytest.mark.parametrize("most_steps", [pytest.param(0, marks=pytest.mark.wide), MOST_STEPS])
def test_seat_of_random_crowds_equals_an_independent_model(most_steps, monkeypatch):
    monkeypatch.setattr(seating, "MOST_STEPS", most_steps)
    seen = Counter()
    for seed in range(300):
        raw = full(fixed(mixture(seed)))
        found, _ = seated(raw)
        assert (found is not None) == has_seats(raw), seed
        assert not found or not wrong_with(raw, found), seed
        seen[found is not None] += 1
    assert min(seen.values()) >= 50, seen


@pytest.mark.wide
def test_reasons_from_the_solvers_alone_equal_brute_force(monkeypatch):
    monkeypatch.setattr(seating, "MOST_STEPS", 0)
    asked = []
    monkeypatch.setattr(seating_exact, "allocation", lambda *prepared: asked.append(prepared) or allocation(*prepared))
    reasons = Counter()
    for seed in range(9000, 9500):
        raw = small(seed)
        brute = Brute(raw)
        for row in raw["registrations"] if raw["fixed"] else []:
            expected = brute.explain(row["id"])
            for unit in explain(read(raw), row["id"]).units:
                found = {rule.rule: rule.facts.get("reason") for rule in unit.broken}
                assert found == expected[unit.unit], (seed, row["id"], unit.unit)
                reasons[found.get("rooms")] += 1
    assert len(asked) >= 50
    assert len(reasons) >= 4, reasons


HARD = [number for number in range(6) if not has_seats(full(fixed(pairs_of_features(number))))]


@pytest.mark.parametrize("seed", HARD)
def test_match_of_an_overfull_hard_unit_is_infeasible(seed):
    newcomer = registration("B1", urgency=1)
    prepared = PreparedProblem(read(fixed(pairs_of_features(seed), newcomer)))
    solution = answer(prepared, time_limit=2)
    assert solution.status == "infeasible"
    assert [(row.rule, row.facts["reason"]) for row in solution.broken] == [("rooms", "room_needs")] * 9
    assert prepared.index.steps <= 2 * ONCE  # once for all, and once for each reason, of which the others are easy
    assert degraded(prepared.problem, "a test").status == "infeasible"
    [unit] = explain(prepared.problem, "B1").units
    assert [(rule.rule, rule.facts["reason"]) for rule in unit.broken] == [("rooms", "too_few_beds")]


@pytest.mark.usefixtures("stopped_clock")
def test_match_seats_a_hard_unit_and_the_others():
    rows, rooms = alike(12, 1)
    newcomer = registration("B1", urgency=1)
    prepared = PreparedProblem(read(fixed((rows, rooms), newcomer)))
    solution = answer(prepared, time_limit=2)
    assert (solution.status, len(solution.placements)) == ("optimal", 13)
    assert prepared.index.steps <= 2 * ONCE
    simple = degraded(prepared.problem, "a test")
    assert (simple.status, len(simple.placements)) == ("degraded", 13)
    assert check(prepared.problem, simple).ok
    assert [row.unit for row in alternatives(prepared.problem, "B1").alternatives] == ["U1"]
    assert bottlenecks(prepared.problem).bottlenecks == ()


@pytest.mark.wide
@pytest.mark.parametrize("number", [300, 1_200])
def test_seat_of_very_many_has_an_answer(number):
    rows = [registration(f"A{i:04}", persons=[person("female" if i % 2 else "male")]) for i in range(number)]
    found, steps = seated(fixed((rows, [room(f"R{i:04}", beds=2) for i in range(number // 2)])))
    assert len(found) == number
    assert steps <= ONCE


@pytest.mark.wide
@pytest.mark.usefixtures("stopped_clock")
def test_match_with_many_room_pairs_does_not_build_them_in_vain():
    """Fifty families of three and a hundred rooms of two beds: 250,000 choices, which take ten seconds to build."""
    prepared = PreparedProblem(read(fixed(pigeons(50, 1))))
    assert prepared.is_solved_whole(None)
    assert not prepared.is_solved_whole(2.0)
    solution = answer(prepared, time_limit=2.0)
    assert (solution.status, len(solution.placements)) == ("optimal", 50)
    assert prepared.index.steps <= 2 * ONCE


def test_allocation_is_independent_of_row_order():
    rows, rooms = pairs_of_features(0, 20, 7)
    first, _ = seated(fixed((rows, rooms)))
    again, _ = seated(fixed((rows[::-1], rooms[::-1])))
    assert first == again


def test_solvers_that_do_not_agree_leave_the_question_open(monkeypatch):
    index = Index(read(fixed(pigeons(8, 0))))
    asked = index, "U1", index.rooms_of["U1"], list(index.registrations.values())
    assert allocation(*asked) is None
    with monkeypatch.context() as patch:
        patch.setattr("matching.rooms.allocation_exact.proves_impossible", lambda _: False)
        with pytest.raises(Undecided, match="do not agree"):
            allocation(*asked)
    with monkeypatch.context() as patch:
        patch.setattr("matching.rooms.allocation_exact.any_values", lambda _: lambda _: 1)
        with pytest.raises(Undecided, match="break a rule"):
            allocation(*asked)
    monkeypatch.setattr(cp_sat, "LIMIT_OF_ANY", 0.0)
    with pytest.raises(Undecided, match="not known"):
        allocation(*asked)


@pytest.mark.wide
def test_allocation_solvers_keep_their_work_limit(monkeypatch):
    spent, run = [], cp_sat.Solver.solve

    def noted(solver, model):
        status = run(solver, model)
        spent.append(solver.response.deterministic_time)
        return status

    monkeypatch.setattr(cp_sat.Solver, "solve", noted)
    monkeypatch.setattr(seating, "MOST_STEPS", 0)
    for crowd, _ in FAMILIES.values():
        seated(fixed(crowd))
    assert len(spent) >= 20
    assert max(spent) <= cp_sat.LIMIT_OF_ANY / 10, "far from the limit, so that an answer is never missed"
