"""The letter about why clients got no place, for a finished month, quarter or year."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages.forms import day_in
from api.pages.frame import Page, page
from api.pages.translation import reader_language
from api.v1.needs import NeedPeriod, NeedsOut, needs_on_page
from api.v1.reports import day_named
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.periods import Period, PeriodKind, period_of
from placement.reports.render.html import fragment_of_letter


@dataclass(frozen=True, slots=True)
class LetterShown:
    """The letter of a period. `made`: figures; `None` without records. `is_last`: true for the last finished period."""

    made: NeedsOut | None
    period: Period
    is_last: bool


@get("/needs", work=Work.SLOW, permission=Permission.NEEDS_READ)
def show_needs(
    request: Page,
    acts: RequestActs,
    day: Annotated[str, QueryParameter(max_length=20)] = "",
    period: Annotated[str, QueryParameter(max_length=10)] = "",
) -> Response[str]:
    """Shows the letter of the period that contains `day`, by default of the last quarter. If the last quarter has no
    letter and nothing was chosen, shows the letter of the last month.
    """
    chosen = NeedPeriod(period) if period in set(NeedPeriod) else None

    def of_kind(act: Act, kind: NeedPeriod) -> LetterShown:
        on = day_in(day) if day else period_of(PeriodKind(kind), act.day).previous.begins_on.isoformat()
        this = period_of(PeriodKind(kind), day_named(on))
        return LetterShown(needs_on_page(act, kind, on), this, this.next.ends_on >= act.day)

    def found(act: Act) -> LetterShown:
        letter = of_kind(act, chosen or NeedPeriod.QUARTER)
        month = None if chosen or letter.made else of_kind(act, NeedPeriod.MONTH)
        return month if month and month.made else letter

    view = acts.show("needs", found, Permission.NEEDS_READ)
    shown = view.made and fragment_of_letter(view.made, reader_language(request))
    return page(request, "needs.html", view, shown=shown, kinds=list(NeedPeriod))
