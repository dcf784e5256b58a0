"""A small file system in memory that a test fills to the last byte.

Mounting needs the right to do it. Without this right, a test is run again in a user namespace of its own. If that is
not allowed either, the test fails with a message.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import Parameter, Signature
from pathlib import Path

import pytest

_LIBC = ctypes.CDLL(None, use_errno=True)
_LAZILY = 2
_READ_ONLY, _REMOUNTED = 1, 32
_INSIDE = "TESTS_IN_A_NAMESPACE"
_NAMESPACE = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")
_NEITHER = (
    "no small file system can be mounted here: run the tests as root, or where user namespaces are allowed"
    f" (tried: {' '.join(_NAMESPACE)})"
)


def may_mount() -> bool:
    try:
        with small_disk(1):
            return True
    except OSError:
        return False


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Its folder. Raises `OSError` where mounting is not allowed."""
    with tempfile.TemporaryDirectory(prefix="placement-disk-") as folder:
        name = os.fsencode(folder)
        if _LIBC.mount(b"tmpfs", name, b"tmpfs", 0, f"size={megabytes}m,mode=700".encode()):
            raise OSError(ctypes.get_errno(), "a file system could not be mounted")
        try:
            yield Path(folder)
        finally:
            _LIBC.umount2(name, _LAZILY)


def close_to_writing(disk: Path) -> None:
    """Lets nobody write in this file system any more."""
    if _LIBC.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", _REMOUNTED | _READ_ONLY, b""):
        raise OSError(ctypes.get_errno(), "the file system could not be made read-only")


def on_a_small_disk(test: Callable[..., None]) -> Callable[..., None]:
    """Returns the test, or, if nothing can be mounted, a test that runs it in a namespace of its own. It comes above
    all marks.
    """
    if may_mount():
        return test
    marks = getattr(test, "pytestmark", [])
    given = [name.strip() for mark in marks if mark.name == "parametrize" for name in _names(mark.args[0])]

    def inside(request: pytest.FixtureRequest, **_: object) -> None:
        if os.environ.get(_INSIDE):
            pytest.fail(_NEITHER)
        run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", request.node.nodeid]
        done = subprocess.run(
            [*_NAMESPACE, *run], env=os.environ | {_INSIDE: "yes"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{_NEITHER if not done.stdout else ''}"

    inside.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("request", *given)]
    )
    inside.__name__, inside.__doc__, inside.pytestmark = test.__name__, test.__doc__, marks  # type: ignore[attr-defined]
    return inside


def _names(said: str | list[str] | tuple[str, ...]) -> list[str]:
    return said.split(",") if isinstance(said, str) else list(said)


def fill(disk: Path) -> int:
    """Fills all free space at once, and returns how many bytes that was. The service gives up some space on a full
    disk. If other writes take space at that moment, the number can therefore exceed the free space of before.
    """
    taken = 0
    with (disk / f"filled-{os.urandom(4).hex()}").open("wb") as out:
        while not taken and (free := shutil.disk_usage(disk).free):
            try:
                os.posix_fallocate(out.fileno(), 0, free)
            except OSError:
                continue
            taken = free
    return taken


def empty(disk: Path) -> None:
    for file in disk.glob("filled-*"):
        file.unlink()
