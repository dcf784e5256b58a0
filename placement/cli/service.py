"""Commands that run for a long time: serve, scheduler."""

import os
import shlex
import socket
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import structlog
import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.audit import service_keys
from placement.cli.liveness import Liveness, Watchdog
from placement.cli.server import Server, require_usable
from placement.cli.store import Beside, Size, credentials_file, in_use, seed_into
from placement.core import clock, own_packages, run_folder
from placement.core.child_processes import end_with
from placement.core.errors import Misconfigured, NotMigrated
from placement.core.heartbeats import Heartbeats
from placement.core.logging import set_up_logging
from placement.core.own_files import close_to_others
from placement.core.setting_files import engines_socket, heartbeats_socket, vital_signs_socket
from placement.core.settings import LOOPBACK, Settings, unknown_variables, variables_set
from placement.jobs.daily import dailies, run_due
from placement.jobs.periodic import JOBS, mix_all_rows, run
from placement.leave.ended_service import require_not_left
from placement.solver.engine_lending import EngineLender
from placement.solver.engine_pool import EnginePool
from placement.storage import row_order
from placement.storage.database import Database
from placement.storage.database_faults import Cause, cause_of, facts_of
from placement.storage.store_inspection import contents_of

_DEMO_SEED = 1
_LOG = structlog.get_logger()


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; two or more need PostgreSQL.")] = 1,
    health_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="A port that answers liveness at once, under any load."),
    ] = None,
    demo: Annotated[
        bool, typer.Option(help="First make a key, migrate, and seed an empty database; refuses one in use.")
    ] = False,
    *,
    beside: Beside = None,
) -> None:
    """Serve the API. The periodic jobs run in a separate process."""
    own_packages.require_own()
    settings = Settings.from_environment()
    if beside is not None:
        end_with(beside)
    if workers > 1 and make_url(settings.database_url).get_backend_name() == "sqlite":
        raise Misconfigured("several processes need PostgreSQL: set DATABASE_URL, or leave --workers at 1")
    _require_free(host, port, "--port")
    if health_port == port:
        raise Misconfigured("--health-port must be another port than --port: liveness has a server of its own")
    if health_port:
        _require_free(host, health_port, "--health-port")
    if settings.demo:
        raise Misconfigured("PLACEMENT_DEMO is set by `placement serve --demo` itself: leave it out")
    if demo:
        settings = _demo_settings(settings, host)
    listen = None if health_port is None else (host, health_port)
    with run_folder.held(settings.run):
        close_to_others(settings.var, settings.run, settings.audit_heads)
        _server(settings, host, port, workers, listen, demo=demo).serve()


def _server(
    settings: Settings, host: str, port: int, workers: int, listen: tuple[str, int] | None, *, demo: bool
) -> Server:
    """Returns the server. Raises `Misconfigured` if anything would prevent its start."""
    if demo:
        settings = _prepare_demo(settings, f"http://{host}:{port}")
    if settings.plain_http and host not in LOOPBACK:
        raise Misconfigured("PLACEMENT_PLAIN_HTTP=yes is for this machine alone: listen at 127.0.0.1, or use TLS")
    usable = _is_usable(settings, demo=demo)
    if settings.webauthn != "off":
        _ = settings.relying_party  # raises if no sign-in could succeed
    heartbeats = Heartbeats(workers, heartbeats_socket(settings.run))
    liveness = Liveness(heartbeats, vital_signs_socket(settings.run), listen, Watchdog.of(os.environ))
    engines = EngineLender(EnginePool(settings.engines), engines_socket(settings.run))
    server = Server(host, port, workers, settings, engines=engines, liveness=liveness, demo=demo)
    if not usable:
        server.wait_for_database()
    return server


def scheduler(beside: Beside = None) -> None:
    """Run the periodic and daily jobs, and deliver messages. It is safe to run several schedulers."""
    from placement.jobs.scheduler import serve_jobs  # noqa: PLC0415  (this command alone needs it)

    settings = Settings.from_environment()
    if beside is not None:
        end_with(beside)
    serve_jobs(Database.open(settings), settings, beside=beside)


