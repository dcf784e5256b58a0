"""The key ring: the service's own keys. They wrap the data keys, and encrypt values that belong to no registration.

The newest key encrypts, and every key decrypts. A changed key file is read again at the next use. If keys in the
environment change, the process must be restarted.
"""

import base64
import hmac
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from placement.core.errors import Misconfigured
from placement.crypto.cipher import Cipher, Place, derived, derived_bytes
from placement.crypto.key_cache import Stamps
from placement.crypto.key_files import is_clear, read_lines
from placement.crypto.master_keys import MasterKey

_ENCRYPTION = "placement encrypted values"
_ROW_SEALS, _ROW_LEDGER = "placement row seals", "placement row ledger"
_ID_BYTES = 4
_CHECKED_AT_MOST = 5_000
"""The largest number of rows whose valid seals are cached; they need some megabytes."""


class KeyRing:
    def __init__(
        self, keys: tuple[str, ...], file: Path | None = None, opened: Callable[[str], str] | None = None
    ) -> None:
        """Takes the keys, or their `file`. `opened`: reads a key from a line of the file.

        Raises `Misconfigured` if there is no key, or a malformed key.
        """
        self._file, self._opened = file, opened or str
        self._stamps = Stamps()
        self._stamp = self._stamps.of(str(file)) if file else None
        self._take(keys)

    def encrypt(self, plain: bytes, place: Place) -> str:
        """Encrypts a value for this place, as `id of the key.token`."""
        self._refresh()
        name, cipher = next(iter(self._ciphers.items()))
        return f"{name}.{cipher.encrypt(plain, place)}"

    def decrypt(self, stored: str, place: Place) -> bytes:
        """Decrypts a value. Raises `cryptography.exceptions.InvalidTag` for a wrong key or place."""
        self._refresh()
        name, _, token = stored.partition(".")
        if name not in self._ciphers:
            raise InvalidTag
        return self._ciphers[name].decrypt(token, place)

    def listed(self) -> list[MasterKey]:
        """Returns the keys, newest first. Only the newest key has a time: that of the last change of the key file."""
        self._refresh()
        age = datetime.fromtimestamp(self._file.stat().st_mtime, UTC) if self._file else None
        return [MasterKey(name, None if at else age) for at, name in enumerate(self._ciphers)]

    def is_newest(self, stored: str) -> bool:
        self._refresh()
        return stored.partition(".")[0] == next(iter(self._ciphers))

    def renew(self, stored: str, place: Place) -> str:
        return self.encrypt(self.decrypt(stored, place), place)

    def unwrap_first_form(self, token: str) -> bytes:
        """Unwraps a data key in the first format, a Fernet token without the id of a key. Raises `InvalidTag`."""
        self._refresh()
        try:
            return self._multi.decrypt(token)
        except InvalidToken as wrong:
            raise InvalidTag from wrong

    def index(self, purpose: str, text: str) -> str:
        """Returns the blind index of a text: a keyed hash, by which an encrypted text is found. It ignores capitals,
        extra spaces and different Unicode forms.
        """
        self._refresh()
        return _index(self._keys[0], purpose, text)

    def indexes(self, purpose: str, text: str) -> list[str]:
        """Returns the blind index of a text for each key. During a rotation there are two keys."""
        self._refresh()
        return [_index(key, purpose, text) for key in self._keys]

    def seal(self, content: bytes) -> str:
        """Returns a MAC of this content, as `id of the newest key.MAC in hexadecimal`."""
        self._refresh()
        name = next(iter(self._ciphers))
        return f"{name}.{hmac.digest(self._sealing[name], content, 'sha256').hex()}"

    def checked(self, kind: object, seal: str) -> object:
        """Returns the cached content of a row with this seal, as it was when the seal was last verified. Returns `None`
        if the cache has no such row.
        """
        self._refresh()
        return self._checked.get((kind, seal))

    def remember(self, kind: object, seal: str, content: object) -> None:
        if len(self._checked) >= _CHECKED_AT_MOST:
            self._checked.clear()
        self._checked[kind, seal] = content

    def holds(self, name: str, mac: str, content: bytes) -> bool:
        """Checks whether this is the MAC of the content under the key with this id."""
        self._refresh()
        key = self._sealing.get(name)
        return key is not None and hmac.compare_digest(hmac.digest(key, content, "sha256").hex().encode(), mac.encode())

    def weight(self, seal: str, row: bytes) -> int:
        """Returns the number that a row with this seal adds to the sum of all rows (`placement/storage/row_ledger.py`).
        It is a keyed hash of 256 bits.
        """
        self._refresh()
        key = self._weighing.get(seal.partition(".")[0]) or next(iter(self._weighing.values()))
        return int.from_bytes(hmac.digest(key, row + seal.encode(), "sha256"))

    def _refresh(self) -> None:
        if self._file is not None and (stamp := self._stamps.of(str(self._file))) != self._stamp:
            self._take(read_lines(self._file))
            self._stamp = stamp

    def _take(self, lines: tuple[str, ...]) -> None:
        keys = tuple(map(self._opened, lines))
        if not keys:
            raise Misconfigured(
                "there is no key for the encrypted fields: put its copy back (field.keys, or PLACEMENT_FIELD_KEYS);"
                " a new service begins with `placement init`"
            )
        try:
            self._multi = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise Misconfigured("a key for the encrypted fields is not one (44 characters of base64)") from error
        self._keys, self.is_in_clear = keys, any(map(is_clear, lines))
        self._ciphers = {_name_of(key): Cipher(derived(key, _ENCRYPTION)) for key in keys}
        self._checked: dict[tuple[object, str], object] = {}
        self._sealing = {_name_of(key): derived(key, _ROW_SEALS) for key in keys}
        self._weighing = {_name_of(key): derived(key, _ROW_LEDGER) for key in keys}


def normalised(text: str) -> str:
    """Returns a text in the form for comparisons: Unicode NFKC, without capitals, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _index(key: str, purpose: str, text: str) -> str:
    return hmac.digest(derived(key, f"placement blind index: {purpose}"), normalised(text).encode(), "sha256").hex()


def _name_of(key: str) -> str:
    """Returns the id of a key, which discloses nothing about the key."""
    return derived_bytes(base64.urlsafe_b64decode(key), "placement key id", _ID_BYTES).hex()
