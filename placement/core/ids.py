"""Ids and secrets that cannot be guessed. An id in a URL discloses nothing, not even how many objects exist."""

import hashlib
import secrets

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0/O, 1/I/L and U, because people read ids out on the telephone

CASE_PATTERN = "^[!-~]+( [!-~]+)?$"
"""A case's reference (a single word), or its handle (two words)."""

CODE_PATTERN = "^[!-~]+$"
"""The pattern of printable ASCII without spaces. Other text must be rejected early, because PostgreSQL rejects any
query with a NUL character.
"""


def new_id(kind: str) -> str:
    """Returns an id such as `R-7K3Q-M9XW-2BVH`. It has 12 letters out of 30, which is about 59 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{kind}-{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def new_recovery_code() -> str:
    """Returns a code such as `7K3Q-M9XW-2BVH-C4TD`. It has 16 letters out of 30, which is about 78 bits, and is short
    enough to keep on paper.
    """
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def new_secret(kind: str) -> str:
    """Returns a secret for software: a prefix that secret scanners recognise, followed by 256 random bits."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def fingerprint(secret: str) -> str:
    """Returns the hash of a secret, for storing. A fast hash is enough for 256 random bits, but not for a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
