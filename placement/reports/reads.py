"""Read access to the daily reports. Each read writes an audit event. If the actor may not see a report, the read raises
`NotFound`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import func, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.reports import store as report_store
from placement.reports.model import Report
from placement.reports.week import DAYS, WaitingDay, waiting_before
from placement.tables import (
    DailyReport,
)


def report(act: Act, on: date, version: int | None) -> tuple[DailyReport, Report]:
    """Returns the report of a day in the form that this reader sees. `version`: `None` for the newest version."""
    stored = _read(act, on, version)
    return stored, report_store.seen_by(act.actor, stored)


@dataclass(frozen=True, slots=True)
class OnPage:
    """A report and the previous report, both in the form that the same reader sees. `exact`: true if counts about
    people are exact. `week`: the waiting households of the seven days before.
    """

    report: tuple[DailyReport, Report]
    before: tuple[DailyReport, Report] | None
    exact: bool
    week: tuple[WaitingDay, ...]


def report_on_page(act: Act, on: date) -> OnPage:
    """Returns the report for a page. A signed-in person who sees every case gets exact counts about people."""
    exact = sees_exact(act)
    stored, earlier = report_store.with_earlier(act, on, DAYS)
    before = earlier[0] if earlier else None
    _record(act, stored)

    def shown(one: DailyReport) -> tuple[DailyReport, Report]:
        return one, report_store.seen_by(act.actor, one, report_store.exact_of(one) if exact else None)

    week = waiting_before(earlier, on, exact=exact)
    return OnPage(shown(stored), shown(before) if before is not None else None, exact, week)


def day_after(act: Act, on: date) -> date | None:
    """Returns the next day that has a report; `None` if there is no such day."""
    later = select(func.min(DailyReport.on)).where(DailyReport.on > on, DailyReport.as_of <= act.at)
    return act.session.exec(later).one()


def sees_exact(act: Act) -> bool:
    """Checks whether the actor sees exact counts about people. They are shown on pages only."""
    return act.actor.session_id is not None and act.actor.role.sees is Sees.ALL


def _read(act: Act, on: date, version: int | None) -> DailyReport:
    stored = report_store.stored_on(act, on, version)
    _record(act, stored)
    return stored


def _record(act: Act, stored: DailyReport) -> None:
    audit_log.write(act, Event.REPORT_READ, on=stored.on.isoformat(), version=stored.version)


def report_days(act: Act, limit: int, offset: int) -> tuple[Sequence[DailyReport], int]:
    """Returns a page of reports, and the total number of days."""
    audit_log.write(act, Event.REPORTS_LISTED, offset=offset)
    return report_store.days(act.session, act.at, limit, offset)
