"""The replacement of the audit log's key. In one transaction, the last event of the old key names the new key, and the
first event of the new key follows. So a thief of the old key cannot change old events unnoticed (docs/guide/audit.md).
"""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain
from placement.storage.log_keys import LogKeys


def is_due(act: Act, keys: LogKeys) -> bool:
    """Checks whether the key file has a newer key than the last event of the log."""
    return keys.at(act.session) != keys.known[0]


def replace(act: Act, keys: LogKeys) -> str:
    """Makes every process use the newest key, and returns its name. Raises `Misconfigured` if it is in use already."""
    hash_chain.lock(act.session)
    if not is_due(act, keys):
        raise Misconfigured("the log is written with the newest key already: put a new one in front of it first")
    name = hash_chain.name_of(keys.known[0])
    audit_log.write(act, Event.LOG_KEY_CLOSED, next=name)
    audit_log.write(act, Event.LOG_KEY_OPENED, key=name)
    return name
