"""Whatever the solver does, the answer is valid: that of the fallback, with the cause."""

import json
import signal
import subprocess
import sys

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from matching import advise, alternatives, check, degraded, match
from matching.answer import FAILED, EngineFault
from matching.exact import solve
from matching.exact.solve import Outcome
from matching.exact.solve import solve as really_solve
from matching.solvers.cp_sat import SolverFailed
from tests.support.matching.problem_parts import location, person, problem, read, registration, room, unit
from tests.support.matching.random_problems import second, small


def greedy_is_wrong():
    """A1 (urgency 1) speaks U1's language; A2 may only be there. Best: 2000000 + 300000; greedy: 2000600."""
    speaks = [{"code": "en", "level": "native"}]
    rows = [registration("A1", urgency=1, languages=speaks), registration("A2", urgency=2, avoided_units=["U2"])]
    return read(problem(rows, [unit("U1", languages=["en"]), unit("U2")]))


def raises(_draft, **_options):
    raise RuntimeError("out of memory")


def knows_nothing(_draft, **_options):
    raise SolverFailed("the solver found no answer before its limit", cut_off=True)


def says_infeasible(_draft, **_options):
    raise SolverFailed("the solver says that no answer exists, but one does")


def claims_too_much(builder, **options):
    right = really_solve(builder, **options)
    return replace(right, objective=right.objective + 1, bound=right.bound + 1)


def calls_the_empty_answer_best(_draft, **_options):
    return Outcome((), 0, 0, proven=True)


def proves_two_things(builder, **options):
    right = really_solve(builder, **options)
    return replace(right, bound=right.bound + 5)


def puts_everybody_in_one_bed(builder, **options):
    right = really_solve(builder, **options)
    [first, second] = right.placements
    return replace(right, placements=(replace(first, unit=second.unit, rooms=second.rooms), second))


@pytest.mark.parametrize(
    "fault",
    [
        raises,
        knows_nothing,
        says_infeasible,
        claims_too_much,
        calls_the_empty_answer_best,
        proves_two_things,
        puts_everybody_in_one_bed,
    ],
)
def test_failed_solver_gives_a_valid_degraded_answer(fault, monkeypatch):
    monkeypatch.setattr(solve, "solve", fault)
    asked = greedy_is_wrong()
    solution = match(asked)
    assert (solution.status, solution.bound, solution.objective) == ("degraded", None, 2000600)
    assert isinstance(solution.why, str)
    assert solution.why.startswith("the solver ") or solution.why.startswith("the optimal answer fails the check")
    assert "SolverFailed" not in solution.why
    assert check(asked, solution).ok


def test_working_solver_gives_the_optimum():
    solution = match(greedy_is_wrong())
    assert (solution.status, solution.objective, solution.why) == ("optimal", 2300000, UNSET)


def test_answer_cut_off_is_feasible_with_a_proven_bound(monkeypatch):
    def half_way(builder, **options):
        right = really_solve(builder, **options)
        return replace(right, placements=(), objective=0, proven=False)

    monkeypatch.setattr(solve, "solve", half_way)
    solution = match(greedy_is_wrong())
    # the simple answer (2000600) is better than what the solver had (0), and the bound still holds
    assert (solution.status, solution.objective, solution.bound) == ("feasible", 2000600, 2300000)


def is_interrupted(_draft, **_options):
    raise KeyboardInterrupt


@pytest.mark.parametrize(("stop", "limit"), [(knows_nothing, 60.0), (is_interrupted, None), (is_interrupted, 60.0)])
def test_solver_stopped_without_an_answer_leaves_the_ceiling(stop, limit, monkeypatch):
    monkeypatch.setattr(solve, "solve", stop)
    solution = match(greedy_is_wrong(), time_limit=limit)
    # the bound: A1 at U1, whose staff speak its language (2000600), and A2 (300000), as if each had a bed
    assert (solution.status, solution.objective, solution.bound) == ("degraded", 2000600, 2300600)
    assert check(greedy_is_wrong(), solution).ok


def test_solver_stopped_by_a_real_interrupt_has_its_bound(monkeypatch, sigint):
    def interrupted(builder, **options):
        sigint()
        return really_solve(builder, **options)

    monkeypatch.setattr(solve, "solve", interrupted)
    solution = match(greedy_is_wrong())
    assert (solution.status, solution.bound) == ("degraded", 2300600)


