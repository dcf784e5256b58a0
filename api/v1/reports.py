"""The daily report: its days, the report of a day or period, and the definition of each figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http import methods
from api.http.context import Acts, Output, RequestActs
from api.http.operations import get
from api.http.paging import Limit, Offset
from api.http.response_formats import CSV, JSON, ODS, in_form
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.periods import PeriodKind
from placement.reports import reads
from placement.reports.data_dictionary import DICTIONARY
from placement.reports.model import Report, View
from placement.reports.periods import reads as period_reads
from placement.reports.periods.model import PeriodReport
from placement.reports.render.csv import (
    csv_of,
    dictionary_csv,
    dictionary_ods,
    ods_of_report,
    period_csv,
    period_ods,
)
from placement.reports.render.html import document_of
from placement.reports.render.pdf import pdf_of
from placement.reports.week import WaitingDay
from placement.tables import DailyReport
from placement.text.catalogue import Language, translate

_OF_OTHERS = ("shelters.", "shelters", "regions", "waiting.bottlenecks", "quality", "free", "country", "expecting")
"""Figures for which only the desk sees corrections: exact figures, and those of places that others do not see by
name.
"""
Version = Annotated[int | None, QueryParameter(ge=1, le=10_000, description="An earlier version of that day.")]


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"
    ODS = "ods"


class ReportForm(StrEnum):
    JSON = "json"
    CSV = "csv"
    ODS = "ods"
    PDF = "pdf"
    HTML = "html"


Wished = TypeVar("Wished", bound=StrEnum)
_MEDIA = {"json": JSON, "csv": CSV, "ods": ODS, "pdf": "application/pdf", "html": "text/html"}
_NEGOTIATED = "Without it, as `Accept` says."


def _others_of(forms: type[StrEnum]) -> tuple[str, ...]:
    """Returns the media types of these forms besides JSON."""
    return tuple(_MEDIA[form.value] for form in forms if form.value != "json")


class ReportDayOut(Output):
    """A day with a report. A version above 1 is a corrected report."""

    on: date
    version: int
    as_of: datetime
    made_at: datetime
    late: bool


class ReportPage(Output):
    items: list[ReportDayOut]
    total: int


class EntryOut(Output):
    """A figure in the data dictionary."""

    figure: str
    what: str
    unit: str
    source: str


class DictionaryOut(Output):
    items: list[EntryOut]


class ChangedOut(Output):
    """A figure that differs from the previous version."""

    figure: str
    was: object
    now: object


class ReportOut(Report, Output):
    """The report, with its version."""

    version: int
    made_at: datetime
    late: bool
    changed: list[ChangedOut]


class PeriodReportOut(PeriodReport, Output):
    """The report of a period. Small counts about people are hidden, as in the daily reports."""


@get("/reports", summary="List the daily reports", permission=Permission.REPORTS_READ)
def list_reports(act: Act, limit: Limit = 50, offset: Offset = 0) -> ReportPage:
    """List the days with a report, newest first."""
    rows, total = reads.report_days(act, limit, offset)
    return ReportPage(items=[ReportDayOut.of(row) for row in rows], total=total)


@methods.get(
    "/reports/dictionary",
    summary="Read the data dictionary of the report",
    permission=Permission.REPORTS_READ,
    also_as=_others_of(Form),
)
def read_dictionary(
    acts: RequestActs,
    format: Annotated[Form | None, QueryParameter(description=_NEGOTIATED)] = None,
) -> Response[DictionaryOut]:
    """Read the meaning of each figure in the report: the data dictionary of its CSV."""

    def read(act: Act) -> tuple[DictionaryOut, None]:
        reads.report_days(act, 1, 0)
        items = [
            EntryOut(figure=name, what=translate("figure", name, acts.language), unit=entry.unit, source=entry.source)
            for name, entry in DICTIONARY.items()
        ]
        return DictionaryOut(items=items), None

    form = _wished(acts, format, Form)

    def write(_: None) -> tuple[str, bytes]:
        of_language = acts.language
        content = dictionary_ods(of_language) if form is Form.ODS else dictionary_csv(of_language).encode()
        return f"report-dictionary.{form}", content

    return in_form(acts, _MEDIA[form], read, write)


@methods.get(
    "/reports/period",
    summary="Read the report of a week, month, quarter or year",
    permission=Permission.REPORT_READ,
    work=Work.SLOW,
    also_as=_others_of(Form),
)
def read_period_report(
    acts: RequestActs,
    kind: Annotated[PeriodKind, QueryParameter(description="The length of the period.")],
    day: Annotated[str, QueryParameter(max_length=10, description="A day in the period, such as 2026-11-24.")],
    format: Annotated[Form | None, QueryParameter(description=_NEGOTIATED)] = None,
) -> Response[PeriodReportOut]:
    """Read the report of a calendar period, computed from its daily reports: means and extremes of the counts at 07:00,
    and sums of events in its weeks.
    """

    def read(act: Act) -> tuple[PeriodReportOut, PeriodReportOut]:
        found = period_report(act, kind, day)
        return found, found

    form = _wished(acts, format, Form)

    def write(found: PeriodReportOut) -> tuple[str, bytes]:
        content = period_ods(found) if form is Form.ODS else period_csv(found).encode()
        return f"report-{kind.value}-{found.begins_on}.{form}", content

    return in_form(acts, _MEDIA[form], read, write)


def period_report(act: Act, kind: PeriodKind, day: str, *, exact: bool = False) -> PeriodReportOut:
    """Returns the report of a period. `exact`: also small counts, only for a page. Raises `Invalid` for an invalid
    day.
    """
    return PeriodReportOut(**dict(period_reads.period_report(act, kind, day_named(day), exact=exact)))


@methods.get(
    "/reports/{day:str}",
    summary="Read the report of a day",
    permission=Permission.REPORT_READ,
    work=Work.SLOW,
    also_as=_others_of(ReportForm),
)
def read_report(
    acts: RequestActs,
    day: FromPath[str],
    format: Annotated[ReportForm | None, QueryParameter(description=_NEGOTIATED)] = None,
    version: Version = None,
) -> Response[ReportOut]:
    """Read the report of a day, such as 2026-11-24: the country's totals, and the details that you may see."""
    form = _wished(acts, format, ReportForm)

    def read(act: Act) -> tuple[ReportOut, Report]:
        stored, report = reads.report(act, day_named(day), version)
        return _serialize(stored, report), report

    def write(report: Report) -> tuple[str, bytes]:
        return f"report-{day}.{form.value}", _WRITTEN[form](report, acts.language)

    return in_form(acts, _MEDIA[form], read, write)


