"""Checks of backups: whether backups are made, are copied to another machine, and belong to this installation."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import select

from placement.backup.creation import KEYS_EVERY, is_set_up, require_recipients
from placement.backup.manifest import Manifest, manifests
from placement.backup.snapshot import require_program
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.core.setting_limits import KEY_BACKUPS_KEPT
from placement.doctor.findings import Finding, Found
from placement.storage import store_records
from placement.tables import KeyStoreName
from placement.tasks.set_up import LastBackup, recorded_backup


def backups(act: Act) -> Iterator[Finding]:
    if store_records.is_synthetic(act.session):
        return
    last = recorded_backup(act)
    if last is None:
        yield Finding(Found.BACKUP_NONE)
        return
    try:
        found = list(manifests(act.settings.backup_folder))
    except Misconfigured as torn:
        yield Finding(Found.BACKUP_TORN, {"why": str(torn)})
        return
    wrong = [*_by_the_service(act, found, last)]
    yield from wrong or [Finding(Found.BACKUP_WELL, {"at": last.at.isoformat(timespec="seconds")})]


def kept_too_long(act: Act, found: Sequence[Manifest]) -> Iterator[Finding]:
    folder = act.settings.backup_folder
    late = KEY_BACKUPS_KEPT + KEYS_EVERY
    kept = sum(
        act.at - datetime.fromisoformat(one.keys.at) > late for one in found if (folder / one.keys.file).exists()
    )
    if kept:
        yield Finding(Found.BACKUP_KEYS_KEPT, {"count": kept, "folder": str(folder)})


def _by_the_service(act: Act, found: Sequence[Manifest], last: LastBackup) -> Iterator[Finding]:
    """Checks the backups that the service itself makes. If another program makes them, the backup folder is empty."""
    folder = act.settings.backup_folder
    if is_set_up(act.settings):
        yield from _cannot_be_made(act)
        if not found:
            yield Finding(Found.BACKUP_FOLDER_EMPTY, {"folder": str(folder), "at": last.at.isoformat("T", "seconds")})
            return
    elif found:
        yield Finding(Found.BACKUP_NO_RECIPIENTS)
    if found and found[0].key_store != act.session.exec(select(KeyStoreName.id)).first():
        yield Finding(Found.BACKUP_FOREIGN, {"folder": str(folder), "id": found[0].id})
        return
    if last.is_old:
        yield Finding(Found.BACKUP_OLD, {"at": last.at.isoformat(timespec="seconds")})
    newest = next((one for one in found if (folder / one.keys.file).exists()), None)
    if newest is not None and act.at - datetime.fromisoformat(newest.keys.at) > 2 * KEYS_EVERY:
        yield Finding(Found.BACKUP_KEYS_OLD, {"at": newest.keys.at})
    yield from kept_too_long(act, found)


def _cannot_be_made(act: Act) -> Iterator[Finding]:
    try:
        require_recipients(act.settings)
    except Misconfigured as wrong:
        yield Finding(Found.BACKUP_WRONG_RECIPIENT, {"why": str(wrong)})
    try:
        require_program(act.session.connection(), act.settings)
    except Misconfigured as wrong:
        yield Finding(Found.BACKUP_NO_PROGRAM, {"why": str(wrong)})
