"""The key ring: the service's own keys, which wrap the data keys, and encrypt what belongs to no registration.

The newest encrypts, all decrypt. Where they come from a file, a new one in it counts at once in every process: the file
is checked before each use. Where they come from the environment, a process has to be restarted.
"""

import hmac
import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from placement.core.errors import Misconfigured
from placement.core.settings import key_file
from placement.crypto.cipher import Cipher, Place, derived, new_key

NOTICED_WITHIN = timedelta(minutes=10)
"""An old key may go this long after a new one came: every process has read it by then, and no transaction lasts so
long.
"""

_ENCRYPTION = "placement encrypted values"
_ID_BYTES = 4


class KeyRing:
    def __init__(self, keys: tuple[str, ...], file: Path | None = None) -> None:
        """`file`: where the keys were read from. Raises `Misconfigured` when there is no key, or a broken one."""
        self._file = file
        self._stamp = _stamp(file) if file else None
        self._take(keys)

    def keys(self) -> tuple[str, ...]:
        """The newest first."""
        self._refresh()
        return self._keys

    def encrypt(self, plain: bytes, place: Place) -> str:
        """`id of the key.token`, which opens in this place only."""
        self._refresh()
        name, cipher = next(iter(self._ciphers.items()))
        return f"{name}.{cipher.encrypt(plain, place)}"

    def decrypt(self, stored: str, place: Place) -> bytes:
        """The plain content. Raises `cryptography.exceptions.InvalidTag` where no key opens it in this place."""
        self._refresh()
        name, _, token = stored.partition(".")
        if name not in self._ciphers:
            raise InvalidTag
        return self._ciphers[name].decrypt(token, place)

    def is_newest(self, stored: str) -> bool:
        """Whether it was encrypted with the newest key."""
        self._refresh()
        return stored.partition(".")[0] == next(iter(self._ciphers))

    def renew(self, stored: str, place: Place) -> str:
        """The same content, encrypted with the newest key."""
        return self.encrypt(self.decrypt(stored, place), place)

    def unwrap_first_form(self, token: str) -> bytes:
        """What a file of the key store held before its name was bound: a Fernet token. Raises `InvalidTag`."""
        self._refresh()
        try:
            return self._multi.decrypt(token)
        except InvalidToken as wrong:
            raise InvalidTag from wrong

    def index(self, purpose: str, text: str) -> str:
        """The blind index by which an encrypted text is found: equal for texts that differ in case, spaces or form
        only.
        """
        self._refresh()
        return _index(self._keys[0], purpose, text)

    def indexes(self, purpose: str, text: str) -> list[str]:
        """The indexes that a text may be stored with, by each key: while keys are rotated there are two."""
        self._refresh()
        return [_index(key, purpose, text) for key in self._keys]

    def _refresh(self) -> None:
        if self._file is not None and (stamp := _stamp(self._file)) != self._stamp:
            self._take(read_keys(self._file))
            self._stamp = stamp

    def _take(self, keys: tuple[str, ...]) -> None:
        if not keys:
            raise Misconfigured(
                "there is no key for the encrypted fields: set PLACEMENT_FIELD_KEYS, or run `placement keys new`"
            )
        try:
            self._multi = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise Misconfigured("a key for the encrypted fields is not one (44 characters of base64)") from error
        self._keys = keys
        self._ciphers = {_name_of(key): Cipher(derived(key, _ENCRYPTION)) for key in keys}


def new_key_file(var: Path) -> Path:
    """Makes a random key in `var/keys/field.keys`, readable by its owner only; leaves an existing file alone."""
    file = key_file(var)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(new_key() + "\n")
    return file


def read_keys(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text().replace(",", " ").split())


def add_key(file: Path) -> None:
    """Puts a new key in front, unless a rotation is in progress: more than one key is there then."""
    keys = read_keys(file)
    if len(keys) == 1:
        write_keys(file, (new_key(), *keys))


def keep_newest(file: Path, at: datetime) -> None:
    """Drops all keys but the newest. Raises `Misconfigured` where that is so new that some process may not have read
    it.
    """
    since = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if at < since + NOTICED_WITHIN:
        raise Misconfigured(
            f"the newest key is too new: some process may still write with the old one; try again after"
            f" {since + NOTICED_WITHIN:%H:%M} UTC"
        )
    write_keys(file, read_keys(file)[:1])


def normalised(text: str) -> str:
    """A text as it is compared: one form of each letter (NFKC), no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def write_whole(file: Path, content: bytes) -> None:
    """Writes a file atomically, readable by its owner only: after a crash there is the old one or the new one, on the
    disk.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_keys(file: Path, keys: tuple[str, ...]) -> None:
    write_whole(file, "".join(f"{key}\n" for key in keys).encode())


def _index(key: str, purpose: str, text: str) -> str:
    return hmac.digest(derived(key, f"placement blind index: {purpose}"), normalised(text).encode(), "sha256").hex()


def _name_of(key: str) -> str:
    """The id of a key, which stands before what it encrypts; it tells nothing of the key."""
    return derived(key, "placement key id", _ID_BYTES).hex()


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_ino, found.st_mtime_ns
