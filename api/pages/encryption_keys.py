"""The service's encryption keys by kind, the state of the PKCS#11 token, and the request for new keys. Shows no key."""

from api.pages import second_person
from api.pages.declared_pages import form, screen
from api.v1 import encryption_keys
from placement.access.fresh_factor import is_fresh

HERE = "/encryption-keys"


show = screen(HERE, "encryption_keys.html", found=encryption_keys.list_encryption_keys, verified=is_fresh)
ask = form(f"{HERE}/ask", encryption_keys.request_rotation, show, to=second_person.HERE)
