"""Releases of counts: an analyst requests a release, the daily job makes it, and a second analyst releases it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from api.http import methods
from api.http.context import Input, Output, RequestActs
from api.http.operations import get, post
from api.http.response_formats import CSV, JSON, XLSX, in_form
from api.http.work_kinds import Work
from api.v1.release_layout import COLUMNS, DICTIONARY, dictionary_of, lay_out_release, rows_of
from api.v1.reports import day_named, wished_form
from placement.access.permissions import Permission
from placement.core.clock import start_of
from placement.core.context import Act
from placement.core.count_codes import ReleaseStatus
from placement.core.periods import PeriodKind, period_of
from placement.counts.releases import requests
from placement.counts.releases.model import Figure, Release
from placement.counts.releases.requests import ListedRelease
from placement.exchange.csv_write import csv_of_rows
from placement.exchange.xlsx_write import WrittenSheet, xlsx_of
from placement.reports.render.pdf import pdf_of_layout


class ReleaseKind(StrEnum):
    QUARTER = "quarter"
    YEAR = "year"


class ReleaseForm(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    DICTIONARY = "dictionary"


_MEDIA = {
    ReleaseForm.JSON: JSON,
    ReleaseForm.CSV: CSV,
    ReleaseForm.XLSX: XLSX,
    ReleaseForm.PDF: "application/pdf",
    ReleaseForm.DICTIONARY: CSV,
}


class CountReleaseIn(Input):
    kind: ReleaseKind
    day: str = Field(max_length=10, description="A day that lies in the period, such as 2026-08-03.")


class CountReleaseOut(Output):
    """A release of a quarter or year."""

    id: str
    kind: ReleaseKind
    begins_on: date
    ends_on: date
    version: int
    status: ReleaseStatus
    as_of: date = Field(description="The day whose register is counted, as it was at its end.")
    problem: str | None = Field(description="The code of the reason why it has no figures.")


class CountReleasesOut(Output):
    items: list[CountReleaseOut]


class CountFigureOut(Output):
    key: list[str] = Field(description="Pairs of a dimension and a code; empty for the number of all records.")
    figure: int = Field(description="A multiple of five. A sum of folded codes that is below ten is 0 or 5.")


class CountFiguresOut(CountReleaseOut):
    """The figures of a release. Totals agree within a table, between tables, and between quarters and year."""

    within: int = Field(description="The largest difference between a figure of at least ten and its count.")
    quarters: list[int] = Field(description="Of a year: the versions of the quarters of which it is the sum.")
    figures: list[CountFigureOut]


@get("/count-releases", summary="List the releases of counts", permission=Permission.COUNT_RELEASES_READ)
def list_count_releases(act: Act) -> CountReleasesOut:
    """List all releases, the newest period first, including those that wait for a second analyst."""
    return CountReleasesOut(items=[_serialize(one) for one in requests.listed(act)])


@post(
    "/count-releases",
    summary="Ask for a release of counts",
    permission=Permission.COUNT_RELEASE_ASK,
    status_code=201,
)
def ask_count_release(act: Act, data: JSONBody[CountReleaseIn]) -> CountReleaseOut:
    """Request a release of a finished quarter or year. It is made in the following night. A second analyst then
    releases it (`POST /second-person-requests/{request_id}/grant`).
    """
    return _serialize(ListedRelease.of(requests.ask(act, PeriodKind(data.kind), day_named(data.day))))


@methods.get(
    "/count-releases/{release_id:str}",
    summary="Read a release of counts",
    permission=Permission.COUNT_RELEASES_READ,
    work=Work.SLOW,
    also_as=(CSV, XLSX, "application/pdf"),
)
def read_count_release(
    acts: RequestActs,
    release_id: FromPath[str],
    format: Annotated[ReleaseForm | None, QueryParameter(description="Without it, as `Accept` says.")] = None,
) -> Response[CountFiguresOut]:
    """Read the figures of a release: as JSON, CSV with a data dictionary, a workbook with both, or PDF."""
    form = wished_form(acts, format, _MEDIA)

    def read(act: Act) -> tuple[CountFiguresOut, CountFiguresOut]:
        found = figures_of_release(act, release_id)
        return found, found

    def write(found: CountFiguresOut) -> tuple[str, bytes]:
        release, language = release_of(found), acts.language
        name = f"counts-{found.kind.value}-{found.begins_on}-v{found.version}"
        heads = dictionary_of(release, language)
        match form:
            case ReleaseForm.PDF:
                laid_out = lay_out_release(release, found.as_of, language, is_released=is_released(found))
                return f"{name}.pdf", pdf_of_layout(laid_out, found.as_of, start_of(found.as_of))
            case ReleaseForm.XLSX:
                sheets = (
                    WrittenSheet("figures", COLUMNS, rows_of(release)),
                    WrittenSheet("dictionary", DICTIONARY, heads),
                )
                return f"{name}.xlsx", xlsx_of(sheets)
            case ReleaseForm.DICTIONARY:
                return f"{name}-dictionary.csv", csv_of_rows(DICTIONARY, heads).encode()
        return f"{name}.csv", csv_of_rows(COLUMNS, rows_of(release)).encode()

    return in_form(acts, _MEDIA[form], read, write)


def _serialize(one: ListedRelease) -> CountReleaseOut:
    return CountReleaseOut.of(one, **_state_of(one))


def is_released(found: CountReleaseOut) -> bool:
    return found.status is ReleaseStatus.RELEASED


def release_of(found: CountFiguresOut) -> Release:
    """Converts the answer of the API back into a release, from which a text or a file is made."""
    return Release(
        kind=PeriodKind(found.kind),
        begins_on=found.begins_on,
        version=found.version,
        quarters=tuple(found.quarters),
        within=found.within,
        figures=tuple(Figure(tuple(one.key), one.figure) for one in found.figures),
    )


def figures_of_release(act: Act, release_id: str) -> CountFiguresOut:
    """Returns a release. Raises `NotFound`, and `Conflict` if it has no figures."""
    one = requests.read(act, release_id)
    return CountFiguresOut.of(
        one,
        **_state_of(ListedRelease.of(one)),
        within=one.content.within,
        quarters=list(one.content.quarters),
        figures=[CountFigureOut(key=list(key), figure=value) for key, value in one.content.figures],
    )


def _state_of(one: ListedRelease) -> dict[str, object]:
    status = ReleaseStatus.ASKED if one.made_at is None else ReleaseStatus.MADE
    if one.problem is not None:
        status = ReleaseStatus.FAILED
    if one.released_at is not None:
        status = ReleaseStatus.RELEASED
    ends_on = period_of(one.kind, one.begins_on).ends_on
    return {"status": status, "ends_on": ends_on, "problem": one.problem}
