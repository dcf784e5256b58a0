"""Sharing of the engine processes of a machine among all web processes of `placement serve`, with a single queue.

The process that started the engines lends an engine for one question. It passes the open pipe of the engine over a Unix
socket that only its own user can open. Question and answer go directly between web process and engine, so the lender
sees no data of a case. At the end, the borrower reports whether the engine still works. If there is no such report,
because the borrower was killed, hangs or is late, the lender kills the engine.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from placement.core.arrival import Arrival
from placement.core.errors import Busy
from placement.core.run_folder import OwnSocket
from placement.solver.engine_pool import PREVIEW, Answer, EnginePool, NoAnswer, Taken, busy, converse, no_answer

_QUESTION = struct.Struct("!id")
"""The message with which a process borrows an engine: the rank of the question, and the remaining seconds."""
_LENT, _SOUND, _BROKEN, _TAKEN, _BUSY = b"+", b".", b"!", b"<", b"-"
_WORD_WITHIN_SECONDS = 1.0
"""The time limit for a message between two local processes, and the delay after which an engine is killed (assumed)."""
_MOST_AT_ONCE = 256
"""The largest number of questions that are in progress or wait. Further questions are refused (assumed)."""
_LOG = structlog.get_logger()


class EngineLender:
    """Lends the engines of a pool to other processes, in the order of the pool's queue."""

    def __init__(self, pool: EnginePool, address: Path) -> None:
        """Raises `Misconfigured` if the socket cannot be made, or if another process uses it."""
        self._pool, self._own = pool, OwnSocket(address, socket.SOCK_STREAM)
        self._listening = self._own.socket
        self._listening.listen(_MOST_AT_ONCE)
        self._places = threading.Semaphore(_MOST_AT_ONCE)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> None:
        self._pool.start()
        self._thread.start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        self._own.close()
        self._pool.stop()

    def _accept(self) -> None:
        while True:
            try:
                asked, _ = self._listening.accept()
            except OSError:
                if self._listening.fileno() < 0 or not self._own.is_in_place:
                    return
                time.sleep(_WORD_WITHIN_SECONDS)  # too many open files: wait until other questions end
                continue
            if self._places.acquire(blocking=False):
                threading.Thread(target=self._lend_and_close, args=(asked,), daemon=True).start()
            else:
                _say(asked, _BUSY)
                asked.close()

    def _lend_and_close(self, asked: socket.socket) -> None:
        try:
            with closing(asked):
                self._lend(asked)
        except Exception as error:  # noqa: BLE001  (one question's: the line goes on)
            _LOG.error("engine.not_lent", reason=type(error).__name__)
        finally:
            self._places.release()

    def _lend(self, asked: socket.socket) -> None:
        asked.settimeout(_WORD_WITHIN_SECONDS)
        rank, seconds = _QUESTION.unpack(asked.recv(_QUESTION.size, socket.MSG_WAITALL))
        try:
            with self._pool.engine(Arrival(), time.monotonic() + seconds, rank) as (engine, left):
                pipe, _ = engine.connection()
                word = _BROKEN
                if not engine.taken:
                    try:
                        socket.send_fds(asked, [_LENT], [pipe.fileno()])
                    except OSError:
                        return  # the borrower has ended; the engine can be lent again
                    word = _word(asked, left + _WORD_WITHIN_SECONDS)
                if word != _SOUND:
                    engine.kill()
                _say(asked, _TAKEN if engine.taken else _BROKEN)
        except Busy:
            _say(asked, _BUSY)


class LentEngines:
    """The engines that a web process borrows from the lender."""

    def __init__(self, address: Path) -> None:
        self._address = address
        self._guard = threading.Lock()
        self.waiting = self.running = 0

    def start(self) -> None:
        """Does nothing, because the engines already run in the lending process."""

    def stop(self) -> None:
        """Does nothing, because the lender stops the engines."""

    def lends(self) -> bool:
        """Checks whether the lender answers: sends a question with no time left, which the lender refuses at once."""
        with closing(socket.socket(socket.AF_UNIX)) as asked, suppress(OSError):
            asked.settimeout(_WORD_WITHIN_SECONDS)
            asked.connect(str(self._address))
            asked.sendall(_QUESTION.pack(PREVIEW, 0.0))
            return bool(asked.recv(1))
        return False

    @contextmanager
    def engine(self, arrival: Arrival, deadline: float, rank: int | None = None) -> Iterator[tuple["_Lent", float]]:
        """Borrows an engine, as `Engines.engine` describes. Raises `NoAnswer` if the lender does not answer."""
        with closing(socket.socket(socket.AF_UNIX)) as asked:
            with self._counted("waiting"):
                pipe = self._borrow(asked, arrival.urgency if rank is None else rank, deadline)
            with closing(pipe), self._counted("running"):
                lent = _Lent(pipe)
                try:
                    if arrival.gone:
                        lent.sound = True
                        raise busy()
                    yield lent, max(0.0, deadline - time.monotonic())
                except NoAnswer:
                    _say(asked, _BROKEN)
                    if _word(asked, _WORD_WITHIN_SECONDS) == _TAKEN:
                        raise Taken from None
                    raise
                finally:
                    _say(asked, _SOUND if lent.sound else _BROKEN)

    def _borrow(self, asked: socket.socket, rank: int, deadline: float) -> Connection:
        left = deadline - time.monotonic()
        if left <= 0:
            raise busy()
        asked.settimeout(left)
        try:
            asked.connect(str(self._address))
            asked.sendall(_QUESTION.pack(rank, left))
            word, pipes, _, _ = socket.recv_fds(asked, 1, 1)
        except (TimeoutError, BlockingIOError):
            raise busy() from None
        except OSError as error:
            raise NoAnswer(f"nobody lends an engine ({type(error).__name__})") from error
        if word == _LENT:
            return Connection(pipes[0])
        if word:
            raise busy()
        raise NoAnswer("nobody lends an engine any more")

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        with self._guard:
            setattr(self, name, getattr(self, name) + 1)
        try:
            yield
        finally:
            with self._guard:
                setattr(self, name, getattr(self, name) - 1)


class _Lent:
    """An engine process that was borrowed for a single question."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.sound = False

    def exchange(self, parts: Sequence[bytes], seconds: float, read: Callable[[bytes], Answer]) -> Answer:
        try:
            found = converse(self._pipe, parts, seconds, read, self._break_off)
        except Exception as error:
            raise no_answer(error) from error
        self.sound = True
        return found

    def _break_off(self) -> None:
        """Closes the pipe on both sides. This works even if the lender hangs."""
        with suppress(OSError), socket.socket(fileno=os.dup(self._pipe.fileno())) as pipe:
            pipe.shutdown(socket.SHUT_RDWR)


def _say(to: socket.socket, word: bytes) -> None:
    with suppress(OSError):  # the other side has already closed the connection
        to.sendall(word)


def _word(of: socket.socket, seconds: float) -> bytes:
    """Returns the next message, a single byte. Returns empty bytes if no message arrives in time."""
    of.settimeout(seconds)
    try:
        return of.recv(1)
    except OSError:
        return b""
