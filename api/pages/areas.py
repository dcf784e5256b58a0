"""Care areas, municipalities and registrants' units: their state on a day, their history, and forms to change them."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, iso_day, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import areas as routes
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
    PlaceHistoryOut,
    RegistrantUnitIn,
    RegistrantUnitOut,
    RegistrantUnitPatch,
    RegistrantUnitsOut,
)
from placement.access.permissions import Permission
from placement.accounts.organisations import care_coordinations
from placement.core import telephone
from placement.core.area_codes import PlaceKind
from placement.core.context import Act
from placement.core.errors import Invalid, existing
from placement.registrants.senders import registrants

HERE = "/areas"
Asked = Annotated[str, QueryParameter(max_length=20)]
AnyPlace = AreaOut | MunicipalityOut | RegistrantUnitOut
_MODELS: dict[PlaceKind, tuple[type[Any], type[Any], type[Any]]] = {
    PlaceKind.AREA: (AreaOut, AreaIn, AreaPatch),
    PlaceKind.MUNICIPALITY: (MunicipalityOut, MunicipalityIn, MunicipalityPatch),
    PlaceKind.REGISTRANT_UNIT: (RegistrantUnitOut, RegistrantUnitIn, RegistrantUnitPatch),
}
_NUMBERS = {"telephone", "partner_telephone"}
_COLUMNS = 4
"""The number of columns in a pasted list: code, name, province, police unit."""


@dataclass(frozen=True, slots=True)
class Areas:
    areas: AreasOut
    municipalities: MunicipalitiesOut
    units: RegistrantUnitsOut
    coordinations: dict[str, str]
    registrants: dict[str, str]
    """Names of the organisations of coordinators and registrants, by id."""


@dataclass(frozen=True, slots=True)
class OnePlace:
    kind: str
    one: AnyPlace
    history: PlaceHistoryOut
    coordinations: dict[str, str]
    registrants: dict[str, str]


@page_at(HERE, permission=Permission.AREAS_READ)
def show(
    request: Page,
    acts: RequestActs,
    as_of: Asked = "",
    wrong: Wrong | None = None,
    *,
    filled: Form | None = None,
    counted: ImportedOut | None = None,
) -> Response[str]:
    """Shows the care areas, municipalities and units as they are on a day (`as_of`, by default today)."""

    def found(act: Act) -> Areas:
        day = iso_day(as_of) or act.day
        lists = (
            routes.list_areas(act, day),
            routes.list_municipalities(act, day),
            routes.list_registrant_units(act, day),
        )
        return Areas(*lists, care_coordinations(act.session), registrants(act))

    return page(
        request,
        "areas.html",
        acts.show("areas", found, Permission.AREAS_READ),
        wrong,
        filled=filled,
        counted=counted,
        kinds=list(PlaceKind),
    )


def _one(request: Page, acts: Acts, kind: str, code: str, wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> OnePlace:
        which = _kind(kind)
        one, history = (
            routes.place(act, which, _MODELS[which][0], code, act.day),
            routes.place_history(act, which, code),
        )
        return OnePlace(kind, one, history, care_coordinations(act.session), registrants(act))

    view = acts.show("area", found, Permission.AREAS_READ)
    return page(request, "area.html", view, wrong, filled=_filled(view.one))


def _one_of_form(request: Page, acts: Acts, form: Form, wrong: Wrong) -> Response[str]:
    return _one(request, acts, form.get("kind"), form.get("code"), wrong)


@get(f"{HERE}/one", permission=Permission.AREAS_READ)
def show_one(
    request: Page, acts: RequestActs, kind: Asked = "", code: Annotated[str, QueryParameter(max_length=40)] = ""
) -> Response[str]:
    """Shows an area, municipality or unit with its history. Without `kind` or `code` shows the list."""
    return _one(request, acts, kind, code) if kind or code else show(request, acts)


@post(f"{HERE}/new", permission=Permission.AREA_CHANGE)
@form_on(show)
def make(acts: RequestActs, form: SentForm) -> str:
    kind = _kind(form.get("kind"))
    told, taken, _ = _MODELS[kind]
    wanted = given(taken, {"code": form.get("code"), **_facts(kind, form)})
    acts.write(lambda act: routes.make(act, kind, told, wanted))
    return HERE


@post(f"{HERE}/change", permission=Permission.AREA_CHANGE)
@form_on(_one_of_form)
def change(acts: RequestActs, form: SentForm) -> str:
    kind, code = _kind(form.get("kind")), form.get("code")
    told, _, taken = _MODELS[kind]
    wanted = given(taken, _facts(kind, form))
    acts.write(lambda act: routes.change(act, kind, told, code, acts.version(), wanted))
    return f"{HERE}/one?kind={kind}&code={code}"


@post(f"{HERE}/list", permission=Permission.AREA_CHANGE)
@form_on(show)
def take_list(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Shows what a pasted list of municipalities would change. Imports the list when the user confirms."""
    about = {**form.some("source", "listed_on", "since"), "rehearsed": not form.has("sure")}
    wanted = given(MunicipalityListIn, {**about, "items": _lines(form.get("items"))})
    counted = acts.change(ImportedOut, lambda act: routes.import_municipalities(act, wanted))
    return show(request, acts, filled=form, counted=counted)


