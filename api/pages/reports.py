"""The daily report of a day, the newest by default."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.frame import Page, content_of, page
from api.pages.translation import reader_language
from api.v1 import reports as routes
from placement.access.permissions import Permission
from placement.reports.render.html import fragment_of

DAYS = 100
"""Number of days in the list; older reports have an address too."""

Asked = Annotated[str, QueryParameter(max_length=10)]


@get("/reports", permission=Permission.REPORTS_READ, sync_to_thread=True)
def show_newest(request: Page, acts: NamedDependency[Acts], day: Asked = "") -> Response[str]:
    """The report of the chosen day, or the newest; a note before the first report."""
    days = content_of(routes.list_reports.fn(acts, DAYS, 0))["items"]
    chosen = day or next((row["on"] for row in days), "")
    return _one(request, acts, chosen) if chosen else page(request, "report_none.html")


@get("/reports/{day:str}", permission=Permission.REPORT_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts], day: FromPath[str]) -> Response[str]:
    return _one(request, acts, day)


def _one(request: Page, acts: Acts, day: str) -> Response[str]:
    days = content_of(routes.list_reports.fn(acts, DAYS, 0))["items"]
    found = content_of(routes.read_report.fn(acts, day, routes.ReportForm.JSON))  # regardless of the `Accept` header
    report = routes.ReportOut.model_validate(found)
    shown = fragment_of(report, reader_language(request))
    return page(request, "report.html", days=days, found=found, shown=shown)
