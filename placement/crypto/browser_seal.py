"""Values that a browser keeps for its session: sealed with a key that the secret of the session alone gives."""

import hmac
import json

from cryptography.exceptions import InvalidTag

from placement.crypto.cipher import Cipher, Place, written


def seal(secret: str, name: str, value: object) -> str:
    """`name`: of what is kept; a text opens under no other."""
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
