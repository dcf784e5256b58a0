"""The mode of this process: it serves either the practice room or a real store. In a practice room, the process has its
own clock, and can connect only to processes of the room on this machine. This restriction does not apply to the
connections of the database library.
"""

import socket
import sys
from pathlib import Path

from placement.core import clock, run_folder
from placement.core.errors import Misconfigured

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKS_UP = frozenset(f"socket.{name}" for name in ("getaddrinfo", "getnameinfo", "gethostbyname", "gethostbyaddr"))


class _Mode:
    practice: bool | None = None
    """`None` until this process opens a store."""
    is_guarded = False


def enter(folder: Path, *, practice: bool) -> None:
    """Fixes the mode of this process. `folder`: the folder of the practice room, with its clock. Raises `Misconfigured`
    if the process has the other mode already.
    """
    if _Mode.practice is not None and _Mode.practice is not practice:
        raise Misconfigured("this process serves either practice or a real store, never both")
    _Mode.practice = practice
    if practice:
        clock.follow(clock_file(folder))
        if not _Mode.is_guarded:
            sys.addaudithook(_refuse_outward)
            _Mode.is_guarded = True


def is_practice() -> bool:
    """Checks whether this process serves a practice room."""
    return _Mode.practice is True


def require_real() -> None:
    """Raises `Misconfigured` in a practice room, so that no file leaves it."""
    if is_practice():
        raise Misconfigured("this is a practice room, in which nobody is real: nothing of it is exported")


def file_name(name: str) -> str:
    """Returns the name under which a browser stores a file. The name shows whether the file is from a practice room."""
    return f"practice-{name}" if is_practice() else name


def clock_file(folder: Path) -> Path:
    """Returns the file that states by how many seconds the clock of practice is ahead."""
    return folder / "clock"


def mover_folder(folder: Path) -> Path:
    """Returns the folder of a lock. The process that moves the clock of practice holds this lock."""
    return folder / "mover"


def is_moved(folder: Path) -> bool:
    """Checks whether a process now moves the clock of this practice room and runs the jobs for the skipped time."""
    return is_practice() and run_folder.is_held(mover_folder(folder))


def post_folder(folder: Path) -> Path:
    """Returns the folder for the messages that the practice room would have sent."""
    return folder / "post"


def _refuse_outward(event: str, facts: tuple[object, ...]) -> None:
    """Raises `PermissionError` if this process looks up a host, or connects to anything but a socket in a folder."""
    if _Mode.practice and (
        event in _LOOKS_UP or (event in _CONNECTS and getattr(facts[0], "family", None) is not socket.AF_UNIX)
    ):
        raise PermissionError("practice sends nothing")