@pytest.mark.wide
def test_ctrl_c_after_a_solve_is_still_an_interrupt():
    code = """
import signal, sys
from matching import match, read_problem
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in the background without it
assert match(read_problem(sys.stdin.buffer.read())).status == "optimal"
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    data = json.dumps(problem(locations=[location()])).encode()
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout == b"interrupted\n"


def test_solver_leaves_the_signal_to_a_handler_of_its_caller():
    caught = []
    before = signal.signal(signal.SIGINT, lambda *_: caught.append(True))
    try:
        match(greedy_is_wrong())
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught == [True]


def test_the_largest_total_of_the_format_is_solved():
    # a household of 20 is worth 20 x (10^9 + 10^9 x 36500) = 730,020,000,000,000 points; twelve are below 2^53
    rows = [registration(f"A{number}", persons=[person()] * 20, urgency=1, waiting_days=10**18) for number in range(12)]
    largest = {"serve": {"1": 10**9}, "waiting_day": 10**9, "waiting_cap": 36_500, "preferred_need": 10**9}
    asked = read(problem(rows, rooms=[room(beds=250)], policy=largest))
    solution = match(asked)
    assert (solution.status, solution.objective) == ("optimal", 12 * 730_020_000_000_000)
    assert check(asked, solution).ok


def test_an_unknown_fault_of_the_solver_is_logged_and_not_shown(monkeypatch, caplog):
    monkeypatch.setattr(solve, "solve", raises)
    assert match(greedy_is_wrong()).why == FAILED
    assert "out of memory" in caplog.text


def test_failed_forced_choice_is_an_error_not_a_wrong_loss(monkeypatch):
    for fault in (raises, knows_nothing, claims_too_much, puts_everybody_in_one_bed):
        calls = iter([really_solve, fault, fault])

        def one_after_another(builder, _calls=calls, **options):
            return next(_calls)(builder, **options)

        monkeypatch.setattr(solve, "solve", one_after_another)
        with pytest.raises(EngineFault):
            alternatives(greedy_is_wrong(), "A1")
    monkeypatch.setattr(solve, "solve", raises)
    assert [row.loss for row in advise(greedy_is_wrong(), "A1").units] == [None, None]


@pytest.mark.wide
def test_the_simple_answer_obeys_every_rule_and_what_is_fixed():
    fixed = 0
    for seed in range(6000, 6400):
        asked = read(second(seed) if seed % 2 else small(seed, easy=True))
        solution = degraded(asked, "a test")
        assert check(asked, solution).ok
        assert solution.status in {"degraded", "infeasible"}
        fixed += bool(asked.fixed) and solution.status == "degraded"
    assert fixed >= 10


def test_fallback_allocates_rooms_jointly_for_fixed_households():
    # A1, alone, would take the cheapest room R1; A2 can use no other (it must be on the ground floor)
    rows = [registration("A1"), registration("A2", room_needs=["ground_floor"])]
    rooms = [room("R1", features=["ground_floor"]), room("R2", features=["wheelchair"])]
    raw = problem(rows, rooms=rooms, fixed=[("A1", "U1"), ("A2", "U1")])
    raw["policy"] = {"scarce": {"ground_floor": 0}}
    assert {row.registration: row.rooms[0].room for row in degraded(read(raw), "a test").placements} == {
        "A1": "R2",
        "A2": "R1",
    }


@pytest.mark.wide
def test_read_check_explain_and_fallback_import_no_solver():
    code = """
import sys
from matching import advise, check, choose_rooms, degraded, explain, points, read_problem, write_advice
problem = read_problem(sys.stdin.buffer.read())
solution = degraded(problem, "a test")
assert check(problem, solution).ok
explain(problem, "A1"), points(problem, "A1", "U1", choose_rooms(problem, "A1", "U1"))
write_advice(advise(problem, "A1", solver_works=False))
assert "ortools" not in sys.modules, "imported"
"""
    data = json.dumps(problem(locations=[location()])).encode()
    subprocess.run([sys.executable, "-W", "error", "-c", code], input=data, check=True)
