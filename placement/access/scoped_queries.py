"""Scoped queries, which look up objects for an actor. For an object that the actor may not see, they raise the same
`NotFound` as for an object that does not exist.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Select
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import case_access
from placement.access.permissions import Permission, Reach
from placement.core.codes import DecisionStatus, HoldStatus, RegistrationStatus, Role, Sees, StayStatus
from placement.core.context import Actor
from placement.core.errors import NotFound, existing
from placement.core.list_orders import CaseOrder, StayOrder
from placement.crypto.encrypted_columns import is_readable
from placement.storage.bed_claims import STANDING, claiming_in_shelter
from placement.storage.field_sealing import found_by
from placement.storage.locks import lock_registrations, lock_shelter
from placement.tables import BedClaim, Decision, Hold, Location, Proposal, Registration, Shelter, Stay, Unit
from placement.tables.columns import Condition
from placement.tables.sealed_row import require_sure

Row = TypeVar("Row")
CaseRow = TypeVar("CaseRow", Proposal, Hold, Stay)


def shelter_of(session: Session, actor: Actor, shelter_id: str, *, lock: bool = False) -> Shelter:
    """Returns a shelter if it is the actor's own. Raises `NotFound` otherwise."""
    shelter = lock_shelter(session, shelter_id) if lock else session.get(Shelter, shelter_id)
    if shelter is None or actor.shelter_id != shelter.id:
        raise NotFound
    return shelter


def readable_shelter(
    session: Session, actor: Actor, shelter_id: str, permission: Permission = Permission.CAPACITY_READ
) -> Shelter:
    """Returns a shelter if it is the actor's own, or if the actor has the permission for every shelter."""
    if permission.reach_of(actor) is not Reach.ALL and actor.role is not Role.SYSTEM:
        return shelter_of(session, actor, shelter_id)
    return existing(session.get(Shelter, shelter_id))


def readable_unit(session: Session, actor: Actor, unit_id: str) -> Unit:
    """Returns a unit if it is in the actor's own shelter, or if the actor's role may read every profile."""
    if Permission.PROFILE_READ.reach_of(actor) is not Reach.ALL:
        return unit_of(session, actor, unit_id)
    return _one(session, select(Unit).where(Unit.id == unit_id))


def unit_of(session: Session, actor: Actor, unit_id: str, *, lock: bool = False) -> Unit:
    """Returns a unit if it is in the actor's own shelter. Raises `NotFound` otherwise."""
    query = select(Unit).join(Location).where(Unit.id == unit_id, Location.shelter_id == actor.shelter_id)
    return _one(session, query.with_for_update(of=Unit, key_share=True) if lock else query)


def page(session: Session, query: SelectOfScalar[Row], limit: int, offset: int) -> tuple[Sequence[Row], int]:
    """Returns a page of the rows of an ordered query, and the total number of rows."""
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    found = session.execute(query.add_columns(counted.scalar_subquery()).limit(limit).offset(offset)).all()
    if not found and offset:
        return [], session.exec(counted).one()
    return [row for row, _ in found], found[0][1] if found else 0


def listed_registrations(
    actor: Actor,
    status: RegistrationStatus | None,
    region: str | None,
    urgency: int | None = None,
    waits_by: date | None = None,
    *,
    sought: bool = False,
    order: CaseOrder = CaseOrder.URGENT_FIRST,
) -> SelectOfScalar[Registration]:
    """Returns the query of the registrations that the actor sees, sorted by `order`. `waits_by`: only clients who have
    waited since this day or longer. `sought`: only clients for whom a place is sought, including those who live in a
    place already.
    """
    how_urgent, waits = col(Registration.urgency), col(Registration.waits_on)
    ordered = {
        CaseOrder.URGENT_FIRST: (how_urgent, waits),
        CaseOrder.URGENT_LAST: (how_urgent.desc(), waits),
        CaseOrder.LONGEST_FIRST: (waits, how_urgent),
        CaseOrder.SHORTEST_FIRST: (waits.desc(), how_urgent),
    }
    query = registrations_of(actor).order_by(*ordered[order], col(Registration.id))
    if sought:
        query = query.where(col(Registration.status).in_([one for one in RegistrationStatus if one.is_sought_for]))
    if status is not None:
        query = query.where(Registration.status == status)
    if urgency is not None:
        query = query.where(Registration.urgency == urgency)
    if waits_by is not None:
        query = query.where(Registration.waits_on <= waits_by)
    return query if region is None else query.where(Registration.region == region)


def registrations_called(
    session: Session, actor: Actor, alias: str, others: Sequence[str]
) -> SelectOfScalar[Registration]:
    """Returns the query of visible registrations that have this alias or whose id is in `others`, newest first.
    Capitals and spaces in the alias make no difference.
    """
    named = or_(found_by(session, Registration, "alias", alias), col(Registration.id).in_(others))
    return registrations_of(actor).where(named).order_by(col(Registration.waits_on).desc(), col(Registration.id))


