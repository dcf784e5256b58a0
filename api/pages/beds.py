"""The bed plan of a shelter for fourteen days: who is in each bed until when. Households can be moved to other
rooms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm, iso_day
from api.pages.frame import Page, Wrong, page, page_at
from api.pages.input_values import values_of
from api.v1 import shelters, stays
from api.v1.bed_plan import RoomChoice, open_rooms_of, read_bed_plan, stays_in
from api.v1.stays import StayMoveIn, StayOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.placements.bed_plan import DAYS, BedPlan, cases_in
from placement.registrations.case_summary import Brief, briefs_of

HERE = "/beds"
_FARTHEST = timedelta(days=90)
"""How far the first day can be in the future."""
Asked = Annotated[str, QueryParameter(max_length=40)]
First = Annotated[str, QueryParameter(max_length=10, name="from")]
Chosen = Annotated[str, QueryParameter(max_length=40, name="stay")]
NEEDED = (Permission.CAPACITY_READ, Permission.STAY_READ, Permission.HOLD_READ, Permission.REGISTER_READ)


@dataclass(frozen=True, slots=True)
class Beds:
    shelters: list[tuple[str, str]]
    """Id and name of each shelter that the reader can choose; empty for staff of a shelter."""
    today: date
    plan: BedPlan | None
    """`None` until a shelter is chosen."""
    stays: Mapping[str, StayOut]
    briefs: Mapping[str, Brief | None]
    free: list[tuple[date, date, int]]
    """Periods with the same number of free beds: first day, last day, number."""
    earlier: str
    later: str
    here: str
    """The address of the page without `stay_id`."""
    chosen: StayOut | None
    open_rooms: list[RoomChoice]


@page_at(HERE, permission=NEEDED[0])
def show(  # noqa: PLR0917  (each is a choice on the page)
    request: Page,
    acts: RequestActs,
    shelter: Asked = "",
    first: First = "",
    stay_id: Chosen = "",
    to: Asked = "",
    wrong: Wrong | None = None,
) -> Response[str]:
    """Shows the plan of a shelter. `first`: the plan's first day. `stay_id`: the household to move. `to`: the room onto
    which the user dragged the household.
    """
    own = request.user.shelter_id

    def found(act: Act) -> Beds:
        offered = [] if own else [(one.id, one.name) for one in shelters.shelters(act).items]
        wanted = own or shelter
        if not wanted:
            return Beds(offered, act.day, None, {}, {}, [], "", "", HERE, None, [])
        begins = min(max(iso_day(first) or act.day, act.day), act.day + _FARTHEST)
        plan = read_bed_plan(act, wanted, begins)
        shown = stays_in(act, plan)
        chosen = shown.get(stay_id)
        may_move = chosen is not None and chosen.status == "in_house" and Permission.STAY_MOVE.is_of(act.actor)

        def at(day: date) -> str:
            return _address("" if own else wanted, "" if day == act.day else day.isoformat())

        step = timedelta(days=DAYS)
        return Beds(
            shelters=offered,
            today=act.day,
            plan=plan,
            stays=shown,
            briefs=briefs_of(act, cases_in(plan), housed=own is not None),
            free=list(_runs(plan)),
            earlier=at(max(begins - step, act.day)) if begins > act.day else "",
            later=at(begins + step) if begins + step <= act.day + _FARTHEST else "",
            here=at(begins),
            chosen=chosen if may_move else None,
            open_rooms=open_rooms_of(act, stay_id) if may_move else [],
        )

    return page(request, "beds.html", acts.show("beds", found, *NEEDED), wrong, to=to)


@post(f"{HERE}/{{stay_id:str}}/move", permission=Permission.STAY_MOVE)
@form_on(show)
def move(acts: RequestActs, stay_id: FromPath[str], form: SentForm, shelter: Asked = "", first: First = "") -> str:
    """Moves a household to another room, with the checks of `stays.move`."""
    said = given(StayMoveIn, values_of(StayMoveIn, form))
    acts.write(lambda act: stays.move_stay(act, stay_id, said))
    return _address(shelter, first)


def _address(shelter: str, first: str) -> str:
    query = urlencode({name: value for name, value in (("shelter", shelter), ("from", first)) if value})
    return f"{HERE}?{query}" if query else HERE


def _runs(plan: BedPlan) -> list[tuple[date, date, int]]:
    runs = []
    for number, group in groupby(zip(plan.days, plan.free, strict=True), lambda one: one[1]):
        days = [day for day, _ in group]
        runs.append((days[0], days[-1], number))
    return runs
