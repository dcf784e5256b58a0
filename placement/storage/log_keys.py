"""The keys of the log. The newest key makes links and encrypts contents. Older keys verify and decrypt earlier events.

When a key is replaced, its last audit event names the next key (docs/guide/audit.md).
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from placement.core.errors import Misconfigured
from placement.crypto.cipher import KEY_BYTES
from placement.crypto.log_cipher import name_of
from placement.storage import log_contents
from placement.storage.log_buffer import Lanes
from placement.storage.log_contents import Written
from placement.tables import AuditEvent

KEY_CLOSED, KEY_OPENED = "log:key_closed", "log:key_opened"
"""Two audit events: the last event of a key, which names the next key; and the first event of the next key."""


@dataclass
class LogKeys:
    """The keys of the log, newest first."""

    known: tuple[bytes, ...]
    file: Path | None = None
    """The key file, or `None`. It is read again if an event names an unknown key."""

    opened: Callable[[str], str] = str
    """Returns the key text from a line of the file; unwraps it with the PKCS#11 token if necessary."""
    lanes: Lanes = field(default_factory=Lanes)

    @classmethod
    def read(cls, written: str, file: Path | None = None, opened: Callable[[str], str] = str) -> "LogKeys":
        return cls(keys_of(written, opened), file, opened)

    def read_again(self) -> None:
        if self.file is not None:
            self.known = keys_of(self.file.read_text(), self.opened)

    def named(self, name: str) -> bytes | None:
        if self._find(name) is None:
            self.read_again()
        return self._find(name)

    @property
    def lasting(self) -> bytes:
        """The oldest key. It makes pseudonyms that must stay the same when the log gets a new key."""
        return self.known[-1]

    def at(self, session: Session, event: int | None = None) -> bytes:
        """Returns the key that makes the link of this audit event; by default of the next event.

        Raises `Misconfigured` if the log names an unknown key, and `DoesNotOpen` if the event cannot be decrypted.
        """
        own = session.exec(select(AuditEvent.key).where(AuditEvent.id == event)).first()
        if own is not None:
            return self.called(own)
        query = select(AuditEvent.id, AuditEvent.key, AuditEvent.cipher)
        found = session.exec(query.order_by(col(AuditEvent.id).desc()).limit(1)).first()
        if found is None:
            return self.known[-1]
        number, name, cipher = found
        return self.next_of(name, log_contents.facts_in(self.called(name), number, cipher))

    def next_of(self, name: str, content: Written) -> bytes:
        """Returns the key of the next event: the same key or, if this event is the last of its key, the next key."""
        return self.called(content["facts"]["next"] if content["event"] == KEY_CLOSED else name)

    def called(self, name: str) -> bytes:
        """Returns the key with this name. Raises `Misconfigured` for an unknown name."""
        found = self.named(name)
        if found is None:
            raise Misconfigured(f"the log goes on with a key named {name}, which is not in PLACEMENT_AUDIT_KEY")
        return found

    def _find(self, name: str) -> bytes | None:
        return next((key for key in self.known if name_of(key) == name), None)


def keys_of(written: str, opened: Callable[[str], str] = str) -> tuple[bytes, ...]:
    """Decodes the keys, newest first, from base64 text. Raises the errors of `key_of`."""
    return tuple(key_of(opened(one)) for one in written.replace(",", " ").split()) or (key_of(""),)


def key_of(written: str) -> bytes:
    """Decodes a key from base64 text. Raises `Misconfigured` if the key is missing or not 32 bytes long."""
    if not written:
        raise Misconfigured(
            "there is no key for the log: put its copy back (audit.key, or PLACEMENT_AUDIT_KEY);"
            " a new service begins with `placement init`"
        )
    try:
        key = base64.b64decode(written, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured("the key for the log (PLACEMENT_AUDIT_KEY) is not 32 bytes (44 characters of base64)")
    return key
