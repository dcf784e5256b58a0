"""The test of a backup. The backup is restored to a temporary place, and every encrypted value in it is decrypted."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from placement.audit import row_check, verification
from placement.audit.key_rotation import batches, fields_of
from placement.backup.restore import Restored, Wanted, restore
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import Encrypted, Sealed, Unreadable, is_readable, keys_of, place_of
from placement.storage.database import Database
from placement.storage.database_faults import state_of

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  (only used through a new temporary folder in it)
_NOT_ALLOWED = "42501"
"""The SQLSTATE for an insufficient privilege."""


@dataclass(slots=True)
class Opened:
    """The result of decrypting all values.

    - `values`: the number of decrypted values.
    - `erased`: the number of values whose key was destroyed.
    - `missing`: the owners whose key is missing.
    - `damaged`: the columns with a value that its key cannot decrypt.
    """

    values: int = 0
    erased: int = 0
    missing: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Checked:
    backup: str
    keys: str
    revision: str
    rows: int
    lines: int
    first_bad: int | None
    why: str | None
    rows_good: bool
    values: int
    erased: int
    missing: list[str]
    damaged: list[str]

    @property
    def is_good(self) -> bool:
        return self.first_bad is None and self.rows_good and not (self.missing or self.damaged)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def check(settings: Settings, wanted: Wanted) -> Checked:
    """Restores a backup to a temporary place, decrypts every value in it, and removes the place. Returns the result. On
    PostgreSQL the role must be allowed to create a database. Raises `Misconfigured` if the backup cannot be restored.
    """
    with _scratch(settings) as scratch:
        restored = restore(scratch, wanted)
        with closing(Database.open(scratch)) as database:
            return _checked(database, scratch, restored)


def opened(database: Database) -> Opened:
    """Decrypts every stored encrypted value, and returns the counts."""
    keys, found = keys_of(database.engine.dialect), Opened()
    for one in fields_of(Encrypted, Sealed):
        kind = one.column.type
        assert isinstance(kind, Encrypted | Sealed)  # noqa: S101  (`fields_of` returns only these kinds)
        for batch in batches(database, one):
            for row, stored in batch:
                value = kind.opened(keys, stored, place_of(one.column, row))
                if is_readable(value):
                    found.values += 1
                elif isinstance(value, Unreadable) and value.erased:
                    found.erased += 1
                elif isinstance(kind, Sealed) and not keys.store.opens(owner := stored.partition(":")[0]):
                    found.missing.add(owner)
                else:
                    found.damaged.add(f"{one.table.name}.{one.column.name}")
    return found


def _checked(database: Database, settings: Settings, restored: Restored) -> Checked:
    log = verification.verify(database, verification.read_heads(settings.audit_heads))
    with database.transaction() as session:
        rows = row_check.compare(session, log.stated)
    values = opened(database)
    return Checked(
        backup=restored.manifest.id,
        keys=restored.keys,
        revision=restored.manifest.revision,
        rows=restored.rows,
        lines=restored.manifest.line,
        first_bad=log.first_bad,
        why=log.why,
        rows_good=rows.is_good,
        values=values.values,
        erased=values.erased,
        missing=sorted(values.missing | set(restored.missing)),
        damaged=sorted(values.damaged),
    )


@contextmanager
def _scratch(settings: Settings) -> Iterator[Settings]:
    """Yields the settings of an empty temporary store. The keys of that store are in memory, never on a disk."""
    if not _IN_MEMORY.is_dir():
        raise Misconfigured(f"{_IN_MEMORY} is not there: keys would be left on a disk")
    settings.var.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="placement-keys-", dir=_IN_MEMORY) as keys,
        tempfile.TemporaryDirectory(prefix=".verify-", dir=settings.var) as folder,
        _database(settings, folder) as url,
    ):
        places = {"var": Path(folder), "key_store": Path(keys), "audit_heads": Path(folder) / "heads.jsonl"}
        yield settings.model_copy(update={**places, "database_url": url})


@contextmanager
def _database(settings: Settings, folder: str) -> Iterator[str]:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{folder}/placement.db"
        return
    name = f"placement_verify_{secrets.token_hex(6)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            _create(connection, name)
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()


def _create(connection: Connection, name: str) -> None:
    try:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
    except ProgrammingError as error:
        if state_of(error) != _NOT_ALLOWED:
            raise
        raise Misconfigured(
            "a backup is tried in a database of its own, which this role may not make: ALTER ROLE ... CREATEDB"
        ) from error
