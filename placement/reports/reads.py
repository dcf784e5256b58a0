"""Read access to the daily reports.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from collections.abc import Sequence
from datetime import date

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.reports import store as report_store
from placement.reports.model import Report
from placement.reports.visibility import for_reader
from placement.tables import (
    DailyReport,
)


def report(act: Act, on: date, version: int | None) -> tuple[DailyReport, Report]:
    """The report of a day, newest or of this version, as this reader sees it."""
    stored = _read(act, on, version)
    return stored, for_reader(report_store.report_of(stored), act.actor)


def report_on_page(act: Act, on: date, version: int | None) -> tuple[DailyReport, Report, bool]:
    """The same, and whether its counts about people are exact: to a signed-in person who sees every case
    anyway they are.
    """
    exact = act.actor.session_id is not None and act.actor.role.sees is Sees.ALL
    stored = _read(act, on, version)
    made = report_store.exact_of(stored) if exact else report_store.report_of(stored)
    return stored, for_reader(made, act.actor), exact


def _read(act: Act, on: date, version: int | None) -> DailyReport:
    stored = report_store.stored_on(act, on, version)
    audit_log.write(act, Event.REPORT_READ, on=on.isoformat(), version=stored.version)
    return stored


def report_days(act: Act, limit: int, offset: int) -> tuple[Sequence[DailyReport], int]:
    """A page of reports, and the total number of days."""
    audit_log.write(act, Event.REPORTS_LISTED, offset=offset)
    return report_store.days(act.session, limit, offset)
