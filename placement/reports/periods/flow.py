"""The events of a period, as sums over its weeks. A published sum must disclose no more about a week than the reports
of that week. The published counts of the weeks leave several sums possible; the published total is the range of these
sums. A narrower range is published only if no reader can learn more about a single week from it (`narrowest`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import inf
from types import MappingProxyType

from placement.core.periods import Period
from placement.reports.disclosure_control import HIDDEN, LEAST, Key, Range, possible
from placement.reports.inputs import FlowRow
from placement.reports.model import Counted, Flow, Report
from placement.reports.periods.model import FlowOver, GroupCounted
from placement.reports.sections.flow import last_week

TOTALS = ("registered", "arrived", "moved", "decisions", "refused", "expired", "ended")
GROUPS = ("by_decision", "override_reasons", "decline_reasons", "refusal_reasons", "end_reasons")
_SUMS: Mapping[Key, str] = {
    ("decisions",): "by_decision",
    ("by_decision", "override"): "override_reasons",
    ("by_decision", "decline"): "decline_reasons",
    ("refused",): "refusal_reasons",
    ("ended",): "end_reasons",
}


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A stored version of a day's report, with the true counts of its week."""

    report: Report
    flow: FlowRow


@dataclass(frozen=True, slots=True)
class _Week:
    """A week of the period. `ranges`: for each total, the values that remain possible if all reports of the week are
    known; `None` if the true totals of these reports differ.
    """

    newest: StoredReport
    ranges: Mapping[str, Range | None]


def flow_over(period: Period, told: Sequence[StoredReport], first: date, until: date, *, exact: bool) -> FlowOver:
    """Returns the events of the period. `told`: every version of every report with the events of a week of the period,
    newest last. `first`: the first day with a report. `until`: the last day for which a report is already due.
    """
    by_week: dict[date, list[StoredReport]] = {}
    for one in told:
        by_week.setdefault(one.flow.begins_on, []).append(one)
    over = tuple(monday for monday in period.weeks if last_week(first) <= monday <= last_week(until))
    weeks = {monday: _week(by_week[monday]) for monday in over if monday in by_week}
    missing = tuple(monday for monday in over if monday not in weeks)
    newest = [week.newest for week in weeks.values()]
    return FlowOver(
        weeks=over,
        missing_weeks=missing,
        complete=len(weeks) == len(period.weeks),
        totals=tuple(
            Counted(code=name, count=str(sum(true_total(one.flow, name) for one in newest)) if exact else text)
            for name in TOTALS
            if weeks and (text := total_of(period, weeks, name)) is not None
        ),
        parts=_true_parts(newest) if exact else _parts(newest),
    )


def total_of(period: Period, weeks: Mapping[date, _Week], name: str) -> str | None:
    """Returns the published total; `None` if the reports of a week do not contain this total."""
    if any(getattr(week.newest.report.flow, name) is None for week in weeks.values()):
        return None
    return text_of(_range(period, weeks, name))


def _range(period: Period, weeks: Mapping[date, _Week], name: str) -> Range:
    """Returns the published range of this total. For a week it is the week's own range; for a longer period it is
    computed from the ranges of the shorter periods in it.
    """
    if not period.parts:
        known = weeks.get(period.begins_on)
        return (0, 0) if known is None else known.ranges[name] or published(known.newest.report)[name,]
    parts = [_range(part, weeks, name) for part in period.parts]
    if all(monday in weeks and weeks[monday].ranges[name] for monday in period.weeks):
        own = [sum(_most_of_one(weeks[monday].newest.flow, name) for monday in part.weeks) for part in period.parts]
        return narrowest(parts, sum(true_total(weeks[monday].newest.flow, name) for monday in period.weeks), own)
    return sum(low for low, _ in parts), sum(high for _, high in parts)


