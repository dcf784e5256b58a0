"""Read access to legal holds.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.retention.legal_hold import newest_of
from placement.tables import (
    LegalHold,
)


def legal_hold(act: Act, registration_id: str) -> LegalHold:
    found = newest_of(act, registration_id)
    audit_log.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id)
    return found
