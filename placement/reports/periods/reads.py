"""Read access to the report of a period. The report is made from the stored daily reports at each reading."""

from datetime import MAXYEAR, MINYEAR, date, timedelta

import msgspec
from msgspec import Struct
from sqlmodel import col, func, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Invalid, NotFound
from placement.core.periods import Period, PeriodKind, period_of
from placement.reports import store as report_store
from placement.reports.inputs import FlowRow, StayRow, WaitingRow
from placement.reports.model import Report
from placement.reports.moments import moment_of
from placement.reports.periods.build import Daily, build
from placement.reports.periods.flow import StoredReport
from placement.reports.periods.model import PeriodReport
from placement.reports.sections.clocks import is_near, is_past
from placement.tables import DailyReport


class _Flow(Struct):
    """The part of the stored rows that contains the events."""

    flow: FlowRow


class _People(Struct):
    waiting: tuple[WaitingRow, ...]
    stays: tuple[StayRow, ...]


def period_report(act: Act, kind: PeriodKind, day: date, *, exact: bool = False) -> PeriodReport:
    """Returns the report of the period that contains this day. `exact`: with exact counts about people, only for
    readers of every case. Raises `Invalid` for an invalid or future day, or for a period before the first report.
    Raises `NotFound` for a period without reports.
    """
    if not MINYEAR < day.year < MAXYEAR:  # the calendar must contain a period before and after it
        raise Invalid.at("day", "not_a_day")
    period = period_of(kind, day)
    until = act.day if moment_of(act.day) <= act.at else act.day - timedelta(days=1)
    stored = act.session.exec(
        select(DailyReport)
        .where(DailyReport.on >= period.told_from, DailyReport.on <= period.told_until, DailyReport.as_of <= act.at)
        .order_by(col(DailyReport.on), col(DailyReport.version))
    ).all()
    newest = {one.on: one for one in stored if period.begins_on <= one.on <= period.ends_on}
    if not newest:
        _refuse(act, period)
    audit_log.write(act, Event.REPORT_READ, on=period.begins_on.isoformat(), period=kind.value, days=len(newest))
    published = {(one.on, one.version): report_store.report_of(one) for one in stored}
    reports = {}
    for on, one in newest.items():
        report = published[on, one.version]
        reports[on] = report_store.seen_by(act.actor, one, _exact(one, report) if exact else report)
    weeks = set(period.weeks)
    told = [
        StoredReport(published[one.on, one.version], flow)
        for one in stored
        if (flow := msgspec.json.decode(one.rows, type=_Flow).flow).begins_on in weeks
    ]
    first = act.session.exec(select(func.min(DailyReport.on))).one()
    daily = Daily(reports, told, first or period.begins_on, until)
    return build(period, daily, reports[max(reports)], exact=exact)


def _exact(stored: DailyReport, report: Report) -> Report:
    """Returns the report with exact values of those counts about people that a period's report uses."""
    rows = msgspec.json.decode(stored.rows, type=_People)
    waiting = report.waiting.model_copy(update={"total": str(len(rows.waiting))})
    near, past = (str(sum(map(counts, rows.stays))) for counts in (is_near, is_past))
    clocks = report.clocks.model_copy(update={"near": near, "past": past})
    return report.model_copy(update={"waiting": waiting, "clocks": clocks})


def _refuse(act: Act, period: Period) -> None:
    """Raises the error that explains why a period has no reports."""
    if period.begins_on > act.day:
        raise Invalid.at("day", "report_to_come", from_moment=f"{period.begins_on.isoformat()} 07:00")
    first = act.session.exec(select(func.min(DailyReport.on))).one()
    if first is None:
        raise Invalid.at("day", "report_none_yet")
    if period.ends_on < first:
        raise Invalid.at("day", "report_before_first", first=first.isoformat())
    raise NotFound
