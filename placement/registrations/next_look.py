"""When a place is looked for again at the latest, for a client for whom it is sought and no bed is kept.

A place for tonight every hour, one within days each morning, any other each week, and each morning from the day on by
which it is needed (assumed). A search is a look, whether or not it finds a place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case as sql_case
from sqlmodel import Session, and_, col, func, select

from placement.core.clock import day_of, start_of
from placement.core.codes import ProposalStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.duty.hours import Duty, duty_of
from placement.registrations.case_list import waits_since
from placement.registrations.case_rows import first_sought_on
from placement.tables import Proposal, Registration, Stay

URGENT_AFTER = timedelta(hours=1)
"""After how long without a bed, or since the last search, a place for tonight is looked for again (assumed)."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_ACTED_ON = frozenset(
    {ProposalStatus.MADE, ProposalStatus.ACCEPTED, ProposalStatus.OVERRIDDEN, ProposalStatus.DECLINED}
)


@dataclass(frozen=True, slots=True)
class LastLook:
    """When a case last had a proposal; and one that can still be decided on, or was decided on."""

    at: datetime
    offered_at: datetime | None


def last_looks(session: Session, cases: Collection[str]) -> dict[str, LastLook]:
    """By case, of these that had a proposal."""
    if not cases:
        return {}
    offered = and_(col(Proposal.unit_id).is_not(None), col(Proposal.status).in_(_ACTED_ON))
    offered_at = func.max(sql_case((offered, col(Proposal.made_at))))
    query = select(Proposal.registration_id, func.max(Proposal.made_at), offered_at)
    grouped = query.where(col(Proposal.registration_id).in_(cases)).group_by(col(Proposal.registration_id))
    return {case: LastLook(at, offered) for case, at, offered in session.exec(grouped)}


def without_a_bed(waits: datetime, stay: Stay | None) -> datetime:
    """Returns since when a case has no bed: the day on which its last stay ended, if that is later. A stay in between
    is no waiting.
    """
    return waits if stay is None or stay.ended_on is None else max(waits, start_of(stay.ended_on))


def next_look(duty: Duty, case: Registration, looked_at: datetime) -> datetime:
    """Returns the moment at which a place is looked for again at the latest. `looked_at`: since when it has no bed, or
    the last search, whichever is later. Never before a place is sought at all.
    """
    day = day_of(looked_at)
    if case.urgency == Urgency.TONIGHT:
        again_at = looked_at + URGENT_AFTER
    else:
        again_at = duty.beginning_on(_day_of_next_look(duty, case, looked_at))
    sought_on = first_sought_on(case, day)
    return again_at if sought_on is None else max(again_at, duty.beginning_on(sought_on))


def next_look_at(act: Act, case: Registration) -> datetime | None:
    """Returns the same for one case as it is now; None if no place is sought, or the case cannot be read."""
    if not case.status.is_sought_for or not is_readable(case.content):
        return None
    ended = select(Stay).where(Stay.registration_id == case.id, Stay.status == StayStatus.ENDED)
    waits, look = waits_since(case), last_looks(act.session, [case.id]).get(case.id)
    without = max((without_a_bed(waits, stay) for stay in act.session.exec(ended)), default=waits)
    return next_look(duty_of(act.settings), case, without if look is None else max(without, look.at))


def _day_of_next_look(duty: Duty, case: Registration, looked_at: datetime) -> date:
    day = day_of(looked_at)
    morning = day if duty.beginning_on(day) > looked_at else day + _DAY
    if case.urgency == Urgency.DAYS:
        return morning
    needed_by: date = case.known("needed_by") or day
    return min(day + _WEEK, max(needed_by, morning))
