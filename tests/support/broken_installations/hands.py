"""The table of broken installations, and what each row has to break with."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from placement.doctor.findings import Found
from placement.storage.database import Database
from tests.support.settings import changed

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Broken:
    breaks: Callable[..., None]
    found: frozenset[Found]


TABLE: list[Broken] = []
ROWS: list[object] = []
NOTHING_TO_FIND: tuple[Found, ...] = ()


def broken(*found: Found, on: tuple[str, ...] = (SQLITE,)):
    """Adds a row to the table: what breaks the installation, and what the doctor then finds."""

    def added(breaks: Callable[..., None]) -> Callable[..., None]:
        for kind in on:
            marks = [pytest.mark.wide] if kind == POSTGRESQL and len(on) > 1 else []
            row = Broken(breaks, frozenset(found))
            TABLE.append(row)
            ROWS.append(pytest.param(kind, row, id=f"{breaks.__name__}-{kind}", marks=marks))
        return breaks

    return added


BOTH = (SQLITE, POSTGRESQL)


class Hands:
    """Tools with which a row of the table breaks an installation: its files, SQL, the environment, and the end of the
    test.
    """

    def __init__(self, well, stores, patch, ends) -> None:
        self.well, self.stores, self.patch = well, stores, patch
        self.settings, self.town, self.folder = well.settings, well.town, well.settings.var
        self.at_the_end, self.until_the_end = ends.callback, ends.enter_context

    def sql(self, *statements: str) -> None:
        with self.town.database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def log_sql(self, statement: str) -> None:
        """Changes the log as an owner of the tables who leaves the triggers as they were."""
        if self.stores.kind == POSTGRESQL:
            self.sql(
                "ALTER TABLE auditevent DISABLE TRIGGER USER", statement, "ALTER TABLE auditevent ENABLE TRIGGER USER"
            )
            return
        with self.town.database.engine.begin() as connection:
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'auditevent'"
            triggers = connection.execute(text(query)).all()
            for name, _ in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(statement))
            for _, written in triggers:
                connection.exec_driver_sql(written)

    def head(self, **facts) -> None:
        file = self.settings.audit_heads
        last = json.loads(file.read_text().splitlines()[-1])
        file.write_text(json.dumps(last | facts) + "\n")

    @contextmanager
    def opened(self, field_keys) -> Iterator[Database]:
        """Opens the store with other keys of the fields, as a process that was started with them has it."""
        database = Database.open(changed(self.settings, field_keys=tuple(field_keys)))
        try:
            yield database
        finally:
            database.close()

    def empty_store(self) -> str:
        return self.stores.blank() if self.stores.kind == POSTGRESQL else f"sqlite:///{self.folder / 'empty.db'}"
