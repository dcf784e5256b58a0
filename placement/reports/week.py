"""The waiting households of the seven days before a report, from the stored reports of these days. Each count has the
form in which the reader sees it on the page of that day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from msgspec import Struct

from placement.reports.causes import UNKNOWN
from placement.tables import DailyReport

DAYS = 7


@dataclass(frozen=True, slots=True)
class WaitingDay:
    """The waiting households of a day. `total`: their exact number, or the published form of the number. `causes`:
    their numbers by cause; empty if the engine was not asked on that day.
    """

    on: date
    total: str
    causes: Mapping[str, str]


class _Row(Struct):
    cause: str


class _Rows(Struct):
    """The part of the stored rows that is counted."""

    waiting: list[_Row]


class _Counted(Struct):
    code: str
    count: str


class _Waiting(Struct):
    total: str
    by_cause: list[_Counted]


class _Report(Struct):
    """The part of the published report that is shown."""

    waiting: _Waiting


def waiting_before(earlier: Iterable[DailyReport], on: date, *, exact: bool) -> tuple[WaitingDay, ...]:
    """Returns the last days before this day. `earlier`: reports of earlier days. `exact`: for readers of all cases."""
    stored = [one for one in earlier if one.on >= on - timedelta(days=DAYS)]
    return tuple(_exact(one.on, one.rows) if exact else _published(one.on, one.report) for one in stored)


def _exact(on: date, rows: str) -> WaitingDay:
    counted = Counter(row.cause for row in msgspec.json.decode(rows, type=_Rows).waiting)
    causes = {} if UNKNOWN in counted else {code: str(count) for code, count in counted.items()}
    return WaitingDay(on, str(counted.total()), causes)


def _published(on: date, report: str) -> WaitingDay:
    waiting = msgspec.json.decode(report, type=_Report).waiting
    return WaitingDay(on, waiting.total, {row.code: row.count for row in waiting.by_cause})
