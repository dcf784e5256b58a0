"""Making a backup, and removing old backups.

The data is copied before the keys. The service writes a key to the disk before it commits a row that needs the key. So
the later copy of the keys contains the key of every copied row. In the other order, keys of rows that were written
between the two copies would be missing.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlmodel import Session

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.backup import archives, snapshot
from placement.backup.manifest import BEGINS, DATA, ID, KEYS, Archive, Manifest, manifests, newest_data
from placement.core import clock
from placement.core.clock import CLOCKS_DIFFER
from placement.core.codes import StoreFact
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.core.version import VERSION
from placement.crypto.age import is_recipient
from placement.crypto.encrypted_columns import keys_of
from placement.storage import hash_chain, store_records
from placement.storage.database import Database
from placement.storage.field_sealing import require_own_store

KEYS_EVERY = timedelta(hours=1)
_LATE = timedelta(minutes=10)
"""How much earlier than due a backup may be made, because timers are not exact (assumed)."""
_STAGING = ".backup-"
_DRAFT = ".draft"
_ROOM = 2.5
"""The free disk space that a backup needs, as a multiple of the size of the database (assumed). The space is for the
copy, the packed archive and the encrypted archive.
"""


class Underway(Misconfigured):
    """Raised if another process is making a backup in the same folder."""


ActIn = Callable[[Session], Act]
"""A function that returns the act of the backup in the given transaction, with the current time."""


def make(database: Database, settings: Settings, act_in: ActIn, *, only_keys: bool = False) -> Manifest:
    """Makes a backup now. Raises `Misconfigured` if recipients or disk space are missing, or if another process is
    making a backup.
    """
    require_recipients(settings)
    with _alone(settings.backup_folder), _pruned_after(settings):
        return _make(database, settings, act_in, only_keys=only_keys)


def make_due(database: Database, settings: Settings, act_in: ActIn) -> Manifest | None:
    """Makes the backup if it is due, and returns its manifest; otherwise `None`. The data is due after `backup_every`,
    the keys after an hour. Removes old backups even if no backup is due. Does nothing while another process makes a
    backup. Raises the errors of `make`.
    """
    require_recipients(settings)
    folder = settings.backup_folder
    try:
        with _alone(folder), _pruned_after(settings):
            if _is_due((one.data for one in manifests(folder)), folder, settings.backup_every):
                return _make(database, settings, act_in, only_keys=False)
            if _is_due((one.keys for one in manifests(folder)), folder, KEYS_EVERY):
                return _make(database, settings, act_in, only_keys=True)
    except Underway:
        return None
    return None


def is_set_up(settings: Settings) -> bool:
    return bool(settings.backup_data_for and settings.backup_keys_for)


def require_recipients(settings: Settings) -> None:
    """Raises `Misconfigured` if recipients are missing, or if a recipient is not a public key of the tool `age`."""
    if not is_set_up(settings):
        raise Misconfigured(
            "backups need PLACEMENT_BACKUP_DATA_FOR and PLACEMENT_BACKUP_KEYS_FOR: public keys of age (age1...), whose"
            " private keys are not on this machine"
        )
    if wrong := [one for one in (*settings.backup_data_for, *settings.backup_keys_for) if not is_recipient(one)]:
        raise Misconfigured(f"{wrong[0]} is no public key of age (age1...)")


def prune(settings: Settings, at: datetime) -> list[str]:
    """Removes old archives (settings `backup_data_days` and `backup_keys_days`), and files that no manifest names.
    Returns the names of the removed files. Keeps the newest archive of the data, however old it is. Keeps no old
    archive of keys, because it may contain keys that have been destroyed since.
    """
    folder, gone = settings.backup_folder, []
    known = list(manifests(folder))
    newest = newest_data(folder)
    for one in known:
        if one.data and one != newest:
            gone += _remove_old(folder, one.data, at - timedelta(days=settings.backup_data_days))
        gone += _remove_old(folder, one.keys, at - timedelta(days=settings.backup_keys_days))
        if not any((folder / archive.file).exists() for archive in (one.data, one.keys) if archive):
            (folder / f"{BEGINS}{one.id}.json").unlink()
    named = {archive.file for one in known for archive in (one.data, one.keys) if archive}
    for file in folder.glob(f"{BEGINS}*.age*"):  # drafts, and archives of an interrupted backup
        if file.name not in named:
            file.unlink()
            gone.append(file.name)
    return sorted(gone)


def record_made(act: Act, at: datetime) -> None:
    """Records that a backup contains all writes acknowledged by this time. The page *Set up* shows the time."""
    store_records.record(act.session, StoreFact.BACKUP_MADE, at)
    audit_log.write(act, Event.STORE_RECORDED, fact=StoreFact.BACKUP_MADE.value)


def _make(database: Database, settings: Settings, act_in: ActIn, *, only_keys: bool) -> Manifest:
    folder, began = settings.backup_folder, clock.now()
    with database.transaction() as session:
        require_own_store(session)  # with a foreign or empty key store, the backup could not be decrypted
    keys = keys_of(database.engine.dialect)
    name = began.strftime(ID)
    if (folder / f"{BEGINS}{name}.json").exists():
        raise Misconfigured(f"there is a backup of this second: {name}")
    data, contents = (None, None) if only_keys else _data(database, settings, folder / f"{BEGINS}{name}{DATA}")
    copied_from = clock.now()
    target = folder / f"{BEGINS}{name}{KEYS}"
    with _draft_of(target) as draft:
        archives.write_keys(settings, keys.store, draft)
    revision, line, link = (contents.revision, contents.line, contents.link) if contents else _state(database)
    manifest = Manifest(
        id=name,
        version=VERSION,
        store=database.engine.dialect.name,
        revision=revision,
        line=line,
        link=link,
        key_store=str(keys.store.id()),
        data=data,
        keys=Archive.of(target, copied_from),
    ).sealed(keys.ring)
    manifest.write(folder)
    if data is not None:
        with database.transaction() as session:
            record_made(act_in(session), manifest.complete_until)
    return manifest


def _data(database: Database, settings: Settings, target: Path) -> tuple[Archive, snapshot.Contents]:
    settings.var.mkdir(parents=True, exist_ok=True)
    for left in settings.var.glob(f"{_STAGING}*"):  # left by a backup that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_STAGING, dir=settings.var) as staging:
        _require_room(database, Path(staging), target.parent)
        taken = snapshot.take(database, settings, Path(staging) / snapshot.DUMP)
        with _draft_of(target) as draft:
            archives.write_data(settings, taken.contents, Path(staging), draft)
    return Archive.of(target, taken.nothing_after, taken.complete_until), taken.contents


def _require_room(database: Database, *folders: Path) -> None:
    """Raises `Misconfigured` if a copy would fill the disk. Checks only SQLite; the size of a PostgreSQL dump is not
    known in advance.
    """
    if database.engine.dialect.name != "sqlite":
        return
    needed = int(_ROOM * Path(str(database.engine.url.database)).stat().st_size)
    for folder in folders:
        if (free := shutil.disk_usage(folder).free) < needed:
            raise Misconfigured(f"a backup needs {needed >> 20} MB in {folder.parent}, and {free >> 20} MB are free")


def _state(database: Database) -> tuple[str, int, str]:
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        with Session(bind=connection) as session:
            return str(revision), *hash_chain.head(session)


def _is_due(made: Iterable[Archive | None], folder: Path, every: timedelta) -> bool:
    """Returns true if no existing archive was made within the interval. Ignores an archive with a time in the future,
    which was made while the clock was ahead.
    """
    now = clock.now()
    ages = (now - datetime.fromisoformat(one.at) for one in made if one is not None and (folder / one.file).exists())
    return not any(-CLOCKS_DIFFER <= age <= every - _LATE for age in ages)


def _remove_old(folder: Path, archive: Archive, before: datetime) -> list[str]:
    file = folder / archive.file
    if not file.exists() or datetime.fromisoformat(archive.at) >= before:
        return []
    file.unlink()
    return [archive.file]


@contextmanager
def _pruned_after(settings: Settings) -> Iterator[None]:
    """Context manager that removes old archives at its end, also after an error."""
    try:
        yield
    finally:
        prune(settings, clock.now())


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """Yields a draft file beside the target. If the block ends without an error, the draft replaces the target."""
    draft = target.with_name(target.name + _DRAFT)
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as taken:
        raise Underway(f"another backup is being made into {folder}") from taken
    finally:
        os.close(lock)
