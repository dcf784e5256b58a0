"""The engine processes of a machine, and the queue of questions. The queue is sorted by urgency, with previews last. If
a process crashes, hangs or sends an invalid answer, it is killed, and the next question gets a new process. If a
proposal finds no free process, a process that works on a preview is killed. So no proposal waits for a preview.
"""

import subprocess
import sys
import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection, Pipe
from typing import Protocol, TypeVar

from placement.core.arrival import LEAST_URGENT, Arrival
from placement.core.errors import Busy

PROGRAM = (sys.executable, "-m", "placement.solver.engine_process")
PREVIEW = LEAST_URGENT + 1
"""The rank of a preview in the queue, behind all proposals. The rank of a proposal is the urgency of its case."""
_LEAST_SECONDS = 0.3
"""The least remaining time with which a process is asked. With less time, even a healthy process would be late, and be
killed.
"""
_AGAIN_SECONDS = 3
"""The time after which a refused caller should try again (assumed): within this time, waiting questions are answered or
refused.
"""

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """An engine process gave no usable answer."""


class Taken(Busy):
    """Raised if a proposal took the engine that worked on a preview. The preview then goes back into the queue."""

    def __init__(self) -> None:
        super().__init__("engine_busy", seconds=_AGAIN_SECONDS)


class Asked(Protocol):
    """The interface of an engine process for a caller with a single question."""

    def exchange(self, parts: Sequence[bytes], seconds: float, read: Callable[[bytes], Answer]) -> Answer:
        """Sends the parts of a question and reads the answer. If it raises `NoAnswer`, the process is killed
        afterwards.
        """


class Engines(Protocol):
    """A source of engine processes. They belong to this process (`EnginePool`), or are borrowed from its parent
    (`LentEngines`).
    """

    @property
    def waiting(self) -> int: ...
    @property
    def running(self) -> int: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def lends(self) -> bool:
        """Checks whether a question would get an engine."""
        ...

    def engine(
        self, arrival: Arrival, deadline: float, rank: int | None = None
    ) -> AbstractContextManager[tuple[Asked, float]]:
        """Provides an engine, and the number of seconds that remain for its answer. `deadline`: a time on the monotonic
        clock. `rank`: by default the urgency in `arrival`. Raises `Busy` if no engine is free in time, or if the caller
        closed the connection. Raises `Taken` if a proposal took the engine.
        """


class Engine:
    """An engine process that a single thread uses at a time. Its first question starts the process."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self.rank = 0
        """The rank of the question on which the process works."""
        self.taken = False
        """True if a proposal took the process from that question."""

    def exchange(self, parts: Sequence[bytes], seconds: float, read: Callable[[bytes], Answer]) -> Answer:
        try:
            pipe, process = self.connection()
            if self.taken:
                raise NoAnswer("a proposal came before it began")
            return converse(pipe, parts, seconds, read, process.kill)
        except Exception as error:
            self.kill()
            raise no_answer(error) from error

    def connection(self) -> tuple[Connection, subprocess.Popen[bytes]]:
        """Returns the pipe to the process, and the process. If the process has ended, starts a new process first."""
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

    def take(self) -> None:
        """Kills the process, because a more urgent question needs an engine. Called from another thread."""
        self.taken = True
        if self.process is not None:
            self.process.kill()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


def converse(
    pipe: Connection, parts: Sequence[bytes], seconds: float, read: Callable[[bytes], Answer], end: Callable[[], None]
) -> Answer:
    """Sends the parts of a question through the pipe, and reads the answer with `read`. After `seconds` a timer calls
    `end`, which kills the process or shuts the pipe: otherwise a hanging process would block the pipe for ever.
    """
    late = threading.Timer(seconds, end)
    late.start()
    try:
        for part in parts:
            pipe.send_bytes(part)
        return read(pipe.recv_bytes())
    finally:
        late.cancel()


def no_answer(error: Exception) -> NoAnswer:
    """Returns a `NoAnswer` for any failure or invalid output of an engine process."""
    if isinstance(error, NoAnswer):
        return error
    return NoAnswer(f"the process broke off, or was late ({type(error).__name__})")


@dataclass(slots=True, order=True)
class _Ticket:
    rank: tuple[int, int]
    called: threading.Event = field(default_factory=threading.Event, compare=False)
    engine: Engine | None = field(default=None, compare=False)


class EnginePool:
    """A fixed number of engine processes. Questions wait for a process in a queue, each within its own time limit."""

    def __init__(self, number: int, program: Sequence[str] = PROGRAM) -> None:
        self._guard = threading.Lock()
        self._engines = [Engine(program) for _ in range(number)]
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
        """Starts the processes before the first question, because importing the solver takes about half a second."""
        with self._guard:
            for engine in self._free:
                engine.connection()

    def stop(self) -> None:
        with self._guard:
            for engine in self._engines:
                engine.kill()

    def lends(self) -> bool:
        """Returns true, because the next question can start a process."""
        return True

    @contextmanager
    def engine(self, arrival: Arrival, deadline: float, rank: int | None = None) -> Iterator[tuple[Engine, float]]:
        engine = self._take(arrival.urgency if rank is None else rank, deadline)
        try:
            left = deadline - time.monotonic()
            if left < _LEAST_SECONDS or arrival.gone:
                raise busy()
            yield engine, left
        except NoAnswer:
            if engine.taken:
                raise Taken from None
            raise
        finally:
            self._give_back(engine)

    def _take(self, rank: int, deadline: float) -> Engine:
        with self._guard:
            if self._free:
                return self._with(self._free.pop(), rank)
            ticket = _Ticket((rank, next(self._numbers)))
            insort(self._line, ticket)
            if rank < PREVIEW:
                self._take_from_preview()
        ticket.called.wait(max(0.0, deadline - time.monotonic()))
        with self._guard:
            if ticket.engine is None:
                self._line.remove(ticket)
                raise busy()
            return ticket.engine

    def _take_from_preview(self) -> None:
        """For each proposal that waits for an engine, kills a process that works on a preview."""
        proposals = sum(ticket.rank[0] < PREVIEW for ticket in self._line)
        coming = sum(engine.taken for engine in self._engines)
        for engine in self._engines:
            if coming < proposals and engine.rank >= PREVIEW and not engine.taken:
                engine.take()
                coming += 1

    def _give_back(self, engine: Engine) -> None:
        with self._guard:
            if engine.taken:
                engine.kill()
            engine.rank = 0
            if self._line:
                first = self._line.pop(0)
                first.engine = self._with(engine, first.rank[0])
                first.called.set()
            else:
                engine.taken = False
                self._free.append(engine)

    def _with(self, engine: Engine, rank: int) -> Engine:
        engine.rank, engine.taken = rank, False
        return engine


def busy() -> Busy:
    return Busy("engine_busy", seconds=_AGAIN_SECONDS)
