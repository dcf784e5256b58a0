"""The key of the log is replaced: a last line with the old one, which names the new, and a first line with the new.

The two stand in one transaction. Whoever gets hold of the old key afterwards cannot change what was written with it:
the first line of the new key is linked to the last of the old (docs/decisions/0032).
"""

from placement.audit import log as audit
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain as chain
from placement.storage.hash_chain import LogKeys


def is_due(act: Act, keys: LogKeys) -> bool:
    """Whether a newer key waits than the one that the log is written with."""
    return keys.at(act.session) != keys.known[0]


def replace(act: Act, keys: LogKeys) -> str:
    """The newest key counts from now on, in every process; returns its name. Raises `Misconfigured` where it does."""
    chain.lock(act.session)
    if not is_due(act, keys):
        raise Misconfigured("the log is written with the newest key already: put a new one in front of it first")
    name = chain.name_of(keys.known[0])
    audit.write(act, Event.LOG_KEY_CLOSED, next=name)
    audit.write(act, Event.LOG_KEY_OPENED, key=name)
    return name
