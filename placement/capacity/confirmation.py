"""Since when the service waits for a shelter to confirm its count.

It is derived and not stored: a moment in the shelter's row, or the mere writing of it, would be that of the hold for
which the count is asked.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, case, col, func, select

from placement.capacity import place_names
from placement.core.codes import DecisionStatus
from placement.crypto.encrypted_columns import is_readable
from placement.tables import CapacityReport, Decision


@dataclass(slots=True)
class ShelterCount:
    """When a shelter last reported, and since when it is asked to confirm its count; None: never, and not asked."""

    confirmed_at: datetime | None = None
    asked_since: datetime | None = None


def counts_of_shelters(session: Session) -> defaultdict[str, ShelterCount]:
    """By shelter. Asked since the first of what waits: a correction by the service that no report followed, or a
    decision.
    """
    found: defaultdict[str, ShelterCount] = defaultdict(ShelterCount)
    found |= {shelter: ShelterCount(confirmed, corrected) for shelter, confirmed, corrected in session.exec(_reports())}
    waiting = select(Decision).where(Decision.status == DecisionStatus.WAITING_FOR_SHELTER).order_by(Decision.id)
    decisions = [one for one in session.exec(waiting) if is_readable(one.unit_id)]
    shelter_of = place_names.shelters(session) if decisions else {}
    for one in decisions:
        count, asked_at = found[shelter_of[one.unit_id]], one.second_at or one.decided_at
        count.asked_since = min(count.asked_since or asked_at, asked_at)
    return found


def _reports() -> Any:
    """Of each shelter with a report: when it last reported itself, and the first correction by the service since."""
    last = select(CapacityReport.shelter_id, func.max(CapacityReport.id).label("id")).where(CapacityReport.confirmed)
    newest = last.group_by(CapacityReport.shelter_id).subquery()
    confirmed = case((col(CapacityReport.confirmed), CapacityReport.at))
    since = col(CapacityReport.confirmed).is_(False) & (col(CapacityReport.id) > func.coalesce(newest.c.id, 0))
    corrected = case((since, CapacityReport.at))
    return (
        select(CapacityReport.shelter_id, func.max(confirmed), func.min(corrected))
        .join(newest, newest.c.shelter_id == CapacityReport.shelter_id, isouter=True)
        .group_by(CapacityReport.shelter_id)
    )
