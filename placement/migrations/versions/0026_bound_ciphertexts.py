"""bound ciphertexts: each encrypted value is bound to its table, column and row (AES-256-GCM for Fernet)

Values are encrypted anew: what is stored under the service's keys and under the data keys, frozen problems and stored
answers included. Data keys stay; their files are bound to their names when keys are rotated. A value whose key was
destroyed stays as it is. A missing key stops the migration, before anything is changed: but for the answers of a day,
which are not needed to go on.
"""

import base64
import json
import secrets
from pathlib import Path

import sqlalchemy as sa
from alembic import context, op
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OF_THE_SERVICE = (
    ("account", ("totp_secret",), ("id",)),
    ("accountdetails", ("name", "job_title", "telephone"), ("account_id",)),
    ("asking", ("details",), ("id",)),
    ("changerequest", ("change",), ("id",)),
    ("invitation", ("totp_secret", "details"), ("id",)),
    ("location", ("address",), ("id",)),
    ("organisation", ("telephones",), ("id",)),
    ("webhook", ("url", "secret", "former_secret"), ("id",)),
)
OF_AN_OWNER = (
    ("auditoddity", ("note",), ("id",)),
    ("decision", ("text",), ("id",)),
    ("hold", ("text",), ("id",)),
    ("idempotentrequest", ("fingerprint", "headers", "body", "registration_id"), ("key",)),
    ("opening", ("text",), ("id",)),
    ("proposal", ("problem", "advice"), ("id",)),
    ("reachpoint", ("point",), ("id",)),
    ("registeredperson", ("adult_on",), ("registration_id", "number")),
    ("registration", ("alias", "near"), ("id",)),
    ("stay", ("blocker_text", "end_text"), ("id",)),
    ("threat", ("point",), ("id",)),
)
"""Tables, their encrypted columns, and the columns that name a row."""

BATCH = 50
NONCE, BLOCK = 12, 512
OF_A_DAY = "answers-"


def upgrade() -> None:
    keys = Keys()
    _carry_over(OF_THE_SERVICE, lambda stored, place: keys.encrypt(keys.first_form.decrypt(stored), place))

    def of_an_owner(stored: str, place: list[str]) -> str | None:
        name, _, token = stored.partition(":")
        key = keys.of(name)
        return key and f"{name}:{sealed(bound(key, name), Fernet(key).decrypt(token), place)}"

    _carry_over(OF_AN_OWNER, of_an_owner)


def downgrade() -> None:
    keys = Keys()
    _carry_over(OF_THE_SERVICE, lambda stored, place: keys.first_form.encrypt(keys.decrypt(stored, place)).decode())

    def of_an_owner(stored: str, place: list[str]) -> str | None:
        name, _, token = stored.partition(":")
        key = keys.of(name)
        return key and f"{name}:{Fernet(key).encrypt(opened(bound(key, name), token, place)).decode()}"

    _carry_over(OF_AN_OWNER, of_an_owner)
    keys.unbind_files()


def _carry_over(tables, changed) -> None:
    """`changed`: the new value of a stored one in a place; None leaves it as it is."""
    connection = op.get_bind()
    for name, columns, row in tables:
        table = sa.table(name, *map(sa.column, (*columns, *row)))
        named = [table.c[one] for one in row]
        last = None
        while batch := connection.execute(_page(table, named, last)).mappings().all():
            for found in batch:
                key = [found[one] for one in row]
                values = {
                    column: new
                    for column in columns
                    if found[column] is not None
                    and (new := _tried(changed, found[column], [name, column, *map(str, key)])) is not None
                }
                if values:
                    here = [column == value for column, value in zip(named, key, strict=True)]
                    connection.execute(sa.update(table).where(*here).values(values))
            last = [batch[-1][one] for one in row]


def _page(table, named, last):
    query = sa.select(table).order_by(*named).limit(BATCH)
    return query if last is None else query.where(sa.tuple_(*named) > sa.tuple_(*map(sa.literal, last)))


def _tried(changed, stored, place):
    try:
        return changed(stored, place)
    except (InvalidToken, InvalidTag) as wrong:
        raise OSError(f"no key opens {place[0]}.{place[1]} of {' '.join(place[2:])}: is it this database's?") from wrong


class Keys:
    """The keys of the service, newest first, and the data keys that they open."""

    def __init__(self) -> None:
        given = context.config.attributes
        self.folder = Path(given["key_store"])
        names = [derived(key, "placement key id", 4).hex() for key in given["field_keys"]]
        self.ring = dict(zip(names, [derived(key, "placement encrypted values") for key in given["field_keys"]]))
        self.first_form = MultiFernet([Fernet(key) for key in given["field_keys"]])
        self._known = {}

    def encrypt(self, plain, place):
        name, key = next(iter(self.ring.items()))
        return f"{name}.{sealed(key, plain, place)}"

    def decrypt(self, stored, place):
        name, _, token = stored.partition(".")
        if name not in self.ring:
            raise InvalidTag
        return opened(self.ring[name], token, place)

    def of(self, name):
        """A data key; None of one that was destroyed."""
        if name not in self._known:
            self._known[name] = self._unwrapped(name)
        return self._known[name]

    def _unwrapped(self, name):
        file = self.folder / f"{name}.key"
        wrapped = file.read_bytes().strip(b"\0").decode(errors="replace") if file.exists() else None
        if wrapped == "":
            return None
        try:
            if wrapped is None:
                raise InvalidTag
            bound_to_its_name = "." in wrapped
            key = (
                self.decrypt(wrapped, ["key store", "key", name])
                if bound_to_its_name
                else self.first_form.decrypt(wrapped)
            )
            return key.decode()
        except (InvalidTag, InvalidToken) as wrong:
            if name.startswith(OF_A_DAY):
                return None
            raise OSError(
                f"the key {name} is missing or damaged: put it back from the backups of the key store, or erase that"
                " case with the version of before; nothing was changed"
            ) from wrong

    def unbind_files(self) -> None:
        """The version of before knows no file that is bound to its name."""
        for file in sorted(self.folder.glob("*.key")):
            name = file.name.removesuffix(".key")
            if b"." in file.read_bytes():
                draft = file.with_name(f".{file.name}.draft")
                draft.touch(mode=0o600)
                draft.write_bytes(self.first_form.encrypt(self.of(name).encode()))
                draft.replace(file)


def derived(key, purpose, length=32):
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(base64.urlsafe_b64decode(key))


def bound(key, name):
    return derived(key, f"placement data key: {name}")


def sealed(key, plain, place):
    filled = plain + b" " * (-len(plain) % BLOCK)
    nonce = secrets.token_bytes(NONCE)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, filled, json.dumps(place).encode())).decode()


def opened(key, token, place):
    try:
        raw = base64.urlsafe_b64decode(token)
    except ValueError as broken:
        raise InvalidTag from broken
    return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], json.dumps(place).encode())
