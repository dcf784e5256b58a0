"""Refusals because of a conflict with a resident. From then on, the client and that resident are kept apart."""

from sqlmodel import col, or_, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.reason_codes import Effect, Reason
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.case_lookup import case_named
from placement.storage.bed_claims import STANDING
from placement.storage.locks import Shared, lock
from placement.tables import Hold, KeepApart, Stay, Unit


def keep_apart(act: Act, held: Hold, coded: Reason, said: str) -> None:
    """Keeps the client of this hold apart from a resident of the location. `said`: the resident's reference or handle,
    as the shelter gave it. Raises `Invalid` at `apart_from` if the reason does not allow it, or if no such resident
    exists. A shelter can name only its own residents, and the error discloses no other client.
    """
    if coded.effect is not Effect.KEEP_APART:
        raise Invalid.at("apart_from", "apart_without_effect", reason=coded.code)
    resident = case_named(act, "apart_from", said, but=str(held.registration_id), among=_residents(act, held))
    lock(act.session, Shared.LINKS)
    this, other = col(KeepApart.registration_id), col(KeepApart.other_id)
    pairs = [(held.registration_id, resident), (resident, held.registration_id)]
    known = select(KeepApart).where(or_(*((this == one) & (other == two) for one, two in pairs)))
    if act.session.exec(known).first() is None:
        act.session.add(KeepApart(registration_id=held.registration_id, other_id=resident))
        fields = ["keep_apart"]
        audit_log.write(
            act, Event.REGISTRATION_CHANGED, registration=held.registration_id, fields=fields, reason=coded.code
        )


def _residents(act: Act, held: Hold) -> set[str]:
    """Returns the cases that live at the hold's location and that the shelter may see."""
    location = select(Unit.location_id).where(Unit.id == str(held.unit_id)).scalar_subquery()
    units = set(act.session.exec(select(Unit.id).where(Unit.location_id == location)))
    stays = scoped_queries.stays_of(act.session, act.actor, *STANDING).where(Stay.status == StayStatus.IN_HOUSE)
    here = (stay for stay in act.session.exec(stays) if is_readable(stay.unit_id) and stay.unit_id in units)
    return {stay.registration_id for stay in here}
