"""Construction of the report from its rows. It is a pure function, so that the same bytes can be built again at any
time.
"""

from statistics import median_low

from placement.reports.disclosure_control import HIDDEN, LEAST, Key, Shown, protect
from placement.reports.inputs import PART, Rows
from placement.reports.model import RegionPeople, Report
from placement.reports.own_counts import most_of, own_counts
from placement.reports.sections import clocks as clocks_section
from placement.reports.sections import flow as flow_section
from placement.reports.sections import waiting_clients as waiting_section
from placement.reports.sections.clocks import clocks
from placement.reports.sections.flow import flow
from placement.reports.sections.forecast import forecast
from placement.reports.sections.free_places import free
from placement.reports.sections.quality import quality
from placement.reports.sections.shelters import country, shelters
from placement.reports.sections.waiting_clients import waiting

EXACT: tuple[Key, ...] = (
    waiting_section.TOTAL,
    waiting_section.MOVING,
    waiting_section.MISSING,
    clocks_section.NEAR,
    clocks_section.PAST,
    *(("flow", name) for name in ("registered", "arrived", "moved", "expired", "decisions", "refused", "ended")),
)
"""Totals of the country that are published exactly if they are 5 or more."""


Counts = tuple[dict[Key, int], dict[Key, list[list[Key]]]]
"""The counts about people and, for each total, the sets of counts that add up to the total."""


def lasting(rows: Rows) -> Counts:
    """Returns the counts about people that continue from day to day, such as waiting clients."""
    cells, sums = waiting_section.count_people(rows)
    more_cells, more_sums = clocks_section.count_people(rows)
    return cells | more_cells, sums | more_sums


def of_week(rows: Rows) -> Counts:
    return flow_section.count_people(rows.flow, rows.area_codes)


def people(rows: Rows) -> Counts:
    """Returns every count about people in the report."""
    cells, sums = lasting(rows)
    more_cells, more_sums = of_week(rows)
    return cells | more_cells, sums | more_sums


def build(rows: Rows, *, exact: bool = False) -> Report:
    """Returns the report in the form in which it is stored. If `exact` is true, counts about people are exact."""
    memory = rows.memory
    shown = {key: str(count) for key, count in people(rows)[0].items()} if exact else _published(rows)
    return Report(
        on=rows.on,
        as_of=rows.as_of,
        people_on=memory.people_on if memory is not None and not exact else None,
        free=free(rows),
        country=country(rows),
        shelters=shelters(rows),
        waiting=waiting(rows, shown, waits_of(rows, exact=exact) if memory is None or exact else memory.waits),
        flow=flow(rows.flow, shown, exact=exact),
        clocks=clocks(shown),
        regions=_regions(rows, shown),
        expecting=forecast(rows),
        quality=quality(rows),
    )


def _published(rows: Rows) -> dict[Key, str]:
    """Returns the published form of all counts about people. Counts that continue from day to day have the form that
    the memory of the report contains.
    """
    owns = own_counts(rows)
    if rows.memory is None:
        return protect(*people(rows), EXACT, owns)
    lasts: dict[Key, str] = {tuple(key.split(PART)): text for key, text in rows.memory.people.items()}
    return lasts | protect(*of_week(rows), EXACT, owns)


def waits_of(rows: Rows, *, exact: bool) -> tuple[int, int] | None:
    """Returns the median and the longest waiting time in days. Returns `None` if too few clients wait."""
    days = sorted(row.days for row in rows.waiting)
    enough = bool(days) if exact else len(days) - most_of(own_counts(rows))[waiting_section.TOTAL] >= LEAST
    return (median_low(days), days[-1]) if enough else None


def _regions(rows: Rows, shown: Shown) -> tuple[RegionPeople, ...]:
    """Returns the counts of each care area. The counts of an area that is new this week are hidden."""
    return tuple(
        RegionPeople(
            region=code,
            name=name,
            waiting=shown.get(("waiting", "region", code), HIDDEN),
            near=shown.get(("clocks", "near", code), HIDDEN),
            past=shown.get(("clocks", "past", code), HIDDEN),
            moved=shown.get(("flow", "moved", code)),
        )
        for code, name in rows.areas
    )
