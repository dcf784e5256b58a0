"""The interface of the master keys, which wrap the data keys.

It has two implementations. `KeyRing` has its keys in the file `field.keys` or in the environment. `TokenKeys` has them
in a PKCS#11 token. The setting `PLACEMENT_KEY_TOKEN` selects the token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from placement.core.errors import Misconfigured
from placement.crypto.cipher import Place

NOTICED_WITHIN = timedelta(minutes=10)
"""The age of the newest key at which older keys may be removed. By then every process has read the newest key, and
every transaction with an older key has ended.
"""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The public data of a master key. `name`: the prefix of the values that it encrypts."""

    name: str
    made_at: datetime | None
    """The time at which the key was made; `None` in the environment, and for older keys of a file."""


class MasterKeys(Protocol):
    def encrypt(self, plain: bytes, place: Place) -> str:
        """Encrypts a value for this place with the newest key, as `name of the key.token`."""

    def decrypt(self, stored: str, place: Place) -> bytes:
        """Decrypts a value. Raises `cryptography.exceptions.InvalidTag` for a wrong key or place."""

    def is_newest(self, stored: str) -> bool:
        """Checks whether a value was encrypted with the newest key."""

    def unwrap_first_form(self, token: str) -> bytes:
        """Unwraps a data key in the first format, without the name of a master key. Raises `InvalidTag`."""

    def listed(self) -> Sequence[MasterKey]:
        """Returns the keys, newest first."""


def require_noticed(since: datetime, at: datetime) -> None:
    """Raises `Misconfigured` if a key that was made at `since` may still be unknown to some process."""
    if at < since + NOTICED_WITHIN:
        raise Misconfigured(
            f"the newest key is too new: some process may still write with the old one; try again after"
            f" {since + NOTICED_WITHIN:%H:%M} UTC"
        )
