"""AES-256-GCM for stored values. A ciphertext is bound to its table, column and row: copies elsewhere are useless."""

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
"""The padded length of a plain value is a multiple of this number of bytes, unless its column sets a larger number."""


class Place(NamedTuple):
    """The table, column and row to which the ciphertext of a value is bound. `row`: the values of `row_columns`."""

    table: str
    column: str
    row: tuple[object, ...]

    def associated(self) -> bytes:
        return json.dumps([self.table, self.column, *map(str, self.row)]).encode()


class Cipher:
    """Encryption with one key. A token is the base64 of nonce, ciphertext and tag."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def encrypt(self, plain: bytes, place: Place) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._aes.encrypt(nonce, plain, place.associated())).decode()

    def decrypt(self, token: str, place: Place) -> bytes:
        """Decrypts a token. Raises `cryptography.exceptions.InvalidTag` for a wrong key or place."""
        raw = decoded(token)
        if len(raw) <= _NONCE_BYTES:
            raise InvalidTag
        return self._aes.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.associated())


def decoded(token: str) -> bytes:
    """Decodes a token to bytes. Raises `InvalidTag` if it is not base64."""
    try:
        return base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError) as broken:
        raise InvalidTag from broken


def derived(key: str, purpose: str) -> bytes:
    """Derives a key for one purpose from a key (44 characters of base64)."""
    return derived_bytes(base64.urlsafe_b64decode(key), purpose)


def derived_bytes(key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(key)


def new_key() -> str:
    """Makes 32 random bytes as 44 characters of base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def written(value: object, block: int = BLOCK) -> bytes:
    """Returns a value as padded JSON, so that the length of a ciphertext does not reveal a short value."""
    plain = json.dumps(value).encode()
    return plain + b" " * (-len(plain) % block)