def jobs(
    names: Annotated[list[str] | None, typer.Argument(help="Their names; by default all.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%SZ"], help="As if it were this moment (UTC).")
    ] = None,
    take_time: Annotated[
        bool, typer.Option(help="Let mix_rows lock tables for as long as it needs. First stop the service.")
    ] = False,
) -> None:
    """Run the periodic jobs once, by hand. This is safe even if the scheduler runs them too."""
    settings = Settings.from_environment()
    known = {job.name: job for job in JOBS}
    if take_time:
        known[row_order.JOB] = replace(known[row_order.JOB], run=mix_all_rows)
    days = {daily.name: daily for daily in dailies(settings)}
    unknown = sorted(set(names or ()) - set(known) - set(days))
    if unknown:
        raise Misconfigured(f"there is no job {', '.join(unknown)}; there are: {', '.join([*known, *days])}")
    at = as_of.replace(tzinfo=UTC) if as_of else clock.now()
    with closing(Database.open(settings)) as database:
        with database.transaction() as session:
            require_not_left(session)
        for name in names or [*known, *days]:
            if name in known:
                ran = run(database, settings, known[name], at, by_hand=as_of is not None)
                typer.echo(f"{name}: {'done' if ran else 'was done already for this slot of time'}", err=True)
            else:
                done = run_due(database, settings, days[name], at)
                typer.echo(f"{name}: done for {', '.join(row.day.isoformat() for row in done) or 'no day'}", err=True)


def _demo_settings(settings: Settings, host: str) -> Settings:
    """Sets environment variables for the web processes of the demo. Sign-in with a click is possible only at a loopback
    address.
    """
    os.environ.setdefault("PLACEMENT_WEBAUTHN", "off")
    os.environ.setdefault("PLACEMENT_SCHEMA", "yes")
    if host not in LOOPBACK:
        return settings
    os.environ.setdefault("PLACEMENT_PLAIN_HTTP", "yes")
    os.environ["PLACEMENT_DEMO"] = "yes"
    return Settings.from_environment()


def _prepare_demo(settings: Settings, address: str) -> Settings:
    file = credentials_file(settings)
    before = contents_of(settings)
    if before.is_used and not (file.exists() if before.synthetic is None else before.synthetic):
        raise in_use(before, settings)
    own_packages.demo()
    service_keys.make(settings)
    settings = Settings.from_environment()
    with closing(Database.open(settings)) as database:
        database.migrate()
        found = contents_of(settings)
        if not found.is_used:
            typer.echo("making a synthetic Netherlands ...")
            seed_into(database, settings, Size.NATIONAL, _DEMO_SEED)
        elif not (found.synthetic and file.exists()):
            raise in_use(found, settings)
    problem = settings.var / "problem.json"
    of_this_store = f"PLACEMENT_VAR={shlex.quote(str(settings.var))} " if "PLACEMENT_VAR" in variables_set() else ""
    typer.echo(
        f"\nThe pages:   {address}, in Dutch and English: choose a role, then the first task\n"
        f"The API:     {address}/schema, with the keys in {file}\n"
        f"A tutorial:  guide: journey, from a shelter's report to a bed\n"
        f"The engine:  {of_this_store}{_command()} export-problem --output {shlex.quote(str(problem))}\n"
        f"             {_command()} match {shlex.quote(str(problem))}\n"
        f"Stop:        Ctrl-C; the data stays in {settings.var}/"
    )
    return settings


def _command() -> str:
    """Returns the path by which this process was started, if it ends in `placement`; otherwise `placement`."""
    return shlex.quote(sys.argv[0]) if Path(sys.argv[0]).name == "placement" else "placement"


def _require_free(host: str, port: int, option: str) -> None:
    """Raises `Misconfigured` if the port is in use. Otherwise two services could listen on the same port, and each
    would get a part of the requests.
    """
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise Misconfigured(
            f"cannot listen at {host}:{port} ({error.strerror}); choose another with {option}"
        ) from error


def _is_usable(settings: Settings, *, demo: bool) -> bool:
    """Checks everything that could prevent the start of a web process. Returns false if the database does not answer or
    is not migrated yet. Raises `Misconfigured` if a check fails.
    """
    set_up_logging()
    for name, nearest in unknown_variables().items():
        _LOG.warning("settings.unknown", name=name, nearest=nearest)
    try:
        require_usable(settings, demo=demo)
    except (DBAPIError, NoConnectionInTime) as error:
        if cause_of(error) is Cause.REFUSES_US:
            raise
        _LOG.error("database.fault", waits=True, **facts_of(error))
        return False
    except NotMigrated as error:
        _LOG.error("database.fault", waits=True, reason=str(error))
        return False
    return True
