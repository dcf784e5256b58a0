"""Operations that read, add, change and end care areas, municipalities and registrants' units."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from litestar.params import FromPath, JSONBody

from api.http import operations
from api.http.operations import get
from api.http.paging import DayAsked
from api.v1.area_models import (
    AreaIn,
    AreaOut,
    AreaPatch,
    AreasOut,
    ImportedOut,
    MunicipalitiesOut,
    MunicipalityIn,
    MunicipalityListIn,
    MunicipalityOut,
    MunicipalityPatch,
    PlaceEntryOut,
    PlaceHistoryOut,
    RegistrantUnitIn,
    RegistrantUnitOut,
    RegistrantUnitPatch,
    RegistrantUnitsOut,
)
from api.v1.register_operations import patch, post
from placement.access.permissions import Permission
from placement.area_changes import register
from placement.area_changes.register import Listed
from placement.areas.lookup import Place, entries, places_of_day
from placement.areas.values import PlaceValue
from placement.core.area_codes import PlaceKind
from placement.core.context import Act

_PERIOD = {"since", "until"}


@get("/areas", summary="List the care areas", permission=Permission.AREAS_READ)
def list_areas(act: Act, as_of: DayAsked = None) -> AreasOut:
    """List the areas with their facts on a day, including ended areas."""
    day = as_of or act.day
    return AreasOut(as_of=day, items=_all(act, PlaceKind.AREA, AreaOut, day))


@get("/areas/{area_code:str}", summary="Read a care area", permission=Permission.AREAS_READ)
def read_area(act: Act, area_code: FromPath[str], as_of: DayAsked = None) -> AreaOut:
    """Read an area with its facts on a day."""
    return place(act, PlaceKind.AREA, AreaOut, area_code, as_of or act.day)


@get("/areas/{area_code:str}/history", summary="Read what was changed of a care area", permission=Permission.AREAS_READ)
def read_area_history(act: Act, area_code: FromPath[str]) -> PlaceHistoryOut:
    """List every change of an area, newest first."""
    return place_history(act, PlaceKind.AREA, area_code)


@post("/areas", summary="Make a care area", permission=Permission.AREA_CHANGE, status_code=201)
def create_area(act: Act, data: JSONBody[AreaIn]) -> AreaOut:
    """Add an area, which exists from its first day on."""
    return make(act, PlaceKind.AREA, AreaOut, data)


@patch("/areas/{area_code:str}", summary="Change a care area", permission=Permission.AREA_CHANGE)
def change_area(act: Act, area_code: FromPath[str], data: JSONBody[AreaPatch], version: int) -> AreaOut:
    """Change an area from a day on. From then on, its new facts determine which coordinators see which cases."""
    return change(act, PlaceKind.AREA, AreaOut, area_code, version, data)


@get("/municipalities", summary="List the municipalities", permission=Permission.AREAS_READ)
def list_municipalities(act: Act, as_of: DayAsked = None) -> MunicipalitiesOut:
    """List the municipalities with their facts on a day, and the date of the published list."""
    day = as_of or act.day
    listed = [entry for entry in entries(act.session, PlaceKind.MUNICIPALITY) if entry.listed_on is not None]
    newest = max(listed, key=lambda entry: (entry.listed_on, entry.set_at), default=None)
    listed_on = newest.listed_on if newest else None
    return MunicipalitiesOut(
        as_of=day,
        listed_on=listed_on,
        list_age_days=None if listed_on is None else (act.day - listed_on).days,
        list_source=newest.source if newest else None,
        items=_all(act, PlaceKind.MUNICIPALITY, MunicipalityOut, day),
    )


@get("/municipalities/{municipality:str}", summary="Read a municipality", permission=Permission.AREAS_READ)
def read_municipality(act: Act, municipality: FromPath[str], as_of: DayAsked = None) -> MunicipalityOut:
    """Read a municipality with its facts on a day."""
    return place(act, PlaceKind.MUNICIPALITY, MunicipalityOut, municipality, as_of or act.day)


@get(
    "/municipalities/{municipality:str}/history",
    summary="Read what was changed of a municipality",
    permission=Permission.AREAS_READ,
)
def read_municipality_history(act: Act, municipality: FromPath[str]) -> PlaceHistoryOut:
    """List every change of a municipality, newest first."""
    return place_history(act, PlaceKind.MUNICIPALITY, municipality)


@post("/municipalities", summary="Make a municipality", permission=Permission.AREA_CHANGE, status_code=201)
def create_municipality(act: Act, data: JSONBody[MunicipalityIn]) -> MunicipalityOut:
    """Add a municipality. For a whole list use `POST /api/v1/municipalities/list`."""
    return make(act, PlaceKind.MUNICIPALITY, MunicipalityOut, data)


@patch("/municipalities/{municipality:str}", summary="Change a municipality", permission=Permission.AREA_CHANGE)
def change_municipality(
    act: Act, municipality: FromPath[str], data: JSONBody[MunicipalityPatch], version: int
) -> MunicipalityOut:
    """Change a municipality from a day on."""
    return change(act, PlaceKind.MUNICIPALITY, MunicipalityOut, municipality, version, data)


@operations.post(
    "/municipalities/list", summary="Take over a list of municipalities", permission=Permission.AREA_CHANGE
)
def import_municipalities(act: Act, data: JSONBody[MunicipalityListIn]) -> ImportedOut:
    """Import a published list of all municipalities, with its source and date. `rehearsed`: only count the changes."""
    listed = [Listed(one.code, one.model_dump(mode="json", exclude={"code"})) for one in data.items]
    found = register.take_list(
        act, listed, data.source, data.listed_on, data.since or act.day, rehearsed=data.rehearsed
    )
    return ImportedOut.of(found)


@get("/registrant-units", summary="List the units of registrants", permission=Permission.AREAS_READ)
def list_registrant_units(act: Act, as_of: DayAsked = None) -> RegistrantUnitsOut:
    """List registrants' units (police units, districts of the Marechaussee and others) with their facts on a day."""
    day = as_of or act.day
    return RegistrantUnitsOut(as_of=day, items=_all(act, PlaceKind.REGISTRANT_UNIT, RegistrantUnitOut, day))


