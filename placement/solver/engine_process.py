"""The engine in separate processes, so that an answer arrives in time, whatever the solver does.

The processes belong to this process (`engine_pool.py`), or to the machine (`engine_lending.py`). `Solver.advise` sends
a problem to a process and waits. The process can crash, hang, or send an answer that the checker rejects. Then a simple
fallback answers instead. It obeys the rules, and its answer is marked `degraded`.
"""

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TypeVar

import msgspec
import structlog

from matching import (
    Advice,
    EngineFault,
    Problem,
    Solution,
    advise,
    bottlenecks,
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
from placement.solver.engine_pool import PREVIEW, Engines, NoAnswer, Taken
from placement.solver.shortage import WITHIN_SECONDS, Extra, Shortage

_LOG = structlog.get_logger()
_RESERVE_SECONDS = 1.0
"""The part of the time limit that is reserved for starting and killing processes, for the fallback, and for storing the
proposal.
"""
_KEPT = 32
_NOBODY, _SHORTAGE = "", "shortage"
"""The subjects of questions that concern no single registration: the answer for all registrations, and the shortage."""
_OF_ITS_TIME = 0.8
"""The share of the time limit that the solver may use."""

Answer = TypeVar("Answer")


class Solver:
    """Asks the engine and checks its answers. Questions with the same problem and registration share an answer. `note`
    is called after each question, with the result (`answered`, `shared`, `degraded`, `refused`) and the duration in
    seconds.
    """

    def __init__(
        self,
        answer_within_seconds: float,
        pool: Engines,
        *,
        rank: int | None = None,
        note: Callable[[str, float], None] = lambda _outcome, _seconds: None,
    ) -> None:
        """`rank`: the rank of all its questions in the queue; `None`: each question has the rank of its urgency."""
        self._within = answer_within_seconds - _RESERVE_SECONDS
        self._note, self._rank, self.pool = note, rank, pool
        self._advised: Answers[Advice] = Answers(_KEPT)

    def for_previews(self) -> "Solver":
        """Returns a solver for previews, whose questions wait behind all proposals."""
        return Solver(self._within + _RESERVE_SECONDS, self.pool, rank=PREVIEW)

    def start(self) -> None:
        """Starts the engine processes before the first question."""
        self.pool.start()

    def stop(self) -> None:
        self.pool.stop()

    def advise(self, problem: Problem, registration_id: str) -> Advice:
        """Returns the engine's advice after checking it. If the engine did not answer in time, returns the advice of
        the fallback. Raises `Busy` if no engine was free in time.
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
        """Returns the engine's answer for all registrations, after checking it. If the engine was too slow, returns the
        answer of the fallback.
        """
        deadline = time.monotonic() + self._within
        try:
            return self._answer(
                write_problem(problem), _NOBODY, deadline, read_solution, lambda found: check(problem, found).ok
            )
        except NoAnswer as reason:
            _LOG.error("solver.failed", reason=str(reason))
            return degraded(problem, "the solver did not answer")

    def shortage(self, problem: Problem, within_seconds: float = WITHIN_SECONDS) -> Shortage:
        """Returns the shortage (`shortage.py`). It is marked as incomplete if the engine did not answer in time."""
        if not problem.registrations:
            return Shortage((), complete=True)
        deadline = time.monotonic() + within_seconds
        try:
            return self._answer(write_problem(problem), _SHORTAGE, deadline, _read_shortage, lambda _: True)
        except NoAnswer as reason:
            _LOG.error("shortage.failed", reason=str(reason))
            return Shortage((), complete=False)

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

        while True:
            try:
                with self.pool.engine(arrival(), deadline, self._rank) as (engine, seconds):
                    return engine.exchange((about.encode(), str(seconds).encode(), written), seconds, read_true)
            except Taken:
                continue  # the question goes back into the queue, until the deadline


def _is_true(advice: Advice, problem: Problem, registration_id: str) -> bool:
    """Checks that the advice is about this question, breaks no rule, and is consistent with the answer for all
    registrations.
    """
    places = {row.registration: row.unit for row in advice.solution.placements}
    chosen = [row.unit for row in advice.units if row.kind == "chosen"]
    return (
        advice.registration == registration_id
        and sorted(row.unit for row in advice.units) == sorted(unit.id for unit in problem.units)
        and chosen == [unit for client, unit in places.items() if client == registration_id]
        and check(problem, advice.solution).ok
    )


def _read_shortage(answer: bytes) -> Shortage:
    return (
        Shortage(msgspec.json.decode(answer, type=tuple[Extra, ...]), complete=True)
        if answer
        else Shortage((), complete=False)
    )


def _write_shortage(problem: Problem, seconds: float) -> bytes:
    """Returns the shortage as JSON; an empty text if it was not proven optimal in time, because it could be wrong."""
    try:
        found = bottlenecks(problem, time_limit=seconds).bottlenecks
    except EngineFault:
        return b""
    return msgspec.json.encode([Extra(row.unit, row.extra, len(row.serves)) for row in found])


def serve(pipe: Connection) -> None:
    """Answers questions one after another, until the parent process closes the pipe."""
    import_module("matching.exact.solve")  # ahead of the first question: the solver takes half a second to import
    while True:
        try:
            about = pipe.recv_bytes().decode()
            seconds = float(pipe.recv_bytes()) * _OF_ITS_TIME
            problem = read_problem(pipe.recv_bytes())
        except EOFError:
            return
        if about == _NOBODY:
            pipe.send_bytes(write_solution(match(problem, time_limit=seconds)))
        elif about == _SHORTAGE:
            pipe.send_bytes(_write_shortage(problem, seconds))
        else:
            pipe.send_bytes(write_advice(advise(problem, about, time_limit=seconds)))


def _say_kind_and_place(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Logs the class and code line of the error that ends a process. Python's own traceback would contain data of the
    problem.
    """
    _LOG.error("engine.failed", **kind_and_place(error))


if __name__ == "__main__":
    sys.excepthook = _say_kind_and_place
    end_with(os.getppid(), by_kernel=False)
    serve(Connection(int(sys.argv[1])))
