"""An answer in time, whatever the solver does: programs that crash, hang, lie and babble stand in for it.

That an answer came in time is not measured: a program that would go on for ten minutes was killed, by a timer that was
given less than the time for an answer.
"""

import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from matching import advise, check, write_problem
from matching.format.problem import Registration
from placement.core.errors import Busy
from placement.solver import engine_pool, engine_process
from placement.solver.engine_pool import EnginePool, NoAnswer
from placement.solver.engine_process import Solver
from tests.support.stores import one_store
from tests.support.town import AT, Town, build

WITHIN = 2.0  # of which the solver may take one second
AGES = 60.0  # as long as a busy machine may need
KILLED = -signal.SIGKILL

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
        time.sleep(600)
"""
# ruff: noqa: E501  (tables of programs: one is a line)
FAULTS = {  # the program, and how it ends: those that sleep only by being killed
    "exits at once": ("sys.exit(0)", 0),
    "exits with an error": ("sys.exit(3)", 3),
    "crashes half-way": ("question(); import os; os.abort()", -signal.SIGABRT),
    "reads and hangs": ("question(); time.sleep(600)", KILLED),
    "never reads": ("time.sleep(600)", KILLED),
    "starts too slowly": ("time.sleep(600); question(); pipe.send_bytes(b'{}')", KILLED),
    "babbles": ("question(); pipe.send_bytes(b'\\xff\\x00 nonsense'); time.sleep(600)", KILLED),
    "answers nothing": ("question(); pipe.send_bytes(b''); time.sleep(600)", KILLED),
    "answers another shape": ("question(); pipe.send_bytes(json.dumps({'registration': 1}).encode()); time.sleep(600)", KILLED),
    "stops half-way in its answer": ("question(); import os; os.write(pipe.fileno(), (10**6).to_bytes(4, 'big')); time.sleep(600)", KILLED),
    "announces a giant": ("question(); import os; os.write(pipe.fileno(), (-1).to_bytes(4, 'big', signed=True) + (2**62).to_bytes(8, 'big')); time.sleep(600)", KILLED),
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
    town = Town(made.database, made.settings)
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
        made.append(Solver(within, EnginePool(1, [sys.executable, str(file)])))
        return made[-1]

    yield make
    for one in made:
        one.stop()


pytestmark = one_store


@pytest.fixture
def started(monkeypatch):
    """The engine processes, in the order in which they were started."""
    found, start = [], subprocess.Popen
    monkeypatch.setattr(
        engine_pool.subprocess, "Popen", lambda *a, **named: found.append(start(*a, **named)) or found[-1]
    )
    return found


@pytest.fixture
def timers(monkeypatch):
    """The seconds after which a process was to be killed, for each question that it was asked."""
    found, make = [], threading.Timer
    monkeypatch.setattr(
        engine_pool.threading, "Timer", lambda seconds, act: found.append(seconds) or make(seconds, act)
    )
    return found


def asked(solver, problem, number=0):
    return solver.advise(problem, problem.registrations[number].id)


@pytest.mark.wide
@pytest.mark.parametrize(
    "fault", [fault if n % 4 == 0 else pytest.param(fault, marks=pytest.mark.wide) for n, fault in enumerate(FAULTS)]
)
def test_a_process_at_fault_leaves_a_valid_degraded_answer(problem, solver, started, timers, fault):
    program, ending = FAULTS[fault]
    advice = asked(solver(program), problem)
    [process] = started
    assert process.returncode in {ending, KILLED}  # a process that ends by itself may be killed meanwhile
    assert [0 < seconds <= WITHIN - engine_process._RESERVE_SECONDS for seconds in timers] == [True]
    assert advice.solution.status == "degraded"
    assert check(problem, advice.solution).ok
    assert len(advice.units) == len(problem.units)
    assert len(advice.solution.placements) == 4


@pytest.mark.wide
@pytest.mark.parametrize(
    "lie", [lie if n % 4 == 0 else pytest.param(lie, marks=pytest.mark.wide) for n, lie in enumerate(LIES)]
)
def test_invalid_engine_answer_is_not_shown(problem, solver, started, lie):
    program = textwrap.dedent(ENGINE) + f"problem, good = truly()\nsend(replace(good, {LIES[lie]}))"
    with capture_logs() as lines:
        advice = asked(solver(program, within=AGES), problem)
    assert [line["reason"] for line in lines] == ["the answer is not true"]
    assert [process.returncode for process in started] == [KILLED]
    assert advice.solution.status == "degraded"
    assert advice.registration == problem.registrations[0].id
    assert check(problem, advice.solution).ok


@pytest.mark.wide
def test_a_true_answer_is_shown(problem, solver):
    program = textwrap.dedent(ENGINE) + "problem, good = truly()\nsend(good)"
    advice = asked(solver(program, within=AGES), problem)
    assert advice.solution.status == "optimal"


@pytest.mark.wide
def test_engine_that_never_reads_blocks_no_large_problem(problem, solver, started):
    row = problem.registrations[0]
    many = tuple(replace(row, id=f"{row.id}-{number}") for number in range(3000))
    large = replace(problem, registrations=many)
    assert isinstance(row, Registration)
    with pytest.raises(NoAnswer):
        solver("time.sleep(600)")._ask(large, write_problem(large), many[0].id, time.monotonic() + 1)
    assert [process.returncode for process in started] == [KILLED]


@pytest.mark.wide
def test_the_next_question_gets_a_new_process(problem, solver, tmp_path):
    program = f"""
        from pathlib import Path
        first = Path({str(tmp_path / "first")!r})
        if not first.exists():
            first.touch()
            question(); sys.exit(1)
    """
    once = solver(
        textwrap.dedent(ENGINE) + textwrap.dedent(program) + "problem, good = truly()\nsend(good)", within=AGES
    )
    assert asked(once, problem).solution.status == "degraded"
    assert asked(once, problem).solution.status == "optimal"


@pytest.mark.wide
def test_real_engine_answers_repeatedly_and_after_a_kill(problem):
    solver = Solver(AGES, EnginePool(1))
    solver.start()
    try:
        first = asked(solver, problem)
        process = solver.pool._engines[0].process
        assert asked(solver, problem).units == first.units
        assert solver.pool._engines[0].process is process
        process.kill()
        process.wait()
        again = asked(solver, problem)
        assert (again.solution.status, again.solution.objective) == ("optimal", first.solution.objective)
    finally:
        solver.stop()
    alone = advise(problem, problem.registrations[0].id)
    assert alone.solution.objective == first.solution.objective


@pytest.mark.wide
def test_several_threads_each_get_their_own_answer(problem, timers):
    solver = Solver(AGES, EnginePool(1))  # so that a busy machine refuses no question
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
    assert all(seconds <= AGES - engine_process._RESERVE_SECONDS for seconds in timers)
    for number, advice in found.items():
        assert advice.registration == problem.registrations[number % 4].id
        assert check(problem, advice.solution).ok


@pytest.mark.wide
def test_request_waiting_for_a_hanging_engine_is_refused_in_time(problem, solver, started, tmp_path):
    """The first may take a minute; the others are refused for now while its process still has the question."""
    asking = tmp_path / "asking"
    hangs = solver(f"question(); open({str(asking)!r}, 'w').close(); time.sleep(600)", within=AGES)
    first = threading.Thread(target=lambda: asked(hangs, problem))
    first.start()
    while not asking.exists():
        assert first.is_alive()
        time.sleep(0.01)
    refused = []
    for number in range(3):
        with pytest.raises(Busy) as reason:
            hangs._ask(problem, write_problem(problem), problem.registrations[number].id, time.monotonic() + 0.2)
        refused.append(reason)
    assert [process.poll() for process in started] == [None]
    started[0].kill()
    first.join()
    assert len(refused) == 3


@pytest.mark.wide
def test_stop_ends_the_process_and_is_idempotent(problem):
    solver = Solver(AGES, EnginePool(1))
    asked(solver, problem)
    process = solver.pool._engines[0].process
    solver.stop()
    solver.stop()
    assert process.returncode is not None