def listed_decisions(
    actor: Actor, status: DecisionStatus | None, proposal_id: str | None = None, registration_id: str | None = None
) -> SelectOfScalar[Decision]:
    """Returns the query of the decisions that the actor sees, newest first."""
    query = decisions_of(actor).order_by(col(Decision.decided_at).desc(), col(Decision.id))
    if registration_id is not None:
        query = query.where(Decision.registration_id == registration_id)
    if proposal_id is not None:
        query = query.where(Decision.proposal_id == proposal_id)
    return query if status is None else query.where(Decision.status == status)


def listed_holds(
    session: Session, actor: Actor, status: HoldStatus | None, registration_id: str | None
) -> SelectOfScalar[Hold]:
    """Returns the query of the holds that the actor sees, newest first."""
    query = holds_of(session, actor).order_by(col(Hold.made_at).desc(), col(Hold.id))
    if status is not None:
        query = query.where(Hold.status == status)
    return query if registration_id is None else query.where(Hold.registration_id == registration_id)


def page_of_stays(  # noqa: PLR0917  (each is a filter)
    session: Session,
    actor: Actor,
    status: StayStatus | None,
    limit: int | None,
    offset: int,
    order: StayOrder = StayOrder.EARLIEST_FIRST,
    *,
    registration_id: str | None = None,
    shelter_id: str | None = None,
) -> tuple[Sequence[Stay], int]:
    """Returns a page of the stays that the actor sees, in this order, and the total number. The stays are sorted in
    memory, because the database stores their days encrypted. A stay without an arrival comes last. A stay whose key is
    missing is left out. `shelter_id`: only stays that have a bed in this shelter now.
    """
    claims = () if status in {None, StayStatus.ENDED} else STANDING
    query = stays_of(session, actor, *claims)
    if status is not None:
        query = query.where(Stay.status == status)
    if registration_id is not None:
        query = query.where(Stay.registration_id == registration_id)
    if shelter_id is not None:
        query = query.where(col(Stay.id).in_(claiming_in_shelter(session, shelter_id, *STANDING).stays))
    found = [stay for stay in session.exec(query) if is_readable(stay.starts_on, stay.unit_id)]
    day = "limit_on" if order in {StayOrder.LIMIT_FIRST, StayOrder.LIMIT_LAST} else "starts_on"
    ordered = sorted(found, key=lambda stay: (getattr(stay, day) or date.max, stay.id), reverse=order.startswith("-"))
    return ordered[offset:][:limit], len(ordered)


def decided_on(session: Session, decision_ids: Sequence[str]) -> dict[str, tuple[Proposal, str | None]]:
    """Returns, for each decision, its proposal and the id of its hold (`None` without a hold). The caller must ensure
    that the actor may see the decisions.
    """
    query = (
        select(Decision.id, Proposal, Hold.id)
        .join(Proposal, col(Proposal.id) == Decision.proposal_id)
        .join(Hold, col(Hold.decision_id) == Decision.id, isouter=True)
    )
    rows = session.execute(query.where(col(Decision.id).in_(decision_ids)))
    return {decision: (proposal, hold) for decision, proposal, hold in rows}


def decision_waiting_for(session: Session, registration_id: str) -> tuple[Decision, Hold] | None:
    """Returns the decision on this registration that waits for an approval, with its hold; otherwise `None`."""
    kept = Hold.registration_id == registration_id, Hold.status == HoldStatus.RESERVED
    query = select(Decision, Hold).join(Hold, col(Hold.decision_id) == Decision.id)
    return session.exec(query.where(*kept)).first()


def provisional_decision(session: Session, registration_id: str) -> tuple[Decision, Hold] | None:
    """Returns a registration's newest decision that was carried out before the desk approved it, with its hold; `None`
    if there is no such decision.
    """
    query = select(Decision, Hold).join(Hold, col(Hold.decision_id) == Decision.id)
    carried_out = Hold.registration_id == registration_id, Decision.status == DecisionStatus.PROVISIONAL
    return session.exec(query.where(*carried_out).order_by(col(Hold.made_at).desc())).first()


def registrations_of(actor: Actor) -> SelectOfScalar[Registration]:
    """Returns the query of the registrations that this actor sees. Depending on the role, these are all registrations,
    those in the actor's areas, or no registrations. Registrations that the desk has not accepted yet belong to no area.
    """
    query = select(Registration)
    if actor.role.sees is Sees.ALL:
        return query
    accepted = Registration.status != RegistrationStatus.RECEIVED
    return query.where(col(Registration.region).in_(actor.regions), accepted)


def registration_of(session: Session, actor: Actor, registration_id: str, *, lock: bool = False) -> Registration:
    """Returns a case for reading or changing. Raises `ReasonNeeded` if the desk needs an access grant with a reason."""
    if lock:
        lock_registrations(session, [known_registration(session, actor, registration_id).id])
    found = known_registration(session, actor, registration_id)
    case_access.require_reason_given(session, actor, found)
    return found


