"""The page for a shelter's capacity report, designed for small screens. Its fields contain the last known values."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any
from zlib import crc32

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.acts_done import reported
from api.pages.form_results import form_on, given, saved
from api.pages.forms import Form, SentForm, iso_day, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.natural_order import by_name
from api.v1 import capacity as routes
from api.v1.capacity import CapacityIn, CapacityOut, OutOfServiceOut, RoomOut
from api.v1.holds import HoldOut, holds_named
from api.v1.messages import ReminderOut, list_reminders
from api.v1.set_up import SetUpOut, read_set_up
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.audit import change_feed
from placement.capacity.unit_profile import only_genders, units_of_shelter
from placement.core import clock
from placement.core.codes import HoldStatus
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, NotFound
from placement.core.place_codes import PlaceStatus
from placement.core.reason_codes import Step
from placement.tables import Shelter, Unit
from placement.tasks.listing import Asked, asked_of_shelter

AS_SHOWN = "as_shown"

Facts = dict[str, object]
Mark = Annotated[str, QueryParameter(max_length=8)]
HERE = "capacity"
"""The value of the form field `here` if the form was sent from the first page of a shelter."""
NO_GENDERS: Mapping[str, str] = MappingProxyType({})
NOTHING_FILLED_IN: Mapping[str, Any] = {"about": "", "form": "", "filled_in": None}


@dataclass(frozen=True, slots=True)
class Rooms:
    known: CapacityOut
    set_up: SetUpOut
    reminders: list[ReminderOut]
    asked: Asked
    asking: list[HoldOut]
    """Holds that wait for the shelter's answer."""
    arriving: list[HoldOut]
    missed: list[HoldOut]
    """Holds whose no-show can still be reversed."""
    reasons: list[ReasonOut]
    """Reasons with which a hold can be refused."""
    today: date
    newest: int
    """The newest audit event of this page. An open page is notified of later events."""
    names: dict[str, str]
    """Names of rooms, by id."""
    units: dict[str, str]
    """Names of units, by id."""
    genders: Mapping[str, str]
    """For rooms whose unit admits one gender: this gender, by room. The page then does not ask for it."""
    silent: set[str]
    """The units without a profile."""
    mark: str
    """A fingerprint of the rooms. An open page shows a note if it changes."""
    closed: bool
    """True if the whole shelter is closed, and therefore has no rooms to report."""


@page_at("/capacity", permission=Permission.CAPACITY_REPORT)
def show(
    request: Page, acts: RequestActs, wrong: Wrong | None = None, *, said: Mapping[str, Any] = NOTHING_FILLED_IN
) -> Response[str]:
    view = _shown(request, acts)
    stored, sent = tiles(view.known), wrong.typed if wrong else None
    changes = _changes(sent, stored) if sent else 0
    return page(
        request,
        "capacity.html",
        view,
        wrong,
        filled=stored,
        was="",
        sent=sent,
        stored=dict(stored.fields),
        changes=changes,
        at_fault=bool(sent),
        **said,
    )


@get("/capacity/board", permission=Permission.CAPACITY_REPORT, by_itself=True)
def show_board(request: Page, acts: RequestActs, was: Mark = "") -> Response[str]:
    """Shows the shelter's open holds and tasks. An open page loads them by itself after a change, so the tasks are not
    marked as seen. `was`: the fingerprint of the rooms on the open page.
    """
    return page(request, "capacity_board.html", _shown(request, acts, looks=False), was=was, **NOTHING_FILLED_IN)


