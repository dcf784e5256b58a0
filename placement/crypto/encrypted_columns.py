"""Column types for encrypted values (envelope encryption).

There are two kinds:
- `Sealed`: encrypted with the data key of a registration or proposal. Destroying the key erases the value
  (`docs/decisions/0015`).
- `Encrypted`: encrypted with the service's keys, for values that belong to no registration, such as a user's address.

A ciphertext is bound to its table, column and row, but a column type does not know the row. So `field_sealing.py`
encrypts a value to a `Secret` before the row is written. A value that was read is a `Closed` object until
`field_sealing.py` decrypts it. The keys are outside the database; `Database.open` gives them to the engine.
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
    """The rows in doubt (`table/name`): they differ from the log although their seal is valid. Loading them fails."""


_OF_SERVICE = "keys of the service"
"""The attribute of the SQLAlchemy dialect that holds the keys. Column types can reach only the dialect."""


def use_keys(dialect: Dialect, settings: Settings) -> None:
    """Gives the keys to an engine. Raises `Misconfigured` for a missing or malformed key."""
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
    """An encrypted value, ready to be stored in its own column and row."""

    stored: str


def encrypted_with(ring: KeyRing, place: Place, value: object) -> Secret:
    """Encrypts a value with the service's keys."""
    return Secret(ring.encrypt(written(value), place))


def sealed_with(name: str, key: Cipher, place: Place, value: object, block: int = BLOCK) -> Secret:
    """Encrypts a value with a data key. `block`: the padded length is a multiple of this number of bytes."""
    return Secret(f"{name}:{key.encrypt(written(value, block), place)}")


@dataclass(frozen=True, slots=True)
class Closed:
    """An encrypted value that was read but not decrypted yet. Decryption needs its place, which includes the row."""

    stored: str
    kind: "SecretColumn"
    keys: Keys

    def opened(self, place: Place) -> object:
        return self.kind.opened(self.keys, self.stored, place)


class Unreadable:
    """A value that cannot be decrypted, because its key is missing, damaged or destroyed. Any use of it raises
    `Conflict`.

    The row is loaded nevertheless, so that a lost key does not block other cases. `erased`: true if the key was
    destroyed. The ciphertext then exists only in a restored backup, until the retention job deletes it.
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
    """Checks whether a value is unreadable because its key is missing or damaged, and not because it was erased."""
    return any(isinstance(value, Unreadable) and not value.erased for value in values)


class SecretColumn(TypeDecorator[object]):
    """A column type for an encrypted JSON value. Such a column cannot be searched or sorted.

    `field_sealing.py` encrypts the value before the row is flushed. Writing a plain value raises an error.
    """

    impl = Text
    cache_ok = True

    def __init_subclass__(cls) -> None:
        cls.cache_ok = True

    def plain(self, value: object) -> object:
        return value

    def read(self, found: object) -> object:
        """Converts the decoded JSON into the value of the column."""
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
        """Decrypts a value. Returns `Unreadable` if its key is missing or destroyed, or it belongs to another place."""
        found = self._opened(keys, stored, place)
        return found if isinstance(found, Unreadable) else self.read(found)

    @abstractmethod
    def _opened(self, keys: Keys, stored: str, place: Place) -> object:
        """Decrypts the stored text. Returns `Unreadable` without the key."""


class Encrypted(SecretColumn):
    """A column type for a value that is encrypted with the service's keys."""

    def _opened(self, keys: Keys, stored: str, place: Place) -> object:
        try:
            return msgspec.json.decode(keys.ring.decrypt(stored, place))
        except InvalidTag:
            return Unreadable(str(place.row[0]))


class Sealed(SecretColumn):
    """A column type for a value that is encrypted with the data key of its owner.

    `owner`: the attribute of the row with the owner's name. `index`: the attribute for the blind index of a text.
    `block`: the padded length is a multiple of this number of bytes. `kept`: true keeps the decrypted value in memory
    with its key, for values that most requests read.
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
    """Returns the columns that identify a row before it is stored: its primary key, or its unique columns if the
    primary key is a number from the database.
    """
    key = list(table.primary_key.columns)
    if len(key) > 1 or not isinstance(key[0].type, Integer) or key[0].autoincrement is False:
        return key
    [unique] = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return list(unique.columns)


def place_of(column: Column[object], row: tuple[object, ...]) -> Place:
    return Place(column.table.name, column.name, row)
