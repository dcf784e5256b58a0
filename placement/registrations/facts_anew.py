"""New facts for a case in doubt: its rows were changed outside the service. The desk enters all facts that decide on a
place again, from the paper file. The rows then get a new seal. After the next check of the case, a place can be sought
again.
"""

from placement.access.fresh_factor import require_fresh
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.registrations.case import Case
from placement.storage import sealed_session
from placement.tables import Registration

THAT_DECIDE = frozenset(
    {
        *("region", "residence_basis", "urgency", "needed_by", "persons", "threats", "reach", "avoided"),
        *("needs", "room_needs", "high_care", "languages", "keep_apart"),
    }
)
"""The facts and parts that can exclude a place or open a scheme."""


def enter(act: Act, registration: Registration, case: Case) -> None:
    """Ends the doubt about a case, as part of a change of the case. Does nothing if the case is not in doubt. Raises
    `Conflict` unless a person of the desk gives every fact in `THAT_DECIDE`, or if other rows of the case are still in
    doubt. Raises `NotAllowed` without a fresh second factor.
    """
    if not registration.is_in_doubt:
        return
    if not act.actor.role.has_authority or act.actor.session_id is None:
        raise Conflict("row_in_doubt")
    require_fresh(act)
    if missing := sorted(THAT_DECIDE - case.model_fields_set):
        raise Conflict("facts_anew", missing=missing)
    if not sealed_session.release(act.session, registration):
        raise Conflict("others_in_doubt")
    audit_log.write(act, Event.ROWS_RESTATED, registration=registration.id, rows=[f"registration/{registration.id}"])