@post("/capacity", permission=Permission.CAPACITY_REPORT)
@form_on(show)
def report(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Stores the report. The button *as shown* confirms the last report if nothing was changed."""

    shelter_id = _shelter(request)
    before: list[RoomOut] = []

    def stored(act: Act) -> CapacityOut:
        known = still(routes.read_capacity(act, shelter_id), act.day)
        before[:] = known.rooms
        shown, rooms = tiles(known), rooms_of(form, genders_of(known, units_of_shelter(act.session, known.shelter)))
        if form.has(AS_SHOWN) and rooms == rooms_of(shown):
            return routes.confirm_capacity(act, shelter_id)
        if faults := count_faults(form, shown, act.day):
            raise Invalid(faults)
        return routes.report_capacity(act, shelter_id, given(CapacityIn, {"rooms": rooms}), acts.version_if_named())

    after = acts.change(CapacityOut, stored)
    return saved(request, "/capacity", reported(before, after.rooms) if before else None)


def _changes(sent: Form, stored: Form) -> int:
    """Counts the rooms whose values in the form differ from the stored values."""

    def rooms(form: Form) -> dict[str, Facts]:
        return {
            row.get("room", ""): {name: value for name, value in row.items() if value} for row in form.rows("rooms")
        }

    before = rooms(stored)
    return sum(facts != before.get(room) for room, facts in rooms(sent).items())


def rooms_of(form: Form, genders: Mapping[str, str] = NO_GENDERS) -> list[Facts]:
    """Returns every room in the form. Includes values of the last report that the form does not show. `genders`: by
    room, the gender of persons placed by others, if the unit admits only one gender.
    """
    rooms = []
    for row in form.rows("rooms"):
        room: Facts = {"room": row.get("room", ""), **_given(row, {"free_from": "free_from"})}
        if not _none(row, "out"):
            why = _given(row, {"out_reason": "reason", "out_until": "until"})
            room["out_of_service"] = {"beds": number(row["out"]), **why}
        gender = row.get("gender") or genders.get(row.get("room", ""), "")
        others = [*_first_others({**row, "gender": gender}), *_more_others(row)]
        if others:
            room["used_by_others"] = others
        rooms.append(room)
    return rooms


def count_faults(form: Form, shown: Form, day: date) -> list[Fault]:
    """Returns faults for values that would have no effect: a gender or reason without a number, or a past day. `shown`:
    the values that the page showed; such a value is no fault, even beside a count of 0.
    """
    before = {row["room"]: row for row in shown.rows("rooms")}
    faults = []
    for at, row in enumerate(form.rows("rooms")):
        was = before.get(row.get("room", ""), {})
        fresh = {name for name, value in row.items() if value and not was.get(name)}
        if _none(row, "others") and "gender" in fresh:
            faults.append(Fault(f"rooms.{at}.used_by_others.0.count", "others_uncounted"))
        if _none(row, "out") and {"out_reason", "out_until"} & fresh:
            faults.append(Fault(f"rooms.{at}.out_of_service.beds", "out_uncounted"))
        ends = [] if _none(row, "out") else [("out_of_service.until", "out_until", day + timedelta(days=1))]
        for name, field, earliest in [*ends, ("free_from", "free_from", day)]:
            if (found := iso_day(row.get(field, ""))) and found < earliest:
                faults.append(Fault(f"rooms.{at}.{name}", "day_passed", {"found": row[field]}))
    return faults


def _first_others(row: dict[str, str]) -> list[Facts]:
    if _none(row, "others"):
        return []
    who: Facts = {"count": number(row["others"]), "gender": row.get("gender", ""), "minor": bool(row.get("minor"))}
    return [who | _given(row, {"others_until": "until"})]


def _none(row: Mapping[str, str], count: str) -> bool:
    return row.get(count, "") in {"", "0"}


def _more_others(row: dict[str, str]) -> list[object]:
    """Returns the second and further uses by other services, which the page keeps in a hidden field."""
    try:
        found = json.loads(row.get("more") or "[]")
    except ValueError:
        return [{}]
    return found if isinstance(found, list) else [{}]


def _given(row: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    return {name: row[field] for field, name in names.items() if row.get(field)}


def still(known: CapacityOut, day: date) -> CapacityOut:
    """Returns the report without values that ended before `day`, with rooms sorted by unit and name."""
    named = by_name([_as_of(room, day) for room in known.rooms])
    return known.model_copy(update={"rooms": sorted(named, key=lambda room: (room.unit_name, room.unit))})


def _as_of(room: RoomOut, day: date) -> RoomOut:
    others = [use for use in room.used_by_others if use.until is None or use.until > day]
    until = room.out_of_service.until
    out = room.out_of_service if until is None or until > day else OutOfServiceOut(beds=0, reason=None, until=None)
    return room.model_copy(update={"used_by_others": others, "out_of_service": out})


def tiles(known: CapacityOut) -> Form:
    """Returns the form fields of the rooms with their known values."""
    today = clock.day_of(clock.now())
    fields: dict[str, str] = {}
    for at, room in enumerate(known.rooms):
        use = next(iter(room.used_by_others), None)
        more = [other.model_dump(mode="json") for other in room.used_by_others[1:]]
        tile = {
            "room": room.room,
            "others": use.count if use else 0,
            "gender": use.gender if use else None,
            "minor": "yes" if use and use.minor else None,
            "others_until": use.until if use else None,
            "more": json.dumps(more) if more else None,
            "out": room.out_of_service.beds,
            "out_reason": room.out_of_service.reason,
            "out_until": room.out_of_service.until,
            "free_from": room.free_from if room.free_from and room.free_from > today else None,
        }
        fields |= {f"rooms.{at}.{name}": "" if value is None else str(value) for name, value in tile.items()}
    return Form(fields.items())


def genders_of(known: CapacityOut, units: Iterable[Unit]) -> dict[str, str]:
    of_unit = only_genders(units)
    return {room.room: of_unit[room.unit] for room in known.rooms if room.unit in of_unit}


def _shelter(request: Page) -> str:
    if request.user.shelter_id is None:
        raise NotFound
    return request.user.shelter_id


def first_page_or_to(to: str) -> Callable[[Form], str]:
    """Returns a function for the address after a form: the first page if the form was sent from there, else `to`."""
    return lambda form: f"/{HERE}" if form.get("here") == HERE else to


def first_page_or(shown: Callable[..., Reply]) -> Callable[..., Reply]:
    """Returns a function that shows a refused form on the page from which it was sent (first page or hold)."""

    def again(request: Page, acts: Acts, hold_id: str, form: Form, wrong: Wrong) -> Reply:
        if form.get("here") != HERE:
            return shown(request, acts, hold_id=hold_id, wrong=wrong)
        said = {"about": hold_id, "form": request.url.path.rpartition("/")[2], "filled_in": form}
        return show(request, acts, replace(wrong, typed=None), said=said)

    return again


def _shown(request: Page, acts: Acts, *, looks: bool = True) -> Rooms:
    def rooms(act: Act) -> Rooms:
        newest = change_feed.newest_event(act.session)  # read first, so that no later change is missed
        known = still(routes.read_capacity(act, _shelter(request)), act.day)
        asked = asked_of_shelter(act, looks=looks)
        waiting = holds_named(act, [*asked.holds, *asked.taken_back])
        set_up, units = read_set_up(act), units_of_shelter(act.session, known.shelter)
        is_silent = any(check.missing == "no_profile" for check in set_up.checks)
        return Rooms(
            known=known,
            set_up=set_up,
            reminders=list_reminders(act).items,
            asked=asked,
            asking=[row for row in waiting if row.status == HoldStatus.WAITING_FOR_SHELTER],
            arriving=[row for row in waiting if row.status == HoldStatus.CONFIRMED and row.id in asked.holds],
            missed=[row for row in waiting if row.no_show_until],
            reasons=reasons(act, acts.language, Step.REFUSE),
            today=act.day,
            newest=newest,
            names={room.room: room.name for room in known.rooms},
            units={room.unit: room.unit_name for room in known.rooms},
            genders=genders_of(known, units),
            silent={unit.id for unit in units if not unit.admits} if is_silent else set(),
            mark=format(crc32(known.model_dump_json(include={"version", "rooms"}).encode()), "x"),
            closed=not known.rooms and act.session.get_one(Shelter, known.shelter).status is PlaceStatus.CLOSED,
        )

    return acts.show("capacity", rooms, *_NEEDED)


_NEEDED = (
    Permission.CAPACITY_READ,
    Permission.REMINDERS_READ,
    Permission.SET_UP_READ,
    Permission.HOLD_READ,  # for the holds
    Permission.STAY_READ,
    Permission.TASKS_READ,
)
