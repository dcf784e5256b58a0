"""The replacement of the audit log's key. In one transaction, a last event under the old key names the new key, and a
first event uses the new key. Each event is linked to the event before it. So a thief of the old key cannot change
events of that key unnoticed (docs/guide/audit.md).
"""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain
from placement.storage.log_keys import LogKeys


def is_due(act: Act, keys: LogKeys) -> bool:
    """Checks whether a newer key exists than the key of the log's last event."""
    return keys.at(act.session) != keys.known[0]


def replace(act: Act, keys: LogKeys) -> str:
    """Makes every process use the newest key; returns its name. Raises `Misconfigured` if it is in use already."""
    hash_chain.lock(act.session)
    if not is_due(act, keys):
        raise Misconfigured("the log is written with the newest key already: put a new one in front of it first")
    name = hash_chain.name_of(keys.known[0])
    audit_log.write(act, Event.LOG_KEY_CLOSED, next=name)
    audit_log.write(act, Event.LOG_KEY_OPENED, key=name)
    return name
