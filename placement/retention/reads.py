"""Read access to legal holds.

Each read writes its audit event; registrations outside the actor's scope are not found.
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
    """Returns the legal hold of a registration. Raises `NotFound` without a hold, or for an unseen registration."""
    found = legal_hold_if_any(act, registration_id)
    if found is None:
        raise NotFound
    return found


def legal_hold_if_any(act: Act, registration_id: str) -> LegalHold | None:
    """Returns the legal hold of a registration, if any. Its absence is an answer too, so the read is logged."""
    found = newest_of(act, registration_id)
    audit_log.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id if found else None)
    return found
