"""A thief who can write everything in the database, and has neither a key nor the folder of keys."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from placement.crypto.encrypted_columns import Closed, Secret
from placement.jobs import periodic
from tests.support.api.service import Service
from tests.support.stores import address_of, run_statement

Row = Mapping[str, Any]


class Thief:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._engine = service.database.engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Opens a connection of the database's owner, in which no trigger of the service fires."""
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection
                return
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            triggers = connection.execute(text(query)).all()
            for name, _ in triggers:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
            yield connection
            for _, made in triggers:
                connection.exec_driver_sql(made)

    def row(self, table: str, **named: object) -> Row:
        """Returns a row as it is stored."""
        known = SQLModel.metadata.tables[table]
        with self._engine.connect() as connection:
            query = select(known).where(*(known.c[name] == value for name, value in named.items()))
            found = connection.execute(query).mappings().one()
        return {name: Secret(one.stored) if isinstance(one, Closed) else one for name, one in found.items()}

    def put_back(self, table: str, row: Row) -> None:
        """Puts a row back as it was."""
        known = SQLModel.metadata.tables[table]
        with self.writing() as connection:
            connection.execute(update(known).where(known.c.id == row["id"]).values(**row))

    def silence_jobs(self, at: datetime) -> None:
        """Writes that every job has run in the slots of the next minutes."""
        known = SQLModel.metadata.tables["jobrun"]
        with self.writing() as connection:
            for job in periodic.JOBS:
                slots = {periodic.slot_of(job, at + timedelta(seconds=step)) for step in range(0, 300, 5)}
                taken = set(connection.execute(select(known.c.slot).where(known.c.job == job.name)).scalars())
                new = [{"job": job.name, "slot": slot, "finished_at": at} for slot in slots - taken]
                if new:
                    connection.execute(known.insert(), new)

    def last_line(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text("SELECT max(id) FROM auditevent")).scalar_one())

    @contextmanager
    def copy(self) -> Iterator["Copy"]:
        """Yields a copy of the whole database as it is now."""
        made = Copy(self._service)
        try:
            yield made
        finally:
            made.remove()


class Copy:
    """A copy of the whole database, to be put in its place later."""

    def __init__(self, service: Service) -> None:
        self._engine = service.database.engine
        self._url = self._engine.url
        self._name = str(self._url.database)
        self._copied = f"{self._name}_copied"
        self._engine.dispose()
        self._replace(self._copied, self._name)

    def put_back(self) -> None:
        self._engine.dispose()
        self._replace(self._name, self._copied)

    def remove(self) -> None:
        if self._is_file:
            return
        self._run(f'DROP DATABASE "{self._copied}"')

    @property
    def _is_file(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _replace(self, name: str, by: str) -> None:
        if self._is_file:
            shutil.copyfile(by, name)
            return
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{by}"')

    def _run(self, statement: str) -> None:
        run_statement(address_of(make_url(self._url).set(database="postgres")), statement)


def pass_a_minute(service: Service) -> None:
    """Does what the service does by itself in a minute."""
    service.moment.pass_by(minutes=1)
    for job in periodic.JOBS:
        periodic.run(service.database, service.country.settings, job, service.moment.at)
    service.app.state.watcher.look()
