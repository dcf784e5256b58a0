"""Overview of all shelters: free beds, freshness of reports, and where one extra place would help most."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.frame import Page, content_of, message_of, page
from api.pages.map import totals
from api.pages.translation import reader_language
from api.v1 import country as routes
from placement.access.permissions import Permission
from placement.core.errors import Busy
from placement.reports.render.chart import spread
from placement.reports.render.html import picture_of


@get("/country", permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return page(request, "country.html", **_country(acts), short=None)


@get("/country/shortage", permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show_shortage(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    """Computed after the page is shown; without a script, a separate page with all content."""
    in_page = "hx-request" in request.headers
    try:
        short = content_of(routes.read_shortage.fn(acts))
    except Busy as busy:
        if not in_page:
            raise
        return page(request, "country_shortage.html", busy=message_of(busy.code, busy.facts, reader_language(request)))
    if in_page:
        known = content_of(routes.read_country.fn(acts))
        return page(request, "country_shortage.html", busy="", short=short, names=_names(known))
    return page(request, "country.html", **_country(acts), busy="", short=short)


def chart(free: list[int | None], beds: int) -> dict[str, Any]:
    """The report's chart of free beds of the last days, with minimum and maximum."""
    least, most = spread(free) or (None, None)
    return {"picture": picture_of(free, beds), "least": least, "most": most}


def _country(acts: Acts) -> dict[str, Any]:
    known = content_of(routes.read_country.fn(acts))
    history = content_of(routes.read_history.fn(acts))
    free = {row["unit"]: row["free"] for row in history["units"]}
    units = [unit for shelter in known["shelters"] for unit in shelter["units"]]
    charts = {unit["unit"]: chart(free.get(unit["unit"], []), unit["beds"]) for unit in units}
    return {"known": known, "areas": totals(units), "charts": charts, "names": _names(known)}


def _names(known: dict[str, Any]) -> dict[str, str]:
    return {
        unit["unit"]: f"{shelter['name']}, {unit['name']}" for shelter in known["shelters"] for unit in shelter["units"]
    }
