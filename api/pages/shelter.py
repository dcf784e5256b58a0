"""For shelters: what is asked of us, who is in house, what we have."""

import json
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.acts import Acts
from api.pages.forms import Form, number
from api.pages.frame import Page, again, given, go, page, told
from api.v1 import capacity, holds, messages, stays
from placement import clock
from placement.errors import NotFound, PlacementError
from placement.permissions import Permission
from placement.vocabulary import HoldStatus, StayStatus

SHOWN = 100


@get("/holds", permission=Permission.HOLD_READ, sync_to_thread=True)
def list_holds(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _holds(request, acts)


@post(
    "/holds/{hold_id:str}/answer",
    permission=Permission.HOLD_ANSWER,
    form=True,
    sync_to_thread=True,
)
def answer(
    request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {name: form.get(name) for name in ("answer", "reason", "text", "until") if form.get(name)}
    try:
        holds.answer_hold.fn(acts, hold_id, given(holds.AnswerIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _holds(request, acts, filled=form, about=hold_id, **wrong))
    return go("/holds")


@post(
    "/holds/{hold_id:str}/arrive",
    permission=Permission.HOLD_ARRIVE,
    form=True,
    sync_to_thread=True,
)
def arrive(request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str]) -> Response[Any]:
    try:
        holds.arrive.fn(acts, hold_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _holds(request, acts, about=hold_id, **wrong))
    return go("/stays")


@get("/stays", permission=Permission.STAY_READ, sync_to_thread=True)
def list_stays(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _stays(request, acts)


@post("/stays/{stay_id:str}/end", permission=Permission.STAY_END, form=True, sync_to_thread=True)
def end(
    request: Page, acts: NamedDependency[Acts], stay_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {name: form.get(name) for name in ("reason", "text") if form.get(name)}
    try:
        stays.end_stay.fn(acts, stay_id, given(stays.EndIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _stays(request, acts, filled=form, about=stay_id, **wrong))
    return go("/stays")


@get("/capacity", permission=Permission.CAPACITY_READ, sync_to_thread=True)
def show_capacity(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _capacity(request, acts)


@post("/capacity/confirm", permission=Permission.CAPACITY_REPORT, form=True, sync_to_thread=True)
def confirm(request: Page, acts: NamedDependency[Acts]) -> Response[Any]:
    """One tap: all is as it is shown."""
    capacity.confirm_capacity.fn(acts, _shelter(request))
    return go("/capacity")


@post("/capacity", permission=Permission.CAPACITY_REPORT, form=True, sync_to_thread=True)
def report(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    try:
        capacity.report_capacity.fn(acts, _shelter(request), given(capacity.CapacityIn, {"rooms": rooms_of(form)}))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _capacity(request, acts, filled=form, **wrong))
    return go("/capacity")


def rooms_of(form: Form) -> list[dict[str, Any]]:
    """Every room as it was filled in. What a tile does not show of the last report comes along as it was."""
    rooms = []
    for row in form.rows("rooms"):
        said: dict[str, Any] = {"room": row["room"]} | _given(row, {"free_from": "free_from"})
        if row.get("out"):
            why = _given(row, {"out_reason": "reason", "out_until": "until"})
            said["out_of_service"] = {"beds": number(row["out"])} | why
        others = [*_first_others(row), *_more_others(row)]
        if others:
            said["used_by_others"] = others
        rooms.append(said)
    return rooms


def _first_others(row: dict[str, str]) -> list[dict[str, Any]]:
    if row.get("others") in {None, "", "0"}:
        return []
    who = {"count": number(row["others"]), "gender": row.get("gender", ""), "minor": bool(row.get("minor"))}
    return [who | _given(row, {"others_until": "until"})]


def _more_others(row: dict[str, str]) -> list[Any]:
    """What the API says is wrong with them, where somebody meddled with it."""
    try:
        found = json.loads(row.get("more") or "[]")
    except ValueError:
        return [{}]
    return found if isinstance(found, list) else [{}]


def _given(row: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    return {name: row[field] for field, name in names.items() if row.get(field)}


def _shelter(request: Page) -> str:
    if request.user.shelter_id is None:
        raise NotFound
    return request.user.shelter_id


def _holds(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    found = told(holds.list_holds.fn(acts, None, None, SHOWN, 0))["items"]
    now = [row for row in found if row["status"] in {HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED}]
    past = [row for row in found if row not in now]
    return page(request, "holds.html", now=now, past=past[:20], **{"about": None, **shown})


def _stays(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    found = told(stays.list_stays.fn(acts, StayStatus.IN_HOUSE, 200, 0))
    return page(request, "stays.html", found=found, **{"about": None, **shown})


def _capacity(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    known = told(capacity.read_capacity.fn(acts, _shelter(request)))
    shown["reminders"] = told(messages.list_reminders.fn(acts))["items"]
    return page(request, "capacity.html", known=known, today=clock.day_of(clock.now()).isoformat(), **shown)
