"""The overview of the country: shelters that the reader sees by name, other shelters in groups, and the shortage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages.frame import Page, page
from api.pages.map import AreaTotal, totals
from api.v1.country import (
    AskedShortage,
    CountryOut,
    ElsewhereHistoryOut,
    ShortageOut,
    ask_shortage,
    country,
    read_capacity_history,
    shortage,
)
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.need_to_know import sees_all_by_name
from placement.access.permissions import Permission
from placement.accounts.number_changes import Telephones
from placement.accounts.organisations import telephones_of_units
from placement.core.context import Act
from placement.reports.render.chart import spread
from placement.reports.render.html import picture_of


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of free beds in the last days, with minimum and maximum."""

    picture: str
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Country:
    known: CountryOut
    set_up: SetUpOut
    areas: list[AreaTotal]
    """The areas on the map; empty for a reader who does not see all units by name."""
    charts: dict[str, Chart]
    days: list[date]
    """The days of the history."""
    weeks: list[ElsewhereHistoryOut]
    """The history of the groups in `known.elsewhere`."""
    names: dict[str, str]
    """Names of units with their shelters, by id."""
    numbers: Mapping[str, Telephones]
    """By unit without any count: the telephone numbers of its shelter."""
    short: ShortageOut | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """The shortage of places. Its computation is slow, so the page requests it later."""

    names: dict[str, str]
    numbers: Mapping[str, Telephones]
    short: ShortageOut


@get("/country", permission=Permission.COUNTRY_READ)
def show(request: Page, acts: RequestActs) -> Response[str]:
    return page(request, "country.html", acts.show("country", _country))


@get("/country/shortage", permission=Permission.COUNTRY_READ, work=Work.SLOW, busy="country_shortage.html")
def show_shortage(request: Page, acts: RequestActs) -> Response[str]:
    """Computes the shortage, which a script puts into the page. Without a script, shows the page with the shortage."""
    found = ask_shortage(acts)
    if "hx-request" in request.headers:
        part = acts.show("shortage", lambda act: _shortage(act, found))
        return page(request, "country_shortage.html", part, busy="")
    return page(request, "country.html", acts.show("country", lambda act: _country(act, found)), busy="")


def chart(free: list[int | None], beds: int) -> Chart:
    least, most = spread(free) or (None, None)
    return Chart(picture_of(free, beds), least, most)


def _shortage(act: Act, found: AskedShortage) -> Shortage:
    known = country(act)
    return Shortage(_names(known), _numbers(act, known), shortage(act, found))


def _country(act: Act, found: AskedShortage | None = None) -> Country:
    known = country(act)
    past = read_capacity_history(act)
    free = {row.unit: row.free for row in past.units}
    units = [unit for shelter in known.shelters for unit in shelter.units]
    return Country(
        known=known,
        set_up=read_set_up(act),
        areas=totals(units) if sees_all_by_name(act.actor) else [],
        charts={unit.unit: chart(free.get(unit.unit, []), unit.beds) for unit in units},
        days=past.days,
        weeks=past.elsewhere,
        names=_names(known),
        numbers=_numbers(act, known),
        short=shortage(act, found) if found else None,
    )


def _names(known: CountryOut) -> dict[str, str]:
    return {unit.unit: f"{shelter.name}, {unit.name}" for shelter in known.shelters for unit in shelter.units}


def _numbers(act: Act, known: CountryOut) -> Mapping[str, Telephones]:
    uncounted = [unit.unit for shelter in known.shelters for unit in shelter.units if unit.not_reported]
    return telephones_of_units(act.session, uncounted) if uncounted else {}
