"""A decision that waits for a second person, the desk or a shelter, as part of a case."""

from datetime import datetime

from pydantic import Field

from api.http.context import Output
from api.v1.mandates import MandateOut, serialize_mandate
from placement.access import scoped_queries
from placement.capacity import place_names
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.duty import mandates
from placement.tables import Registration

_HAS_A_PLACE = frozenset({RegistrationStatus.HELD, RegistrationStatus.MOVE_HELD, RegistrationStatus.PLACED})


class WaitingDecisionOut(Output):
    """A decision that waits for an approval (its beds are kept), or a provisional decision (carried out)."""

    id: str
    status: str = Field(description="waiting_for_desk, waiting_for_second, waiting_for_shelter or provisional")
    place: str
    since: datetime
    until: datetime
    decided_by: str
    mandate: MandateOut | None = Field(description="The mandate under which it was carried out before the desk agreed.")


def waiting_decision(act: Act, registration: Registration) -> WaitingDecisionOut | None:
    """Returns the decision that waits, or the provisional decision that gave the client a place. Returns `None` for a
    reader of another region.
    """
    found = scoped_queries.decision_waiting_for(act.session, registration.id)
    if found is None and registration.status in _HAS_A_PLACE:
        found = scoped_queries.provisional_decision(act.session, registration.id)
    if found is None or not act.actor.covers(registration.region):
        return None
    decision, held = found
    mandate = mandates.named(act, {decision.mandate_id or ""}).get(decision.mandate_id or "")
    return WaitingDecisionOut(
        id=decision.id,
        status=decision.status,
        place=place_names.place_of(act.session, held.unit_id),
        since=decision.decided_at,
        until=held.expires_at,
        decided_by=decision.decided_by,
        mandate=None if mandate is None else serialize_mandate(act, mandate),
    )
