"""Read access to legal holds.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from placement.audit import log as audit
from placement.audit.log import Event
from placement.core.context import Act
from placement.retention import legal_hold as legal_holds
from placement.tables import (
    LegalHold,
)


def legal_hold(act: Act, registration_id: str) -> LegalHold:
    found = legal_holds.newest_of(act, registration_id)
    audit.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id)
    return found
