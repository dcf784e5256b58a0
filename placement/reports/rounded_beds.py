"""The totals of beds for readers who do not see every place. The totals are rounded down to steps; their anchors are in
the memory of the report. If a kind has fewer free places than a step, its number is not shown.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from placement.reports.disclosure_control import STEP, limits, rounded
from placement.reports.inputs import Memory, Past
from placement.reports.model import CountryPlaces, Expected, Forecast, Free, Kind, Report
from placement.reports.sections.free_places import days_before, mean

_TOTALS = ("used", "used_by_others", "held", "out_of_service", "withheld", "not_ready", "free", "free_rooms")
"""The counts of the country that change when a client gets or leaves a place."""
_EXPECTED = ("known", "likely", "low", "high")
FREE, IN_USE = "free", "in_use"


def beds_of(free: Free, country: CountryPlaces, expecting: Forecast) -> dict[str, int]:
    """Returns the true counts of all figures that are rounded, by the name of the figure."""
    return {
        FREE: free.free,
        IN_USE: country.used + country.used_by_others,
        "stays_known": expecting.stays_known,
        **{_of_kind(FREE, row.kind): row.free for row in free.by_kind},
        **{f"country.{name}": getattr(country, name) for name in _TOTALS},
        **{
            _of_kind(name, row.kind): round(count)
            for row in expecting.by_kind
            for name in _EXPECTED
            if (count := getattr(row, name)) is not None
        },
    }


def past_of(on: date, counts: Mapping[str, int]) -> Past:
    """Returns the rounded figures of the day `on`, with which later reports compare their figures. `counts`: counts by
    name, as `beds_of` returns them.
    """
    kinds = {kind.value: rounded(counts[_of_kind(FREE, kind)]) for kind in Kind if _of_kind(FREE, kind) in counts}
    return Past(on, rounded(counts[FREE]), rounded(counts[IN_USE]), kinds)


def round_beds(report: Report, memory: Memory | None) -> Report:
    """Returns the report with rounded totals. `memory`: the memory of the report; `None` for an older report without a
    memory.
    """
    true = beds_of(report.free, report.country, report.expecting)
    counts = true if memory is None else memory.anchors
    few = tuple(row.kind for row in report.free.by_kind if counts[_of_kind(FREE, row.kind)] < STEP)
    days = days_before(report.on)
    past = {one.on: one for one in memory.past} if memory is not None else {}
    last = [past[day] for day in days if day in past]
    yesterday = past.get(days[-1])
    free = report.free.model_copy(
        update={
            "free": rounded(counts[FREE]),
            "yesterday": yesterday and yesterday.free,
            "mean_28": mean([one.free for one in last]),
            "by_kind": tuple(
                row.model_copy(
                    update={
                        "free": rounded(counts[_of_kind(FREE, row.kind)]),
                        "yesterday": yesterday and yesterday.kinds.get(row.kind),
                        "mean_28": mean([one.kinds[row.kind] for one in last if row.kind in one.kinds]),
                    }
                )
                for row in report.free.by_kind
                if row.kind not in few
            ),
            "few": few,
        }
    )
    country = report.country.model_copy(
        update={
            **{name: rounded(counts[f"country.{name}"]) for name in _TOTALS},
            "series_free": tuple(past[day].free if day in past else None for day in days),
            "series_used": tuple(past[day].used if day in past else None for day in days),
        }
    )
    return report.model_copy(
        update={"free": free, "country": country, "expecting": _expecting(report.expecting, counts, few)}
    )


def _expecting(part: Forecast, counts: Mapping[str, int], few: Sequence[Kind]) -> Forecast:
    """Returns the forecast with rounded numbers. Leaves out the results of earlier forecasts, because they disclose how
    many stays ended.
    """

    def rounded_row(row: Expected) -> Expected:
        known = rounded(counts[_of_kind("known", row.kind)])
        if row.likely is None:
            return row.model_copy(update={"known": known})
        likely, low, high = (limits(counts[_of_kind(name, row.kind)]) for name in ("likely", "low", "high"))
        return row.model_copy(update={"known": known, "likely": sum(likely) / 2, "low": low[0], "high": high[1]})

    return part.model_copy(
        update={
            "stays_known": rounded(counts["stays_known"]),
            "by_kind": tuple(rounded_row(row) for row in part.by_kind if row.kind not in few),
            "came_out": (),
            "within": None,
        }
    )


def _of_kind(figure: str, kind: Kind) -> str:
    return f"{figure}.{kind}"
