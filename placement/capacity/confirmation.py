"""The time since which a shelter has been asked to confirm its count. The time is computed when it is needed. If the
shelter's row stored it, the row would disclose the time of a hold.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from placement.capacity import place_names
from placement.capacity.newest_reports import CONFIRMED, counted_at, newest_of_shelter, oldest_count
from placement.core.codes import DecisionStatus
from placement.core.read_ahead import Rows, rows_of
from placement.crypto.encrypted_columns import is_readable
from placement.tables import CapacityReport, Decision, Shelter

WAITING_FOR_SHELTER = Rows(Decision, col(Decision.status) == DecisionStatus.WAITING_FOR_SHELTER)


@dataclass(slots=True)
class ShelterCount:
    """The state of a shelter's count. `confirmed_at`: the time of its oldest room count; `None` if the shelter never
    counted. `asked_since`: the time since which the shelter must confirm the count; `None` if it need not.
    """

    confirmed_at: datetime | None = None
    asked_since: datetime | None = None
    version: int = 0
    """The version of the shelter's rooms: the number of the newest report; 0 if there is no report."""
    counted_at: datetime | None = None
    """The time of the shelter's newest own report, which may leave out some rooms."""


def counts_of_shelters(session: Session, shelter_id: str | None = None) -> defaultdict[str, ShelterCount]:
    """Returns the counts of all shelters, or of this shelter, by shelter. `asked_since` is the earlier of two times:

    - the first correction by the service after which the shelter sent no report,
    - the first decision that waits for this shelter.
    """
    found: defaultdict[str, ShelterCount] = defaultdict(ShelterCount)
    read = session.execute(_OF_ALL) if shelter_id is None else session.execute(_OF_ONE, {"shelter_id": shelter_id})
    found |= {shelter: ShelterCount(*known) for shelter, *known in read}
    decisions = [one for one in rows_of(session, WAITING_FOR_SHELTER) if is_readable(one.unit_id)]
    shelter_of = place_names.shelters(session) if decisions else {}
    for one in decisions:
        count, asked_at = found[shelter_of[one.unit_id]], one.answer.at or one.decided_at
        count.asked_since = min(count.asked_since or asked_at, asked_at)
    return found


def _reports(*where: Any) -> Any:
    """Returns a query with a row for each shelter. The columns are the fields of `ShelterCount`; `asked_since` is the
    time of the first correction after the oldest count.
    """
    newest, counted = newest_of_shelter(col(CapacityReport.id)), oldest_count()
    later = CapacityReport.shelter_id == Shelter.id, CapacityReport.id > func.coalesce(counted, 0), ~CONFIRMED
    since = select(CapacityReport.at).where(*later)
    corrected = since.order_by(col(CapacityReport.id)).limit(1).correlate(Shelter).scalar_subquery()
    own = counted_at(newest_of_shelter(col(CapacityReport.id), CONFIRMED))
    query = select(Shelter.id, counted_at(counted), corrected, newest, own)  # type: ignore[call-overload]  # five columns
    return query.where(newest.is_not(None), *where)


_OF_ALL = _reports()
_OF_ONE = _reports(Shelter.id == bindparam("shelter_id"))
