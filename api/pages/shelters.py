"""The pages of the register of shelters: the list with its forms, and a page for each place."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages.declared_pages import form, screen
from api.pages.faults import renamed
from api.pages.form_results import again, form_on, given, saved
from api.pages.forms import Form, SentForm, number
from api.pages.frame import Page, Reply
from api.pages.shelter_list import HERE, list_shelters
from api.v1 import closing as closings
from api.v1 import shelters as routes
from api.v1 import units
from api.v1.places import (
    AddressIn,
    ClosePlaceIn,
    ConsequencesOut,
    LocationIn,
    LocationPatch,
    NewRoomIn,
    ProviderIn,
    ProviderOut,
    RoomPatch,
    ShelterPatch,
    ShelterTreeOut,
    UnitIn,
    UnitMoveIn,
    UnitPatch,
    shelter_out,
)
from api.v1.second_person import list_second_person_requests
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import NotFound, PlacementError
from placement.core.place_codes import ChangeKind, PlaceStatus
from placement.shelters import closing, register

PLACE = "/register/{kind:str}/{place_id:str}"


def _others(_: Act, shelter: ShelterTreeOut, place: Any) -> list[tuple[str, str]]:
    """Returns the other locations, to which a unit can move."""
    return [
        (one.id, one.name)
        for one in shelter.locations
        if one.status in {PlaceStatus.PLANNED, PlaceStatus.OPEN} and one.id != getattr(place, "location", None)
    ]


def _path_to(_: Act, shelter: ShelterTreeOut, place_id: str) -> list[tuple[str, Any]]:
    """Returns the path from the shelter to a place: kind and object of each step."""
    paths: list[list[tuple[str, Any]]] = [[("shelter", shelter)]]
    for location in shelter.locations:
        at = [("shelter", shelter), ("location", location)]
        paths.append(at)
        for unit in location.units:
            in_unit = [*at, ("unit", unit)]
            paths += [in_unit, *([*in_unit, ("room", room)] for room in unit.rooms)]
    return next(path for path in paths if path[-1][1].id == place_id)


def _means(act: Act, kind: str, place_id: str) -> ConsequencesOut:
    return closings.consequences(act, closings.TABLES[kind], place_id)


show = screen(
    PLACE,
    "place.html",
    under=(Permission.REGISTER_READ, Permission.SECOND_PERSON_READ),
    shelter=closings.shelter_with,
    to_it=_path_to,
    place=lambda _, to_it: to_it[-1][1],
    parents=lambda _, to_it: to_it[:-1],
    means=_means,
    requests=list_second_person_requests,
    asked=lambda _, requests, place_id: [one for one in requests.items if place_id in {one.about, *one.names}],
    people=lambda _, requests: requests.people,
    other_locations=_others,
)


@post(f"{HERE}/providers", permission=Permission.REGISTER_CHANGE)
@form_on(list_shelters)
def make_provider(acts: RequestActs, form: SentForm) -> str:
    with renamed({"name": "provider_name"}):
        wanted = given(ProviderIn, {"name": form.get("provider_name")})
        acts.write(lambda act: ProviderOut.of(register.make_provider(act, wanted.name)))
    return HERE


rename_provider = form(
    f"{HERE}/providers/{{provider_id:str}}", routes.change_provider, list_shelters, to=f"{HERE}#providers"
)
make_shelter = form(HERE, routes.create_shelter, list_shelters, to=HERE)


Verb = Callable[[Acts, str, str, Form], Callable[[Act], object]]
"""Makes a function for the transaction from acts, kind, id and form. Raises `Invalid`."""


_OF_A_PLACE = {"where": "place", "where.place": "place"}
_OF_NEW_PARTS = {**_OF_A_PLACE, "name": "new_name", "beds": "new_beds", "features": "new_features"}
"""The form fields of a new part. Their names differ from the fields of the place that contains the part."""


_DAYS = ("opens_on", "open_until")


def _days_of(form: Form) -> dict[str, str | None]:
    """Returns the days in the form of an existing place. An empty last day means no last day."""
    is_asked = any(field == "open_until" for field, _ in form.fields)
    return {**form.some("opens_on"), **(form.optional("open_until") if is_asked else {})}


def _changed_unit(kind: ChangeKind, acts: Acts, unit_id: str, values: Mapping[str, object]) -> Callable[[Act], object]:
    return lambda act: units.change(act, kind, unit_id, acts.version(), values)


def _change_shelter(acts: Acts, _: str, place_id: str, form: Form) -> Callable[[Act], object]:
    named = {"name": form.get("name"), "works_by_telephone": form.has("works_by_telephone")}
    wanted = given(ShelterPatch, {**named, **_days_of(form)})
    return lambda act: shelter_out(register.change_shelter(act, place_id, acts.version(), wanted.values()))


def _change_location(acts: Acts, _: str, place_id: str, form: Form) -> Callable[[Act], object]:
    where = {"where": {"place": form.get("place")}} if form.get("place") else {}
    wanted = given(LocationPatch, {"name": form.get("name"), **form.some("region"), **_days_of(form), **where})
    return lambda act: routes.change_location(act, place_id, acts.version(), wanted)


def _change_unit(acts: Acts, _: str, place_id: str, form: Form) -> Callable[[Act], object]:
    limit = form.get("high_care_limit")
    named = {"name": form.get("name"), **form.some("scheme"), **_days_of(form)}
    facts = {**named, "high_care_limit": number(limit) if limit else None}
    wanted = given(UnitPatch, facts).model_dump(mode="json", exclude_unset=True)
    return _changed_unit(ChangeKind.CHANGE_UNIT, acts, place_id, wanted)


def _change_room(acts: Acts, _: str, place_id: str, form: Form) -> Callable[[Act], object]:
    facts = {"name": form.get("name"), "beds": number(form.get("beds")), "features": form.all("features")}
    wanted = given(RoomPatch, {**facts, **_days_of(form)})
    return lambda act: units.change_room(act, place_id, acts.version(), wanted)


def _add_location(_: Acts, __: str, place_id: str, form: Form) -> Callable[[Act], object]:
    facts = {**form.some(*_DAYS, "region"), "name": form.get("new_name"), "where": {"place": form.get("place")}}
    wanted = given(LocationIn, facts)
    return lambda act: routes.create_location(act, place_id, wanted)


def _add_unit(_: Acts, __: str, place_id: str, form: Form) -> Callable[[Act], object]:
    facts = {**form.some(*_DAYS, "scheme"), "name": form.get("new_name")}
    wanted = given(UnitIn, facts).model_dump(mode="json")
    return lambda act: units.change(act, ChangeKind.NEW_UNIT, place_id, 0, wanted)


def _add_room(_: Acts, __: str, place_id: str, form: Form) -> Callable[[Act], object]:
    facts = {"name": form.get("new_name"), "beds": number(form.get("new_beds")), "features": form.all("new_features")}
    wanted = given(NewRoomIn, {**form.some(*_DAYS), **facts})
    return lambda act: units.create_room(act, place_id, wanted)


def _move_unit(acts: Acts, _: str, place_id: str, form: Form) -> Callable[[Act], object]:
    wanted = given(UnitMoveIn, {"location": form.get("location")})
    return _changed_unit(ChangeKind.MOVE_UNIT, acts, place_id, {"location": wanted.location})


def _ask_for_address(_: Acts, __: str, place_id: str, form: Form) -> Callable[[Act], object]:
    wanted = given(AddressIn, {"address": form.get("address")})
    return lambda act: routes.request_address(act, place_id, wanted)


def _close(acts: Acts, kind: str, place_id: str, form: Form) -> Callable[[Act], object]:
    wanted = given(ClosePlaceIn, {"until": form.get("until"), **form.some("no_new_from")})
    if kind == "unit":
        values = wanted.model_dump(mode="json", exclude_none=True)
        return _changed_unit(ChangeKind.CLOSE_UNIT, acts, place_id, values)
    table = closings.TABLES[kind]
    return lambda act: closing.close(act, table, place_id, acts.version(), wanted.until, no_new_from=wanted.no_new_from)


def _reopen(acts: Acts, kind: str, place_id: str, _: Form) -> Callable[[Act], object]:
    if kind == "unit":
        return _changed_unit(ChangeKind.REOPEN_UNIT, acts, place_id, {})
    table = closings.TABLES[kind]
    return lambda act: closing.reopen(act, table, place_id, acts.version())


_VERBS: Mapping[str, Mapping[str, Verb]] = {
    "change": {"shelter": _change_shelter, "location": _change_location, "unit": _change_unit, "room": _change_room},
    "add": {"shelter": _add_location, "location": _add_unit, "unit": _add_room},
    "move": {"unit": _move_unit},
    "address": {"location": _ask_for_address},
    "close": dict.fromkeys(closings.TABLES, _close),
    "reopen": dict.fromkeys(closings.TABLES, _reopen),
}
"""The acts by the last part of a form's address and by kind of place."""


def _carry_out(request: Page, acts: RequestActs, kind: FromPath[str], place_id: FromPath[str], form: SentForm) -> Reply:
    asked = request.url.path.rpartition("/")[2]
    if kind not in _VERBS[asked]:
        raise NotFound

    def done(act: Act) -> ConsequencesOut:
        verb(act)
        return closings.consequences(act, closings.TABLES[kind], place_id)

    try:
        with renamed(_OF_NEW_PARTS if asked == "add" else _OF_A_PLACE):
            verb = _VERBS[asked][kind](acts, kind, place_id, form)
            acts.write(done)
    except PlacementError as error:
        return again(request, error, lambda wrong: show(request, acts, wrong, kind=kind, place_id=place_id), form)
    return saved(request, f"/register/{kind}/{place_id}")


change, add, move, ask_for_address, close, reopen = (
    post(f"{PLACE}/{verb}", permission=Permission.ROOM_CHANGE)(_carry_out) for verb in _VERBS
)