def report(act: Act, day: str, version: int | None = None) -> ReportOut:
    """Returns the report of a day; by default the newest version. Raises `Invalid` for a text that is not a day."""
    return _serialize(*reads.report(act, day_named(day), version))


@dataclass(frozen=True, slots=True)
class ReportOnPage:
    """The newest report of a day and the report before it. `exact`: true if it contains small counts."""

    report: ReportOut
    before: ReportOut | None
    exact: bool
    week: tuple[WaitingDay, ...]


def report_on_page(act: Act, day: str) -> ReportOnPage:
    """Returns the report of a day for a page. Raises the errors of `report`."""
    found = reads.report_on_page(act, day_named(day))
    before = _serialize(*found.before) if found.before is not None else None
    return ReportOnPage(_serialize(*found.report), before, found.exact, found.week)


def _serialize(stored: DailyReport, report: Report) -> ReportOut:
    changed = [
        ChangedOut.model_validate(row)
        for row in stored.changed
        if report.view is View.ALL or not str(row["figure"]).startswith(_OF_OTHERS)
    ]
    return ReportOut(**dict(report), version=stored.version, made_at=stored.made_at, late=stored.late, changed=changed)


def day_named(written: str) -> date:
    """Parses a day such as 2026-11-24. Raises `Invalid` for other texts."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Invalid.at("day", "not_a_day") from error


_WRITTEN: Mapping[StrEnum, Callable[[Report, Language], bytes]] = {
    ReportForm.CSV: lambda report, _: csv_of(report).encode(),
    ReportForm.ODS: lambda report, _: ods_of_report(report),
    ReportForm.PDF: pdf_of,
    ReportForm.HTML: lambda report, language: document_of(report, language).encode(),
}
"""The functions that write a report as a file. JSON is the answer itself."""


def _wished(acts: Acts, named: Wished | None, forms: type[Wished]) -> Wished:
    return wished_form(acts, named, {form: _MEDIA[form.value] for form in forms})


def wished_form(acts: Acts, named: Wished | None, media: Mapping[Wished, str]) -> Wished:
    """Returns the form in the query, or else the form that `Accept` prefers. `media`: each form's media type."""
    if named is not None:
        return named
    by_media = {name: form for form, name in media.items()}
    return by_media[acts.form_of(list(by_media))]
