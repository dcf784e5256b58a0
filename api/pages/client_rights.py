"""The page of a client's rights: the document to print or as a file, and the request to erase the case."""

import json
from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, FromQuery, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get, post
from api.pages import second_person
from api.pages.declared_pages import form
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import client_rights as routes
from api.v1.client_rights import ClientDocumentOut
from api.v1.registration_input import RegistrationPatch
from api.v1.registrations import RegistrationOut, change_registration, read_registration
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.practice_mode import file_name
from placement.text.catalogue import DEFAULT, Offered

HERE = "/registrations/{registration_id:str}/rights"
Chosen = Annotated[Offered, QueryParameter(name="in")]


@dataclass(frozen=True, slots=True)
class Rights:
    one: RegistrationOut
    verified: bool
    """True if the user gave the second factor within the last minutes."""


@page_at(HERE, permission=Permission.CLIENT_DOCUMENT_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> Rights:
        return Rights(read_registration(act, registration_id, acts.language), is_fresh(act))

    view = acts.show("client_rights", found, Permission.CLIENT_DOCUMENT_READ, Permission.REGISTRATION_READ)
    return page(request, "client_rights.html", view, wrong, registration_id=registration_id)


@get(f"{HERE}/document", permission=Permission.CLIENT_DOCUMENT_READ)
def document(
    request: Page,
    acts: RequestActs,
    registration_id: FromPath[str],
    language: Chosen = DEFAULT,
    as_file: FromQuery[bool] = False,
) -> Response[str]:
    """Shows the document in the chosen language, or returns it as a file."""

    def found(act: Act) -> ClientDocumentOut:
        return routes.read_client_document(act, registration_id, language)

    made = acts.show("client_document", found, Permission.CLIENT_DOCUMENT_READ)
    if not as_file:
        return page(request, "client_document.html", None, found=made)
    content = json.dumps(made.model_dump(mode="json"), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(f"{made.case}.json")}"'}
    return Response(content, headers=headers, media_type="application/json")


@post(f"{HERE}/restriction", permission=Permission.REGISTRATION_CHANGE)
@form_on(show)
def restrict(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    """Changes the restriction of a case. In a closed case, no other fact can be changed."""
    wanted = given(RegistrationPatch, {"restriction": form.get("restriction") or None})
    acts.change(
        RegistrationOut,
        lambda act: change_registration(act, registration_id, acts.version(), wanted, acts.language),
    )
    return f"/registrations/{registration_id}/rights"


erase = form(f"{HERE}/erasure", routes.request_case_erasure, show, to=second_person.HERE)
