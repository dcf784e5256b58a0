"""Holds and stays of a shelter: requests, answers, expected clients, clients in house, departures."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, content_of, done, given, page
from api.v1 import holds, stays
from placement.access.permissions import Permission
from placement.core.codes import HoldStatus, StayStatus
from placement.core.reason_codes import Step, reasons_for

SHOWN = 100
PAST = 20
EXPECTED = 200
STAYS_SHOWN = 20
"""Per page: each has a form."""

From = Annotated[int, QueryParameter(ge=0, le=1_000_000, name="from")]
_ALIVE = {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED}


@get("/holds", permission=Permission.HOLD_READ, sync_to_thread=True)
def list_holds(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _holds(request, acts)


@post("/holds/{hold_id:str}/answer", permission=Permission.HOLD_ANSWER, form=True, sync_to_thread=True)
def answer(
    request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        facts = form.some("answer", "reason", "text", "until")
        holds.answer_hold.fn(acts, hold_id, given(holds.AnswerIn, facts))
        return "/holds"

    return done(request, do, lambda **wrong: _holds(request, acts, filled=form, about=hold_id, **wrong))


@post("/holds/{hold_id:str}/arrive", permission=Permission.HOLD_ARRIVE, form=True, sync_to_thread=True)
def arrive(request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str]) -> Response[Any]:
    def do() -> str:
        holds.arrive.fn(acts, hold_id)
        return "/stays"

    return done(request, do, lambda **wrong: _holds(request, acts, about=hold_id, **wrong))


@post("/holds/{hold_id:str}/release", permission=Permission.HOLD_RELEASE, form=True, sync_to_thread=True)
def release(
    request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    """Gives the beds back, by the organisation that placed the client."""

    def do() -> str:
        holds.release_hold.fn(acts, hold_id, given(holds.ReleaseIn, form.some("reason", "text")))
        return "/holds"

    return done(request, do, lambda **wrong: _holds(request, acts, filled=form, about=hold_id, **wrong))


@get("/stays", permission=Permission.STAY_READ, sync_to_thread=True)
def list_stays(request: Page, acts: NamedDependency[Acts], first: From = 0) -> Response[str]:
    return _stays(request, acts, first)


@post("/stays/{stay_id:str}/end", permission=Permission.STAY_END, form=True, sync_to_thread=True)
def end(
    request: Page, acts: NamedDependency[Acts], stay_id: FromPath[str], form: NamedDependency[Form], first: From = 0
) -> Response[Any]:
    def do() -> str:
        stays.end_stay.fn(acts, stay_id, given(stays.EndIn, form.some("reason", "text")))
        return _stays_from(first)

    return done(request, do, lambda **wrong: _stays(request, acts, first, filled=form, about=stay_id, **wrong))


@post("/stays/{stay_id:str}/blocker", permission=Permission.STAY_BLOCK, form=True, sync_to_thread=True)
def name_blocker(
    request: Page, acts: NamedDependency[Acts], stay_id: FromPath[str], form: NamedDependency[Form], first: From = 0
) -> Response[Any]:
    def do() -> str:
        stays.name_blocker.fn(acts, stay_id, given(stays.BlockerIn, form.some("blocker", "text")))
        return _stays_from(first)

    about = {"filled": form, "about": stay_id, "blocking": True}
    return done(request, do, lambda **wrong: _stays(request, acts, first, **about, **wrong))


def _holds(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    """`expected`: planned stays; clients in house are on the page of stays."""
    found = content_of(holds.list_holds.fn(acts, None, None, SHOWN, 0))["items"]
    planned = content_of(stays.list_stays.fn(acts, StayStatus.PLANNED, EXPECTED, 0))["items"]
    expected = {row["id"] for row in planned}
    now = [row for row in found if row["status"] in _ALIVE and (row["stay"] is None or row["stay"] in expected)]
    past = [row for row in found if row not in now][:PAST]
    effects = [(reason.code, reason.effect) for reason in reasons_for(Step.REFUSE) if reason.effect]
    return page(request, "holds.html", now=now, past=past, effects=effects, **{"about": None, **shown})


def _stays_from(first: int) -> str:
    return f"/stays?from={first}" if first else "/stays"


def _stays(request: Page, acts: Acts, first: int, **shown: Any) -> Response[str]:
    found = content_of(stays.list_stays.fn(acts, StayStatus.IN_HOUSE, STAYS_SHOWN, first))
    for row in found["items"]:
        row["limit_day"] = (date.fromisoformat(row["limit_on"]) - date.fromisoformat(row["starts_on"])).days
    place: dict[str, Any] = {"first": first, "step": STAYS_SHOWN, "at": _stays_from}
    return page(request, "stays.html", found=found, **place, **{"about": None, "blocking": False, **shown})
