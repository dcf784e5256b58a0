"""The pages of events: list, form, overview with the beds tonight, table of members, and places."""

from collections.abc import Mapping, Sequence

from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.area_choices import area_choices
from api.pages.declared_pages import Part, form, screen
from api.pages.form_results import form_on, given, gone
from api.pages.forms import Form, SentForm, day_in, number
from api.pages.frame import Page, Reply
from api.v1 import evacuations, on_call
from api.v1 import events as routes
from api.v1.evacuations import EvacuationIn
from api.v1.events import EventIn, EventOut, MembersIn, MembersOut, TemporaryPlaceIn
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.core.codes import Gender
from placement.core.context import Act
from placement.core.event_codes import MOST_MEMBERS
from placement.core.geography import place_names
from placement.events import grid
from placement.exchange.cell_vocabulary import heading
from placement.registrations.case_list import ListedCase, listed_ones
from placement.text.catalogue import Language
from placement.text.languages import spoken_code, spoken_names

HERE = "/events"
ONE = f"{HERE}/{{event_id:str}}"
_EMPTY_ROWS = 8
"""How many empty rows the grid has below the stored rows. A script can add rows."""
_ROOM_KINDS = 4
_FORECAST = ("women", "men", "children")


def _cases(act: Act, members: MembersOut) -> Mapping[str, ListedCase]:
    """Returns the cases of the members by reference, each with a summary."""
    return {one.id: one for one in listed_ones(act, {row.registration for row in members.items if row.registration})}


def _columns(act: Act, language: Language) -> Sequence[tuple[str, str]]:  # noqa: ARG001 - a part of a page
    """Returns the columns of the grid with their headings."""
    return [(column.name, heading(column, language)) for column in grid.MEMBERS.columns]


def _tongues(act: Act, language: Language) -> Sequence[str]:  # noqa: ARG001 - a part of a page
    return sorted(spoken_names(language), key=str.lower)


_FORM: Mapping[str, Part] = {
    "rota": on_call.list_on_call,
    "areas": area_choices,
    "tongues": _tongues,
    "place_names": lambda act: place_names(),  # noqa: ARG005 - a part of a page
    "day": lambda act: act.day,
}
"""The parts of an event's form. The rota has the persons of the desk who can lead the event."""

show_all = screen(HERE, "events.html", events=routes.list_events)
new = screen(
    f"{HERE}/new",
    "event_form.html",
    code="event_new",
    under=(Permission.EVENT_CHANGE,),
    others=routes.list_events,
    **_FORM,
)
show = screen(ONE, "event.html", event=routes.read_event, members=routes.list_members, cases=_cases, areas=area_choices)
edit = screen(
    f"{ONE}/edit",
    "event_form.html",
    code="event_edit",
    under=(Permission.EVENT_CHANGE,),
    event=routes.read_event,
    **_FORM,
)
show_members = screen(
    f"{ONE}/members",
    "event_members.html",
    event=routes.read_event,
    members=routes.list_members,
    cases=_cases,
    columns=_columns,
    empty_rows=lambda act: _EMPTY_ROWS,  # noqa: ARG005 - a part of a page
)
show_places = screen(
    f"{ONE}/places",
    "event_places.html",
    under=(Permission.EVENT_CHANGE,),
    event=routes.read_event,
    place_names=lambda act: place_names(),  # noqa: ARG005 - a part of a page
    factor_needed=lambda act: not is_fresh(act),
    kinds=lambda act: _ROOM_KINDS,  # noqa: ARG005 - a part of a page
)
begin = form(f"{ONE}/begin", routes.begin_event, show)
finish = form(f"{ONE}/finish", routes.finish_event, show)
remove = form(f"{ONE}/members/{{member_id:str}}/remove", routes.remove_member, show_members, to=f"{ONE}/members")
add_residents = form(f"{ONE}/residents", evacuations.add_residents, show)
register = form(f"{ONE}/members/register", routes.register_members, show_members, to=f"{ONE}/members")


