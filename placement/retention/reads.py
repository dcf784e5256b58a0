"""Reading of legal holds. Each read writes an audit event. For an object that the actor may not see, it raises
`NotFound`.
"""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.retention.legal_hold import newest_of
from placement.tables import (
    LegalHold,
)


def legal_hold(act: Act, registration_id: str) -> LegalHold:
    """Returns the legal hold of a registration. Raises `NotFound` if there is no legal hold, or if the actor may not
    see the registration.
    """
    found = legal_hold_if_any(act, registration_id)
    if found is None:
        raise NotFound
    return found


def legal_hold_if_any(act: Act, registration_id: str) -> LegalHold | None:
    """Returns the legal hold of a registration, or `None`. Both results write an audit event, because both disclose
    something.
    """
    found = newest_of(act, registration_id)
    audit_log.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id if found else None)
    return found
