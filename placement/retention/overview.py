"""Overview of retention for the controller: the stored and due data of each kind, recent erasures, and active legal
holds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.retention import job as retention_job
from placement.retention import legal_hold
from placement.retention.job import KindStatus
from placement.retention.schedule import SCHEDULE
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import LegalHold

LOOKED_BACK = timedelta(days=28)
"""The period of the audit log that is searched for erasures: four weeks, like the history of beds (assumed)."""


@dataclass(frozen=True, slots=True)
class KindState:
    """The state of a kind of data. `erased`, `last_erased_at`: from the last four weeks of the audit log
    (`LOOKED_BACK`).
    """

    status: KindStatus
    late: bool
    erased: int
    last_erased_at: datetime | None


def report(act: Act) -> list[KindState]:
    """Returns the state of each kind, in the order of the schedule."""
    erased: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    wanted = Wanted(event=Event.ERASED.value, since=act.at - LOOKED_BACK)
    for event in reversed(log_index.find(act.session, wanted)):
        erased[event.facts["kind"]] += event.facts["count"]
        last[event.facts["kind"]] = event.at
    audit_log.write(act, Event.RETENTION_READ)
    found = []
    for kind in SCHEDULE:
        row = retention_job.status_of(act.session, kind, act.at)
        found.append(KindState(row, retention_job.is_late(row, act.at), erased[kind.name], last.get(kind.name)))
    return found


def legal_holds(act: Act, limit: int, offset: int) -> tuple[Sequence[LegalHold], int]:
    """Returns a page of active and requested legal holds, next review date first, and their total number."""
    keeping = col(LegalHold.registration_id).in_(legal_hold.kept_registrations(act.session, act.at))
    live = select(LegalHold).where(keeping, col(LegalHold.status).in_(legal_hold.LIVE))
    rows, total = scoped_queries.page(act.session, live.order_by(col(LegalHold.review_on), LegalHold.id), limit, offset)
    audit_log.write(act, Event.LEGAL_HOLDS_LISTED, shown=[row.registration_id for row in rows], offset=offset)
    return rows, total