@post(f"{HERE}/new", permission=Permission.EVENT_CHANGE)
@form_on(new)
def make(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Makes an event, and opens the grid of its members."""
    wanted = _event_in(form)
    made = acts.change(EventOut, lambda act: routes.make_event(act, wanted))
    return gone(request, f"{HERE}/{made.id}/members")


@post(f"{ONE}/edit", permission=Permission.EVENT_CHANGE)
@form_on(edit)
def change(acts: RequestActs, form: SentForm, event_id: FromPath[str]) -> str:
    wanted = _event_in(form)
    acts.write(lambda act: routes.change_event(act, event_id, wanted, acts.version()))
    return f"{HERE}/{event_id}"


@post(f"{ONE}/members", permission=Permission.EVENT_CHANGE)
@form_on(show_members)
def save_members(request: Page, acts: RequestActs, form: SentForm, event_id: FromPath[str]) -> Reply:
    """Stores the rows of the grid, and shows their faults. The first button also registers the households."""
    rows = [
        {
            "id": row.pop("id", "") or None,
            "version": int(version) if (version := row.pop("version", "")).isdecimal() else None,
            "cells": {name: text for name, text in row.items() if text},
        }
        for row in form.rows("rows")
    ]
    wanted = given(MembersIn, {"rows": rows[:MOST_MEMBERS], "pasted": form.get("pasted")})
    stored = acts.change(MembersOut, lambda act: routes.save_members(act, event_id, wanted, acts.language))
    if form.get("then") == "register":
        once = acts.for_one("register")
        once.change(MembersOut, lambda act: routes.register_members(act, event_id, acts.language))
    if stored.passed:
        return show_members(request, acts, event_id=event_id, passed=stored.passed)
    return gone(request, f"{HERE}/{event_id}/members")


@post(f"{ONE}/places", permission=Permission.EVENT_CHANGE)
@form_on(show_places)
def make_place(acts: RequestActs, form: SentForm, event_id: FromPath[str]) -> str:
    rooms = [{name: number(row.get(name, "")) for name in ("rooms", "beds")} for row in form.rows("rooms")]
    facts: dict[str, object] = {
        **form.every("name", "place", "telephone", "told_role", "told_name", "scheme"),
        **{name: day_in(form.get(name)) for name in ("from_on", "until")},
        "rooms": rooms,
        "admits": form.all("admits") or [gender.value for gender in Gender],
        "children": form.has("children"),
    }
    wanted = given(TemporaryPlaceIn, facts)
    acts.write(lambda act: routes.make_temporary_place(act, event_id, wanted))
    return f"{HERE}/{event_id}"


@post("/evacuations", permission=Permission.EVENT_CHANGE)
@form_on(show_all)
def evacuate(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Evacuates a place, and opens the event of the evacuation."""
    wanted = given(EvacuationIn, {**form.every("kind", "place"), "until": day_in(form.get("until"))})
    made = acts.change(EventOut, lambda act: evacuations.evacuate_place(act, wanted))
    return gone(request, f"{HERE}/{made.id}")


def _event_in(form: Form) -> EventIn:
    shared: dict[str, object] = {
        **form.every("registrant", "residence_basis"),
        **form.optional("registrant_unit", "region", "sharing_ground", "sharing_said_by"),
        "languages": [spoken_code(one) for one in _parts(form.get("languages"))],
        "dangers": [{"place": one} for one in _parts(form.get("dangers"))],
        "urgency": number(form.get("urgency")),
    }
    facts: dict[str, object] = {
        **form.every("name", "kind"),
        **form.optional("leader"),
        "day": day_in(form.get("day")),
        "keep_from": day_in(form.get("keep_from")) if form.get("keep_from") else None,
        "shared": shared,
        "forecast": {name: number(form.get(name) or "0") for name in _FORECAST},
    }
    return given(EventIn, facts)


def _parts(written: str) -> list[str]:
    return [part.strip() for part in written.replace(";", ",").split(",") if part.strip()]
