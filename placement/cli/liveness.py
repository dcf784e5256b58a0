"""The liveness check. A separate process answers it, so the answer is fast and correct under any load. The threads of a
web process compete for the interpreter lock and the processors. The separate process does nothing else.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from placement.core.heartbeats import Heartbeats
from placement.core.recent_answers import Answers
from placement.core.run_folder import OwnSocket
from placement.core.vital_signs import VitalSigns

_PATH = b"/health/live"
_LONGEST_HEAD = 8192
_HEAD_WITHIN_SECONDS = 2.0
_MOST_AT_ONCE = 64
"""The largest number of connections at the same time. Further connections are closed without an answer (assumed)."""
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The watchdog of systemd (`WatchdogSec=`). `address`: the address for signs of life. `within_seconds`: the longest
    time between two signs of life.
    """

    address: str
    within_seconds: float

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Watchdog | None":
        """Returns the watchdog that the environment describes; `None` if it describes no watchdog."""
        address, within = environment.get("NOTIFY_SOCKET", ""), environment.get("WATCHDOG_USEC", "")
        if not address or not within:
            return None
        abstract = "\0" if address.startswith("@") else ""
        return cls(abstract + address.removeprefix("@"), int(within) / 1_000_000)


class Liveness:
    """A small server with a single path. It answers 200 while every web process makes progress, and otherwise 503.
    While it answers 200, and during the start, it sends signs of life to the watchdog. If more than 5 % of the engine's
    answers are degraded, the server logs this.
    """

    def __init__(
        self, heartbeats: Heartbeats, signs_at: Path, listen: tuple[str, int] | None, watchdog: Watchdog | None
    ) -> None:
        """Raises `OSError` or `Misconfigured` if the server cannot listen. `signs_at`: the path of the socket that
        sends the vital signs to each connection. `listen`: the host and port that answer `/health/live`.
        """
        self._heartbeats, self._watchdog = heartbeats, watchdog
        self._signs = OwnSocket(signs_at, socket.SOCK_STREAM)
        self._signs.socket.listen()  # connections before the start wait
        self._listening = None if listen is None else socket.create_server(listen)
        self._degraded = False
        self._open = 0
        self._loop, self._end = asyncio.new_event_loop(), asyncio.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._heartbeats.close()
        self._signs.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop.add_reader(self._heartbeats.socket, self._hear)
        giving_signs = asyncio.create_task(self._give_signs())
        async with AsyncExitStack() as servers:
            await servers.enter_async_context(await asyncio.start_unix_server(self._tell, sock=self._signs.socket))
            if self._listening is not None:
                answering = await asyncio.start_server(self._answer, sock=self._listening, limit=_LONGEST_HEAD)
                await servers.enter_async_context(answering)
            await self._end.wait()
        giving_signs.cancel()
        self._loop.remove_reader(self._heartbeats.socket)

    def _hear(self) -> None:
        self._heartbeats.read()
        answers = self._heartbeats.answers()
        if answers.are_too_often_degraded != self._degraded:
            self._degraded = not self._degraded
            self._log_degraded(answers)

    def _log_degraded(self, answers: Answers) -> None:
        log = _LOG.error if self._degraded else _LOG.info
        log("engine.degraded" if self._degraded else "engine.well", degraded=answers.degraded, answers=answers.total)

    async def _tell(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Writes the vital signs to a connection."""
        try:
            writer.write(VitalSigns.heard(self._heartbeats).written())
            await writer.drain()
        except OSError:
            pass  # the caller has closed the connection
        finally:
            writer.close()

    async def _give_signs(self) -> None:
        """Sends signs of life to systemd while all web processes make progress. Without signs, systemd restarts the
        service.
        """
        if self._watchdog is None:
            return
        began = True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            while True:
                goes_on = self._goes_on
                began = began and not goes_on
                if goes_on or began:
                    with suppress(OSError):  # a failed sign is not repeated, because the next sign follows soon
                        to.sendto(b"WATCHDOG=1", self._watchdog.address)
                await asyncio.sleep(self._watchdog.within_seconds / 4)

    @property
    def _goes_on(self) -> bool:
        return self._heartbeats.going_on() >= self._heartbeats.processes

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= _MOST_AT_ONCE:
                async with asyncio.timeout(_HEAD_WITHIN_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._said(head))
                    await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # no complete request, or the caller has closed the connection
        except asyncio.CancelledError:
            pass  # the service is stopping
        finally:
            self._open -= 1
            writer.close()

    def _said(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        if method not in {b"GET", b"HEAD"} or rest.split(b" ", 1)[0].split(b"?", 1)[0] != _PATH:
            return _response("404 Not Found", b"{}", with_body=method != b"HEAD")
        if self._goes_on:
            return _response("200 OK", b'{"status":"live"}', with_body=method == b"GET")
        hangs = {"status": "not live", "going_on": self._heartbeats.going_on(), "of": self._heartbeats.processes}
        return _response("503 Service Unavailable", json.dumps(hangs).encode(), with_body=method == b"GET")


def _response(status: str, body: bytes, *, with_body: bool) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        "Cache-Control: no-store",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + (body if with_body else b"")
