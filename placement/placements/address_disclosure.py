"""Address disclosure: the one place that reads a shelter's address, after every condition of the design is met."""

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import DecisionKind, DecisionStatus, HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.duty.mandates import DESK_SCHEMES
from placement.placements.holds import telephone_records
from placement.tables import Account, Decision, Hold, Location, Stay, Unit


@needs(Permission.ADDRESS_DISCLOSE)
def address_of(act: Act, hold_id: str) -> tuple[Hold, str]:
    """The hold, and the postal address of its beds, or of those to which its shelter moved the client since: for the
    coordinator of the case, and for the desk.

    Raises `NotAllowed` unless the second factor was given again just now, and where the desk has no access grant that
    the case needs; `Conflict` before the shelter *and* the desk have agreed, and after the stay. A yes by telephone is
    no agreement before the shelter was asked again.
    """
    require_fresh(act)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    scoped_queries.registration_of(act.session, act.actor, held.registration_id)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    if held.status is not HoldStatus.CONFIRMED or stay is None or stay.status is StayStatus.ENDED:
        raise Conflict("address_not_shown", status=held.status.value, stay=stay.status.value if stay else "-")
    if not telephone_records.is_certain(act, held):
        raise Conflict("shelter_not_asked_again")
    if not act.actor.role.has_authority and not _desk_agreed(act, held):
        raise Conflict("desk_has_not_agreed")
    location = act.session.exec(select(Location).join(Unit).where(Unit.id == stay.unit_id)).one()
    if location.address is None:
        raise Conflict("address_unknown")
    audit_log.write(act, Event.ADDRESS_READ, registration=held.registration_id, subject=held.id)
    return held, location.address


def _desk_agreed(act: Act, held: Hold) -> bool:
    """Whether the desk decided, confirmed, or agrees beforehand with what is accepted as proposed (COSM and OMM).

    Not where it has not answered yet what was carried out under a mandate, whatever it agrees with beforehand since;
    nor where it sent that back: the client may live there by then, and the hold goes on.
    """
    decision = act.session.get_one(Decision, held.decision_id)
    if decision.status in {DecisionStatus.PROVISIONAL, DecisionStatus.REFUSED}:
        return False
    if decision.second_by is not None:  # only the desk can
        return True
    decided_by = act.session.get(Account, decision.decided_by)
    if decided_by is not None and decided_by.role.has_authority:
        return True
    scheme = act.session.get_one(Unit, held.unit_id).scheme
    beforehand = act.settings.standing_confirmation and decision.kind is DecisionKind.ACCEPT
    return beforehand and scheme in DESK_SCHEMES
