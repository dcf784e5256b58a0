"""Who needs a place: the list, a new one, one of them."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.acts import Acts
from api.pages.forms import Form, number
from api.pages.frame import Page, done, given, page, told
from api.pages.refused import ask_why
from api.v1 import holds, openings, proposals
from api.v1 import registrations as routes
from placement.geography import place_names
from placement.permissions import Permission
from placement.vocabulary import Region, RegistrationStatus

PAGE = 50
PERSONS, LANGUAGES, THREATS = 6, 4, 3
"""Rows that the form has."""

StatusAsked = Annotated[str, QueryParameter(max_length=20)]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


@get("/registrations", permission=Permission.REGISTRATIONS_READ, sync_to_thread=True)
def list_all(
    request: Page,
    acts: NamedDependency[Acts],
    status: StatusAsked = "open",
    region: StatusAsked = "",
    offset: Offset = 0,
) -> Response[str]:
    which = next((one for one in RegistrationStatus if one == status), None)
    where = next((one for one in Region if one == region), None)
    found = told(routes.list_registrations.fn(acts, which, where, PAGE, offset))
    return page(request, "registrations.html", found=found, asked=which, region=where, offset=offset, step=PAGE)


@get("/registrations/new", permission=Permission.REGISTRATION_CHANGE, sync_to_thread=True)
def ask_new(request: Page) -> Response[str]:
    return _form(request)


@post(
    "/registrations/new",
    permission=Permission.REGISTRATION_CHANGE,
    form=True,
    sync_to_thread=True,
)
def register(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    def do() -> str:
        made = told(routes.register.fn(acts, given(routes.RegistrationIn, facts_of(form))))
        return f"/registrations/{made['id']}"

    return done(request, do, lambda **wrong: _form(request, filled=form, **wrong))


@get(
    "/registrations/{registration_id:str}",
    permission=Permission.REGISTRATION_READ,
    sync_to_thread=True,
)
def show(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[str]:
    return _one(request, acts, registration_id)


@post(
    "/registrations/{registration_id:str}/open", permission=Permission.REGISTRATION_OPEN, form=True, sync_to_thread=True
)
def open_case(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        openings.open_case.fn(acts, registration_id, given(openings.OpeningIn, form.some("reason", "text")))
        return f"/registrations/{registration_id}"

    return done(request, do, lambda **wrong: ask_why(request, registration_id, filled=form, **wrong))


@post(
    "/registrations/{registration_id:str}/propose",
    permission=Permission.PROPOSAL_MAKE,
    form=True,
    sync_to_thread=True,
)
def propose(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[Any]:
    def do() -> str:
        return f"/proposals/{told(proposals.make_proposal.fn(acts, request, registration_id))['id']}"

    return done(request, do, lambda **wrong: _one(request, acts, registration_id, **wrong))


@post(
    "/registrations/{registration_id:str}/close",
    permission=Permission.REGISTRATION_CHANGE,
    form=True,
    sync_to_thread=True,
)
def close(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        closing = given(routes.ClosingIn, {"reason": form.get("reason") or None})
        routes.close_registration.fn(acts, registration_id, closing)
        return f"/registrations/{registration_id}"

    return done(request, do, lambda **wrong: _one(request, acts, registration_id, filled=form, **wrong))


def facts_of(form: Form) -> dict[str, Any]:
    """A form as the API takes it: what was left empty is left out."""
    near = form.get("near.place")
    return {
        "region": form.get("region"),
        "registrant": form.get("registrant"),
        "residence_basis": form.get("residence_basis"),
        "persons": [
            {"gender": row.get("gender", ""), "age": number(row.get("age", ""))}
            for row in form.rows("persons")
            if row.get("age")
        ],
        "urgency": number(form.get("urgency")),
        **({"needed_by": form.get("needed_by")} if form.get("needed_by") else {}),
        **({"alias": form.get("alias")} if form.get("alias") else {}),
        "languages": [row for row in form.rows("languages") if row.get("code")],
        "language_required": form.has("language_required"),
        **{name: form.all(name) for name in ("needs", "preferred_needs", "room_needs")},
        **{name: form.has(name) for name in ("multiple_problems", "private_room", "accepts_mixed", "high_care")},
        "threats": [
            {"place": row["place"], "min_km": number(row.get("min_km", ""))}
            for row in form.rows("threats")
            if row.get("place")
        ],
        **({"near": {"place": near}} if near else {}),
        "avoided": [{"kind": "region", "target": region} for region in form.all("avoided_regions")],
    }


def _form(request: Page, **shown: Any) -> Response[str]:
    rows = {"persons": PERSONS, "languages": LANGUAGES, "threats": THREATS}
    names = place_names()
    return page(request, "registration_new.html", rows=rows, places=names, **shown)


def _one(request: Page, acts: Acts, registration_id: str, **shown: Any) -> Response[str]:
    found = told(routes.read_registration.fn(acts, registration_id))
    standing = told(holds.list_holds.fn(acts, None, registration_id, 5, 0))["items"]
    return page(request, "registration.html", one=found, holds=standing, **shown)
