"""Encryption of the audit log. Two keys are derived from the log's key (HKDF): one key encrypts contents, and the other
makes search tokens.

AES-GCM binds a content to its row, so it cannot be decrypted in another row.
"""

import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from placement.crypto.cipher import derived_bytes

TOKEN_BYTES = 16
_NONCE_BYTES = 12
_SMALLEST = 512
"""The smallest padded length in bytes. Longer contents are padded to twice this length, four times, and so on."""

_KNOWN_AT_ONCE = 64


class DoesNotOpen(ValueError):
    """Raised if a content was not encrypted with this key for this row."""


def seal(key: bytes, row: str, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, row.encode())


def opened(key: bytes, row: str, sealed: bytes) -> bytes:
    """Decrypts a content. Raises `DoesNotOpen`."""
    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode())
    except (InvalidTag, TypeError, ValueError) as wrong:
        raise DoesNotOpen(row) from wrong


@lru_cache(_KNOWN_AT_ONCE)
def name_of(key: bytes) -> str:
    """Returns the name that the log uses for this key. The name discloses nothing about the key."""
    return hmac.digest(key, b"the name of a key of the log", "sha256").hex()[:16]


def padded(plain: bytes) -> bytes:
    """Pads a JSON text with spaces, to hide its length."""
    size = _SMALLEST
    while size < len(plain):
        size *= 2
    return plain.ljust(size)


def token(key: bytes, *words: object) -> bytes:
    """Returns a keyed hash of these words. Only the last word may contain a line break."""
    return hmac.digest(_derived(key, "tokens"), "\n".join(map(str, words)).encode(), "sha256")[:TOKEN_BYTES]


@lru_cache(_KNOWN_AT_ONCE)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, "contents"))


@lru_cache(_KNOWN_AT_ONCE * 2)
def _derived(key: bytes, purpose: str) -> bytes:
    return derived_bytes(key, f"placement audit log: {purpose}")
