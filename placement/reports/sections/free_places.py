"""Section 1. Free places now, compared with yesterday and with the mean of 28 days."""

from collections.abc import Sequence
from datetime import date, timedelta

from placement.reports.inputs import Rows
from placement.reports.model import Free, FreeOfKind, Kind
from placement.reports.sections.kinds import is_of

DAYS = 28


def free(rows: Rows) -> Free:
    before = {row.on: row for row in rows.before}
    now = sum(room.free for unit in rows.units for room in unit.rooms)
    yesterday = before.get(rows.on - timedelta(days=1))
    last = [before[day] for day in days_before(rows.on) if day in before]
    return Free(
        free=now,
        yesterday=yesterday.free if yesterday else None,
        mean_28=mean([row.free for row in last]),
        by_kind=tuple(
            FreeOfKind(
                kind=kind,
                free=sum(room.free for unit in rows.units for room in unit.rooms if is_of(kind, unit, room)),
                yesterday=yesterday.by_kind.get(kind) if yesterday else None,
                mean_28=mean([row.by_kind[kind] for row in last if kind in row.by_kind]),
            )
            for kind in Kind
        ),
    )


def days_before(on: date) -> list[date]:
    """Returns the 28 days before this day, oldest first."""
    return [on - timedelta(days=back) for back in range(DAYS, 0, -1)]


def mean(counts: Sequence[float]) -> float | None:
    return round(sum(counts) / len(counts), 1) if counts else None
