"""The engine processes beside a web process, and the line of questions for them: the more urgent first.

A process that crashes, hangs or sends something that is not accepted is killed; the next question gets a new one.
"""

import subprocess
import sys
import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection, Pipe
from typing import TypeVar

from placement.core.arrival import Arrival
from placement.core.errors import Busy

PROGRAM = (sys.executable, "-m", "placement.solver.engine_process")
_LEAST_SECONDS = 0.3
"""With less than this left a process is not asked: it would be killed for being late through no fault of its own."""
_AGAIN_SECONDS = 3
"""Those in line are answered, or refused, by then (assumed)."""

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """An engine process gave no answer that can be used."""


class _Engine:
    """One engine process, asked by one thread at a time; started by its first question."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def exchange(self, parts: Sequence[bytes], seconds: float, read: Callable[[bytes], Answer]) -> Answer:
        """Sends the parts of a question, and reads the answer. Raises `NoAnswer`; the process is killed then."""
        try:
            pipe, process = self.connection()
            # From outside: a process that does not read, or stops half-way in its answer, blocks a pipe for ever.
            late = threading.Timer(seconds, process.kill)
            late.start()
            try:
                for part in parts:
                    pipe.send_bytes(part)
                return read(pipe.recv_bytes())
            finally:
                late.cancel()
        except NoAnswer:
            self.kill()
            raise
        except Exception as error:  # any output or failure of that process
            self.kill()
            raise NoAnswer(f"the process broke off, or was late ({type(error).__name__})") from error

    def connection(self) -> tuple[Connection, subprocess.Popen[bytes]]:
        """The pipe to the process; a new one where it has ended."""
        if self.process is not None and self.process.poll() is not None:
            self.kill()
        if self._pipe is None or self.process is None:
            ours, theirs = Pipe()
            self.process = subprocess.Popen(  # noqa: S603  (the program is the project's own)
                [*self._program, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
            theirs.close()
            self._pipe = ours
        return self._pipe, self.process

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


@dataclass(slots=True, order=True)
class _Ticket:
    rank: tuple[int, int]
    called: threading.Event = field(default_factory=threading.Event, compare=False)
    engine: _Engine | None = field(default=None, compare=False)


class EnginePool:
    """So many engine processes; questions of several threads wait for one another, within their own time."""

    def __init__(self, number: int, program: Sequence[str] = PROGRAM) -> None:
        self._guard = threading.Lock()
        self._engines = [_Engine(program) for _ in range(number)]
        self._free = list(self._engines)
        self._line: list[_Ticket] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def running(self) -> int:
        return len(self._engines) - len(self._free)

    def start(self) -> None:
        """Starts the processes ahead of the first question: importing the solver takes about half a second."""
        with self._guard:
            for engine in self._free:
                engine.connection()

    def stop(self) -> None:
        with self._guard:
            for engine in self._engines:
                engine.kill()

    @contextmanager
    def engine(self, arrival: Arrival, deadline: float) -> Iterator[tuple[_Engine, float]]:
        """An engine, and the seconds left for its answer. `deadline`: on the monotonic clock.

        Raises `Busy` where none is free in time, or the client of the question hung up.
        """
        engine = self._take(arrival, deadline)
        try:
            left = deadline - time.monotonic()
            if left < _LEAST_SECONDS or arrival.gone:
                raise _busy()
            yield engine, left
        finally:
            self._give_back(engine)

    def _take(self, arrival: Arrival, deadline: float) -> _Engine:
        with self._guard:
            if self._free:
                return self._free.pop()
            ticket = _Ticket((arrival.urgency, next(self._numbers)))
            insort(self._line, ticket)
        ticket.called.wait(max(0.0, deadline - time.monotonic()))
        with self._guard:
            if ticket.engine is None:
                self._line.remove(ticket)
                raise _busy()
            return ticket.engine

    def _give_back(self, engine: _Engine) -> None:
        with self._guard:
            if self._line:
                first = self._line.pop(0)
                first.engine = engine
                first.called.set()
            else:
                self._free.append(engine)


def _busy() -> Busy:
    return Busy("engine_busy", seconds=_AGAIN_SECONDS)
