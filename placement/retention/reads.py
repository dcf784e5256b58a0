"""Read access to legal holds.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.retention.legal_hold import newest_of
from placement.tables import (
    LegalHold,
)


def legal_hold(act: Act, registration_id: str) -> LegalHold:
    """Raises `NotFound` where there is none."""
    found = legal_hold_if_any(act, registration_id)
    if found is None:
        raise NotFound
    return found


def legal_hold_if_any(act: Act, registration_id: str) -> LegalHold | None:
    """That there is none is an answer about the registration, too."""
    found = newest_of(act, registration_id)
    audit_log.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id if found else None)
    return found
