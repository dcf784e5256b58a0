"""Encrypted columns, which are unreadable in the database and in every copy of it (envelope encryption).

A ciphertext is bound to its table, column and row, but a column type does not know the row. So a value that was read is
a `Closed` object until its row is loaded. A value to write is a `Secret` made for its row. `field_sealing.py` does
both.

The service's keys encrypt an `Encrypted` column: values that belong to no registration, such as an address. A data key
encrypts a `Sealed` column. The key belongs to a registration or a proposal, and can be destroyed
(`docs/decisions/0015`). The keys are outside the database; `Database.open` gives them to the engine.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import NoReturn

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Dialect, Integer, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator

from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.core.settings import Settings
from placement.crypto.cipher import BLOCK, Cipher, Place, written
from placement.crypto.key_files import FIELD, opener, token_of
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore


@dataclass(slots=True)
class Keys:
    ring: KeyRing
    store: KeyStore
    doubted: frozenset[str] = frozenset()
    """The rows (`table/name`) that differ from the log, although their seal is valid. Loading such a row is an error.
    """


_OF_SERVICE = "keys of the service"
"""The attribute of a dialect that contains the keys. They are needed for each encrypted value that is read."""


def use_keys(dialect: Dialect, settings: Settings) -> None:
    """Sets the keys of an engine when its database is opened. Raises `Misconfigured` for a missing or malformed key."""
    token = token_of(settings)
    ring = KeyRing(settings.field_keys, settings.field_key_file, opener(FIELD, token))
    dialect.__dict__[_OF_SERVICE] = Keys(ring, KeyStore(settings.key_store, token or ring))


def has_keys(dialect: Dialect) -> bool:
    return _OF_SERVICE in dialect.__dict__


def keys_of(dialect: Dialect) -> Keys:
    keys: Keys | None = dialect.__dict__.get(_OF_SERVICE)
    if keys is None:
        raise Misconfigured("the encrypted fields were used before the database was opened")
    return keys


@dataclass(frozen=True, slots=True)
class Secret:
    """A ciphertext in its stored form. It can be decrypted only for its own column and row."""

    stored: str


def encrypted_with(ring: KeyRing, place: Place, value: object) -> Secret:
    """Returns the ciphertext of a value that belongs to no registration."""
    return Secret(ring.encrypt(written(value), place))


def sealed_with(name: str, key: Cipher, place: Place, value: object, block: int = BLOCK) -> Secret:
    """Returns the name of the data key and the ciphertext of a value, padded to a multiple of `block` bytes."""
    return Secret(f"{name}:{key.encrypt(written(value, block), place)}")


@dataclass(frozen=True, slots=True)
class Closed:
    """A stored value as it was read. It can be decrypted only with its place, which depends on the row."""

    stored: str
    kind: "SecretColumn"
    keys: Keys

    def opened(self, place: Place) -> object:
        return self.kind.opened(self.keys, self.stored, place)


class Unreadable:
    """The value of a column whose key is missing, damaged or destroyed. Any use of it raises `Conflict`.

    The row is loaded nevertheless, so that a lost key does not block access to other cases. `erased`: true if the key
    was destroyed but the ciphertext still exists, as in a restored backup until retention has run.
    """

    __slots__ = ("erased", "owner")

    def __init__(self, owner: str, *, erased: bool = False) -> None:
        self.owner, self.erased = owner, erased

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        if self.erased:
            raise Conflict("content_erased")
        raise Conflict("content_unreadable", owner=self.owner)

    __bool__ = __contains__ = __eq__ = __getitem__ = __iter__ = __len__ = __str__ = _refuse
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()


def is_readable(*values: object) -> bool:
    return not any(isinstance(value, Unreadable) for value in values)


def is_damaged(*values: object) -> bool:
    """Checks whether a value is unreadable although its key was not destroyed: the key is missing or damaged."""
    return any(isinstance(value, Unreadable) and not value.erased for value in values)


class SecretColumn(TypeDecorator[object]):
    """An encrypted JSON value. It cannot be searched or sorted, on purpose.

    A value must be encrypted before it is written. `field_sealing.py` does so for each row that is flushed; a plain
    value is rejected.
    """

    impl = Text
    cache_ok = True

    def __init_subclass__(cls) -> None:
        cls.cache_ok = True

    def plain(self, value: object) -> object:
        return value

    def read(self, found: object) -> object:
        """Returns the value for its form in JSON."""
        return found

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        _ = dialect
        if value is None:
            return None
        if not isinstance(value, Secret):
            raise TypeError(
                "a secret was about to be stored without the key of the client or of the service: use `seal`"
            )
        return value.stored

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else Closed(value, self, keys_of(dialect))

    def opened(self, keys: Keys, stored: str, place: Place) -> object:
        """Returns the value; `Unreadable` if its key is missing or destroyed, or it belongs to another place."""
        found = self._opened(keys, stored, place)
        return found if isinstance(found, Unreadable) else self.read(found)

    @abstractmethod
    def _opened(self, keys: Keys, stored: str, place: Place) -> object:
        """Decrypts the stored text with the key of this kind of column; `Unreadable` without that key."""


class Encrypted(SecretColumn):
    """A value that is encrypted with the service's keys."""

    def _opened(self, keys: Keys, stored: str, place: Place) -> object:
        try:
            return msgspec.json.decode(keys.ring.decrypt(stored, place))
        except InvalidTag:
            return Unreadable(str(place.row[0]))


class Sealed(SecretColumn):
    """A value that is encrypted with the data key of its owner.

    `owner`: the attribute of the row that names the owner. `index`: the attribute that gets the blind index of a text.
    `block`: the number of bytes of which the encrypted length is a multiple. `kept`: true if the decrypted value stays
    in memory with its key, because most requests read it.
    """

    def __init__(self, owner: str, index: str | None = None, block: int = BLOCK, *, kept: bool = False) -> None:
        super().__init__()
        self.owner, self.index, self.block, self.kept = owner, index, block, kept

    def _opened(self, keys: Keys, stored: str, place: Place) -> object:
        name, _, token = stored.partition(":")
        try:
            key = keys.store.key(name)
            return msgspec.json.decode(key.read(token, place) if self.kept else key.decrypt(token, place))
        except (KeyMissing, InvalidTag):
            return Unreadable(name)
        except Conflict:
            return Unreadable(name, erased=True)


def row_columns(table: Table) -> list[Column[object]]:
    """Returns the columns that name a row before it is stored: its primary key, or its unique columns if the database
    numbers the rows.
    """
    key = list(table.primary_key.columns)
    if len(key) > 1 or not isinstance(key[0].type, Integer) or key[0].autoincrement is False:
        return key
    [unique] = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return list(unique.columns)


def place_of(column: Column[object], row: tuple[object, ...]) -> Place:
    """Returns the place of a value. `row`: the values of `row_columns`."""
    return Place(column.table.name, column.name, row)
