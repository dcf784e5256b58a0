"""The interface of the master keys, which wrap the data keys.

There are two implementations. A `KeyRing` reads master keys from the file `field.keys` or the environment. `TokenKeys`
are in a PKCS#11 token, and never leave it. The setting `PLACEMENT_KEY_TOKEN` chooses between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from placement.core.errors import Misconfigured
from placement.crypto.cipher import Place

NOTICED_WITHIN = timedelta(minutes=10)
"""The age of a new key from which old keys may be dropped. By then every process has read the new key, and every
transaction with the old key has ended.
"""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The metadata of a master key. `name`: the prefix of the keys that it wraps; it discloses nothing of the key."""

    name: str
    made_at: datetime | None
    """The time at which the key was made; `None` for an older key of a file, and for a key from the environment."""


class MasterKeys(Protocol):
    def encrypt(self, plain: bytes, place: Place) -> str:
        """Returns the ciphertext, `name of the newest key.token`, which can be decrypted only in this place."""

    def decrypt(self, stored: str, place: Place) -> bytes:
        """Returns the plain content. Raises `cryptography.exceptions.InvalidTag` for a wrong key or place."""

    def is_newest(self, stored: str) -> bool:
        """Checks whether a ciphertext was made with the newest key."""

    def unwrap_first_form(self, token: str) -> bytes:
        """Unwraps a key in the first form of the key store, without a name. Raises `InvalidTag`."""

    def listed(self) -> Sequence[MasterKey]:
        """Returns the keys, the newest first."""


def require_noticed(since: datetime, at: datetime) -> None:
    """Raises `Misconfigured` if a key made at `since` is so new that some process may not have read it yet."""
    if at < since + NOTICED_WITHIN:
        raise Misconfigured(
            f"the newest key is too new: some process may still write with the old one; try again after"
            f" {since + NOTICED_WITHIN:%H:%M} UTC"
        )
