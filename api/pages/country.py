"""Every shelter at a glance: what is free, where, since when, and which one extra place would help whom."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.acts import Acts
from api.pages.frame import Page, page, told
from api.pages.map import totals
from api.v1 import country as routes
from placement.permissions import Permission

_CHART = (112, 24)
"""Width and height of a small chart."""


@get("/country", permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return page(request, "country.html", **_country(acts), short=None)


@get("/country/shortage", permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show_shortage(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    """Worked out while the page already stands; without a script, a page of its own with all of it."""
    short = told(routes.read_shortage.fn(acts))
    if request.headers.get("hx-request"):
        known = told(routes.read_country.fn(acts))
        return page(request, "country_shortage.html", short=short, names=_names(known))
    return page(request, "country.html", **_country(acts), short=short)


def chart(free: list[int | None], beds: int) -> dict[str, Any]:
    """A line of the free beds of the last days, as points on a small picture; broken where nothing was reported."""
    wide, high = _CHART
    most = max(beds, *(one or 0 for one in free), 1)
    step = wide / max(1, len(free) - 1)
    lines: list[list[str]] = [[]]
    for number, one in enumerate(free):
        if one is None:
            lines.append([])
        else:
            lines[-1].append(f"{number * step:.1f},{high - 1 - one / most * (high - 2):.1f}")
    known = [one for one in free if one is not None]
    return {
        "lines": [" ".join(line if len(line) > 1 else line * 2) for line in lines if line],
        "least": min(known, default=None),
        "most": max(known, default=None),
    }


def _country(acts: Acts) -> dict[str, Any]:
    known = told(routes.read_country.fn(acts))
    history = told(routes.read_history.fn(acts))
    free = {row["unit"]: row["free"] for row in history["units"]}
    units = [unit for shelter in known["shelters"] for unit in shelter["units"]]
    charts = {unit["unit"]: chart(free.get(unit["unit"], []), unit["beds"]) for unit in units}
    return {"known": known, "areas": totals(units), "charts": charts, "names": _names(known), "size": _CHART}


def _names(known: dict[str, Any]) -> dict[str, str]:
    return {
        unit["unit"]: f"{shelter['name']}, {unit['name']}" for shelter in known["shelters"] for unit in shelter["units"]
    }
