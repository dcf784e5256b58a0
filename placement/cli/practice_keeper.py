"""The keeper of a practice room. It starts separate processes to serve the room, to begin a scene and to move the
clock. While a scene is made, it shows a page that asks the reader to wait.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import typer

from placement.core import run_folder, version
from placement.core.errors import Misconfigured
from placement.core.practice_codes import RoomState, SceneCode
from placement.practice import room
from placement.text.catalogue import Language, languages, translate

_LOOKS_EVERY_SECONDS = 0.3
_STOPS_WITHIN_SECONDS = 15
_PAGE_LOADS_WITHIN_SECONDS = 3
"""How long the service still runs before a new scene is made: the browser loads the waiting page's scripts from it."""


class Keeper:
    """The process that serves a practice room. `variables`: the whole environment of the room's processes. `workers`:
    the number of its web processes.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str], host: str, port: int, workers: int = 1) -> None:
        self._folder, self._variables, self._host, self._port = folder, dict(variables), host, port
        self._workers = workers
        self._stop = threading.Event()
        self._served: subprocess.Popen[bytes] | None = None

    def make(self, scene: SceneCode) -> None:
        """Makes a new room in a separate process. Raises `Misconfigured` if this fails; the process prints why."""
        if self._process("practice", "make", scene.value).wait() != 0:
            raise Misconfigured("the practice room could not be made")

    def run(self, scene: SceneCode) -> None:
        """Serves the room until a signal. Raises `Misconfigured` if another version of the service made the room."""
        known = room.room_in(self._folder)
        if known is not None and known.state is not RoomState.MAKING and known.version != version.shown():
            raise Misconfigured(
                f"version {known.version} made this practice room, and this is version {version.shown()}. Make it anew "
                "with `placement practice reset`; what was practised is then gone"
            )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        with run_folder.held(room.keeper_folder(self._folder)):
            if known is None or known.state is RoomState.MAKING:
                self._begin(scene)
            self._put(RoomState.RUNS)
            self._serve()
            try:
                self._keep()
            finally:
                self._end_service()

    def _keep(self) -> None:
        while not self._stop.wait(_LOOKS_EVERY_SECONDS):
            if self._served is not None and self._served.poll() is not None:
                raise Misconfigured("the practice room has ended; its last lines explain why")
            asked = room.waiting_request(self._folder)
            if asked is not None and asked.scene is not None:
                self._put(RoomState.MAKING)
                room.forget_request(self._folder)
                self._stop.wait(_PAGE_LOADS_WITHIN_SECONDS)
                self._end_service()
                self._begin(asked.scene)
                self._serve()
            elif asked is not None and asked.until is not None:
                self._move(asked.until)

    def _begin(self, scene: SceneCode) -> None:
        with _waiting_page(self._host, self._port):
            self.make(scene)

    def _move(self, until: datetime) -> None:
        self._put(RoomState.MOVING, until)
        room.forget_request(self._folder)
        try:
            if self._process("practice", "move", until.isoformat()).wait() != 0:
                typer.echo("the clock of the practice room did not move to its end", err=True)
        finally:
            self._put(RoomState.RUNS)

    def _put(self, state: RoomState, until: datetime | None = None) -> None:
        known = room.room_in(self._folder)
        if known is not None:
            address = self._variables["PLACEMENT_ADDRESS"]
            room.put(self._folder, known.model_copy(update={"state": state, "until": until, "address": address}))

    def _serve(self) -> None:
        where = ("--host", self._host, "--port", str(self._port), "--workers", str(self._workers))
        self._served = self._process("serve", *where)
        known = room.room_in(self._folder)
        if known is not None:
            typer.echo(f"The practice room: {room.link_of(self._folder, known.address)}\nStop: Ctrl-C", err=True)

    def _end_service(self) -> None:
        if self._served is None:
            return
        self._served.terminate()
        try:
            self._served.wait(_STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._served.kill()
            self._served.wait()
        self._served = None

    def _process(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts a process that ends when this process ends, even if this process is killed."""
        line = [sys.executable, "-m", "placement", *arguments, "--beside", str(os.getpid())]
        return subprocess.Popen(line, env=self._variables)  # noqa: S603 (ourselves)


class _Wait(BaseHTTPRequestHandler):
    """The page that is shown while the room is being made. A script of the page, or the browser, reloads it."""

    def do_GET(self) -> None:
        body = _PAGE.format(words="".join(map(_words, languages()))).encode()
        self.send_response(503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Retry-After", "5")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


def _words(language: Language) -> str:
    """Returns the page's text as HTML in this language: that this is practice, and that the room is being made."""
    mark, banner = translate("practice", "mark", language), translate("practice", "banner", language)
    making = escape(translate("practice", "making", language))
    return f'<p class="mark" lang="{language}">{escape(f"{mark} {banner}")}</p><p lang="{language}">{making}</p>'


_PAGE = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Placement</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>.mark {{ padding: .5rem 1.25rem; background: #6b2c91; color: #ffffff; }}</style>
<noscript><meta http-equiv="refresh" content="20"></noscript>
<script>setInterval(() => fetch("/health/live").then((one) => one.ok && location.assign("/practice")), 1000)</script>
</head><body><main><h1>Placement</h1>{words}</main></body></html>"""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def _waiting_page(host: str, port: int) -> Iterator[None]:
    try:
        server = _Server((host, port), _Wait)
    except OSError as error:
        raise Misconfigured(f"cannot listen at {host}:{port} ({error.strerror}); choose another with --port") from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
