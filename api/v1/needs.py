"""The ledger of need: why clients got no place in a month, quarter or year."""

from enum import StrEnum
from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from api.http import methods
from api.http.context import Output, RequestActs
from api.http.response_formats import CSV, JSON, in_form
from api.http.work_kinds import Work
from api.v1.reports import day_named, wished_form
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.periods import PeriodKind
from placement.needs import reading
from placement.needs.model import NeedReport
from placement.reports.render.csv import letter_csv
from placement.reports.render.pdf import pdf_of_letter


class NeedPeriod(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class LetterForm(StrEnum):
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


_MEDIA = {LetterForm.JSON: JSON, LetterForm.CSV: CSV, LetterForm.PDF: "application/pdf"}


class NeedsOut(NeedReport, Output):
    """The figures of a period: obstacles, effect of additional places, and beds of kinds that were advised before."""


@methods.get(
    "/needs",
    summary="Read what stood in the way in a period",
    permission=Permission.NEEDS_READ,
    work=Work.SLOW,
    also_as=(CSV, "application/pdf"),
)
def read_needs(
    acts: RequestActs,
    kind: Annotated[NeedPeriod, QueryParameter(description="How long the period is.")],
    day: Annotated[str, QueryParameter(max_length=10, description="A day that lies in it, such as 2026-11-24.")],
    format: Annotated[LetterForm | None, QueryParameter(description="Without it, as `Accept` says.")] = None,
) -> Response[NeedsOut]:
    """Read the ledger of need for a finished period: obstacles, differences between groups, and the effect of
    additional places. No figure is about fewer than five households.
    """
    form = wished_form(acts, format, _MEDIA)

    def read(act: Act) -> tuple[NeedsOut, NeedsOut]:
        found = needs_of_period(act, kind, day)
        return found, found

    def write(found: NeedsOut) -> tuple[str, bytes]:
        content = pdf_of_letter(found, acts.language) if form is LetterForm.PDF else letter_csv(found).encode()
        return f"needs-{kind.value}-{found.begins_on}.{form}", content

    return in_form(acts, _MEDIA[form], read, write)


def needs_of_period(act: Act, kind: NeedPeriod, day: str) -> NeedsOut:
    """Returns the figures of a period. Raises `Invalid` for an invalid day, or for a period that is not over."""
    return NeedsOut(**dict(reading.needs_of_period(act, PeriodKind(kind), day_named(day))))


def needs_on_page(act: Act, kind: NeedPeriod, day: str) -> NeedsOut | None:
    """Returns the figures of a period, for the page. Returns `None` if the period has no records, or is not over."""
    found = reading.needs_if_known(act, PeriodKind(kind), day_named(day))
    return NeedsOut(**dict(found)) if found else None
