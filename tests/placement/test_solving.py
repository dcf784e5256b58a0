"""An answer in time, whatever the solver does: programs that crash, hang, lie and babble stand in for it."""

import sys
import textwrap
import threading
import time

import pytest
from msgspec.structs import replace
from story import AT, Story, build

from matching import advise, check
from matching.problem import Registration
from placement.solver import engine_process as solving
from placement.solver.engine_process import Solver

WITHIN = 2.0  # of which the solver may take one second

BEGIN = """
    import sys, time, json
    from multiprocessing.connection import Connection
    pipe = Connection(int(sys.argv[1]))
    def question():
        return pipe.recv_bytes().decode(), float(pipe.recv_bytes()), pipe.recv_bytes()
"""
ENGINE = """
    import matching
    from msgspec.structs import replace
    def truly():
        who, seconds, problem = question()
        problem = matching.read_problem(problem)
        return problem, matching.advise(problem, who, time_limit=seconds)
    def send(advice):
        pipe.send_bytes(matching.write_advice(advice))
        time.sleep(30)
"""
# ruff: noqa: E501  (tables of programs: one is a line)
FAULTS = {
    "exits at once": "sys.exit(0)",
    "exits with an error": "sys.exit(3)",
    "crashes half-way": "question(); import os; os.abort()",
    "reads and hangs": "question(); time.sleep(60)",
    "never reads": "time.sleep(60)",
    "starts too slowly": "time.sleep(1.5); question(); pipe.send_bytes(b'{}'); time.sleep(30)",
    "babbles": "question(); pipe.send_bytes(b'\\xff\\x00 nonsense'); time.sleep(30)",
    "answers nothing": "question(); pipe.send_bytes(b''); time.sleep(30)",
    "answers another shape": "question(); pipe.send_bytes(json.dumps({'registration': 1}).encode()); time.sleep(30)",
    "stops half-way in its answer": "question(); import os; os.write(pipe.fileno(), (10**6).to_bytes(4, 'big')); time.sleep(60)",
    "announces a giant": "question(); import os; os.write(pipe.fileno(), (-1).to_bytes(4, 'big', signed=True) + (2**62).to_bytes(8, 'big')); time.sleep(60)",
}  # fmt: skip
LIES = {
    "a better total than it has": "solution=replace(good.solution, objective=good.solution.objective + 1)",
    "nobody placed": "solution=replace(good.solution, placements=(), unplaced=tuple(r.id for r in problem.registrations), objective=0)",
    "an infeasible problem": "solution=replace(good.solution, status='infeasible', placements=(), objective=0, bound=0)",
    "another registration": "registration=problem.registrations[1].id",
    "a unit that it does not place her in": "units=tuple(replace(u, kind='chosen') for u in good.units)",
    "no unit at all": "units=()",
    "a place that it does not show": "units=tuple(replace(u, kind='alternative') for u in good.units)",
}


@pytest.fixture
def problem(stores):
    made = stores.make("empty")
    with made.database.transaction() as session:
        build(session)
    town = Story(made.database, made.settings)
    for shelter_id in ("S1", "S2", "S3"):
        town.report(shelter_id)
    for _ in range(4):
        town.register()
    assert town.at == AT
    return town.problem()


@pytest.fixture
def solver(tmp_path):
    made = []

    def make(program, within=WITHIN):
        file = tmp_path / f"program{len(made)}.py"
        file.write_text(textwrap.dedent(BEGIN) + textwrap.dedent(program))
        made.append(Solver(within, [sys.executable, str(file)]))
        return made[-1]

    yield make
    for one in made:
        one.stop()


pytestmark = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)


def asked(solver, problem, number=0):
    started = time.monotonic()
    advice = solver.advise(problem, problem.registrations[number].id)
    return advice, time.monotonic() - started


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_process_does_there_is_a_valid_degraded_answer_in_time(problem, solver, fault):
    advice, seconds = asked(solver(FAULTS[fault]), problem)
    assert seconds < WITHIN
    assert advice.solution.status == "degraded"
    assert check(problem, advice.solution).ok
    assert len(advice.units) == len(problem.units)
    assert len(advice.solution.placements) == 4


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_true_is_not_shown(problem, solver, lie):
    program = textwrap.dedent(ENGINE) + f"problem, good = truly()\nsend(replace(good, {LIES[lie]}))"
    advice, seconds = asked(solver(program, within=4.0), problem)
    assert seconds < 4.0
    assert advice.solution.status == "degraded"
    assert advice.registration == problem.registrations[0].id
    assert check(problem, advice.solution).ok


def test_a_true_answer_is_shown(problem, solver):
    program = textwrap.dedent(ENGINE) + "problem, good = truly()\nsend(good)"
    advice, _ = asked(solver(program, within=6.0), problem)
    assert advice.solution.status == "optimal"


def test_a_process_that_never_reads_does_not_block_a_problem_larger_than_the_pipe(problem, solver):
    row = problem.registrations[0]
    many = tuple(replace(row, id=f"{row.id}-{number}") for number in range(3000))
    large = replace(problem, registrations=many)
    assert isinstance(row, Registration)
    started = time.monotonic()
    with pytest.raises(solving._NoAnswer):
        solver("time.sleep(60)")._ask(large, many[0].id, time.monotonic() + 1)
    assert time.monotonic() - started < 1.5


def test_the_next_question_gets_a_new_process(problem, solver, tmp_path):
    program = f"""
        from pathlib import Path
        first = Path({str(tmp_path / "first")!r})
        if not first.exists():
            first.touch()
            question(); sys.exit(1)
    """
    once = solver(
        textwrap.dedent(ENGINE) + textwrap.dedent(program) + "problem, good = truly()\nsend(good)", within=6.0
    )
    assert asked(once, problem)[0].solution.status == "degraded"
    assert asked(once, problem)[0].solution.status == "optimal"


def test_the_real_engine_answers_again_and_again_and_after_it_was_killed(problem):
    solver = Solver(60.0)  # as long as a busy machine may need
    solver.start()
    try:
        first, _ = asked(solver, problem)
        process = solver._process
        assert asked(solver, problem)[0].units == first.units
        assert solver._process is process
        process.kill()
        process.wait()
        again, _ = asked(solver, problem)
        assert (again.solution.status, again.solution.objective) == ("optimal", first.solution.objective)
    finally:
        solver.stop()
    alone = advise(problem, problem.registrations[0].id)
    assert alone.solution.objective == first.solution.objective


def test_several_threads_each_get_their_own_answer_in_time(problem):
    solver = Solver(5.0)
    found = {}

    def ask(number):
        found[number] = asked(solver, problem, number % 4)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        solver.stop()
    assert len(found) == 8
    for number, (advice, seconds) in found.items():
        assert advice.registration == problem.registrations[number % 4].id
        assert seconds < 5
        assert check(problem, advice.solution).ok


def test_threads_that_wait_for_one_that_hangs_are_answered_in_their_own_time(problem, solver):
    hangs = solver("question(); time.sleep(60)")
    found = []
    threads = [threading.Thread(target=lambda: found.append(asked(hangs, problem))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [advice.solution.status for advice, _ in found] == ["degraded"] * 3
    assert max(seconds for _, seconds in found) < WITHIN


def test_stopping_ends_the_process_and_stopping_twice_is_harmless(problem):
    solver = Solver(5.0)
    asked(solver, problem)
    process = solver._process
    solver.stop()
    solver.stop()
    assert process.returncode is not None
