"""Read access to the daily reports. Each read writes its audit event.

A report outside the actor's scope is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import func, select

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.reports import store as report_store
from placement.reports.model import Report
from placement.tables import (
    DailyReport,
)


def report(act: Act, on: date, version: int | None) -> tuple[DailyReport, Report]:
    """Returns the report of a day, the newest or this version, as this reader sees it."""
    stored = _read(act, on, version)
    return stored, report_store.seen_by(act.actor, stored)


@dataclass(frozen=True, slots=True)
class OnPage:
    """A report and its predecessor, as one reader sees both; `exact`: with exact counts about people."""

    report: tuple[DailyReport, Report]
    before: tuple[DailyReport, Report] | None
    exact: bool


def report_on_page(act: Act, on: date) -> OnPage:
    """Returns the report for a page: exact counts about people for a signed-in person who sees every case."""
    exact = sees_exact(act)
    stored, before = report_store.with_before(act, on)
    _record(act, stored)

    def shown(one: DailyReport) -> tuple[DailyReport, Report]:
        return one, report_store.seen_by(act.actor, one, report_store.exact_of(one) if exact else None)

    return OnPage(shown(stored), shown(before) if before is not None else None, exact)


def day_after(act: Act, on: date) -> date | None:
    """Returns the next day that has a report, or `None`."""
    later = select(func.min(DailyReport.on)).where(DailyReport.on > on, DailyReport.as_of <= act.at)
    return act.session.exec(later).one()


def sees_exact(act: Act) -> bool:
    """Checks whether the actor sees exact counts about people, which only pages show."""
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
