"""Encrypted columns: unreadable in the database and in every copy of it (envelope encryption).

`Encrypted`: with the service's keys, for what belongs to no registration (an address, a second factor). `Sealed`: with
a data key of its owner (a registration, a proposal), which can be destroyed: `docs/decisions/0015`. The keys are
outside the database, and belong to the engine that reads it: see `Database.open`.
"""

import json
from dataclasses import dataclass
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.core.settings import Settings
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore


@dataclass(frozen=True, slots=True)
class Keys:
    ring: KeyRing
    store: KeyStore


_KEYS: WeakKeyDictionary[Dialect, Keys] = WeakKeyDictionary()


def use_keys(dialect: Dialect, settings: Settings) -> None:
    """Sets the keys of an engine when its database is opened. Raises `Misconfigured` when the service has no key, or a
    broken one.
    """
    ring = KeyRing(settings.field_keys, settings.field_key_file)
    _KEYS[dialect] = Keys(ring, KeyStore(settings.key_store, ring))


def keys_of(dialect: Dialect) -> Keys:
    if dialect not in _KEYS:
        raise Misconfigured("the encrypted fields were used before the database was opened")
    return _KEYS[dialect]


class Encrypted(TypeDecorator[Any]):
    """A JSON value, encrypted with the service's keys. It cannot be searched or sorted, on purpose."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else keys_of(dialect).ring.encrypt(_written(value)).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(keys_of(dialect).ring.decrypt(value))


@dataclass(frozen=True, slots=True)
class Secret:
    """A stored value: the name of the key that opens it, and the ciphertext."""

    stored: str


def sealed_with(name: str, key: Fernet, value: Any) -> Secret:
    return Secret(f"{name}:{key.encrypt(_written(value)).decode()}")


class Unreadable:
    """Stands for an encrypted value whose key is missing or damaged; any use of it raises `Conflict`.

    A row is loaded all the same, so that one lost key does not block access to other cases.
    """

    __slots__ = ("owner",)

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise Conflict("content_unreadable", owner=self.owner)

    __bool__ = __contains__ = __eq__ = __getitem__ = __iter__ = __len__ = __str__ = _refuse
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()


def is_readable(*values: object) -> bool:
    """Whether the keys of all these encrypted values are there."""
    return not any(isinstance(value, Unreadable) for value in values)


class Sealed(TypeDecorator[Any]):
    """A JSON value, encrypted with the data key of its owner; `Unreadable` where that is missing or damaged.

    `owner`: the attribute of the row that names the owner. `index`: the attribute that gets the blind index of a text.
    A value must be encrypted before it is written: `field_sealing.py` does so for each row that is flushed; a plain
    value is refused.
    """

    impl = Text
    cache_ok = True

    def __init__(self, owner: str, index: str | None = None) -> None:
        super().__init__()
        self.owner, self.index = owner, index

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        _ = dialect
        if value is None:
            return None
        if not isinstance(value, Secret):
            raise TypeError("a secret of a client was about to be stored without the key of the client: use `seal`")
        return value.stored

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        name, _, cipher = value.partition(":")
        try:
            return json.loads(keys_of(dialect).store.key(name).decrypt(cipher))
        except (KeyMissing, InvalidToken):
            return Unreadable(name)


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()
