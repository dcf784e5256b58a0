"""The drills. Each is a generator of three steps: it prepares a well installation, causes the fault, and repairs it.
After each step the runner looks at the alert.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import text

from tests.support.alert_drills.stage import Repeated, Stage, mail_settings
from tests.support.mail_server import Mailbox, mail_server
from tests.support.outages import until, workers_of
from tests.support.ports import free_port

Steps = Callable[[Stage], Iterator[None]]
_FAKETIME = next(Path("/usr/lib").glob("*-linux-gnu/faketime/libfaketimeMT.so.1"), Path("libfaketimeMT.so.1"))
_TWELVE_HOURS = 12 * 3600 + 60
_KILLS, _BETWEEN_SECONDS = 4, 65.0
"""The pause is longer than that of Prometheus, so that it sees each end by itself."""
_LOCKED_SECONDS, _FREE_SECONDS = 4.0, 0.2


@dataclass(frozen=True)
class Drill:
    """A drill. `fault`, `repair`: what it does, for the runbook and the table. `logged`: what the next step of the
    alert finds in the log of the service. `long`: more than five minutes.
    """

    alert: str
    fault: str
    repair: str
    steps: Steps
    logged: str = ""
    long: bool = True


def _stop_service(stage: Stage) -> Iterator[None]:
    stage.begins()
    yield
    stage.service.stop()
    yield
    stage.service.start()
    yield


def _stop_timer(stage: Stage) -> Iterator[None]:
    stage.begins()
    yield
    stage.timer.stop()
    yield
    stage.examine()
    yield


def _stop_database(stage: Stage) -> Iterator[None]:
    postgres = stage.begins_with_visitor()
    yield
    postgres.stop()
    yield
    postgres.start()
    yield


def _keep_a_lock(stage: Stage) -> Iterator[None]:
    stage.begins_with_visitor()

    def lock() -> None:
        with psycopg.connect(stage.service.environment["DATABASE_URL"]) as console:
            console.execute("LOCK TABLE account")
            time.sleep(_LOCKED_SECONDS)

    yield
    console = Repeated(lock, _FREE_SECONDS)
    stage.ends.callback(console.stop)
    yield
    console.stop()
    yield


def _refuse_an_address(stage: Stage) -> Iterator[None]:
    port = free_port()
    stage.begins(**mail_settings(port))
    yield
    box = Mailbox()
    box.refused["desk-1@placement.example"] = "550 5.1.1 unknown"
    stage.ends.enter_context(mail_server(box, port=port))
    yield
    box.refused.clear()
    stage.service.command("messages", "retry")
    yield


def _let_a_job_fail(stage: Stage) -> Iterator[None]:
    stage.begins()
    yield
    _run(
        stage,
        "CREATE TRIGGER drill BEFORE INSERT ON jobrun WHEN NEW.job = 'end_files'"
        " BEGIN SELECT RAISE(ABORT, 'a drill'); END",
    )
    yield
    _run(stage, "DROP TRIGGER drill")
    yield


def _run(stage: Stage, statement: str) -> None:
    with stage.service.store() as (database, _), database.transaction() as session:
        session.execute(text(statement))


def _let_mail_wait(stage: Stage) -> Iterator[None]:
    port, ahead = free_port(), stage.folder / "ahead"
    ahead.write_text("+0")
    clock = {
        "LD_PRELOAD": str(_FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(ahead),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    stage.begins(**mail_settings(port), **clock)
    yield
    ahead.write_text(f"+{_TWELVE_HOURS}")
    yield
    stage.ends.enter_context(mail_server(Mailbox(), port=port))
    yield


def _take_connections(stage: Stage) -> Iterator[None]:
    postgres = stage.own_postgres()
    stage.begins(postgres)
    yield
    consoles = [psycopg.connect(postgres.url, autocommit=True)]
    [(most, used)] = consoles[0].execute(
        "SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity WHERE datname IS NOT NULL"
    )
    consoles += [psycopg.connect(postgres.url) for _ in range(int(most * 0.92) - used)]
    yield
    for one in consoles:
        one.close()
    yield


def _kill_web_processes(stage: Stage) -> Iterator[None]:
    stage.begins(stage.own_postgres(), workers=2)  # the other process answers Prometheus meanwhile
    yield
    for _ in range(_KILLS):
        until(lambda: workers_of(stage.service.pid))[0].kill()
        time.sleep(_BETWEEN_SECONDS)
    yield
    yield


def _open_a_file(stage: Stage) -> Iterator[None]:
    stage.begins()
    file = stage.service.var / "placement.db"
    yield
    file.chmod(0o644)
    yield
    file.chmod(0o600)
    yield


DRILLS = {
    one.alert: one
    for one in (
        Drill("PlacementDown", "stop the service", "start it again", _stop_service, long=False),
        Drill(
            "PlacementNotExamined",
            "stop `placement-doctor.timer`, for twenty minutes",
            "run `placement doctor --prometheus FILE`",
            _stop_timer,
        ),
        Drill(
            "PlacementErrors",
            "stop PostgreSQL, and open pages meanwhile",
            "start PostgreSQL",
            _stop_database,
            '"level": "error"',
        ),
        Drill(
            "PlacementSlow",
            "with `psql`, keep `LOCK TABLE account` for four seconds again and again, and open pages meanwhile",
            "end `psql`",
            _keep_a_lock,
        ),
        Drill(
            "PlacementMessagesFailed",
            "let the mail server refuse a single address (550)",
            "allow the address, and run `placement messages retry`",
            _refuse_an_address,
        ),
        Drill(
            "PlacementJobNotRun",
            "let a trigger refuse rows of `jobrun` of the job `end_files`, for half an hour",
            "remove the trigger",
            _let_a_job_fail,
            "job.failed",
        ),
        Drill(
            "PlacementMessagesWait",
            "stop the mail server, and set the clock of the service (`faketime`) twelve hours on",
            "start the mail server",
            _let_mail_wait,
        ),
        Drill(
            "PlacementConnections",
            "open connections to another database of the server with `psql` until less than a tenth is left",
            "end `psql`",
            _take_connections,
        ),
        Drill(
            "PlacementRestarts",
            "`kill` a web process four times, more than a minute apart",
            "wait for an hour without such an end",
            _kill_web_processes,
            "server.process_ended",
        ),
        Drill(
            "PlacementFilesOpen",
            "`chmod a+r` for the database file",
            "`chmod go=` for it",
            _open_a_file,
        ),
    )
}
"""The drills by alert: all alerts of the service, and a single alert of a finding of the doctor."""
