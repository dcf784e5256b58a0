"""An inspection of a database without keys and without changes. It works on every schema revision."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel, col

from placement.core.codes import StoreFact
from placement.core.setting_files import settings_file
from placement.core.settings import Settings
from placement.storage.engines import engine_for
from placement.tables import (
    Account,
    ApiKey,
    Invitation,
    Organisation,
    Provider,
    Registration,
    SecondPersonRequest,
    Shelter,
    StoreRecord,
)

_MADE_BY_SOMEBODY: Mapping[str, type[SQLModel]] = {
    "organisations": Organisation,
    "accounts": Account,
    "second_person_requests": SecondPersonRequest,
    "invitations": Invitation,
    "keys of software": ApiKey,
    "providers": Provider,
    "shelters": Shelter,
    "cases": Registration,
}


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a database. `rows`: how many rows of each kind users have made. `synthetic`: true if the seed
    command filled it; `None` if the database is too old to record this. `has_tables`: true if it was ever migrated.
    `is_begun`: true if `placement init` has written its settings.
    """

    has_tables: bool
    synthetic: bool | None
    is_begun: bool
    rows: Mapping[str, int]

    @property
    def is_used(self) -> bool:
        """Checks whether users or the seed command have stored data."""
        return self.is_begun or bool(self.synthetic) or any(self.rows.values())


def contents_of(settings: Settings) -> Contents:
    """Returns the contents of the database that the settings name. Does not create a missing database."""
    url, is_begun = make_url(settings.database_url), settings_file(settings.var).exists()
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Contents(has_tables=False, synthetic=False, is_begun=is_begun, rows={})
    engine = engine_for(settings)
    try:
        with engine.connect() as connection:
            return _read(connection, is_begun=is_begun)
    finally:
        engine.dispose()


def _read(connection: Connection, *, is_begun: bool) -> Contents:
    there = set(inspect(connection).get_table_names())
    rows = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in _MADE_BY_SOMEBODY.items()
        if table.__tablename__ in there
    }
    synthetic: bool | None = None if there else False
    if StoreRecord.__tablename__ in there:
        marks = select(func.count()).select_from(StoreRecord).where(col(StoreRecord.fact) == StoreFact.SYNTHETIC)
        synthetic = bool(connection.execute(marks).scalar_one())
    return Contents(has_tables=bool(there), synthetic=synthetic, is_begun=is_begun, rows=rows)
