"""Encryption of values that a browser stores. The key is derived from the secret of the browser's session."""

import hmac
import json

from cryptography.exceptions import InvalidTag

from placement.crypto.cipher import Cipher, Place, written


def seal(secret: str, name: str, value: object) -> str:
    """Encrypts a value. It can be decrypted only with the same `name`, in the same session."""
    return _cipher(secret).encrypt(written(value), _place(name))


def unseal(secret: str, name: str, sealed: str) -> object:
    """Decrypts a value. Returns `None` if it was encrypted in another session or under another name."""
    try:
        return json.loads(_cipher(secret).decrypt(sealed, _place(name)))
    except (InvalidTag, ValueError):
        return None


def _cipher(secret: str) -> Cipher:
    return Cipher(hmac.digest(secret.encode(), b"kept in the browser", "sha256"))


def _place(name: str) -> Place:
    return Place("browser", name, ())
