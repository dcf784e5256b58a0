"""Replaces the key of the audit log: a last event with the old key names the new key, and a first event has the new
key, in the same transaction. A later theft of the old key does not allow changes to what was written with it: the
first audit event of the new key is linked to the last of the old (docs/guide/audit.md).
"""

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain
from placement.storage.log_keys import LogKeys


def is_due(act: Act, keys: LogKeys) -> bool:
    """Checks whether a key newer than the log's current key exists."""
    return keys.at(act.session) != keys.known[0]


def replace(act: Act, keys: LogKeys) -> str:
    """Puts the newest key in force, in every process; returns its name. Raises `Misconfigured` if it is so already."""
    hash_chain.lock(act.session)
    if not is_due(act, keys):
        raise Misconfigured("the log is written with the newest key already: put a new one in front of it first")
    name = hash_chain.name_of(keys.known[0])
    audit_log.write(act, Event.LOG_KEY_CLOSED, next=name)
    audit_log.write(act, Event.LOG_KEY_OPENED, key=name)
    return name
