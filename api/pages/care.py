"""Holds and stays of a shelter: requests, answers, expected clients, clients in house, departures."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages import list_choices
from api.pages.arrivals import expected_in
from api.pages.capacity import FIRST_PAGE, first_page_again, is_on_first_page
from api.pages.case_lists import remember
from api.pages.forms import Form, SentForm, happened
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.list_choices import ORDER, Chosen, chosen_of
from api.pages.outcomes import form_on, given
from api.v1 import holds, stays
from api.v1.holds import AnswerIn, ArrivalIn, HoldOut, ReleaseIn
from api.v1.stays import BlockerIn, EndIn, StayMoveIn, StayPage, SwapIn
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.list_orders import HoldOrder, StayOrder
from placement.core.reason_codes import Step
from placement.registrations.brief import Brief, briefs_of
from placement.tasks.seen import look_at_holds

SHOWN = 100
PAST = 20
EXPECTED = 200
STAYS_SHOWN = 20
"""Per page: each has a form."""

From = Annotated[int, QueryParameter(ge=0, le=1_000_000, name="from")]
_ALIVE = (HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED)
HOLDS, STAYS = "/holds", "/stays"


@dataclass(frozen=True, slots=True)
class Holds:
    now: list[HoldOut]
    """Without clients in house: they are on the page of stays."""
    past: list[HoldOut]
    reasons: list[ReasonOut]
    chosen: Chosen
    hidden: int
    """How many of now the filter leaves out."""


@dataclass(frozen=True, slots=True)
class Stays:
    found: StayPage
    briefs: dict[str, Brief | None]
    reasons: list[ReasonOut]
    chosen: Chosen


def _moving(request: Page, acts: Acts, stay_id: str, wrong: Wrong | None = None) -> Response[str]:
    view = acts.show("stay_move", lambda act: stays.move_choices(act, stay_id), Permission.STAY_MOVE)
    return page(request, "stay_move.html", view, wrong)


def _holds(request: Page, acts: Acts, wrong: Wrong | None = None, *, hold_id: str = "") -> Response[str]:
    """`hold_id`: that of the form that was refused."""

    def found(act: Act) -> Holds:
        rows = holds.hold_page(act, None, None, SHOWN, 0).items
        look_at_holds(act, [row.id for row in rows if row.status == HoldStatus.WAITING_FOR_SHELTER])
        expected = {stay.id for stay in stays.stay_page(act, StayStatus.PLANNED, EXPECTED, 0).items}
        alive = {row.id for row in rows if row.status in _ALIVE and (row.stay is None or row.stay in expected)}
        past = [row for row in rows if row.id not in alive][:PAST]
        may_be_given = reasons(act, acts.language, Step.REFUSE, Step.RELEASE)
        now = [row for row in rows if row.id in alive and chosen["status"] in {"", row.status}]
        return Holds(_in_order(now, HoldOrder(chosen[ORDER])), past, may_be_given, chosen, len(alive) - len(now))

    allowed = {"status": () if hold_id else _ALIVE, ORDER: HoldOrder}
    chosen = chosen_of(request, HOLDS, allowed, {ORDER: HoldOrder.NEWEST_FIRST})
    view = acts.show("holds", found, Permission.HOLD_READ, Permission.STAY_READ)
    answer = page(request, "holds.html", view, wrong, about=hold_id, alive=_ALIVE)
    if not hold_id:
        list_choices.remember(request, answer, chosen)
    if Permission.REGISTRATION_READ.is_of(request.user):
        remember(request, answer, HOLDS, {"holds": [row.registration for row in (*view.now, *view.past)]})
    return answer


def _stays(
    request: Page, acts: Acts, first: int, wrong: Wrong | None = None, *, stay_id: str = "", blocking: bool = False
) -> Response[str]:
    """`stay_id`: that of the form that was refused; `blocking`: it was the form that names a blocker."""

    def found(act: Act) -> Stays:
        rows = stays.stay_page(act, StayStatus.IN_HOUSE, STAYS_SHOWN, first, StayOrder(chosen[ORDER]))
        cases = [row.registration for row in rows.items]
        briefs = briefs_of(act, cases, housed=act.actor.shelter_id is not None)
        return Stays(rows, briefs, reasons(act, acts.language, Step.BLOCK, Step.END), chosen)

    chosen = chosen_of(request, STAYS, {ORDER: StayOrder}, {ORDER: StayOrder.EARLIEST_FIRST})
    view = acts.show("stays", found, Permission.STAY_READ)
    answer = page(request, "stays.html", view, wrong, about=stay_id, blocking=blocking, first=first, step=STAYS_SHOWN)
    list_choices.remember(request, answer, chosen)
    if Permission.REGISTRATION_READ.is_of(request.user):
        remember(request, answer, _stays_from(first), {"stays": [row.registration for row in view.found.items]})
    return answer


def _hold_again(request: Page, acts: Acts, hold_id: str, form: Form, wrong: Wrong) -> Reply:
    if is_on_first_page(form):
        return first_page_again(request, acts, hold_id, form, wrong)
    return _holds(request, acts, wrong, hold_id=hold_id)


def _blocking(request: Page, acts: Acts, stay_id: str, first: int, wrong: Wrong) -> Response[str]:
    return _stays(request, acts, first, wrong, stay_id=stay_id, blocking=True)


@get("/holds", permission=Permission.HOLD_READ)
def list_holds(request: Page, acts: RequestActs) -> Response[str]:
    return _holds(request, acts)


@post("/holds/{hold_id:str}/answer", permission=Permission.HOLD_ANSWER)
@form_on(_hold_again)
def answer(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    said = form.some("answer", "reason", "text", "until", "driver", "road_telephone")
    answered = given(AnswerIn, said | form.case("apart_from") | expected_in(form) | happened(form))
    acts.write(lambda act: holds.answer(act, hold_id, answered))
    return FIRST_PAGE if is_on_first_page(form) else HOLDS


@post("/holds/{hold_id:str}/arrive", permission=Permission.HOLD_ARRIVE)
@form_on(_hold_again)
def arrive(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    arrived = given(ArrivalIn, happened(form))
    acts.write(lambda act: holds.begin_stay(act, hold_id, arrived))
    return FIRST_PAGE if is_on_first_page(form) else STAYS


@post("/holds/{hold_id:str}/release", permission=Permission.HOLD_RELEASE)
@form_on(_holds)
def release(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    """Gives the beds back, by the organisation that placed the client."""
    reason = given(ReleaseIn, form.some("reason", "text"))
    acts.write(lambda act: holds.release(act, hold_id, reason))
    return HOLDS


@get("/stays", permission=Permission.STAY_READ)
def list_stays(request: Page, acts: RequestActs, first: From = 0) -> Response[str]:
    return _stays(request, acts, first)


@post("/stays/{stay_id:str}/end", permission=Permission.STAY_END)
@form_on(_stays)
def end(acts: RequestActs, stay_id: FromPath[str], form: SentForm, first: From = 0) -> str:
    reason = given(EndIn, form.some("reason", "text") | happened(form))
    acts.write(lambda act: stays.end(act, stay_id, reason))
    return _stays_from(first)


@get("/stays/{stay_id:str}/move", permission=Permission.STAY_MOVE)
def ask_to_move(request: Page, acts: RequestActs, stay_id: FromPath[str]) -> Response[str]:
    return _moving(request, acts, stay_id)


@post("/stays/{stay_id:str}/move", permission=Permission.STAY_MOVE)
@form_on(_moving)
def move(acts: RequestActs, stay_id: FromPath[str], form: SentForm) -> str:
    """To other rooms of the shelter."""
    chosen = {"rooms": form.all("rooms"), "confirm": form.has("confirm")}
    said = given(StayMoveIn, chosen | _seen_rooms(form, "seen_rooms", stay_id))
    acts.write(lambda act: stays.move(act, stay_id, said))
    return "/stays"


@post("/stays/{stay_id:str}/swap", permission=Permission.STAY_MOVE)
@form_on(_moving)
def swap(acts: RequestActs, stay_id: FromPath[str], form: SentForm) -> str:
    other = form.get("stay")
    seen = _seen_rooms(form, "seen_rooms", stay_id) | _seen_rooms(form, "seen_rooms_of_other", other)
    said = given(SwapIn, {"stay": other or None, "confirm": form.has("confirm"), **seen})
    acts.write(lambda act: stays.swap(act, stay_id, said))
    return "/stays"


@post("/stays/{stay_id:str}/blocker", permission=Permission.STAY_BLOCK)
@form_on(_blocking)
def name_blocker(acts: RequestActs, stay_id: FromPath[str], form: SentForm, first: From = 0) -> str:
    named = given(BlockerIn, form.some("blocker", "text") | {"seen_blocker": form.get("seen_blocker")})
    acts.write(lambda act: stays.block(act, stay_id, named))
    return _stays_from(first)


def _in_order(rows: list[HoldOut], order: HoldOrder) -> list[HoldOut]:
    """`rows`: the newest first. What is due: an answer, an arrival or a decision."""
    if order is HoldOrder.DUE_FIRST:
        return sorted(rows, key=lambda row: row.expected_at or row.expires_at)
    return rows if order is HoldOrder.NEWEST_FIRST else rows[::-1]


def _seen_rooms(form: Form, field: str, stay_id: str) -> dict[str, list[str]]:
    """The rooms of this household that the page showed."""
    shown = form.all(f"rooms_of.{stay_id}")
    return {field: shown} if shown else {}


def _stays_from(first: int) -> str:
    """In the order in which they were left."""
    return f"{STAYS}?from={first}" if first else STAYS
