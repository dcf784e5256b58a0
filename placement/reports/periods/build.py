"""Construction of the report of a period from the daily reports, in the form that a reader sees. It is a
pure function.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from placement.core.codes import Freshness
from placement.core.periods import Period
from placement.reports.disclosure_control import range_of
from placement.reports.model import Count, Kind, Report, ShelterPlaces
from placement.reports.periods.flow import StoredReport, flow_over, text_of
from placement.reports.periods.model import BedsOver, KindOver, PeopleOver, PeriodReport, ShelterOver
from placement.reports.sections.free_places import mean


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily reports of a period. `reports`: for each day, the newest report in the form that the reader sees.
    `told`: every version of every report that contains the events of a week of the period.
    """

    reports: Mapping[date, Report]
    told: Sequence[StoredReport]
    first: date
    """The first day of the service with a report."""
    until: date
    """The last day of the period for which the daily report is already due."""


def build(period: Period, daily: Daily, seen: Report, *, exact: bool) -> PeriodReport:
    """Builds the report of a period. `seen`: any report in the form that the reader sees, from which the reader's scope
    is taken.
    """
    over = [day for day in period.days if day <= daily.until]
    days = [daily.reports.get(day) for day in over]
    known = [one for one in days if one is not None]
    return PeriodReport(
        kind=period.kind,
        begins_on=period.begins_on,
        ends_on=period.ends_on,
        view=seen.view,
        whose=seen.whose,
        reports_from=daily.first,
        days=len(known),
        missing_days=tuple(day for day in over if day >= daily.first and day not in daily.reports),
        days_to_come=len(period.days) - len(over),
        free=_beds((one.on, one.country.free) for one in known),
        used=_beds((one.on, _used(one)) for one in known),
        out_of_service=_beds((one.on, one.country.out_of_service) for one in known),
        by_kind=_kinds(known),
        shelters=_shelters(known),
        waiting=_people((one.waiting.total for one in known), exact=exact),
        near=_people((one.clocks.near for one in known), exact=exact),
        past=_people((one.clocks.past for one in known), exact=exact),
        flow=flow_over(period, daily.told, daily.first, daily.until, exact=exact),
        series_free=tuple(one and one.country.free for one in days),
        series_used=tuple(one and _used(one) for one in days),
        series_waiting=tuple(one and one.waiting.total for one in days),
    )


def _used(report: Report) -> int:
    return report.country.used + report.country.used_by_others


def _beds(counts: Iterable[tuple[date, int]]) -> BedsOver:
    days = list(counts)
    lowest = min(days, key=lambda row: row[1], default=None)
    highest = max(days, key=lambda row: row[1], default=None)
    return BedsOver(
        mean=mean([count for _, count in days]),
        lowest=lowest and lowest[1],
        lowest_on=lowest and lowest[0],
        highest=highest and highest[1],
        highest_on=highest and highest[0],
        bed_days=sum(count for _, count in days),
    )


def _kinds(reports: Iterable[Report]) -> tuple[KindOver, ...]:
    free: defaultdict[Kind, list[int]] = defaultdict(list)
    for report in reports:
        for row in report.free.by_kind:
            free[row.kind].append(row.free)
        for kind in report.free.few:
            free[kind].append(0)
    return tuple(
        KindOver(
            kind=kind, mean=mean(free[kind]), lowest=min(free[kind], default=None), days_without=free[kind].count(0)
        )
        for kind in Kind
    )


def _people(counts: Iterable[Count], *, exact: bool) -> PeopleOver:
    """Returns a summary of published counts. Its mean is a range: from the mean of the minimums to the mean of the
    maximums.
    """
    known = [range_of(count) for count in counts]
    lows, highs = [low for low, _ in known], [inf if high is None else high for _, high in known]
    if not known:
        return PeopleOver(mean_from=None, mean_to=None, highest=None)
    told = inf not in highs
    return PeopleOver(
        mean_from=mean(lows) if told else None,
        mean_to=mean(highs) if told else None,
        highest=str(max(lows)) if exact else text_of((max(lows), max(highs))),
    )


def _shelters(reports: Sequence[Report]) -> tuple[ShelterOver, ...]:
    by_shelter: defaultdict[str, list[ShelterPlaces]] = defaultdict(list)
    for report in reports:
        for shelter in report.shelters:
            by_shelter[shelter.shelter].append(shelter)
    return tuple(_shelter(name, by_shelter[name]) for name in sorted(by_shelter))


def _shelter(shelter_id: str, days: Sequence[ShelterPlaces]) -> ShelterOver:
    used = [sum(unit.used + unit.used_by_others for unit in one.units) for one in days]
    beds = [one.beds for one in days]
    return ShelterOver(
        shelter=shelter_id,
        name=days[-1].name,
        freshness=days[-1].freshness,
        beds=mean(beds) or 0,
        used=mean(used) or 0,
        free=mean([one.free for one in days]) or 0,
        occupancy_percent=round(100 * sum(used) / sum(beds)) if sum(beds) else None,
        days_fresh=sum(one.freshness is Freshness.FRESH for one in days),
    )
