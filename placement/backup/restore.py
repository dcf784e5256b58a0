"""The restore of a backup into an empty store. The key store is restored last. Until then no database accepts the key
store and no service starts. So an interrupted restore cannot be used by mistake, and can be repeated.
"""

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import Session, col

from placement.audit import log as audit_log
from placement.audit import log_key
from placement.audit.events import Event
from placement.audit.verification import read_heads
from placement.backup import archives, snapshot
from placement.backup.manifest import Archive, Manifest, newest_keys, read
from placement.backup.snapshot import Contents
from placement.core.codes import StoreFact
from placement.core.context import Act, by_command
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_file
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_files import write_whole
from placement.storage import hash_chain, store_records, watch
from placement.storage.database import Database
from placement.storage.field_sealing import missing_keys
from placement.storage.store_inspection import contents_of
from placement.storage.watch import Mark
from placement.tables import AuditEvent, DataKey

_UNDERWAY = "restore.underway"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parameters of a restore. `manifest`: the manifest of the data. `keys`: the manifest of the keys; by default
    the newest in the same folder. `keep_keys`: true to use the existing key store. `older_keys`: true to accept keys
    that are older than the data.
    """

    manifest: Path
    identities: Sequence[Path]
    keys: Path | None = None
    keep_keys: bool = False
    older_keys: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore. `destroyed`: the number of keys that the restore destroyed, because they were destroyed
    before the backup. `missing`: owners without a key, so that their content is unreadable. `lines_lost`: the number of
    lost audit events, if newer stored heads of the log prove a loss.
    """

    manifest: Manifest
    keys: str
    rows: int
    destroyed: int
    missing: list[str]
    lines_lost: int


def restore(settings: Settings, wanted: Wanted) -> Restored:
    """Restores a backup into the empty store of the settings. Raises `Misconfigured`, without any change, if the store
    is not empty, if an archive is damaged, or if the keys are older than the data.
    """
    with closing(Database.open(settings)) as database:
        return _Restore(settings, wanted, database).run()


