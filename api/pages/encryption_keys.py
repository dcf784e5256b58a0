"""The keys of encryption by kind, the state of the token, and requests for new keys. Never a key itself."""

from api.pages.declared_pages import form, screen
from api.v1 import encryption_keys
from api.v1.encryption_keys import EncryptionKeysOut
from api.v1.people import People, people_of
from placement.access.fresh_factor import is_fresh
from placement.core.context import Act

HERE = "/encryption-keys"


def _people(act: Act, found: EncryptionKeysOut) -> People:
    return people_of(act, [one.asked_by for one in found.rotations])


show = screen(
    HERE,
    "encryption_keys.html",
    found=encryption_keys.list_encryption_keys,
    people=_people,
    at=lambda act: act.at,
    verified=is_fresh,
)
ask = form(f"{HERE}/ask", encryption_keys.request_rotation, show)
grant = form(f"{HERE}/{{rotation_id:str}}/grant", encryption_keys.grant_rotation, show)
withdraw = form(f"{HERE}/{{rotation_id:str}}/withdraw", encryption_keys.withdraw_rotation, show)
