"""A database for a test, on either store, copied from a template that is made once a run."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

import fixtures
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import use_keys
from placement.storage.database import Database
from tests.support.beginnings import Beginning
from tests.support.settings import changed

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""The moment of the small country: tests count from here."""


METRICS_TOKEN = "operator-" * 4
OPERATOR = {"Authorization": f"Bearer {METRICS_TOKEN}"}
"""With these headers a request is the operator's."""
_NUMBERS = count(1)


@dataclass(frozen=True)
class Country:
    """A small synthetic country, its settings, and the keys of those in it."""

    database: Database
    settings: Settings
    credentials: dict[str, Any]

    def key_of(self, who: str, number: int = 0) -> str:
        """Returns the API key of a shelter by its id, or of the n-th person with a role."""
        for shelter in self.credentials["shelters"]:
            if shelter["shelter_id"] == who:
                return str(shelter["api_key"])
        return str([person for person in self.credentials["people"] if person["role"] == who][number]["api_key"])


Build = Callable[[Database, Settings], dict[str, Any] | None]


def small_country(database: Database, settings: Settings, size: str = "small") -> dict[str, Any]:
    """Puts a synthetic country into an empty database, and returns its credentials."""
    return fixtures.load(database, settings, size=size, seed=1, at=AT).as_json()


def run_statement(server: str, statement: str) -> None:
    """Runs a statement outside any transaction, as statements about whole databases need."""
    engine = create_engine(server.replace("postgres://", "postgresql://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def new_database(server: str) -> str:
    """Makes a PostgreSQL database without a table, and returns its address."""
    name = f"blank_{os.getpid()}_{next(_NUMBERS)}"
    run_statement(server, f'CREATE DATABASE "{name}"')
    return address_of(make_url(server.replace("postgres://", "postgresql://", 1)).set(database=name))


def address_of(url: URL) -> str:
    return url.render_as_string(hide_password=False)


class Stores:
    """Maker of databases for tests: each is a copy of a template that is made once a run, and replaces an idle
    database.
    """

    def __init__(self, request: pytest.FixtureRequest, kind: str) -> None:
        self.kind = kind
        self._templates = request.getfixturevalue("templates")
        self._idle = request.getfixturevalue("idle")[kind]
        self._key = request.getfixturevalue("field_key")
        self._audit_key = request.getfixturevalue("audit_key")
        self._tmp = request.getfixturevalue("tmp_path")
        self._folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
        self._server = request.getfixturevalue("postgresql") if kind == "postgresql" else ""
        self._kept = request.getfixturevalue("beginnings")
        self._is_patched = patches_of(request)
        self._open: list[Database] = []
        self._blank: list[str] = []

    def make(self, content: str, build: Build | None = None) -> Country:
        """Makes a database. `content`: `empty`, a size of the synthetic country, or the name of the content that
        `build` puts into an empty database. It may return credentials.
        """
        template, credentials = self._template(content, build)
        database = self._idle.pop() if self._idle else None
        url = address_of(database.engine.url) if database else self._url(f"test_{os.getpid()}_{next(_NUMBERS)}")
        self._copy(template, url)
        settings = self._settings(url)
        if database is None:
            database = Database.open(settings)
        else:
            use_keys(database.engine.dialect, settings)
        self._open.append(database)
        return Country(database, settings, credentials)

    def beginning(self, made: Country) -> Beginning | None:
        """Remembers what is done first in this store, until the test puts something in the place of the service."""
        if self.kind != "sqlite" or self._is_patched is None:
            return None
        return Beginning(self._kept, Path(self._folder) / "beginnings", made.database, made.settings, self._is_patched)

    def blank(self) -> str:
        """Returns the address of a PostgreSQL database without a table."""
        url = new_database(self._server)
        self._blank.append(url)
        return url

    def close(self) -> None:
        while self._open:
            database = self._open.pop()
            database.close()
            self._remove(address_of(database.engine.url))
            self._idle.append(database)
        for url in self._blank:
            self._remove(url)

    def _settings(self, url: str) -> Settings:
        chosen = Settings(var=self._tmp, key_store=self._key_store(url), audit_heads=self._tmp / "audit-heads.jsonl")
        return changed(
            chosen,
            database_url=url,
            field_keys=(self._key,),
            audit_key=self._audit_key,
            webauthn="off",
            open_schema=True,
            metrics_token=METRICS_TOKEN,
        )

    def _key_store(self, url: str) -> Path:
        """Returns the key store of a database. A copy of a database has a copy of it."""
        return Path(self._folder) / "keys" / self.kind / Path(str(make_url(url).database)).stem

    def _template(self, content: str, build: Build | None = None) -> tuple[str, dict[str, Any]]:
        if (self.kind, content) not in self._templates:
            self._templates[self.kind, content] = self._make_template(content, build)
        return self._templates[self.kind, content]

    def _make_template(self, content: str, build: Build | None) -> tuple[str, dict[str, Any]]:
        url = self._url(f"template_{content}_{os.getpid()}")
        settings = self._settings(url)
        if content == "empty":
            if self.kind == "postgresql":
                self._run(f'CREATE DATABASE "{make_url(url).database}"')
            database = Database.open(settings)
            database.migrate()
        else:
            self._copy(self._template("empty")[0], url)
            database = Database.open(settings)
        credentials: dict[str, Any] = {"people": [], "shelters": []}
        if build:
            credentials |= build(database, settings) or {}
        elif content != "empty":
            credentials = small_country(database, settings, content)
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
            for beside in ("", "-wal", "-shm", "-journal"):
                Path(f"{name}{beside}").unlink(missing_ok=True)
        shutil.rmtree(self._key_store(url), ignore_errors=True)

    def _url(self, name: str) -> str:
        if self.kind == "postgresql":
            return address_of(make_url(self._server.replace("postgres://", "postgresql://", 1)).set(database=name))
        return f"sqlite:///{self._folder / name}.db"

    def _run(self, statement: str) -> None:
        run_statement(self._server, statement)


def patches_of(request: pytest.FixtureRequest) -> Callable[[], bool] | None:
    """Returns a check of whether the test has replaced a part of the service by now; nothing if a fixture may do it."""
    if "monkeypatch" not in getattr(request, "fixturenames", ()):
        return lambda: False
    fixtures_of_test = request.node._fixtureinfo.name2fixturedefs.values()
    if any("monkeypatch" in one.argnames for known in fixtures_of_test for one in known):
        return None
    patch = lambda: request.node.funcargs.get("monkeypatch")  # noqa: E731  (made when the other fixtures are)
    return lambda: patch() is not None and bool(patch()._setattr or patch()._setitem)


EACH_STORE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.wide)]
"""`make test` tries what was written on one store, and `make wide` on the other."""
each_store = pytest.mark.parametrize("stores", EACH_STORE, indirect=True)

both_stores = pytest.mark.parametrize("stores", ["sqlite", "postgresql"], indirect=True)
"""For what the store decides: on both each time."""


def first_and_wide(*values: object) -> list[object]:
    """Parameters of what is tried again and again, as a race: `make test` tries the first."""
    others = (value if isinstance(value, tuple) else (value,) for value in values[1:])
    return [values[0], *(pytest.param(*value, marks=pytest.mark.wide) for value in others)]


class FileRequest:
    """A request with which `Stores` gets the same folder for all tests of a file, instead of a folder for one test."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def getfixturevalue(self, name: str) -> Any:
        if name == "tmp_path":
            return self._request.getfixturevalue("tmp_path_factory").mktemp("file")
        return self._request.getfixturevalue(name)


one_store = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
"""For tables of policy, which no store can change: half the time."""