class _Restore:
    def __init__(self, settings: Settings, wanted: Wanted, database: Database) -> None:
        self._settings, self._wanted, self._database = settings, wanted, database
        self._keys = keys_of(database.engine.dialect)
        self._manifest = self._own(wanted.manifest)
        self._underway = settings.var / _UNDERWAY

    def run(self) -> Restored:
        settings, database, manifest, store = self._settings, self._database, self._manifest, self._keys.store
        if manifest.data is None:
            raise Misconfigured(f"{self._wanted.manifest} is a backup of the keys alone: name one with data")
        if manifest.store != database.engine.dialect.name:
            raise Misconfigured(f"{manifest.id} is a backup of {manifest.store}: set DATABASE_URL to such a store")
        archive = manifest.data.require_whole(self._wanted.manifest.parent)
        database.require_known_revision(manifest.revision)
        self._require_empty()
        taken, files = self._keys_taken(manifest.data)
        settings.var.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.var) as staging:
            contents, others = archives.read_data(archive, self._wanted.identities, Path(staging))
            write_whole(self._underway, json.dumps({"id": manifest.id}).encode())
            destroyed = self._put_keys(files, contents)
            if not contents_of(settings).has_tables:
                snapshot.put_back(settings, Path(staging) / snapshot.DUMP)
                self._require_same(contents)
        self._require_head()
        lost = self._put_heads(others.get(snapshot.HEADS, b""))
        self._put_settings(others[snapshot.SETTINGS])
        if not database.is_current():
            database.migrate()
        missing = self._finish(taken)
        if files:
            store.put_back_id(manifest.key_store)
        database.require_usable()
        self._underway.unlink()
        return Restored(manifest, taken, sum(contents.rows.values()), destroyed, missing, lost)

    def _own(self, file: Path) -> Manifest:
        found = read(file)
        found.require_own(self._keys.ring)
        return found

    def _require_empty(self) -> None:
        """Raises `Misconfigured` if the store is not empty, except after an interrupted run of this restore."""
        store = self._keys.store
        if self._underway.exists():
            if (other := json.loads(self._underway.read_text())["id"]) != self._manifest.id:
                raise Misconfigured(
                    f"a restore of {other} was cut off: give it again; or empty the database and the key store, and"
                    f" remove {self._underway}"
                )
            return
        if contents_of(self._settings).has_tables:
            raise Misconfigured(
                "the database is not empty, and a restore overwrites nothing: name another with DATABASE_URL, or move"
                " this one away first"
            )
        if not self._wanted.keep_keys and (store.id() is not None or store.names()):
            raise Misconfigured(
                f"the key store {store.folder} is not empty: with --keep-keys it stays as it is, which is best where it"
                " was not lost; else name another with PLACEMENT_KEY_STORE"
            )

    def _keys_taken(self, data: Archive) -> tuple[str, dict[str, bytes]]:
        """Returns the id of the backup whose keys are used, and the key files by name. If the existing key store is
        used, both are empty. Raises `Misconfigured` if the keys do not fit the data.
        """
        store, wanted, manifest = self._keys.store, self._wanted, self._manifest
        if wanted.keep_keys:
            if store.id() != manifest.key_store:
                raise Misconfigured(f"the key store {store.folder} is not that of this backup")
            return "", {}
        folder = (wanted.keys or wanted.manifest).parent
        newest = read(wanted.keys) if wanted.keys else newest_keys(folder)
        if newest is None:
            raise Misconfigured(f"no archive of keys is in {folder}: name the newest manifest with --keys")
        newest.require_own(self._keys.ring)
        if newest.key_store != manifest.key_store:
            raise Misconfigured(f"the keys of {newest.id} are of another store than the data of {manifest.id}")
        if _moment(newest.keys.at) < _moment(data.at) and not wanted.older_keys:
            raise Misconfigured(
                f"the keys of {newest.id} are older than the data of {manifest.id}: what was written in between could"
                " not be read. Name newer ones with --keys, or give --older-keys where there are none"
            )
        return newest.id, archives.read_keys(newest.keys.require_whole(folder), wanted.identities)

    def _put_keys(self, files: dict[str, bytes], contents: Contents) -> int:
        """Writes the keys to their folder, unless the existing keys are used. Destroys the keys that were already
        destroyed when the data was copied, and returns their number.
        """
        store = self._keys.store
        if files:
            gone = [name for name in contents.destroyed if files.get(store.file_name(name))]
            store.put_back({**files, **{store.file_name(name): b"" for name in contents.destroyed}})
            return len(gone)
        gone = [name for name in contents.destroyed if not store.is_destroyed(name)]
        for name in gone:
            store.destroy(name)
        return len(gone)

    def _require_same(self, contents: Contents) -> None:
        with self._database.engine.connect() as connection:
            found = snapshot.contents_of(connection)
        if found != contents:
            raise Misconfigured(
                f"what was restored is not what was backed up: {found.line} lines of the log, not {contents.line}"
            )

    def _require_head(self) -> None:
        """Raises `Misconfigured` if the log does not contain the backup's last event. The log may have grown since."""
        with self._database.engine.connect() as connection, Session(bind=connection) as session:
            link = session.scalars(
                select(col(AuditEvent.link)).where(col(AuditEvent.id) == self._manifest.line)
            ).first()
        if self._manifest.line and link != self._manifest.link:
            raise Misconfigured(f"the database is not that of {self._manifest.id}: its log is another")

    def _put_heads(self, written: bytes) -> int:
        """Restores the heads of the log, and moves newer heads aside. Returns the number of audit events whose loss the
        newer heads prove.
        """
        file = self._settings.audit_heads
        later = max((head.line for head in read_heads(file)), default=0) - self._manifest.line
        if later <= 0 and file.exists():
            return 0
        if file.exists():
            file.replace(file.with_name(f"{file.name}.before-{self._manifest.id}"))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, written)
        return max(later, 0)

    def _put_settings(self, written: bytes) -> None:
        file = settings_file(self._settings.var)
        if file.exists():
            file = file.with_name(f"{file.name}.of-{self._manifest.id}")
        write_whole(file, written)

    def _finish(self, keys: str) -> list[str]:
        """Records the destroyed keys and the restore in the database and the log. Makes the log use the newest key.
        Returns the owners whose key is missing.
        """
        store, manifest = self._keys.store, self._manifest
        with self._database.transaction() as session:
            act = by_command(session, self._settings)
            live = session.scalars(select(col(DataKey.owner)).where(col(DataKey.destroyed_at).is_(None)))
            gone = [owner for owner in live if store.is_destroyed(owner)]
            session.execute(update(DataKey).where(col(DataKey.owner).in_(gone)).values(destroyed_at=act.at))
            missing = missing_keys(session)
            if manifest.data is not None:
                store_records.record(session, StoreFact.RESTORED, act.at, manifest.complete_until.isoformat())
            audit_log.write(
                act,
                Event.STORE_RESTORED,
                backup=manifest.id,
                keys=keys,
                line=manifest.line,
                destroyed=len(gone),
                missing=len(missing),
            )
            if log_key.is_due(act, self._database.audit_keys):  # the backup is older than the newest key
                log_key.replace(act, self._database.audit_keys)
        self._state_restore(act)
        return missing

    def _state_restore(self, act: Act) -> None:
        """Makes the watcher accept the restored log, which it would otherwise report as replaced by an older copy."""
        database, manifest = self._database, self._manifest
        database.seal_log()
        with database.transaction() as session:
            end = Mark(*hash_chain.head(session))
        moment = manifest.complete_until.isoformat()
        restored = watch.Restored(manifest.id, moment, act.actor.id, act.at.isoformat())
        watch.watch_of(database.engine.dialect).begin_anew(database.audit_keys, end, restored)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
