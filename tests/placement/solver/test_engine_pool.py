"""The pool of engine processes: who is asked next, who is refused, what is shared."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from matching import advise, write_advice
from placement.core.arrival import CURRENT, Arrival
from placement.core.errors import Busy
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from tests.support.stores import one_store

PATIENCE = 60
AGES = 600.0


def ages():
    return time.monotonic() + AGES


def in_line(pool, number):
    for _ in range(100 * PATIENCE):
        if pool.waiting == number:
            return
        time.sleep(0.01)
    raise AssertionError


def ask(pool, served, name, arrival):
    with pool.engine(arrival, ages()):
        served.append(name)


def test_pool_urgent_question_is_next():
    pool, served = EnginePool(1), []
    with ThreadPoolExecutor(4) as threads:
        with pool.engine(Arrival(), ages()):
            for number, urgency in enumerate((4, 3, 1)):
                threads.submit(ask, pool, served, urgency, Arrival(urgency=urgency))
                in_line(pool, number + 1)
        threads.shutdown(wait=True)
    assert served == [1, 3, 4]
    assert (pool.running, pool.waiting) == (0, 0)


def test_pool_of_two_asks_two_at_once_and_no_more():
    pool, served = EnginePool(2), []
    threads = ThreadPoolExecutor(1)
    with pool.engine(Arrival(), ages()) as (one, _), pool.engine(Arrival(), ages()) as (other, _):
        assert one is not other
        third = threads.submit(ask, pool, served, "third", Arrival())
        in_line(pool, 1)
        assert served == []
    third.result()
    threads.shutdown()
    assert served == ["third"]


def test_pool_no_engine_in_time_is_busy_and_leaves_the_line():
    pool = EnginePool(1)
    with pool.engine(Arrival(), ages()), pytest.raises(Busy), pool.engine(Arrival(), time.monotonic() + 0.01):
        pytest.fail("two at once")
    assert (pool.running, pool.waiting) == (0, 0)


def test_pool_client_hung_up_is_not_asked():
    pool = EnginePool(1)
    with pytest.raises(Busy), pool.engine(Arrival(gone=True), ages()):
        pytest.fail("it was asked")
    with pool.engine(Arrival(), ages()):
        """It is free again."""


def test_pool_too_little_time_left_asks_nothing():
    pool = EnginePool(1)
    with pytest.raises(Busy), pool.engine(Arrival(), time.monotonic() + 0.1):
        pytest.fail("it was asked")


@pytest.fixture
def problem(town):
    for _ in range(2):
        town.register()
    return town.problem()


@pytest.fixture
def engine(problem, tmp_path):
    """A solver whose engine gives the right answers, and writes down each question."""
    right = {row.id: write_advice(advise(problem, row.id)).decode() for row in problem.registrations}
    asked, program = tmp_path / "asked", tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from multiprocessing.connection import Connection\n"
        f"right = {right!r}\n"
        "pipe = Connection(int(sys.argv[1]))\n"
        "while True:\n"
        "    try:\n"
        "        about, _, _ = (pipe.recv_bytes() for _ in range(3))\n"
        "    except EOFError:\n"
        "        break\n"
        f"    print(about.decode(), file=open({str(asked)!r}, 'a'))\n"
        "    pipe.send_bytes(right[about.decode()].encode())\n"
    )
    ends = []
    solver = Solver(AGES, EnginePool(1, [sys.executable, str(program)]), note=lambda outcome, _: ends.append(outcome))
    yield solver, asked, ends
    solver.stop()


@one_store
def test_solver_equal_questions_ask_the_engine_once(engine, problem):
    solver, asked, ends = engine
    one, other = (row.id for row in problem.registrations)
    answers = [solver.advise(problem, about) for about in (one, other, one, one)]
    assert asked.read_text().split() == [one, other]
    assert answers[0] == answers[2] == answers[3]
    assert ends == ["answered", "answered", "shared", "shared"]


@one_store
def test_solver_time_went_by_before_its_turn_is_refused(engine, problem):
    """The request arrived long ago: it is refused, and gets no answer of another method."""
    solver, asked, ends = engine
    token = CURRENT.set(Arrival(at=time.monotonic() - 2 * AGES))
    try:
        with pytest.raises(Busy):
            solver.advise(problem, problem.registrations[0].id)
    finally:
        CURRENT.reset(token)
    assert (asked.exists(), ends) == (False, ["refused"])
