"""The keys of encryption by kind, the state of the token, and requests for new keys. Never a key itself."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import acted
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import encryption_keys as routes
from api.v1.encryption_keys import EncryptionKeysOut
from api.v1.people import People, people_of
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/encryption-keys"


@dataclass(frozen=True, slots=True)
class Keys:
    found: EncryptionKeysOut
    people: People
    at: datetime
    verified: bool
    """Whether the second factor was given a short while ago."""


@page_at(HERE, permission=Permission.ENCRYPTION_KEYS_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    view = acts.show("encryption_keys", _keys, Permission.ENCRYPTION_KEYS_READ)
    return page(request, "encryption_keys.html", view, wrong)


@post(f"{HERE}/ask", permission=Permission.ROTATION_ASK)
def ask(acts: RequestActs) -> Reply:
    return acted(acts, routes.request_rotation, HERE, show)


@post(f"{HERE}/{{rotation_id:str}}/grant", permission=Permission.ROTATION_GRANT)
def grant(acts: RequestActs, rotation_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.grant_rotation(act, rotation_id), HERE, show)


@post(f"{HERE}/{{rotation_id:str}}/withdraw", permission=Permission.ROTATION_ASK)
def withdraw(acts: RequestActs, rotation_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.withdraw_rotation(act, rotation_id), HERE, show)


def _keys(act: Act) -> Keys:
    found = routes.list_encryption_keys(act)
    return Keys(found, people_of(act, [one.asked_by for one in found.rotations]), act.at, fresh_factor.is_fresh(act))
