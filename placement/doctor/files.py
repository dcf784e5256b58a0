"""Checks of an installation's files: who can read the files, who owns them, and whether they are writable."""

import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from placement.core.own_files import of_other_owners, open_to_others
from placement.core.setting_files import audit_key_file, key_file
from placement.core.settings import Settings
from placement.doctor.findings import Finding, Found

_MOST_NAMED = 3


def files(settings: Settings) -> Iterator[Finding]:
    wrong = [*_open(settings), *_of_others(settings), *_not_writable(settings)]
    yield from wrong or [Finding(Found.FILES_WELL, {"folder": str(settings.var)})]


def database_file(settings: Settings) -> Path | None:
    """Returns the file of a SQLite database. Returns `None` if the database is in PostgreSQL or in memory."""
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return Path(str(url.database)) if is_file else None


def _own(settings: Settings) -> list[Path]:
    return [settings.var, settings.run, settings.key_store, *filter(None, [database_file(settings)])]


def _open(settings: Settings) -> Iterator[Finding]:
    """Yields findings for files that other users can read. Skips backups, because they are encrypted."""
    found = set(open_to_others(*_own(settings), settings.audit_heads))
    found -= set(open_to_others(settings.backup_folder))
    keys = {
        path
        for path in found
        if path.is_relative_to(settings.key_store)
        or path in {key_file(settings.var), audit_key_file(settings.var), key_file(settings.var).parent}
    }
    for code, paths in ((Found.FILES_KEYS_OPEN, keys), (Found.FILES_OPEN, found - keys)):
        if paths:
            yield Finding(code, {"count": len(paths), "files": _named(paths)})


def _of_others(settings: Settings) -> Iterator[Finding]:
    found = dict(of_other_owners(*_own(settings)))
    if found:
        owner = next(iter(found.values()))
        yield Finding(
            Found.FILES_OTHER_OWNER, {"count": len(found), "files": _named(set(found)), "owner": _user_name(owner)}
        )


def _not_writable(settings: Settings) -> Iterator[Finding]:
    """Yields a finding for each folder in which no file can be made, and for each file to which nothing can be
    appended. The test file has no name, so it cannot be left behind.
    """
    heads, database = settings.audit_heads, database_file(settings)
    folders = [settings.var, settings.run, settings.key_store, settings.backup_folder]
    folders += [] if heads.exists() else [heads.parent]
    folders += [] if database is None else [database.parent]
    for folder in filter(Path.is_dir, dict.fromkeys(folders)):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            yield Finding(Found.FILES_NOT_WRITABLE, {"file": str(folder), "why": error.strerror})
    for file in filter(Path.is_file, filter(None, [heads, database])):
        try:
            file.open("ab").close()
        except OSError as error:
            yield Finding(Found.FILES_NOT_WRITABLE, {"file": str(file), "why": error.strerror})


def _named(paths: set[Path]) -> str:
    return ", ".join(map(str, sorted(paths)[:_MOST_NAMED]))


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
