"""The report of a day (by default the newest), or of a week, month, quarter or year."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages.forms import day_in
from api.pages.frame import Page, page, page_at
from api.pages.translation import reader_language
from api.v1.reports import PeriodReportOut, ReportOnPage, list_reports, period_report, report_on_page
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.periods import PeriodKind, period_of
from placement.reports.reads import day_after, sees_exact
from placement.reports.render.brief import brief
from placement.reports.render.html import fragment_of, fragment_of_period
from placement.reports.task_counts import ToDo, to_do

DAY = "day"
"""The code of the default period."""

Asked = Annotated[str, QueryParameter(max_length=20)]
PeriodAsked = Annotated[str, QueryParameter(max_length=10)]
KINDS = (DAY, *(kind.value for kind in PeriodKind))


@dataclass(frozen=True, slots=True)
class PeriodShown:
    made: PeriodReportOut | None
    set_up: SetUpOut
    newest: date | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen period: its kind, a day in it, and a day with a report in the previous and in the next period."""

    kind: str
    day: date
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class DayShown:
    made: ReportOnPage | None
    set_up: SetUpOut
    after: date | None = None
    """The next day that has a report."""

    to_do: ToDo | None = None


@get("/reports", work=Work.SLOW, permission=Permission.REPORTS_READ)
def show_newest(request: Page, acts: RequestActs, day: Asked = "", period: PeriodAsked = DAY) -> Response[str]:
    """Shows the report of the chosen day or period, by default the newest. Shows a note if there is no report."""
    chosen = day_in(day) if day else ""
    if period in set(PeriodKind):
        return _period(request, acts, PeriodKind(period), chosen)
    return show(request, acts, chosen)


@page_at("/reports/{day:str}", work=Work.SLOW, permission=Permission.REPORT_READ)
def show(request: Page, acts: RequestActs, day: FromPath[str]) -> Response[str]:
    def found(act: Act) -> DayShown:
        newest = list_reports(act, 1, 0).items
        chosen = day or next((row.on.isoformat() for row in newest), "")
        if not chosen:
            return DayShown(None, read_set_up(act))
        made = report_on_page(act, chosen)
        if made.report.on == newest[0].on:
            return DayShown(made, read_set_up(act), to_do=to_do(act))
        return DayShown(made, read_set_up(act), after=day_after(act, made.report.on))

    has_tasks = [Permission.TASKS_READ] if Permission.TASKS_READ.is_of(request.user) else []
    view = acts.show(
        "report", found, Permission.REPORTS_READ, Permission.REPORT_READ, Permission.SET_UP_READ, *has_tasks
    )
    if view.made is None:
        return page(request, "report_none.html", view)
    made, language = view.made, reader_language(request)
    first = brief(made.report, made.before, view.to_do, language, exact=made.exact)
    shown = fragment_of(made.report, language, exact=made.exact, brief=first, week=made.week)
    before = made.before.on if made.before is not None else None
    chosen = Chosen(DAY, made.report.on, before, view.after)
    return page(request, "report.html", view, shown=shown, found=made.report, chosen=chosen, kinds=KINDS)


def _period(request: Page, acts: Acts, kind: PeriodKind, day: str) -> Response[str]:
    def found(act: Act) -> PeriodShown:
        newest = list_reports(act, 1, 0).items
        if not newest:
            return PeriodShown(None, read_set_up(act))
        exact = sees_exact(act)
        made = period_report(act, kind, day or newest[0].on.isoformat(), exact=exact)
        return PeriodShown(made, read_set_up(act), newest[0].on, exact=exact)

    view = acts.show("report", found, Permission.REPORTS_READ, Permission.REPORT_READ, Permission.SET_UP_READ)
    if view.made is None or view.newest is None:
        return page(request, "report_none.html", view)
    shown = fragment_of_period(view.made, reader_language(request), exact=view.exact)
    this = period_of(kind, view.made.begins_on)
    before, after = this.previous, this.next
    chosen = Chosen(
        kind.value,
        this.begins_on,
        before.begins_on if before.ends_on >= view.made.reports_from else None,
        after.begins_on if after.begins_on <= view.newest else None,
    )
    return page(request, "report.html", view, shown=shown, found=None, chosen=chosen, kinds=KINDS)