def known_registration(session: Session, actor: Actor, registration_id: str, *, lock: bool = False) -> Registration:
    """Returns a case that this actor sees in lists. The actor may lack the right to read the content of the case."""
    query = registrations_of(actor).where(Registration.id == registration_id)
    if lock:
        lock_registrations(session, [_one(session, query).id])
    return _one(session, query)


def urgency_of(session: Session, actor: Actor, registration_id: str) -> int | None:
    """Returns the urgency of a case that this actor sees in lists; otherwise `None`."""
    theirs = registrations_of(actor).where(Registration.id == registration_id)
    return session.scalars(theirs.with_only_columns(col(Registration.urgency))).first()


def readable_registration(session: Session, actor: Actor, registration_id: str) -> Registration:
    """Returns a case for reading. A coordinator also gets a case to which break-glass access was given."""
    if actor.role.sees is Sees.REGIONS and registration_id in actor.opened:
        return session.get_one(Registration, registration_id)
    return registration_of(session, actor, registration_id)


def visible_registrations(session: Session, actor: Actor, ids: Sequence[str]) -> set[str]:
    """Returns the ids of these registrations that this actor may see."""
    if not ids:
        return set()
    return set(session.scalars(_ids(registrations_of(actor).where(col(Registration.id).in_(ids)))))


def proposal_of(session: Session, actor: Actor, proposal_id: str, *, lock: bool = False) -> Proposal:
    query = select(Proposal).where(
        Proposal.id == proposal_id, col(Proposal.registration_id).in_(_ids(registrations_of(actor)))
    )
    found = _visible_row(session, query, lock=lock)
    if lock:
        require_sure(found)
    case_access.require_reason_given(session, actor, session.get_one(Registration, found.registration_id))
    return found


def decision_of(session: Session, actor: Actor, decision_id: str, *, lock: bool = False) -> Decision:
    query = decisions_of(actor).where(Decision.id == decision_id)
    if lock:
        proposal = session.get_one(Proposal, _one(session, query).proposal_id)
        require_sure(proposal)
        lock_registrations(session, [proposal.registration_id])
    found = _one(session, query)
    require_sure(found)
    return found


def decisions_of(actor: Actor) -> SelectOfScalar[Decision]:
    return select(Decision).join(Proposal).where(col(Proposal.registration_id).in_(_ids(registrations_of(actor))))


def holds_of(session: Session, actor: Actor, *claims: Condition) -> SelectOfScalar[Hold]:
    """Returns the query of the holds that this actor sees. A shelter sees its own holds; others see the holds of
    visible registrations.

    Leaves out holds whose content was erased. `claims`: conditions on a shelter's bed claims. For example,
    `bed_claims.STANDING` leaves out past claims. While a bed is only reserved for a decision, its shelter sees the
    reservation (`placement/capacity/overview.py`), but not the client.
    """
    known = select(Hold).where(col(Hold.unit_id).is_not(None))
    if actor.shelter_id is not None:
        here = claiming_in_shelter(session, actor.shelter_id, *claims).holds
        return known.where(col(Hold.id).in_(here), col(Hold.asked_at).is_not(None))
    return known.where(col(Hold.registration_id).in_(_ids(registrations_of(actor))))


def hold_of(session: Session, actor: Actor, hold_id: str, *, lock: bool = False) -> Hold:
    seen = holds_of(session, actor, BedClaim.hold_id == hold_id)
    found = _visible_row(session, seen.where(Hold.id == hold_id), lock=lock)
    require_sure(found)
    return found


def stays_of(session: Session, actor: Actor, *claims: Condition) -> SelectOfScalar[Stay]:
    """Returns the query of the stays that this actor sees. `claims`: as in `holds_of`."""
    known = select(Stay).where(col(Stay.unit_id).is_not(None))
    if actor.shelter_id is not None:
        return known.where(col(Stay.id).in_(claiming_in_shelter(session, actor.shelter_id, *claims).stays))
    return known.where(col(Stay.registration_id).in_(_ids(registrations_of(actor))))


def stay_of(session: Session, actor: Actor, stay_id: str, *, lock: bool = False) -> Stay:
    seen = stays_of(session, actor, BedClaim.stay_id == stay_id)
    return _visible_row(session, seen.where(Stay.id == stay_id), lock=lock)


def _ids(registrations: SelectOfScalar[Registration]) -> Select[object]:
    return registrations.with_only_columns(col(Registration.id))


def _visible_row(session: Session, query: SelectOfScalar[CaseRow], *, lock: bool) -> CaseRow:
    """Returns the row that the query finds. `lock`: true locks the registration of the row. Every change of the row
    needs this lock.
    """
    if lock:
        lock_registrations(session, [_one(session, query).registration_id])
    return _one(session, query)


def _one(session: Session, query: SelectOfScalar[Row]) -> Row:
    return existing(session.exec(query.execution_options(populate_existing=True)).first())
