"""Stays of clients in a shelter: residents, rooms, departures, and obstacles to leaving."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from math import ceil
from operator import itemgetter
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages import acts_done, list_choices
from api.pages.bulk_actions import Result, each
from api.pages.case_lists import remember
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given, saved
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.input_values import values_of
from api.pages.list_choices import ORDER, Chosen, chosen_of
from api.v1 import arrivals
from api.v1 import stays as routes
from api.v1.stays import BlockerIn, EndIn, StayMoveIn, StayOut, StayPage, SwapIn
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.ids import CODE_PATTERN
from placement.core.list_orders import LimitGroup, StayOrder
from placement.core.reason_codes import Step
from placement.placements.stays.stay_clock import is_past_limit
from placement.registrations.case_summary import Brief, briefs_of
from placement.tables import Shelter

HERE = "/stays"
ONE = f"{HERE}/{{stay_id:str}}"
SHOWN = 16
"""How many stays a page shows."""
NEAR = timedelta(days=14)
"""How long before its limit a stay is marked. The limit is the day after the last day."""
LEAST_AXIS, MONTH = 120, 30
_BY_LIMIT = {StayOrder.LIMIT_FIRST, StayOrder.LIMIT_LAST}
From = Annotated[int, QueryParameter(ge=0, le=1_000_000, name="from")]


@dataclass(frozen=True, slots=True)
class Stays:
    found: StayPage
    groups: list[tuple[LimitGroup | None, list[StayOut]]]
    """The stays in groups by limit, if the list is sorted by limit; otherwise one group without a name."""
    axis: int
    """How many days the charts show: the longest stay or limit, in whole months."""
    shelter: str | None
    """The name of the shelter, if the list is filtered by shelter."""
    briefs: dict[str, Brief | None]
    reasons: list[ReasonOut]
    chosen: Chosen
    left: list[StayOut]
    """Clients whose departure can be reversed; only on the first page."""


class _AnyShelter:
    """The allowed values of the filter by shelter: a set that contains every text with the form of an id."""

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and re.fullmatch(CODE_PATTERN, text) is not None


@page_at(HERE, permission=Permission.STAY_READ)
def list_stays(
    request: Page,
    acts: RequestActs,
    first: From = 0,
    wrong: Wrong | None = None,
    result: Result | None = None,
    *,
    ended: bool = False,
) -> Response[str]:
    """Shows the stays of residents. `result`: the result of an act on several stays. `ended`: true if this act ended
    them, false if it recorded a reason.
    """

    def found(act: Act) -> Stays:
        order, shelter = StayOrder(chosen[ORDER]), chosen["shelter"] or None
        rows = routes.stay_page(act, StayStatus.IN_HOUSE, SHOWN, first, order, shelter_id=shelter)
        left = routes.reversible_ends(act) if not first and Permission.STAY_END.is_of(act.actor) else []
        cases = [row.registration for row in (*rows.items, *left)]
        briefs = briefs_of(act, cases, housed=act.actor.shelter_id is not None)
        return Stays(
            found=rows,
            groups=_by_limit(rows.items, act.day) if order in _BY_LIMIT else [(None, rows.items)] * bool(rows.items),
            axis=_axis(rows.items),
            shelter=act.session.get_one(Shelter, shelter).name if shelter and rows.items else None,
            briefs=briefs,
            reasons=reasons(act, acts.language, Step.BLOCK, Step.END),
            chosen=chosen,
            left=left,
        )

    chosen = chosen_of(request, HERE, {"shelter": _AnyShelter(), ORDER: StayOrder}, {ORDER: StayOrder.LIMIT_FIRST})
    view = acts.show("stays", found, Permission.STAY_READ)
    answer = page(request, "stays.html", view, wrong, first=first, step=SHOWN, result=result, ended=ended)
    list_choices.remember(request, answer, chosen)
    if Permission.REGISTRATION_READ.is_of(request.user):
        remember(request, answer, _from(first), {"stays": [row.registration for row in view.found.items]})
    return answer


@post(f"{ONE}/end", permission=Permission.STAY_END)
@form_on(list_stays)
def end(acts: RequestActs, stay_id: FromPath[str], form: SentForm, first: From = 0) -> Reply:
    reason = given(EndIn, values_of(EndIn, form))
    ended = acts.change(StayOut, lambda act: routes.end_stay(act, stay_id, reason))
    return saved(acts.request, _from(first), acts_done.left(ended))


reverse_arrival = form("/holds/{hold_id:str}/arrival/reversal", arrivals.reverse_arrival, list_stays, to="/holds")
reverse_end = form(f"{ONE}/end/reversal", routes.reverse_stay_end, list_stays, to=HERE)


@post(f"{ONE}/blocker", permission=Permission.STAY_BLOCK)
@form_on(list_stays)
def name_blocker(acts: RequestActs, stay_id: FromPath[str], form: SentForm, first: From = 0) -> str:
    named = given(BlockerIn, values_of(BlockerIn, form) | form.every("seen_blocker"))
    acts.write(lambda act: routes.name_blocker(act, stay_id, named))
    return _from(first)


@post(f"{HERE}/blockers", permission=Permission.STAY_BLOCK)
def name_blockers(acts: RequestActs, form: SentForm) -> Reply:
    """Records the same reason for each chosen stay. Leaves out stays whose reason was changed meanwhile."""

    def named(act: Act, stay_id: str) -> StayOut:
        facts = values_of(BlockerIn, form) | {"seen_blocker": form.get(f"seen.{stay_id}")}
        return routes.name_blocker(act, stay_id, given(BlockerIn, facts))

    def shown(request: Page, acts: Acts, wrong: Wrong | None = None, result: Result | None = None) -> Reply:
        return list_stays(request, acts, 0, wrong, result)

    return each(acts, form, named, shown)


@post(f"{HERE}/ends", permission=Permission.STAY_END)
def end_several(acts: RequestActs, form: SentForm) -> Reply:
    """Ends the chosen stays for the same reason. Stays that cannot end now are named."""

    def one(act: Act, stay_id: str) -> StayOut:
        return routes.end_stay(act, stay_id, EndIn(reason=form.get("reason") or None))

    def shown(request: Page, acts: Acts, wrong: Wrong | None = None, result: Result | None = None) -> Reply:
        return list_stays(request, acts, 0, wrong, result, ended=True)

    return each(acts, form, one, shown)


def _by_limit(rows: list[StayOut], day: date) -> list[tuple[LimitGroup | None, list[StayOut]]]:
    """Groups stays by the time until their limit. `rows`: sorted by limit."""
    named = [(_group_of(row, day), row) for row in rows]
    return [(group, [row for _, row in there]) for group, there in groupby(named, key=itemgetter(0))]


def _group_of(row: StayOut, day: date) -> LimitGroup:
    if row.limit_on is None or row.limit_on > day + NEAR + timedelta(days=1):
        return LimitGroup.LATER
    return LimitGroup.OVER if is_past_limit(row.limit_on, day) else LimitGroup.NEAR


def _axis(rows: list[StayOut]) -> int:
    limits = [(row.limit_on - row.clock_from).days for row in rows if row.limit_on and row.clock_from]
    return ceil(max([LEAST_AXIS, *limits, *(row.day or 0 for row in rows)]) / MONTH) * MONTH


def _seen_rooms(form: Form, field: str, stay_id: str) -> dict[str, list[str]]:
    """Returns the rooms of the household as the page showed them."""
    shown = form.all(f"rooms_of.{stay_id}")
    return {field: shown} if shown else {}


def _from(first: int) -> str:
    """Returns the address of the list from this position on."""
    return f"{HERE}?from={first}" if first else HERE


ask_to_move = screen(
    f"{ONE}/move",
    "stay_move.html",
    under=(Permission.STAY_MOVE,),
    choices_there=routes.move_choices,
    stay=lambda _, choices_there: choices_there.stay,
    rooms=lambda _, choices_there: choices_there.rooms,
    others=lambda _, choices_there: choices_there.others,
)


@post(f"{ONE}/move", permission=Permission.STAY_MOVE)
@form_on(ask_to_move)
def move(acts: RequestActs, stay_id: FromPath[str], form: SentForm) -> str:
    said = given(StayMoveIn, values_of(StayMoveIn, form) | _seen_rooms(form, "seen_rooms", stay_id))
    acts.write(lambda act: routes.move_stay(act, stay_id, said))
    return HERE


@post(f"{ONE}/swap", permission=Permission.STAY_MOVE)
@form_on(ask_to_move)
def swap(acts: RequestActs, stay_id: FromPath[str], form: SentForm) -> str:
    seen = _seen_rooms(form, "seen_rooms", stay_id) | _seen_rooms(form, "seen_rooms_of_other", form.get("stay"))
    said = given(SwapIn, values_of(SwapIn, form) | seen)
    acts.write(lambda act: routes.swap_stays(act, stay_id, said))
    return HERE
