"""The processes of `placement serve`: the web server with its workers, the engines, and the scheduler."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.process import BaseProcess
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.audit import settings_changes
from placement.cli.liveness import Liveness
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.errors import Misconfigured, NotMigrated
from placement.core.setting_files import metrics_folder
from placement.core.settings import Settings
from placement.crypto import key_files
from placement.leave.ended_service import require_not_left
from placement.solver.engine_lending import EngineLender
from placement.storage import store_records
from placement.storage.database import Database

_STOPS_WITHIN_SECONDS = 5
"""The time that open requests have when the server stops (assumed). After this time, connections of open pages are
closed, and the pages connect again.
"""
_STEADY_SECONDS = 60
_OF_A_PROCESS = "[0-9]*.*"
"""The pattern of the files that contain the metrics of a process: the id of the process, followed by
`.json` or `.new`.
"""
_LOOK_EVERY_SECONDS = 0.5
_SYNTHETIC = (
    "the synthetic country is in this store, with accounts whose keys and passwords are in demo-credentials.json. To"
    " try it: `placement serve --demo`. To begin for real: name an empty store in DATABASE_URL and another folder in"
    " PLACEMENT_VAR, and run `placement init`"
)
_LOG = structlog.get_logger()


class _WakingEvent(threading.Event):
    """An event whose `wait` without a time limit wakes up regularly. The system may deliver a signal to any thread, but
    Python runs the handler of the signal only in the main thread. So a main thread that waits for ever would never run
    the handler.
    """

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(_LOOK_EVERY_SECONDS):
            pass
        return True


class Server:
    """A service that runs until a signal stops it. If a child process ends earlier, it is started again."""

    def __init__(
        self,
        host: str,
        port: int,
        workers: int,
        settings: Settings,
        *,
        engines: EngineLender,
        liveness: Liveness,
        demo: bool,
    ) -> None:
        self._engines, self._liveness, self._demo = engines, liveness, demo
        self._host, self._port, self._workers, self._settings = host, port, workers, settings
        self._stop = threading.Event()
        self._wrong: Misconfigured | None = None
        self._beside = [threading.Thread(target=self._keep_jobs_running)]

    def wait_for_database(self) -> None:
        """Waits, in a thread, until the database answers and is migrated. Then checks it as at every start."""
        self._beside.append(threading.Thread(target=self._require_usable_when_it_answers))

    def serve(self) -> None:
        """Serves until a signal. Raises `Misconfigured` if the database answers, now or later, but is unusable."""
        self._make_room_for_metrics()
        for thread in self._beside:
            thread.start()
        self._engines.start()
        self._liveness.start()
        try:
            self._serve_until_signal()
        finally:
            self._stop.set()
            for thread in self._beside:
                thread.join()
            self._engines.stop()
            self._liveness.stop()
        if self._wrong is not None:
            raise self._wrong

    def _make_room_for_metrics(self) -> None:
        """Makes the folder for shared metrics, and removes the files of an earlier service. If the disk is full, only
        logs the error; each process then shows only its own metrics.
        """
        metrics = metrics_folder(self._settings.run)
        try:
            metrics.mkdir(parents=True, exist_ok=True)
            for file in metrics.glob(_OF_A_PROCESS):
                file.unlink()
        except OSError as error:
            _LOG.error("metrics.not_written", code=error.errno)

    def _serve_until_signal(self) -> None:
        """Runs the web server until a signal. If a worker ends twice within seconds, the web server ends too; this
        function then starts it again.
        """
        pause = 0.0
        while True:
            began, web = time.monotonic(), self._web()
            try:
                web.serve()
            except SystemExit:
                if web.interrupt_signal:
                    return
            if web.interrupt_signal:
                return
            pause = pause_after(time.monotonic() - began, pause)
            _LOG.error("server.crash_loop", again_in_seconds=pause)
            web.main_loop_interrupt.clear()  # the library's signal handlers are still installed
            web.main_loop_interrupt.wait(pause)
            if web.interrupt_signal:
                return

    def _web(self) -> Any:  # the library's class has no types
        from granian import Granian  # noqa: PLC0415  (this command alone needs it)
        from granian.constants import Interfaces  # noqa: PLC0415

        web = Granian(
            "api.app:worker_app",  # a name, because this package must not import the web
            address=self._host,
            port=self._port,
            interface=Interfaces.ASGI,
            factory=True,
            workers=self._workers,
            respawn_failed_workers=True,
            log_enabled=False,
            websockets=False,
            workers_kill_timeout=_STOPS_WITHIN_SECONDS,
        )
        web.main_loop_interrupt = _WakingEvent()
        begin_again = web._respawn_workers  # noqa: SLF001  (the library has no hook for it)

        def log_and_begin_again(numbers: list[int], target: object, loader: object, **pause: float) -> None:
            for process in (web.wrks[number].inner for number in numbers):
                if isinstance(process, BaseProcess) and process.exitcode is not None:
                    _LOG.error("server.process_ended", process=process.pid, code=process.exitcode)
            begin_again(numbers, target, loader, **pause)

        vars(web)["_respawn_workers"] = log_and_begin_again
        return web

    def _keep_jobs_running(self) -> None:
        """Runs the scheduler in a child process until the server stops. Starts it again whenever it ends."""
        pause = 0.0
        while not self._stop.wait(pause):
            began = time.monotonic()
            process = subprocess.Popen(  # noqa: S603  (ourselves)
                [sys.executable, "-m", "placement", "scheduler", "--beside", str(os.getpid())]
            )
            while process.poll() is None and not self._stop.wait(_LOOK_EVERY_SECONDS):
                pass
            if process.poll() is not None:
                _LOG.error("scheduler.ended", process=process.pid, code=process.returncode)
            process.terminate()
            process.wait()
            pause = pause_after(time.monotonic() - began, pause)

    def _require_usable_when_it_answers(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_SECONDS):
            try:
                require_usable(self._settings, demo=self._demo)
            except (DBAPIError, NoConnectionInTime, NotMigrated):
                continue
            except Misconfigured as wrong:
                self._wrong = wrong
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                _LOG.info("database.answers")
            return


def require_usable(settings: Settings, *, demo: bool = False) -> None:
    """Checks the database as every new process does, logs the settings, and deletes keys that were only half written.
    Raises `Misconfigured` if the database cannot be used, or if the store is synthetic and `demo` is false.
    """
    database = Database.open(settings)
    try:
        database.require_usable()
        with database.transaction() as session:
            require_not_left(session)
            if not (demo or settings.practice) and store_records.is_synthetic(session):
                raise Misconfigured(_SYNTHETIC)
            settings_changes.record_settings(Act(session, SYSTEM, clock.now(), settings))
        _erase_drafts(settings)
    finally:
        database.close()


def _erase_drafts(settings: Settings) -> None:
    for draft in key_files.drafts(settings):
        try:
            if key_files.erase_draft(draft):
                _LOG.warning("keys.draft_erased", file=draft.name)
        except OSError as error:
            _LOG.error("keys.draft_not_erased", file=draft.name, code=error.errno)


def pause_after(lived: float, pause: float) -> float:
    """Returns the number of seconds to wait before the next start, so that a process that always fails does not
    overload the machine. `lived`: how long the last process ran. `pause`: the wait before its start.
    """
    return 0 if lived >= _STEADY_SECONDS else min(max(1, 2 * pause), _STEADY_SECONDS)
