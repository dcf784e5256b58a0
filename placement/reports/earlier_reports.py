"""Figures of earlier reports, with which today's report compares its figures."""

from datetime import date, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from placement.reports.inputs import Before
from placement.reports.sections.forecast import WEEKS_BACK
from placement.tables import DailyReport
from placement.tables.columns import attribute

FURTHEST = timedelta(weeks=max(WEEKS_BACK) + 1)


class _OfKind(Struct):
    kind: str
    free: int


class _Free(Struct):
    free: int
    by_kind: list[_OfKind]


class _Country(Struct):
    used: int
    used_by_others: int


class _Unit(Struct):
    unit: str
    free: int
    used: int
    used_by_others: int


class _Shelter(Struct):
    units: list[_Unit]


class _Expected(Struct):
    kind: str
    low: int | None
    high: int | None
    likely: float | None


class _Forecast(Struct):
    by_kind: list[_Expected]


class _Report(Struct):
    """The part of a stored report that is compared. To read 35 whole reports would take ten times as long."""

    free: _Free
    country: _Country
    shelters: list[_Shelter]
    expecting: _Forecast


def earlier(session: Session, on: date) -> list[Before]:
    """Returns the compared figures of each earlier day, from the newest version of its report; oldest day first."""
    query = select(DailyReport).where(DailyReport.on < on, DailyReport.on >= on - FURTHEST)
    stored = session.exec(
        query.order_by(col(DailyReport.on), col(DailyReport.version)).options(load_only(attribute(DailyReport.report)))
    )
    newest = {one.on: one.report for one in stored}
    return [_before(day, msgspec.json.decode(report, type=_Report)) for day, report in newest.items()]


def _before(on: date, report: _Report) -> Before:
    return Before(
        on=on,
        free=report.free.free,
        used=report.country.used + report.country.used_by_others,
        by_kind={row.kind: row.free for row in report.free.by_kind},
        units={
            unit.unit: (unit.free, unit.used + unit.used_by_others)
            for shelter in report.shelters
            for unit in shelter.units
        },
        expected={
            row.kind: (row.low, row.high, row.likely)
            for row in report.expecting.by_kind
            if row.low is not None and row.high is not None and row.likely is not None
        },
    )
