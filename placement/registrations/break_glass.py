"""Access grants to a case that the actor could not open otherwise. The desk has to give a reason. A coordinator gets a
grant only at night (break-glass). A grant is for a single user and a limited time, and writes an audit event.
Break-glass is also an anomaly that a second person must acknowledge (`placement/audit/anomaly_rules.py`).
"""

from sqlmodel import col, select

from placement.access import case_access, scoped_queries
from placement.access.permissions import Permission, Reach, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import is_night
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import Step
from placement.dated_rules.reasons import reason_for
from placement.tables import AccessGrant, Registration


@needs(Permission.REGISTRATION_OPEN)
def open_case(act: Act, registration_id: str, reason: str | None, text: str | None) -> AccessGrant:
    """Grants the actor access to a case until `expires_at`. A second grant extends the access. Raises `Conflict` if the
    actor may open the case without a grant, and `Invalid` for a wrong reason. By day, raises `NotFound` for a
    coordinator, as if the case did not exist.
    """
    breaks_glass = Permission.REGISTRATION_OPEN.reach_of(act.actor) is Reach.NIGHT
    # Check the reason before the look-up. Otherwise a wrong reason would disclose, without an audit event, that the
    # case exists.
    coded = reason_for(act, Step.OPEN, reason, text)
    if breaks_glass and not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=coded.code)
    registration = _behind_glass(act, registration_id) if breaks_glass else _of_a_coordinator(act, registration_id)
    opened = AccessGrant(
        id=new_id("G"),
        registration_id=registration.id,
        account_id=act.actor.id,
        reason=coded.code,
        text=text,
        broke_glass=breaks_glass,
        opened_at=act.at,
        expires_at=act.at + act.settings.opened_for,
    )
    act.session.add(opened)
    event = Event.GLASS_BROKEN if breaks_glass else Event.OPENED_WITH_REASON
    audit_log.write(act, event, registration=registration.id, subject=opened.id, reason=coded.code)
    return opened


def _of_a_coordinator(act: Act, registration_id: str) -> Registration:
    """Returns the case that the desk opens with a grant. Raises `Conflict` if the desk can open it already."""
    registration = scoped_queries.known_registration(act.session, act.actor, registration_id)
    if not case_access.needs_reason(act.session, act.actor, registration):
        raise Conflict("case_is_open")
    return registration


def _behind_glass(act: Act, registration_id: str) -> Registration:
    """Returns the case for a grant to a coordinator at night. By day, the errors do not show whether the case exists.
    Raises `NotAllowed` for an API key, which never gets access.
    """
    found = act.session.exec(select(Registration).where(col(Registration.id) == registration_id)).first()
    if found is not None and found.region in act.actor.regions:
        raise Conflict("case_is_open")
    if not is_night(act.at, *act.settings.night):
        raise NotFound
    if act.actor.session_id is None:
        raise NotAllowed("sign_in_needed")
    if found is None:
        raise NotFound
    return found
