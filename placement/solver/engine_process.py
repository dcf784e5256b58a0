"""The engine in processes of their own (`engine_pool.py`), so that an answer comes in time whatever the solver does.

`Solver.advise` sends a problem to a process and waits. Where it crashes, hangs or sends something that the checker does
not accept, the engine's rule-obeying fallback answers instead, marked `degraded`.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TypeVar

import structlog

from matching import (
    Advice,
    Problem,
    Solution,
    advise,
    check,
    degraded,
    match,
    read_advice,
    read_problem,
    read_solution,
    write_advice,
    write_problem,
    write_solution,
)
from placement.core import transactions
from placement.core.arrival import arrival
from placement.core.child_processes import end_with
from placement.core.errors import Busy, kind_and_place
from placement.core.shared_work import Answers
from placement.solver.engine_pool import PROGRAM, EnginePool, NoAnswer

_LOG = structlog.get_logger()
_RESERVE_SECONDS = 1.0
"""Of the time for an answer, this much is reserved for starting, killing, the fallback and storing the proposal."""
_KEPT = 32
_NOBODY = ""
"""No single registration: the question is for the answer for all of them."""

Answer = TypeVar("Answer")


class Solver:
    """Asks the engine, and checks what it answers. Equal questions share an answer: the frozen problem and whom it is
    about are all that it depends on.

    `note` is told how each question ended (`answered`, `shared`, `degraded`, `refused`), and after how many seconds.
    """

    def __init__(
        self,
        answer_within_seconds: float,
        program: Sequence[str] = PROGRAM,
        *,
        engines: int = 1,
        note: Callable[[str, float], None] = lambda _outcome, _seconds: None,
    ) -> None:
        self._within = answer_within_seconds - _RESERVE_SECONDS
        self._note = note
        self.pool = EnginePool(engines, program)
        self._advised: Answers[Advice] = Answers(_KEPT)

    def start(self) -> None:
        """Starts the processes ahead of the first question."""
        self.pool.start()

    def stop(self) -> None:
        self.pool.stop()

    def advise(self, problem: Problem, registration_id: str) -> Advice:
        """The advice of the engine, checked; the fallback's where the engine gave none in time.

        Raises `Busy` where the time from the arrival of the request went by before it could be asked.
        """
        transactions.require_none("solver")
        began, written, outcomes = time.monotonic(), write_problem(problem), []

        def work_out() -> Advice:
            try:
                advice = self._ask(problem, written, registration_id, arrival().at + self._within)
            except NoAnswer as reason:
                _LOG.error("solver.failed", reason=str(reason))
                outcomes.append("degraded")
                return advise(problem, registration_id, solver_works=False)
            outcomes.append("answered")
            return advice

        try:
            question = f"{registration_id}\n".encode() + written
            return self._advised.of(question, work_out, lambda found: found.solution.status == "optimal")
        except Busy:
            outcomes.append("refused")
            raise
        finally:
            self._note((*outcomes, "shared")[0], time.monotonic() - began)

    def match(self, problem: Problem) -> Solution:
        """The answer for all registrations, checked; the simple method's where the engine gave none in time."""
        deadline = time.monotonic() + self._within
        try:
            return self._answer(
                write_problem(problem), _NOBODY, deadline, read_solution, lambda found: check(problem, found).ok
            )
        except NoAnswer as reason:
            _LOG.error("solver.failed", reason=str(reason))
            return degraded(problem, "the solver did not answer")

    def _ask(self, problem: Problem, written: bytes, registration_id: str, deadline: float) -> Advice:
        return self._answer(
            written, registration_id, deadline, read_advice, lambda found: _is_true(found, problem, registration_id)
        )

    def _answer(
        self,
        written: bytes,
        about: str,
        deadline: float,
        read: Callable[[bytes], Answer],
        is_true: Callable[[Answer], bool],
    ) -> Answer:
        transactions.require_none("solver")

        def read_true(answer: bytes) -> Answer:
            found = read(answer)
            if not is_true(found):
                raise NoAnswer("the answer is not true")
            return found

        with self.pool.engine(arrival(), deadline) as (engine, seconds):
            return engine.exchange((about.encode(), str(seconds).encode(), written), seconds, read_true)


def _is_true(advice: Advice, problem: Problem, registration_id: str) -> bool:
    """Whether the solution answers this question, breaks no rule, and agrees with the answer for all registrations."""
    places = {row.registration: row.unit for row in advice.solution.placements}
    chosen = [row.unit for row in advice.units if row.kind == "chosen"]
    return (
        advice.registration == registration_id
        and sorted(row.unit for row in advice.units) == sorted(unit.id for unit in problem.units)
        and chosen == [unit for client, unit in places.items() if client == registration_id]
        and check(problem, advice.solution).ok
    )


def serve(pipe: Connection) -> None:
    """Answers one question after another, until the parent closes the pipe."""
    import_module("matching.exact.solve")  # ahead of the first question: the solver takes half a second to import
    while True:
        try:
            about = pipe.recv_bytes().decode()
            seconds = float(pipe.recv_bytes())
            problem = read_problem(pipe.recv_bytes())
        except EOFError:
            return
        if about == _NOBODY:
            pipe.send_bytes(write_solution(match(problem, time_limit=seconds * 0.8)))
        else:
            pipe.send_bytes(write_advice(advise(problem, about, time_limit=seconds * 0.8)))


def _say_kind_and_place(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Logs the kind and place of the error that ends a process: Python's own traceback would quote the problem."""
    _LOG.error("engine.failed", **kind_and_place(error))


if __name__ == "__main__":
    sys.excepthook = _say_kind_and_place
    end_with(os.getppid(), by_kernel=False)
    serve(Connection(int(sys.argv[1])))
