"""The derived keys of the audit log's key: they encrypt contents, and make the tokens by which events are found.

Each use has its own key, derived from the log's key by HKDF. A content is encrypted by AES-GCM with the name of its row
as associated data, so it cannot be decrypted in another row.
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
"""The number of bytes to which contents are padded. Long lists of cases are padded to twice, four times ... as many."""

_KNOWN_AT_ONCE = 64


class DoesNotOpen(ValueError):
    """Raised for a sealed content that was not made with this key for this row."""


def seal(key: bytes, row: str, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, row.encode())


def opened(key: bytes, row: str, sealed: bytes) -> bytes:
    """Returns the plain content. Raises `DoesNotOpen`."""
    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode())
    except (InvalidTag, TypeError, ValueError) as wrong:
        raise DoesNotOpen(row) from wrong


@lru_cache(_KNOWN_AT_ONCE)
def name_of(key: bytes) -> str:
    """Returns the name of a key in the log, which discloses nothing of the key."""
    return hmac.digest(key, b"the name of a key of the log", "sha256").hex()[:16]


def padded(plain: bytes) -> bytes:
    """Returns a JSON text, filled up with spaces to a length that many texts share."""
    size = _SMALLEST
    while size < len(plain):
        size *= 2
    return plain.ljust(size)


def token(key: bytes, *words: object) -> bytes:
    """Returns a pseudonym of these words. Only the last word may contain a line break."""
    return hmac.digest(_derived(key, "tokens"), "\n".join(map(str, words)).encode(), "sha256")[:TOKEN_BYTES]


@lru_cache(_KNOWN_AT_ONCE)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, "contents"))


@lru_cache(_KNOWN_AT_ONCE * 2)
def _derived(key: bytes, purpose: str) -> bytes:
    return derived_bytes(key, f"placement audit log: {purpose}")