@get("/registrant-units/{unit_code:str}", summary="Read a unit of registrants", permission=Permission.AREAS_READ)
def read_registrant_unit(act: Act, unit_code: FromPath[str], as_of: DayAsked = None) -> RegistrantUnitOut:
    """Read a registrants' unit with its facts on a day."""
    return place(act, PlaceKind.REGISTRANT_UNIT, RegistrantUnitOut, unit_code, as_of or act.day)


@get(
    "/registrant-units/{unit_code:str}/history",
    summary="Read what was changed of a unit of registrants",
    permission=Permission.AREAS_READ,
)
def read_registrant_unit_history(act: Act, unit_code: FromPath[str]) -> PlaceHistoryOut:
    """List every change of a registrants' unit, newest first."""
    return place_history(act, PlaceKind.REGISTRANT_UNIT, unit_code)


@post("/registrant-units", summary="Make a unit of registrants", permission=Permission.AREA_CHANGE, status_code=201)
def create_registrant_unit(act: Act, data: JSONBody[RegistrantUnitIn]) -> RegistrantUnitOut:
    """Add a registrants' unit."""
    return make(act, PlaceKind.REGISTRANT_UNIT, RegistrantUnitOut, data)


@patch("/registrant-units/{unit_code:str}", summary="Change a unit of registrants", permission=Permission.AREA_CHANGE)
def change_registrant_unit(
    act: Act, unit_code: FromPath[str], data: JSONBody[RegistrantUnitPatch], version: int
) -> RegistrantUnitOut:
    """Change a registrants' unit from a day on."""
    return change(act, PlaceKind.REGISTRANT_UNIT, RegistrantUnitOut, unit_code, version, data)


PlaceIn = AreaIn | MunicipalityIn | RegistrantUnitIn
PlacePatch = AreaPatch | MunicipalityPatch | RegistrantUnitPatch
AnyPlaceOut = TypeVar("AnyPlaceOut", AreaOut, MunicipalityOut, RegistrantUnitOut)


def place(act: Act, kind: PlaceKind, model: type[AnyPlaceOut], code: str, day: date) -> AnyPlaceOut:
    """Returns a place with its facts on a day, as a model. Raises `NotFound`."""
    return _serialize(model, register.place(act, kind, code, day))


def make(act: Act, kind: PlaceKind, model: type[AnyPlaceOut], data: PlaceIn) -> AnyPlaceOut:
    since = data.since or act.day
    register.make(act, kind, data.code, data.model_dump(mode="json", exclude=_PERIOD | {"code"}), since, data.until)
    return _serialize(model, register.place(act, kind, data.code, since))


def change(  # noqa: PLR0917 - which place, and what of it
    act: Act, kind: PlaceKind, model: type[AnyPlaceOut], code: str, version: int, data: PlacePatch
) -> AnyPlaceOut:
    """Changes a place. Returns it with its facts on the first day of the change."""
    since = data.since or act.day
    given: Mapping[str, object] = data.model_dump(mode="json", exclude_unset=True, exclude=_PERIOD)
    register.change(act, kind, code, version, given, since, data.until)
    return _serialize(model, register.place(act, kind, code, since))


def place_history(act: Act, kind: PlaceKind, code: str) -> PlaceHistoryOut:
    return PlaceHistoryOut(code=code, items=[PlaceEntryOut.of(row) for row in register.history(act, kind, code)])


def _all(act: Act, kind: PlaceKind, model: type[AnyPlaceOut], day: date) -> list[AnyPlaceOut]:
    found = places_of_day(entries(act.session, kind), day).values()
    return [_serialize(model, one) for one in sorted(found, key=lambda one: (one.value.ended, one.value.name))]


def _serialize(model: type[AnyPlaceOut], found: Place[PlaceValue]) -> AnyPlaceOut:
    return model.of(found, **found.value.model_dump())