def _kind(written: str) -> PlaceKind:
    return existing(next((one for one in PlaceKind if one == written), None))


def _facts(kind: PlaceKind, form: Form) -> dict[str, object]:
    facts: dict[str, object] = {"name": form.get("name"), **form.some("since", "until")}
    if kind is not PlaceKind.MUNICIPALITY:
        facts["sure_of"] = form.all("sure_of")
    if kind is PlaceKind.AREA:
        ages = {name: number(form.get(name)) if form.get(name) else None for name in ("age_from", "age_until")}
        lists: dict[str, object] = {
            "municipalities": form.get("municipalities").replace(",", " ").split(),
            "coordinated_by": form.all("coordinated_by"),
        }
        lists |= form.optional("partner", "partner_telephone", "partner_does")
        return {**facts, **ages, **lists, "schemes": form.get("schemes") or "here", "island": form.has("island")}
    if kind is PlaceKind.MUNICIPALITY:
        return {**facts, **form.optional("province", "police_unit")}
    return {
        **facts,
        "registrants": form.all("registrants"),
        **form.optional("telephone", "organisation", "region"),
    }


def _filled(one: AnyPlace) -> Form:
    fields: list[tuple[str, object]] = [("version", one.version)]
    for name, value in one.model_dump(mode="json").items():
        if name == "municipalities":
            fields.append((name, " ".join(value)))
        elif isinstance(value, list):
            fields += [(name, code) for code in value]
        elif isinstance(value, bool):
            fields += [(name, "yes")] if value else []
        elif value is not None and name not in {"since", "until", "version"}:
            fields.append((name, telephone.shown(value) if name in _NUMBERS else value))
    return Form((name, str(value)) for name, value in fields)


def _lines(written: str) -> list[dict[str, str | None]]:
    """Reads lines such as `0363; Amsterdam; Noord-Holland; amsterdam` (or with tabs). The last two values may be
    missing. Raises `Invalid` with the number of a wrong line.
    """
    found = []
    for at, line in enumerate(written.splitlines(), start=1):
        parts = [part.strip() for part in line.replace("\t", ";").split(";")]
        if not any(parts):
            continue
        if len(parts) < 2 or len(parts) > _COLUMNS:  # noqa: PLR2004 - code and name
            raise Invalid.at("items", "line_unreadable", line=at)
        code, name, province, unit = [*parts, *[""] * (_COLUMNS - len(parts))]
        found.append({"code": code, "name": name, "province": province or None, "police_unit": unit or None})
    return found
