"""The files of an installation are for their owner alone: those that a process makes, and those that it finds."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

_OTHERS = 0o077
_LOG = structlog.get_logger()


def make_for_owner_alone() -> None:
    """Lets nobody else read what this process and its children write from now on."""
    os.umask(_OTHERS)


def close_to_others(*places: Path) -> None:
    """Takes the rights of others from these files and folders, with all that is in them; follows no link. A file that
    another user owns stays as it is. Logs how many cannot be changed.
    """
    kept = 0
    for place in places:
        for path in _below(place):
            with suppress(FileNotFoundError):  # another process removed it
                kept += not _close(path)
    if kept:
        _LOG.warning("files.open_to_others", count=kept)


def open_to_others(*places: Path) -> list[Path]:
    """Returns the files and folders that others can read or write, of these and all that is in them."""
    return [
        path for path, found in _found_below(*places) if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OTHERS
    ]


def of_other_owners(*places: Path) -> list[tuple[Path, int]]:
    """Returns those that another user owns, with the user's id."""
    return [(path, found.st_uid) for path, found in _found_below(*places) if found.st_uid != os.geteuid()]


def _found_below(*places: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in (path for place in places for path in _below(place)):
        with suppress(FileNotFoundError):  # another process removed it, or it was never made
            yield path, path.lstat()


def _below(place: Path) -> list[Path]:
    return [place, *(Path(folder, name) for folder, folders, files in os.walk(place) for name in (*folders, *files))]


def _close(path: Path) -> bool:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or not found.st_mode & _OTHERS:
        return True
    if found.st_uid != os.geteuid():
        return False
    try:
        path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except PermissionError:  # on a mount that takes appended lines alone
        return False
    return True
