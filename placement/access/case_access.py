"""Access to a case by the desk: which cases it opens only with a reason.

The desk is the coordinator of the regions that have none. In the other regions it sees which registrations wait, and
what it is asked to confirm or to look at again; the case itself needs an access grant with a reason
(`placement/registrations/break_glass.py`).
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Mapped, defer
from sqlmodel import Session, col, select

from placement.access.permissions import Permission, Reach
from placement.areas.lookup import coordinators
from placement.core import clock
from placement.core.codes import DecisionStatus, HoldStatus, Sees, StayStatus, roles_that_see
from placement.core.context import Actor
from placement.core.errors import NotAllowed
from placement.tables import AccessGrant, Account, Decision, Hold, Proposal, Registration, Stay

ASKS_THE_DESK = frozenset({DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND})
OF_THE_DESK = ASKS_THE_DESK | {DecisionStatus.PROVISIONAL}
"""What the desk has to answer, before it is carried out or after."""


def opened_by(session: Session, account_id: str, at: datetime) -> frozenset[str]:
    """The registrations to which this person has an access grant that has not ended."""
    query = select(AccessGrant).where(is_active(account_id, at)).options(defer(AccessGrant.text))
    return frozenset(grant.registration_id for grant in session.exec(query))


def is_active(account_id: str | Mapped[str], at: datetime) -> ColumnElement[bool]:
    """Of access grants: that it is of this account, and has not ended. One that is still to begin was given while the
    clock was ahead: its hour is none of now.
    """
    begun = col(AccessGrant.opened_at) <= at + clock.CLOCKS_DIFFER
    return and_(col(AccessGrant.account_id) == account_id, begun, col(AccessGrant.expires_at) > at)


def require_reason_given(session: Session, actor: Actor, registration: Registration) -> None:
    """Raises `NotAllowed` where the desk needs an access grant with a reason for this case, and has none."""
    if is_closed_to(session, actor, registration):
        raise NotAllowed("reason_needed")


def is_closed_to(session: Session, actor: Actor, registration: Registration) -> bool:
    """Whether this actor sees that there is the case, and not what is in it."""
    return registration.id not in actor.opened and needs_reason(session, actor, registration)


def needs_reason(session: Session, actor: Actor, registration: Registration) -> bool:
    """Whether the desk needs a reason: where the region has a coordinator, unless the desk registered the client itself
    or is asked to confirm, or to look at again.
    """
    if (
        Permission.REGISTRATION_CHANGE.reach_of(actor) is not Reach.OPENED
        or registration.known("registered_by") == actor.id
    ):
        return False
    return _has_coordinator(session, registration.region) and not _waits_for_the_desk(session, registration.id)


def _has_coordinator(session: Session, area: str) -> bool:
    at_work = select(Account).where(
        col(Account.role).in_(roles_that_see(Sees.REGIONS)), col(Account.disabled_at).is_(None)
    )
    return bool(coordinators(session, session.exec(at_work), area, clock.day_of(clock.now())))


def _waits_for_the_desk(session: Session, registration_id: str) -> bool:
    asked = select(Decision.id).join(Proposal).where(Proposal.registration_id == registration_id)
    to_look_at = asked.join(Hold, col(Hold.decision_id) == Decision.id).join(Stay, col(Stay.hold_id) == Hold.id)
    to_look_at = to_look_at.where(*is_to_look_at(clock.day_of(clock.now())))
    waits = asked.where(col(Decision.status).in_(OF_THE_DESK))
    return session.exec(waits).first() is not None or session.exec(to_look_at).first() is not None


def is_to_look_at(day: date) -> tuple[ColumnElement[bool], ...]:
    """Of decisions with their hold and its stay: that the day of review has come, and that the client lives there or
    is expected.
    """
    reached = col(Decision.status) == DecisionStatus.FINAL, col(Decision.review_on) <= day
    return *reached, col(Hold.status) == HoldStatus.CONFIRMED, col(Stay.status) != StayStatus.ENDED
