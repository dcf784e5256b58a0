"""The desk's access to cases, and the cases that the desk may open only with a reason.

In a region without a coordinator, the desk acts as coordinator. In other regions it sees waiting registrations, cases
that it must confirm or review, and cases of missing clients. Any other case needs an access grant with a reason
(`placement/registrations/break_glass.py`), or a task of the desk (`placement/tasks/opening.py`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, and_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from placement.access.permissions import Permission, Reach
from placement.areas.lookup import coordinators
from placement.core import clock
from placement.core.codes import DecisionStatus, HoldStatus, Sees, StayStatus, roles_that_see
from placement.core.context import Actor
from placement.core.errors import ReasonNeeded
from placement.tables import AccessGrant, Account, Decision, Hold, Proposal, Registration, Stay

Moment = datetime | BindParameter[datetime]

ASKS_THE_DESK = frozenset({DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND})
OF_THE_DESK = ASKS_THE_DESK | {DecisionStatus.PROVISIONAL}
"""The statuses of decisions that still need an answer of the desk, before or after the decision is carried out."""


def opened_by(session: Session, account_id: str, at: datetime) -> frozenset[str]:
    """Returns the registrations for which this account has an access grant that is valid now."""
    query = select(AccessGrant).where(is_active(account_id, at, latest_begin(at)))
    return frozenset(grant.registration_id for grant in session.exec(query))


def is_active(account_id: str | Mapped[str], at: Moment, latest: Moment) -> ColumnElement[bool]:
    """Returns the SQL condition for access grants of this account that began by `latest` and have not ended at `at`."""
    begun = col(AccessGrant.opened_at) <= latest
    return and_(col(AccessGrant.account_id) == account_id, begun, col(AccessGrant.expires_at) > at)


def latest_begin(at: datetime) -> datetime:
    """Returns the latest time at which a valid access grant can have begun. A grant with a later begin is invalid: the
    machine that stored it had a wrong clock.
    """
    return at + clock.CLOCKS_DIFFER


def require_reason_given(session: Session, actor: Actor, registration: Registration) -> None:
    """Raises `ReasonNeeded` if the desk needs an access grant for this case but has no such grant."""
    if is_closed_to(session, actor, registration):
        raise ReasonNeeded(registration.id)


def is_closed_to(session: Session, actor: Actor, registration: Registration) -> bool:
    """Checks whether this actor may know that the case exists, but may not read its content."""
    return bool(closed_among(session, actor, [registration]))


def closed_among(session: Session, actor: Actor, registrations: Iterable[Registration]) -> set[str]:
    """Returns the cases that this actor may know of, but may not read."""
    return _needing_reason(session, actor, [one for one in registrations if one.id not in actor.opened])


def needs_reason(session: Session, actor: Actor, registration: Registration) -> bool:
    """Checks whether the desk needs a reason for this case. It needs a reason if the region has a coordinator, with
    three exceptions: the desk registered the client, the desk must confirm or review a decision, or a person of the
    household is missing.
    """
    return bool(_needing_reason(session, actor, [registration]))


def _needing_reason(session: Session, actor: Actor, registrations: Sequence[Registration]) -> set[str]:
    if Permission.REGISTRATION_CHANGE.reach_of(actor) is not Reach.OPENED:
        return set()
    others = [one for one in registrations if one.known("registered_by") != actor.id and not one.is_searched_for]
    covered = _with_coordinator(session, {one.region for one in others})
    ids = {one.id for one in others if one.region in covered}
    return ids - _waiting_for_the_desk(session, ids) if ids else ids


def _with_coordinator(session: Session, areas: set[str]) -> set[str]:
    if not areas:
        return areas
    at_work = select(Account).where(
        col(Account.role).in_(roles_that_see(Sees.REGIONS)), col(Account.disabled_at).is_(None)
    )
    accounts, day = session.exec(at_work).all(), clock.day_of(clock.now())
    return {area for area in areas if coordinators(session, accounts, area, day)}


def _waiting_for_the_desk(session: Session, registration_ids: set[str]) -> set[str]:
    asked = select(Proposal.registration_id).join(Decision, col(Decision.proposal_id) == Proposal.id)
    asked = asked.where(col(Proposal.registration_id).in_(registration_ids))
    to_look_at = asked.join(Hold, col(Hold.decision_id) == Decision.id).join(Stay, col(Stay.hold_id) == Hold.id)
    to_look_at = to_look_at.where(*is_to_look_at(clock.day_of(clock.now())))
    waits = asked.where(col(Decision.status).in_(OF_THE_DESK))
    return {*session.exec(waits), *session.exec(to_look_at)}


def is_to_look_at(day: date) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL conditions for decisions that the desk must review by this day: the review day has come, and the
    client lives in the chosen place or is expected in it. A query with these conditions must join hold and stay.
    """
    reached = col(Decision.status) == DecisionStatus.FINAL, col(Decision.review_on) <= day
    return *reached, col(Hold.status) == HoldStatus.CONFIRMED, col(Stay.status) != StayStatus.ENDED
