"""The engine in a process of its own, so that an answer comes in time whatever the solver does.

`Solver.advise` sends a problem to the process and waits. A process that crashes, hangs or sends something that the
checker does not accept is killed, and the engine's rule-obeying fallback answers instead, marked `degraded`. The next
question gets a new process.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
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

_LOG = structlog.get_logger()
_PROGRAM = (sys.executable, "-m", "placement.solver.engine_process")
_RESERVE_SECONDS = 1.0
"""Of the time for an answer, this much is reserved for starting, killing, the fallback and storing the proposal."""
_LEAST_SECONDS = 0.3
"""With less than this left the process is not asked: it would be killed for being late through no fault of its own."""
_AGAIN_SECONDS = 3


_NOBODY = ""
"""No single registration: the question is for the answer for all of them."""

Answer = TypeVar("Answer")


class Solver:
    """One engine process; questions of several threads wait for one another, within their own time."""

    def __init__(self, answer_within_seconds: float, program: Sequence[str] = _PROGRAM) -> None:
        self._within = answer_within_seconds - _RESERVE_SECONDS
        self._program = program
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Starts the process ahead of the first question: importing the solver takes about half a second."""
        with self._turn:
            self._connection()

    def stop(self) -> None:
        with self._turn:
            self._kill()

    def advise(self, problem: Problem, registration_id: str) -> Advice:
        """The advice of the engine, checked; the fallback's where the engine gave none in time.

        Raises `Busy` where the time from the arrival of the request went by before it could be asked.
        """
        deadline = arrival().at + self._within
        try:
            advice = self._ask(problem, registration_id, deadline)
        except _NoAnswer as reason:
            _LOG.error("solver.failed", reason=str(reason))
            advice = advise(problem, registration_id, solver_works=False)
        return advice

    def match(self, problem: Problem) -> Solution:
        """The answer for all registrations, checked; the simple method's where the engine gave none in time."""
        deadline = time.monotonic() + self._within
        try:
            return self._answer(problem, _NOBODY, deadline, read_solution, lambda found: check(problem, found).ok)
        except _NoAnswer as reason:
            _LOG.error("solver.failed", reason=str(reason))
            return degraded(problem, "the solver did not answer")

    def _ask(self, problem: Problem, registration_id: str, deadline: float) -> Advice:
        return self._answer(
            problem, registration_id, deadline, read_advice, lambda found: _is_true(found, problem, registration_id)
        )

    def _answer(
        self,
        problem: Problem,
        about: str,
        deadline: float,
        read: Callable[[bytes], Answer],
        is_true: Callable[[Answer], bool],
    ) -> Answer:
        transactions.require_none("solver")
        if not self._turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise Busy("engine_busy", seconds=_AGAIN_SECONDS)
        try:
            left = deadline - time.monotonic()
            if left < _LEAST_SECONDS or arrival().gone:
                raise Busy("engine_busy", seconds=_AGAIN_SECONDS)
            return self._exchange(problem, about, left, read, is_true)
        finally:
            self._turn.release()

    def _exchange(
        self,
        problem: Problem,
        about: str,
        seconds: float,
        read: Callable[[bytes], Answer],
        is_true: Callable[[Answer], bool],
    ) -> Answer:
        try:
            pipe, process = self._connection()
            # From outside: a process that does not read, or stops half-way in its answer, blocks a pipe for ever.
            late = threading.Timer(seconds, process.kill)
            late.start()
            try:
                pipe.send_bytes(about.encode())
                pipe.send_bytes(str(seconds).encode())
                pipe.send_bytes(write_problem(problem))
                answer = read(pipe.recv_bytes())
            finally:
                late.cancel()
            true = is_true(answer)
        except Exception as error:  # any output or failure of that process
            self._kill()
            raise _NoAnswer(f"the process broke off, or was late ({type(error).__name__})") from error
        if not true:
            self._kill()
            raise _NoAnswer("the answer is not true")
        return answer

    def _connection(self) -> tuple[Connection, subprocess.Popen[bytes]]:
        if self._process is not None and self._process.poll() is not None:
            self._kill()
        if self._pipe is None or self._process is None:
            ours, theirs = Pipe()
            self._process = subprocess.Popen(  # noqa: S603  (the program is the project's own)
                [*self._program, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
            theirs.close()
            self._pipe = ours
        return self._pipe, self._process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


class _NoAnswer(Exception):
    """The engine process gave no answer that can be used."""


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
