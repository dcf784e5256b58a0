"""The cells of the matrix of pages: page by role by owner, and a request for each."""

from sqlmodel import select

from api.http.cookies import session_cookie
from api.pages.routes import PAGES
from placement.access.permissions import Reach
from placement.accounts import sessions
from placement.core.codes import Role
from placement.core.ids import new_id
from placement.storage import hash_chain
from placement.tables import AuditEvent
from tests.support.api.resources import FOREIGN, NONE, OWN, PARAMETERS
from tests.support.api.service import Browser

STREAMS = {"/changes"}
"""These do not end; tests/api/pages/test_changes.py."""
ON_TRIAL = {"/help/design"}
"""Pages that only a trial of the service shows, with invented cases: test_design.py."""
A_CHOICE = "/proposals/{proposal_id:str}/units/S01-L1-U1"
"""A choice of this unit, as every proposal has an answer for every unit."""


def cells(method):
    """Yields template, permission, role and owner of each page; public pages have no cell."""
    for template, methods in sorted(PAGES.route_handler_method_map.items(), key=lambda one: one[0].count("{")):
        handler = methods.get(method)
        if handler is None or handler.opt.get("public") or template in STREAMS | ON_TRIAL:
            continue
        for role in Role:
            for whose in (OWN, FOREIGN, NONE) if "{" in template else (OWN,):
                if role is not Role.SYSTEM:
                    yield template, handler.opt["permission"], role, whose


def address(template, role, whose, things):
    template = template.replace("/proposals/{proposal_id:str}/units/{unit_id:str}", A_CHOICE)
    kind = "location" if template.endswith("/address") else "unit"  # a page for each kind of place, and one form
    template = template.replace("{kind:str}/{place_id:str}", f"{kind}/{{{kind}_id:str}}")
    for name, kind in PARAMETERS.items():
        template = template.replace(f"{{{name}:str}}", things.get((kind, role, whose), new_id(kind[0].upper())))
    return template


def ask(service, caller, method, path, fields=None):
    """Returns the answer, and the audit events that it left."""
    with service.database.transaction() as session:
        since = hash_chain.head(session)[0]
    cookies = caller.cookies if isinstance(caller, Browser) else {}
    who = {"Cookie": "; ".join(f"{name}={one}" for name, one in cookies.items())} if cookies else caller.authorization()
    csrf = sessions.csrf_token_of(cookies.get(session_cookie(service.country.settings), ""))
    sent = {"data": {"csrf_token": csrf, **(fields or {})}} if method == "POST" else {}
    headers = {"Origin": str(service.client.base_url).rstrip("/"), **who}
    answer = service.client.request(method, path, headers=headers, follow_redirects=False, **sent)
    with service.database.transaction() as session:
        query = select(AuditEvent).where(AuditEvent.id > since)
        return answer, list(session.exec(query))


def may(permission, role, whose):
    reach = permission.reach.get(role)
    return reach is not None and (whose == OWN or (whose == FOREIGN and reach is Reach.ALL))
