"""The daily report of a day, the newest by default."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.http.work import Work
from api.pages.frame import Page, page
from api.pages.translation import reader_language
from api.v1.reports import ReportDayOut, ReportOnPage, report_on_page, report_page
from api.v1.set_up import SetUpOut, set_up
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.reports.render.brief import brief
from placement.reports.render.html import fragment_of
from placement.reports.to_do import ToDo, to_do

DAYS = 100
"""Number of days in the list; older reports have an address too."""

Asked = Annotated[str, QueryParameter(max_length=10)]


@dataclass(frozen=True, slots=True)
class DaysAndReport:
    days: list[ReportDayOut]
    made: ReportOnPage | None
    to_do: ToDo | None
    set_up: SetUpOut


@get("/reports", work=Work.SLOW, permission=Permission.REPORTS_READ, sync_to_thread=True)
def show_newest(request: Page, acts: NamedDependency[Acts], day: Asked = "") -> Response[str]:
    """The report of the chosen day, or the newest; a note before the first report."""
    return _one(request, acts, day)


@get("/reports/{day:str}", work=Work.SLOW, permission=Permission.REPORT_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts], day: FromPath[str]) -> Response[str]:
    return _one(request, acts, day)


def _one(request: Page, acts: Acts, day: str) -> Response[str]:
    def found(act: Act) -> DaysAndReport:
        days = report_page(act, DAYS, 0).items
        newest = next((row.on.isoformat() for row in days), "")
        chosen = day or newest
        made = report_on_page(act, chosen) if chosen else None
        return DaysAndReport(days, made, to_do(act) if chosen and chosen == newest else None, set_up(act))

    has_tasks = [Permission.TASKS_READ] if Permission.TASKS_READ.is_of(request.user) else []
    view = acts.show(
        "report", found, Permission.REPORTS_READ, Permission.REPORT_READ, Permission.SET_UP_READ, *has_tasks
    )
    if view.made is None:
        return page(request, "report_none.html", view)
    made, language = view.made, reader_language(request)
    first = brief(made.report, made.before, view.to_do, language, exact=made.exact)
    shown = fragment_of(made.report, language, exact=made.exact, brief=first)
    return page(request, "report.html", view, found=made.report, shown=shown)
