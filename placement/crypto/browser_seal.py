"""Values that a browser stores for its session, encrypted with a key derived from the session's secret alone."""

import hmac
import json

from cryptography.exceptions import InvalidTag

from placement.crypto.cipher import Cipher, Place, written


def seal(secret: str, name: str, value: object) -> str:
    """Returns a value in sealed form. It can be opened only with the same `name`."""
    return _cipher(secret).encrypt(written(value), _place(name))


def unseal(secret: str, name: str, sealed: str) -> object:
    """Returns the value, or `None` if it was sealed in another session or under another name."""
    try:
        return json.loads(_cipher(secret).decrypt(sealed, _place(name)))
    except (InvalidTag, ValueError):
        return None


def _cipher(secret: str) -> Cipher:
    return Cipher(hmac.digest(secret.encode(), b"kept in the browser", "sha256"))


def _place(name: str) -> Place:
    return Place("browser", name, ())
