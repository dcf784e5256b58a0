"""Builds the report from rows: a pure function, so that the same bytes can be built again at any time."""

from placement.reports.disclosure_control import Key, Shown, protect
from placement.reports.inputs import Rows
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
"""Totals of the country: exact, from 5 on."""


def people(rows: Rows) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Returns every count about people in the report, and the sums that they form."""
    cells: dict[Key, int] = {}
    sums: dict[Key, list[list[Key]]] = {}
    for more_cells, more_sums in (
        waiting_section.count_people(rows),
        flow_section.count_people(rows.flow, rows.area_codes),
        clocks_section.count_people(rows),
    ):
        cells |= more_cells
        sums |= more_sums
    return cells, sums


def build(rows: Rows, *, exact: bool = False) -> Report:
    """Returns the report as it is stored; `exact`: with exact counts about people."""
    cells, sums = people(rows)
    owns = own_counts(rows)
    shown = {key: str(count) for key, count in cells.items()} if exact else protect(cells, sums, EXACT, owns)
    return Report(
        on=rows.on,
        as_of=rows.as_of,
        free=free(rows),
        country=country(rows),
        shelters=shelters(rows),
        waiting=waiting(rows, shown, exact=exact, most=most_of(owns)[waiting_section.TOTAL]),
        flow=flow(rows.flow, shown, exact=exact),
        clocks=clocks(shown),
        regions=_regions(rows, shown),
        expecting=forecast(rows),
        quality=quality(rows),
    )


def _regions(rows: Rows, shown: Shown) -> tuple[RegionPeople, ...]:
    return tuple(
        RegionPeople(
            region=code,
            name=name,
            waiting=shown["waiting", "region", code],
            near=shown["clocks", "near", code],
            past=shown["clocks", "past", code],
            moved=shown.get(("flow", "moved", code)),
        )
        for code, name in rows.areas
    )
