"""Since when the service waits for a shelter to confirm its count.

It is derived and not stored: a moment in the shelter's row, or the mere writing of it, would be that of the hold for
which the count is asked.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from placement.core.codes import DecisionStatus
from placement.crypto.encrypted_columns import is_readable
from placement.tables import CapacityReport, Decision, Location, Unit


def confirmations_asked(session: Session) -> dict[str, datetime]:
    """By shelter, since the first of what waits: a correction by the service that no report followed, or a decision."""
    since = _corrected(session)
    waiting = select(Decision).where(Decision.status == DecisionStatus.WAITING_FOR_SHELTER).order_by(Decision.id)
    decisions = [one for one in session.exec(waiting) if is_readable(one.unit_id)]
    units = {one.unit_id for one in decisions}
    theirs = select(Unit.id, Location.shelter_id).join(Location).where(col(Unit.id).in_(units))
    shelter_of = dict(session.exec(theirs).all()) if units else {}
    for one in decisions:
        shelter_id, asked_at = shelter_of[one.unit_id], one.second_at or one.decided_at
        since[shelter_id] = min(since.get(shelter_id, asked_at), asked_at)
    return since


def _corrected(session: Session) -> dict[str, datetime]:
    last = select(CapacityReport.shelter_id, func.max(CapacityReport.id).label("id")).where(CapacityReport.confirmed)
    newest = last.group_by(CapacityReport.shelter_id).subquery()
    later = (
        select(CapacityReport.shelter_id, func.min(CapacityReport.at))
        .join(newest, newest.c.shelter_id == CapacityReport.shelter_id, isouter=True)
        .where(col(CapacityReport.confirmed).is_(False), col(CapacityReport.id) > func.coalesce(newest.c.id, 0))
        .group_by(CapacityReport.shelter_id)
    )
    return dict(session.exec(later).all())
