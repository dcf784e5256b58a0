"""Protection of an installation's files: only the owner can read them."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077


def make_for_owner_alone() -> None:
    """Sets the file mode mask of this process and its children: only the owner can read the files that they write."""
    os.umask(_OTHERS)


def close_to_others(*places: Path) -> None:
    """Removes the access rights of other users from these files and folders, recursively, without following links.
    Leaves files of another owner unchanged. Logs how many files could not be changed.
    """
    kept = 0
    for place in places:
        for path in _below(place):
            with suppress(FileNotFoundError):  # another process removed the file
                kept += not _close(path)
    if kept:
        import structlog  # noqa: PLC0415 - it loads rich, which the commands of the engine do not need

        structlog.get_logger().warning("files.open_to_others", count=kept)


def open_to_others(*places: Path) -> list[Path]:
    """Returns the files and folders that other users can read or write, recursively."""
    return [
        path for path, found in _found_below(*places) if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OTHERS
    ]


def of_other_owners(*places: Path) -> list[tuple[Path, int]]:
    """Returns the files and folders that another user owns, with that user's id."""
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
    except PermissionError:  # on a mount that only allows appending lines
        return False
    return True
