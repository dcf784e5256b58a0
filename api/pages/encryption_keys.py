"""The keys of encryption by kind, the state of the token, and the request for new keys. Never a key itself."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import second_person
from api.pages.form_results import acted
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import encryption_keys as routes
from api.v1.encryption_keys import EncryptionKeysOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/encryption-keys"


@dataclass(frozen=True, slots=True)
class Keys:
    found: EncryptionKeysOut
    verified: bool
    """Whether the second factor was given a short while ago."""


@page_at(HERE, permission=Permission.ENCRYPTION_KEYS_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    view = acts.show("encryption_keys", _keys, Permission.ENCRYPTION_KEYS_READ)
    return page(request, "encryption_keys.html", view, wrong)


@post(f"{HERE}/ask", permission=Permission.ROTATION_ASK)
def ask(acts: RequestActs) -> Reply:
    return acted(acts, routes.request_rotation, second_person.HERE, show)


def _keys(act: Act) -> Keys:
    return Keys(routes.list_encryption_keys(act), fresh_factor.is_fresh(act))
