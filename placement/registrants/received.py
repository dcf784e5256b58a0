"""Acts of the desk on sent registrations: reading, calling the registrant's own organisation, and accepting."""

from collections.abc import Sequence

from sqlmodel import col, or_, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import UNREGISTERED
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.geography import Point, nearest_place
from placement.core.place_codes import PlaceStatus
from placement.core.read_ahead import Rows, rows_of
from placement.core.registrant_codes import CallNeeded
from placement.core.telephone import numbered
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove
from placement.registrants.senders import own_numbers
from placement.registrants.sending import of_organisation
from placement.storage.locks import lock_registrations
from placement.tables import Location, Registration, SentRegistration
from placement.tables.sent_registration import Rung

UNREGISTERED_CASES = Rows(Registration, col(Registration.status).in_(UNREGISTERED))


def waiting(act: Act) -> Sequence[tuple[SentRegistration, Registration]]:
    """Returns the sent registrations that wait for the desk: their client is not registered yet, a message is unread,
    or a question is open.
    """
    cases = {one.id: one for one in rows_of(act.session, UNREGISTERED_CASES)}
    of_cases = or_(col(SentRegistration.waits), col(SentRegistration.registration_id).in_(list(cases)))
    query = select(SentRegistration).where(of_cases, col(SentRegistration.registration_id).is_not(None))
    sent = act.session.exec(query.order_by(col(SentRegistration.made_on), col(SentRegistration.id))).all()
    registered = {str(row.registration_id) for row in sent} - set(cases)
    if registered:
        others = select(Registration).where(col(Registration.id).in_(registered))
        cases |= {one.id: one for one in act.session.exec(others)}
    return [(row, cases[str(row.registration_id)]) for row in sent if row.registration_id in cases]


def of_desk(act: Act, sent_id: str, *, lock: bool = False) -> SentRegistration:
    """Returns a sent registration for the desk. Raises `NotFound` for a draft, because the desk may not see drafts."""
    query = select(SentRegistration).where(
        SentRegistration.id == sent_id, col(SentRegistration.registration_id).is_not(None)
    )
    return existing(act.session.exec(query.with_for_update() if lock else query).first())


def of_case(act: Act, registration_id: str) -> str | None:
    """Returns the id of the registration with which a registrant sent this case in. Returns `None` if no registrant
    sent it, or if the actor may not read what registrants sent in.
    """
    if not Permission.RECEIVED_READ.is_of(act.actor):
        return None
    query = select(SentRegistration.id).where(SentRegistration.registration_id == registration_id)
    return act.session.exec(query).first()


def call_needed(act: Act, row: SentRegistration, case: Registration) -> CallNeeded | None:
    """Returns the reason why the desk must call the registrant's own organisation before it accepts the registration.
    Returns `None` if no call is needed, or if a call confirmed the registration.
    """
    if row.content.rung is not None:
        return None if row.content.rung.knows else CallNeeded.DENIED
    if row.organisation is None:
        return CallNeeded.LINK
    others = [one for one in of_organisation(act, row.organisation) if one.id != row.id]
    if not any(one.content.rung is not None and one.content.rung.knows for one in others):
        return CallNeeded.FIRST
    sent = (one for one in others if one.content.sender == row.content.sender)
    is_new = not any(one.content.accepted_at is not None for one in sent)
    return CallNeeded.DANGER if is_new and _is_in_region_of_shelter(act, case) else None


@needs(Permission.RECEIVED_SETTLE)
def record_call(act: Act, sent_id: str, number: str, *, knows: bool) -> SentRegistration:
    """Records the desk's call to the registrant's own organisation. `number`: a stored number of that organisation or,
    if the sender has no account, a number that the desk looked up itself.

    Raises `Invalid` for every other number, because it could come from the sender.
    """
    row = of_desk(act, sent_id, lock=True)
    allowed = own_numbers(act, row)
    rung, faults = numbered("number", number, [number])
    if faults or rung is None:
        raise Invalid(faults) if faults else Invalid.at("number", "missing")
    if (row.organisation is not None and rung not in allowed) or rung == row.content.telephone:
        raise Invalid.at("number", "not_own_number", allowed=allowed)
    row.content = row.content.model_copy(update={"rung": Rung(at=act.at, by=act.actor.id, number=rung, knows=knows)})
    audit_log.write(act, Event.REGISTRANT_RUNG, registration=row.registration_id, knows=knows)
    return row


@needs(Permission.RECEIVED_SETTLE)
def accept(act: Act, sent_id: str) -> SentRegistration:
    """Turns a received registration into a draft. The desk then completes and registers the draft. Raises `Conflict` if
    the desk must first call the registrant's own organisation, or if that organisation does not know the registration.
    """
    row = of_desk(act, sent_id, lock=True)
    lock_registrations(act.session, [str(row.registration_id)])
    case = act.session.get_one(Registration, row.registration_id)
    if reason := call_needed(act, row, case):
        raise Conflict("call_registrant_first", reason=reason.value)
    carry_out(act, case, RegistrationMove.ACCEPT)
    row.content = row.content.model_copy(update={"accepted_at": act.at})
    return row


def _is_in_region_of_shelter(act: Act, case: Registration) -> bool:
    """Checks whether a danger point lies in the region of an open shelter. If so, the desk calls the registrant's
    organisation. The check uses regions, because a check by distance would disclose to the sender how near a shelter
    is.
    """
    regions = set(act.session.exec(select(Location.region).where(col(Location.status) != PlaceStatus.CLOSED)))
    points = (Point(one.point["lat"], one.point["lon"]) for one in case.known("threats") or ())
    return any(nearest_place(point).region in regions for point in points)
