"""The two key files, `field.keys` and `audit.key`. Only their owner can read them. Each line is a key, newest first.

If the master keys are in a PKCS#11 token, the token encrypts (*wraps*) each line. A copy of the file is then useless.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag

from placement.core.errors import Misconfigured
from placement.core.setting_files import audit_key_file, key_file
from placement.core.settings import Settings
from placement.crypto.cipher import Place, new_key
from placement.crypto.master_keys import require_noticed

if TYPE_CHECKING:
    from placement.crypto.token_keys import TokenKeys

FIELD, AUDIT = "field", "audit"
_WRAPPED = "."
"""The separator between the name of the master key and the wrapped key in a line."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    path: Path
    purpose: str
    token: "TokenKeys | None" = None

    def lines(self) -> tuple[str, ...]:
        return read_lines(self.path)

    def make(self) -> None:
        """Makes the file with a random key. Leaves an existing file unchanged."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w") as out:
                out.write(self._closed(new_key()) + "\n")

    def add(self) -> None:
        write_lines(self.path, (self._closed(new_key()), *self.lines()))

    def add_to_rotate(self) -> None:
        """Adds a new key, unless the file already has several keys, because a rotation is in progress."""
        if len(self.lines()) == 1:
            self.add()

    def keep_newest(self, at: datetime) -> None:
        """Removes all keys but the newest. Raises `Misconfigured` if some process may not know the newest key yet."""
        require_noticed(datetime.fromtimestamp(self.path.stat().st_mtime, UTC), at)
        write_lines(self.path, self.lines()[:1])

    def wrap_anew(self) -> int:
        """Wraps each outdated line again with the token's newest key. Returns the number of such lines."""
        stale, opened = self.stale(), opener(self.purpose, self.token)
        if stale:
            write_lines(self.path, tuple(self._closed(opened(one)) if one in stale else one for one in self.lines()))
        return len(stale)

    def stale(self) -> list[str]:
        """Returns the outdated lines: not wrapped, or not wrapped with the token's newest key."""
        if self.token is None or not self.path.exists():
            return []
        return [one for one in self.lines() if is_clear(one) or not self.token.is_newest(one)]

    def _closed(self, key: str) -> str:
        return self.token.encrypt(key.encode(), _place(self.purpose)) if self.token else key


def token_of(settings: Settings) -> "TokenKeys | None":
    """Returns the token with the master keys, or `None` if they are in files. With a token, raises `Misconfigured` if
    keys are in the environment too, because a rotation could not wrap them.
    """
    if not settings.key_token:
        return None
    for keys, file, where in (
        (settings.field_keys, settings.field_key_file, key_file(settings.var)),
        (settings.audit_key, settings.audit_key_file, audit_key_file(settings.var)),
    ):
        if keys and file is None:
            raise Misconfigured(f"with PLACEMENT_KEY_TOKEN the keys are in files, not in the environment: {where}")
    try:
        from placement.crypto.token_keys import keys_in_token  # noqa: PLC0415 - loads a library that few installations need
    except ModuleNotFoundError as missing:
        raise Misconfigured(f"PLACEMENT_KEY_TOKEN needs {missing.name}: install shelter-placement[token]") from missing
    return keys_in_token(settings.key_token)


def key_files(settings: Settings) -> tuple[KeyFile, KeyFile]:
    """Returns the files of the field keys and the log keys. A file is missing if the environment has its keys."""
    token = token_of(settings)
    return (
        KeyFile(settings.field_key_file or key_file(settings.var), FIELD, token),
        KeyFile(settings.audit_key_file or audit_key_file(settings.var), AUDIT, token),
    )


def opener(purpose: str, token: "TokenKeys | None") -> Callable[[str], str]:
    """Returns a function that reads a key from a line, unwrapping it with the token if necessary. The function raises
    `Misconfigured` if this is not possible.
    """

    def opened(line: str) -> str:
        if is_clear(line):
            return line
        if token is None:
            raise Misconfigured(f"a key of {purpose} is wrapped by a token: set PLACEMENT_KEY_TOKEN")
        try:
            return token.decrypt(line, _place(purpose)).decode()
        except InvalidTag as wrong:
            raise Misconfigured(
                f"the token has no key that opens {purpose}.key(s): is it the right one? else put the backup of its"
                " keys back"
            ) from wrong

    return opened


def is_clear(line: str) -> bool:
    return _WRAPPED not in line


def read_lines(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text().replace(",", " ").split())


def write_lines(file: Path, lines: tuple[str, ...]) -> None:
    write_whole(file, "".join(f"{line}\n" for line in lines).encode())


def write_whole(file: Path, content: bytes) -> None:
    """Writes a file atomically: after a crash, the disk has the old or the new content. Only the owner can read the
    file. If writing fails, the draft is deleted; if the process is killed, the draft stays.
    """
    draft = draft_of(file)
    with _drafted(draft) as out:
        try:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
            draft.replace(file)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def draft_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.draft")


def drafts(settings: Settings) -> list[Path]:
    """Returns all unfinished key files (*drafts*): those beside the service's key files, and those in the key store."""
    files = settings.field_key_file or key_file(settings.var), settings.audit_key_file or audit_key_file(settings.var)
    beside = (draft for file in files for draft in file.parent.glob(f".{file.name}*.draft"))
    return sorted({*beside, *settings.key_store.glob(".*.draft")})


def erase_draft(draft: Path) -> bool:
    """Overwrites and deletes the unfinished key file of a killed process. Returns false if it is absent or in use."""
    try:
        file = os.open(draft, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is(draft, file):
            return False
        os.pwrite(file, bytes(os.fstat(file).st_size), 0)
        os.fsync(file)
        draft.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


@contextmanager
def _drafted(draft: Path) -> Iterator[BinaryIO]:
    """Opens an empty draft, and locks it against other processes."""
    while True:
        file = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is(draft, file):
            break
        os.close(file)  # the file that was opened is no longer the draft: try again
    with os.fdopen(file, "wb") as out:
        out.truncate()
        yield out


def _is(path: Path, file: int) -> bool:
    """Checks whether the path still leads to the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _place(purpose: str) -> Place:
    return Place("key file", purpose, ())
