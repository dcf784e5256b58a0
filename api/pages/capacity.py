"""The capacity report of a shelter, made for a phone: its rooms, with the known values filled in."""

import json
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.forms import Form, number
from api.pages.frame import Page, content_of, done, given, page
from api.v1 import capacity, messages
from placement.access.permissions import Permission
from placement.core import clock
from placement.core.errors import NotFound
from placement.tasks import board as task_board

AS_SHOWN = "as_shown"


@get("/capacity", permission=Permission.CAPACITY_REPORT, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _capacity(request, acts)


@post("/capacity", permission=Permission.CAPACITY_REPORT, form=True, sync_to_thread=True)
def report(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    """Reports the rooms.

    The button 'as shown' confirms the last report if nothing was changed, else reports the changes.
    """

    def do() -> str:
        shelter_id, rooms = _shelter(request), rooms_of(form)
        if form.has(AS_SHOWN) and rooms == rooms_of(_tiles(content_of(capacity.read_capacity.fn(acts, shelter_id)))):
            capacity.confirm_capacity.fn(acts, shelter_id)
        else:
            capacity.report_capacity.fn(acts, shelter_id, given(capacity.CapacityIn, {"rooms": rooms}))
        return "/capacity"

    return done(request, do, lambda **wrong: _capacity(request, acts, filled=form, **wrong))


def rooms_of(form: Form) -> list[dict[str, Any]]:
    """Every room as filled in. Values of the last report that a tile does not show are included unchanged."""
    rooms = []
    for row in form.rows("rooms"):
        room: dict[str, Any] = {"room": row["room"]} | _given(row, {"free_from": "free_from"})
        if row.get("out"):
            why = _given(row, {"out_reason": "reason", "out_until": "until"})
            room["out_of_service"] = {"beds": number(row["out"])} | why
        others = [*_first_others(row), *_more_others(row)]
        if others:
            room["used_by_others"] = others
        rooms.append(room)
    return rooms


def _first_others(row: dict[str, str]) -> list[dict[str, Any]]:
    if row.get("others") in {None, "", "0"}:
        return []
    who = {"count": number(row["others"]), "gender": row.get("gender", ""), "minor": bool(row.get("minor"))}
    return [who | _given(row, {"others_until": "until"})]


def _more_others(row: dict[str, str]) -> list[Any]:
    """Further entries from a hidden field; if it was tampered with, the result fails the API's validation."""
    try:
        found = json.loads(row.get("more") or "[]")
    except ValueError:
        return [{}]
    return found if isinstance(found, list) else [{}]


def _given(row: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    return {name: row[field] for field, name in names.items() if row.get(field)}


def _tiles(known: dict[str, Any]) -> Form:
    """The initial values of the tiles."""
    today = clock.day_of(clock.now()).isoformat()
    fields: dict[str, Any] = {}
    for at, room in enumerate(known["rooms"]):
        use, *more = room["used_by_others"] or [{}]
        tile = {
            "room": room["room"],
            "others": use.get("count", 0),
            "gender": use.get("gender"),
            "minor": "yes" if use.get("minor") else None,
            "others_until": use.get("until"),
            "more": json.dumps(more) if more else None,
            "out": room["out_of_service"]["beds"],
            "out_reason": room["out_of_service"]["reason"],
            "out_until": room["out_of_service"]["until"],
            "free_from": room["free_from"] if room["free_from"] > today else None,
        }
        fields |= {f"rooms.{at}.{name}": "" if value is None else str(value) for name, value in tile.items()}
    return Form(fields.items())


def _shelter(request: Page) -> str:
    if request.user.shelter_id is None:
        raise NotFound
    return request.user.shelter_id


def _capacity(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    known = content_of(capacity.read_capacity.fn(acts, _shelter(request)))
    names = {room["room"]: room["name"] for room in known["rooms"]}
    units = {room["unit"]: room["unit_name"] for room in known["rooms"]}
    reminders = content_of(messages.list_reminders.fn(acts))["items"]
    asked = acts.run(task_board.asked_of_shelter)
    shown = {"filled": _tiles(known), "known": known, "names": names, "units": units, "reminders": reminders} | shown
    return page(request, "capacity.html", asked=asked, **shown)
