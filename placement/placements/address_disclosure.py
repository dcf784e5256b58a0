"""Disclosure of a shelter's address. Only this module returns an address, and only if all conditions are met."""

from dataclasses import dataclass

from sqlmodel import select

from placement.access import doubt_stop, scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import DecisionKind, DecisionStatus, HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.duty.mandates import DESK_SCHEMES
from placement.oddness import call_back
from placement.placements.holds import telephone_records
from placement.tables import Account, Decision, Hold, Location, SecondPersonRequest, Stay, Unit
from placement.tables.sealed_row import require_sure


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The answer to a request for an address: the address, or the request that waits for a call-back."""

    held: Hold
    address: str | None
    waits: SecondPersonRequest | None = None


@needs(Permission.ADDRESS_DISCLOSE)
def address_of(act: Act, hold_id: str) -> Disclosure:
    """Returns the postal address of the place of a hold. If the shelter has moved the client to another unit, returns
    the address of that unit. An odd request first waits for a call-back (`placement/oddness`).

    Raises `NotAllowed` if the actor has not just given the second factor again, or if the desk lacks an access grant
    that the case needs. Raises `Conflict` if the shelter or the desk has not agreed yet, if the stay has ended, or if
    no address is stored. An acceptance that the desk entered by telephone must first become certain
    (`telephone_records.is_certain`).
    """
    require_fresh(act)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    doubt_stop.require_for(act, scoped_queries.registration_of(act.session, act.actor, held.registration_id).id)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    if held.status is not HoldStatus.CONFIRMED or stay is None or stay.status is StayStatus.ENDED:
        raise Conflict("address_not_shown", status=held.status.value, stay=stay.status.value if stay else "-")
    if not telephone_records.is_certain(act, held):
        raise Conflict("shelter_not_asked_again")
    if not act.actor.role.has_authority and not _desk_agreed(act, held):
        raise Conflict("desk_has_not_agreed")
    location = act.session.exec(select(Location).join(Unit).where(Unit.id == stay.unit_id)).one()
    require_sure(stay, location)
    if location.address is None:
        raise Conflict("address_unknown")
    if (waits := call_back.held_back(act, held, stay)) is not None:
        return Disclosure(held, None, waits)
    audit_log.write(act, Event.ADDRESS_READ, registration=held.registration_id, subject=held.id)
    return Disclosure(held, location.address)


def _desk_agreed(act: Act, held: Hold) -> bool:
    """Checks whether the desk has agreed: a person of the desk decided or confirmed, or the desk agrees in advance to
    accepted proposals (only COSM and OMM). Returns false while a provisional decision waits for the desk, and after the
    desk sent the decision back. Its hold can then continue, because the client may already live there.
    """
    decision = act.session.get_one(Decision, held.decision_id)
    require_sure(decision)
    if decision.status in {DecisionStatus.PROVISIONAL, DecisionStatus.REFUSED}:
        return False
    if decision.answer.by is not None:  # only the desk can answer a decision
        return True
    decided_by = act.session.get(Account, decision.decided_by)
    if decided_by is not None and decided_by.role.has_authority:
        return True
    scheme = act.session.get_one(Unit, held.unit_id).scheme
    beforehand = act.settings.standing_confirmation and decision.kind is DecisionKind.ACCEPT
    return beforehand and scheme in DESK_SCHEMES
