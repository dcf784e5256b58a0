"""The report as CSV, with one figure per row. It is safe for a spreadsheet program, which could otherwise run a text as
a formula. The data dictionary has an entry for every figure (`placement/reports/data_dictionary.py`).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import BaseModel

from placement.exchange.csv_write import csv_of_rows
from placement.exchange.ods_write import ods_of
from placement.exchange.xlsx_write import WrittenSheet
from placement.needs.model import NeedReport
from placement.reports.data_dictionary import DICTIONARY
from placement.reports.model import Counted, Forecast, Quality, Report, UnitPlaces
from placement.reports.periods.model import PeriodReport
from placement.reports.render.letter import COLUMNS as LETTER_COLUMNS
from placement.reports.render.letter import rows_of_letter
from placement.text.catalogue import Language, translate

COLUMNS = ("on", "figure", "shelter", "unit", "region", "code", "value")
PERIOD_COLUMNS = ("period", "begins_on", "ends_on", "figure", "shelter", "code", "value")
DICTIONARY_COLUMNS = ("figure", "what", "unit", "source")


class Figure(NamedTuple):
    """A figure and its dimensions. A dimension that does not apply is empty."""

    figure: str
    value: object
    shelter: str = ""
    unit: str = ""
    region: str = ""
    code: str = ""


def figures(report: Report) -> Iterator[Figure]:
    """Yields every figure once, in the order of the sections, except the country's figures of earlier days."""
    yield from _plain("free", report.free, skip={"by_kind", "few"})
    yield from (Figure("free.few", 1, code=kind.value) for kind in report.free.few)
    for kind in report.free.by_kind:
        yield from _plain("free.kind", kind, code=kind.kind.value, skip={"kind"})
    yield from _plain("country", report.country, skip={"series_free", "series_used"})
    for shelter in report.shelters:
        yield from _plain("shelter", shelter, shelter=shelter.shelter, skip={"shelter", "name", "units"})
        for unit in shelter.units:
            yield from _unit(unit)
    yield Figure("people_on", report.people_on)
    yield from _people("waiting", report.waiting)
    for extra in report.waiting.bottlenecks:
        yield Figure("waiting.bottleneck.serves", extra.serves, unit=extra.unit, code=extra.extra)
    yield from _people("flow", report.flow)
    yield from _people("clocks", report.clocks)
    for region in report.regions:
        yield from _plain("region", region, region=region.region, skip={"region", "name"})
    yield from _expecting(report.expecting)
    yield from _quality(report.quality)


def csv_of(report: Report) -> str:
    return csv_of_rows(COLUMNS, _rows(report))


def ods_of_report(report: Report) -> bytes:
    return ods_of([WrittenSheet("report", COLUMNS, _rows(report))])


def letter_csv(found: NeedReport) -> str:
    return csv_of_rows(LETTER_COLUMNS, rows_of_letter(found))


def period_csv(report: PeriodReport) -> str:
    return csv_of_rows(PERIOD_COLUMNS, _period_rows(report))


def period_ods(report: PeriodReport) -> bytes:
    return ods_of([WrittenSheet("report", PERIOD_COLUMNS, _period_rows(report))])


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    on = report.on.isoformat()
    return ((on, row.figure, row.shelter, row.unit, row.region, row.code, row.value) for row in figures(report))


def _period_rows(report: PeriodReport) -> Iterator[tuple[object, ...]]:
    of = report.kind.value, report.begins_on.isoformat(), report.ends_on.isoformat()
    return ((*of, f"period.{row.figure}", row.shelter, row.code, row.value) for row in _period_figures(report))


def _period_figures(report: PeriodReport) -> Iterator[Figure]:
    yield Figure("days", report.days)
    yield from (Figure("missing_day", 1, code=day.isoformat()) for day in report.missing_days)
    for name, beds in (("free", report.free), ("used", report.used), ("out_of_service", report.out_of_service)):
        yield from _plain(name, beds)
    for kind in report.by_kind:
        yield from _plain("free.kind", kind, code=kind.kind.value, skip={"kind"})
    for shelter in report.shelters:
        yield from _plain("shelter", shelter, shelter=shelter.shelter, skip={"shelter", "name"})
    for name, people in (("waiting", report.waiting), ("near", report.near), ("past", report.past)):
        yield from _plain(name, people)
    yield from (Figure("missing_week", 1, code=week.isoformat()) for week in report.flow.missing_weeks)
    yield Figure("flow.complete", report.flow.complete)
    yield from (Figure("flow.total", one.count, code=one.code) for one in report.flow.totals)
    yield from (Figure("flow.part", one.count, code=f"{one.group} {one.code}") for one in report.flow.parts)


def dictionary_csv(language: Language) -> str:
    return csv_of_rows(DICTIONARY_COLUMNS, _entries(language))


def dictionary_ods(language: Language) -> bytes:
    return ods_of([WrittenSheet("figures", DICTIONARY_COLUMNS, _entries(language))])


def _entries(language: Language) -> Iterator[tuple[object, ...]]:
    return ((name, translate("figure", name, language), one.unit, one.source) for name, one in DICTIONARY.items())


def _unit(unit: UnitPlaces) -> Iterator[Figure]:
    about = {"shelter": unit.shelter, "unit": unit.unit, "region": unit.region.value}
    skip = {"unit", "name", "shelter", "region", "scheme", "out", "discrepancies", "series_free", "series_used"}
    yield from _plain("unit", unit, skip=skip, **about)
    yield from _plain("unit.discrepancies", unit.discrepancies, **about)
    for out in unit.out:
        yield from _plain("unit.out", out, code=out.reason.value, skip={"reason"}, **about)


def _expecting(part: Forecast) -> Iterator[Figure]:
    yield from _plain("expecting", part, skip={"by_kind", "came_out"})
    for expected in part.by_kind:
        yield from _plain("expecting.kind", expected, code=expected.kind.value, skip={"kind"})
    for came in part.came_out:
        code = f"{came.kind.value} {came.expected_on.isoformat()}"
        yield from _plain("expecting.came_out", came, code=code, skip={"kind", "expected_on"})


def _quality(part: Quality) -> Iterator[Figure]:
    yield from _plain("quality", part, skip={"shelters_not_reported", "stale_units", "corrected_shelters"})
    for shelter_id in part.shelters_not_reported:
        yield Figure("quality.shelter_not_reported", 1, shelter=shelter_id)
    for unit_id in part.stale_units:
        yield Figure("quality.stale_unit", 1, unit=unit_id)
    for shelter_id in part.corrected_shelters:
        yield Figure("quality.corrected_shelter", 1, shelter=shelter_id)


def _plain(name: str, part: BaseModel, *, skip: Iterable[str] = (), **of: str) -> Iterator[Figure]:
    for field in type(part).model_fields:
        if field not in set(skip):
            yield Figure(f"{name}.{field}", getattr(part, field), **of)


def _people(name: str, part: BaseModel) -> Iterator[Figure]:
    """Yields the single figures of a section. For a breakdown, yields a figure for each row, with the
    code of the row.
    """
    for field in type(part).model_fields:
        value = getattr(part, field)
        if not isinstance(value, tuple):
            yield Figure(f"{name}.{field}", value)
            continue
        for row in value:
            if isinstance(row, Counted):
                yield Figure(f"{name}.{field}", row.count, code=row.code)
