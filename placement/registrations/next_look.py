"""The deadline of the next search for a place for a client without a bed. The times are assumptions:
- a place tonight: an hour after the last search;
- a place within days: the next morning;
- other places: a week after the last search and, from the day by which the place is needed, each morning.
A search also counts if it finds no place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case as sql_case
from sqlmodel import Session, and_, col, func, or_, select

from placement.core.clock import day_of, start_of
from placement.core.codes import ProposalStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.duty.hours import Duty, duty_of
from placement.registrations.case_list import waits_since
from placement.registrations.case_rows import first_sought_on
from placement.tables import Decision, Proposal, Registration, Stay

NOT_REACHED = "unreachable"
URGENT_AFTER = timedelta(hours=1)
"""The time between two searches for a place tonight (assumed). It begins at the last search, or when the bed was lost.
"""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_ACTED_ON = frozenset(
    {ProposalStatus.MADE, ProposalStatus.ACCEPTED, ProposalStatus.OVERRIDDEN, ProposalStatus.DECLINED}
)


@dataclass(frozen=True, slots=True)
class LastLook:
    """The times of the last proposals and decisions for a case. `at`: the last proposal, without those that named a
    place on which nobody decided in time. `offered_at`: the last proposal that can be, or was, decided.
    `unreached_at`: the last decision with the reason that the client could not be reached.
    """

    at: datetime
    offered_at: datetime | None
    unreached_at: datetime | None


NEVER = LastLook(datetime.min.replace(tzinfo=UTC), None, None)
"""The value for a case for which no place was sought yet."""


def last_looks(session: Session, cases: Collection[str]) -> dict[str, LastLook]:
    """Returns the times of the last proposals by case. Cases without a proposal are left out."""
    if not cases:
        return {}
    nowhere, acted_on = col(Proposal.unit_id).is_(None), col(Proposal.status).in_(_ACTED_ON)
    offered, looked = and_(~nowhere, acted_on), or_(nowhere, acted_on)
    looked_at = func.max(sql_case((looked, col(Proposal.made_at))))
    offered_at = func.max(sql_case((offered, col(Proposal.made_at))))
    unreached = and_(col(Decision.proposal_id) == Proposal.id, col(Decision.reason) == NOT_REACHED)
    unreached_at = func.max(Decision.decided_at)
    query = select(Proposal.registration_id, looked_at, offered_at, unreached_at)
    joined = query.join(Decision, unreached, isouter=True).where(col(Proposal.registration_id).in_(cases))
    found = session.exec(joined.group_by(col(Proposal.registration_id)))
    return {case: LastLook(at or NEVER.at, *moments) for case, at, *moments in found}


def without_a_bed(waits: datetime, stay: Stay | None) -> datetime:
    """Returns the time since which a case has no bed: `waits`, or the end of the stay if that is later."""
    return waits if stay is None or stay.ended_on is None else max(waits, start_of(stay.ended_on))


def next_look(duty: Duty, case: Registration, looked_at: datetime) -> datetime:
    """Returns the deadline of the next search. It is not earlier than the day on which the search can begin.
    `looked_at`: the last search, or the loss of the bed if that is later.
    """
    day = day_of(looked_at)
    if case.urgency == Urgency.TONIGHT:
        again_at = looked_at + URGENT_AFTER
    else:
        again_at = duty.beginning_on(_day_of_next_look(duty, case, looked_at))
    sought_on = first_sought_on(case, day)
    return again_at if sought_on is None else max(again_at, duty.beginning_on(sought_on))


def next_look_at(act: Act, case: Registration) -> datetime | None:
    """Returns the deadline of the next search for a case. Returns `None` if no place is sought, or if the case is
    unreadable.
    """
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
