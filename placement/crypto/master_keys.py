"""The master keys behind one interface: they wrap the data keys, and are kept in a file or in a token.

`KeyRing` has them in the file `field.keys`, or the environment; `TokenKeys` in a PKCS#11 token, which they never leave.
Which of the two is chosen by `PLACEMENT_KEY_TOKEN`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from placement.core.errors import Misconfigured
from placement.crypto.cipher import Place

NOTICED_WITHIN = timedelta(minutes=10)
"""An old key may go this long after a new one came: every process has read it by then, and no transaction lasts so
long.
"""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The metadata of a master key. `name`: the prefix of what it wraps; it reveals nothing of the key."""

    name: str
    made_at: datetime | None
    """`None` if unknown: for an older key of a file, or a key from the environment."""


class MasterKeys(Protocol):
    def encrypt(self, plain: bytes, place: Place) -> str:
        """`name of the newest key.token`, which opens in this place only."""

    def decrypt(self, stored: str, place: Place) -> bytes:
        """Raises `cryptography.exceptions.InvalidTag` if no key opens it in this place."""

    def is_newest(self, stored: str) -> bool:
        """Checks whether it was wrapped with the newest key."""

    def unwrap_first_form(self, token: str) -> bytes:
        """Opens the first form of a file in the key store, without its name. Raises `InvalidTag`."""

    def listed(self) -> Sequence[MasterKey]:
        """The newest first."""


def require_noticed(since: datetime, at: datetime) -> None:
    """Raises `Misconfigured` if the key made at `since` is so new that a process may not have read it yet."""
    if at < since + NOTICED_WITHIN:
        raise Misconfigured(
            f"the newest key is too new: some process may still write with the old one; try again after"
            f" {since + NOTICED_WITHIN:%H:%M} UTC"
        )
