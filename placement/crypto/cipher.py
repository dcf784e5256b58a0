"""AES-256-GCM for stored values. A value is bound to its table, column and row, and cannot be decrypted elsewhere."""

import base64
import binascii
import json
import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
BLOCK = 512
"""The size in bytes to whose multiples a plain value is padded, unless its column sets a larger block."""


class Place(NamedTuple):
    """The place of a stored value: the associated data of its ciphertext. `row`: the name of the row in its table."""

    table: str
    column: str
    row: tuple[object, ...]

    def associated(self) -> bytes:
        return json.dumps([self.table, self.column, *map(str, self.row)]).encode()


class Cipher:
    """The cipher of one key. Its tokens are the base64 of nonce, ciphertext and tag."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def encrypt(self, plain: bytes, place: Place) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._aes.encrypt(nonce, plain, place.associated())).decode()

    def decrypt(self, token: str, place: Place) -> bytes:
        """Returns the plain content. Raises `cryptography.exceptions.InvalidTag` for a wrong key or place."""
        raw = decoded(token)
        if len(raw) <= _NONCE_BYTES:
            raise InvalidTag
        return self._aes.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.associated())


def decoded(token: str) -> bytes:
    """Returns the bytes of a token. Raises `InvalidTag` if it is not base64."""
    try:
        return base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError) as broken:
        raise InvalidTag from broken


def derived(key: str, purpose: str) -> bytes:
    """Returns a key that is derived from a key (44 characters of base64) for one purpose."""
    return derived_bytes(base64.urlsafe_b64decode(key), purpose)


def derived_bytes(key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(key)


def new_key() -> str:
    """Makes 32 random bytes as 44 characters of base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def written(value: object, block: int = BLOCK) -> bytes:
    """Returns a value as padded JSON, so that the length of a ciphertext reveals no value such as a gender or a yes."""
    plain = json.dumps(value).encode()
    return plain + b" " * (-len(plain) % block)