def narrowest(parts: Sequence[Range], total: int, own: Sequence[int]) -> Range:
    """Returns the narrowest range of `total` from which no reader learns more about a single part. A reader may know
    its own share of each part; `own` contains, for each part, the largest share that any reader has.

    The possible sums of the parts reach from `least` to `most`. The widest part has the width `width`. A reader already
    knows at most `known` of the sum. A total above `known + width` and below `most - width` narrows no part, so it is
    returned exactly. All higher totals get a common range, and all lower totals get a common range.
    """
    least, most = sum(low for low, _ in parts), sum(high for _, high in parts)
    width = max(high - low for low, high in parts)
    if width == 0 or most == inf:
        return least, most
    known = sum(max(low, one) for (low, _), one in zip(parts, own, strict=True))
    low_end, high_end = max(known + width, LEAST - 1), most - width
    if low_end >= high_end:
        return least, most
    if total >= high_end:
        return high_end, most
    return (total, total) if total > low_end else (least, high_end)


def _most_of_one(flow: FlowRow, name: str) -> int:
    """Returns the largest share of a week's total that a single reader has. For older rows, in which shares are
    unknown, returns the whole total.
    """
    if flow.of_readers is None:
        return true_total(flow, name)
    return max((counts.get(name, 0) for counts in flow.of_readers.values()), default=0)


def published(report: Report) -> Mapping[Key, Range]:
    """Returns, for each figure of the week in a report, the values that are possible for a reader who knows the other
    figures.
    """
    areas = tuple((("area", one.region), one.moved) for one in report.regions if one.moved is not None)
    return _published(report.flow, areas)


@lru_cache(maxsize=400)
def _published(flow: Flow, areas: tuple[tuple[Key, str], ...]) -> Mapping[Key, Range]:
    """Computes the result of `published`. It is cached, because seven daily reports contain the same week, mostly with
    the same figures.
    """
    shown: dict[Key, str] = {(name,): count for name in TOTALS if (count := getattr(flow, name)) is not None}
    for group in GROUPS:
        shown |= {(group, one.code): one.count for one in getattr(flow, group)}
    sums: dict[Key, list[list[Key]]] = {
        whole: [parts]
        for whole, group in _SUMS.items()
        if whole in shown and (parts := [key for key in shown if key[0] == group and key[1:]])
    }
    if areas and flow.moved is not None:
        shown |= dict(areas)
        sums["moved",] = [[key for key, _ in areas]]
    return MappingProxyType(possible(shown, sums))


def true_total(flow: FlowRow, name: str) -> int:
    if name in {"registered", "arrived", "expired", "moved"}:
        return getattr(flow, name) or 0
    by = {"decisions": flow.decisions, "refused": flow.refusal_reasons, "ended": flow.end_reasons}
    return sum(by[name].values())


def text_of(known: Range) -> str:
    """Returns a range in the form of a published count."""
    low, high = known
    if high == inf:
        return HIDDEN
    if high < LEAST:
        return f"<{LEAST}"
    return str(int(low)) if low == high else f"{int(low)}\N{EN DASH}{int(high)}"


def _week(told: Sequence[StoredReport]) -> _Week:
    known = [published(one.report) for one in told]
    ranges: dict[str, Range | None] = {}
    for name in TOTALS:
        ours = [one[name,] for one in known if (name,) in one]
        settled = len({true_total(one.flow, name) for one in told}) == 1
        ranges[name] = (max(low for low, _ in ours), min(high for _, high in ours)) if settled and ours else None
    return _Week(told[-1], ranges)


def _parts(newest: Iterable[StoredReport]) -> tuple[GroupCounted, ...]:
    sums: dict[Key, Range] = {}
    for one in newest:
        for key, (low, high) in published(one.report).items():
            if key[0] in GROUPS:
                least, most = sums.get(key, (0, 0))
                sums[key] = least + low, most + high
    return tuple(GroupCounted(group=group, code=code, count=text_of(known)) for (group, code), known in sums.items())


def _true_parts(newest: Iterable[StoredReport]) -> tuple[GroupCounted, ...]:
    sums: dict[tuple[str, str], int] = {}
    for one in newest:
        for group in GROUPS:
            counts: Mapping[str, int] = one.flow.decisions if group == "by_decision" else getattr(one.flow, group)
            for code, count in counts.items():
                sums[group, code] = sums.get((group, code), 0) + count
    return tuple(
        GroupCounted(group=group, code=code, count=str(count))
        for (group, code), count in sorted(sums.items(), key=lambda row: (GROUPS.index(row[0][0]), -row[1], row[0][1]))
    )
