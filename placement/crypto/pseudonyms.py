"""Keyed pseudonyms for ids: the database can compare them within a column, but they disclose nothing without the key.

Equal values in a column have equal pseudonyms (AES-SIV, RFC 5297), so that constraints and look-ups work. The same
value has another pseudonym in another column, so no query can join two such columns. With the key, a pseudonym can be
decrypted. Values are padded, so that the length of a pseudonym discloses nothing.

The key is a data key in the key store. A rotation wraps the key again but never replaces it. Otherwise the same bed
would have two pseudonyms during the rotation. Without the key the service does not start.
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from placement.crypto.cipher import derived_bytes, written
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_cache import Stamp
from placement.crypto.key_store import KeyStore

PSEUDONYMS = "pseudonyms"
"""The name of the key in the key store."""

PAD = 64
"""The padded length of a value is a multiple of this number of bytes."""

_KEY_BYTES = 64
_KEPT = 20_000


class _Names:
    """The pseudonym cipher of a key store, with a cache of recent results."""

    def __init__(self, cipher: AESSIV, stamp: Stamp) -> None:
        self._cipher, self.stamp = cipher, stamp
        self.named = lru_cache(_KEPT)(self._named)
        self.pseudonym = lru_cache(_KEPT, typed=True)(self._pseudonym)

    def _pseudonym(self, column: str, value: object, block: int) -> str:
        return self._cipher.encrypt(written(value, block), [column.encode()]).hex()

    def _named(self, column: str, pseudonym: str) -> object:
        return json.loads(self._cipher.decrypt(bytes.fromhex(pseudonym), [column.encode()]))


_NAMES: WeakKeyDictionary[KeyStore, _Names] = WeakKeyDictionary()
"""The cipher of each key store."""


class NoPseudonym(str):
    """A text in a pseudonym column that cannot be decrypted. A query that compares the column with this object compares
    the text itself.
    """

    __slots__ = ()


class Pseudonym(TypeDecorator[object]):
    """A column type for an id that is stored as a pseudonym and loaded as the id. `column`: the text `table.column`."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        if value is None or isinstance(value, NoPseudonym):
            return value
        return pseudonym_of(keys_of(dialect).store, self.column, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else _names(keys_of(dialect).store).named(self.column, value)

    def read(self, value: str, dialect: Dialect) -> object:
        """Decrypts a stored text. Returns a `NoPseudonym` if the text is not a valid pseudonym."""
        try:
            return named_by(keys_of(dialect).store, self.column, value)
        except (InvalidTag, ValueError):
            return NoPseudonym(value)


class PseudonymMoment(Pseudonym):
    """A column type for a time that is stored as a pseudonym, so that rows cannot be sorted by it. Loaded as UTC."""

    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        written = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        return super().process_bind_param(written, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        found = super().process_result_value(value, dialect)
        return None if found is None else datetime.fromisoformat(str(found))


def pseudonym_of(store: KeyStore, column: str, value: object, block: int = PAD) -> str:
    """Returns the pseudonym of a value in this column, in hexadecimal. `block`: the padded length is a multiple of this
    number of bytes; 1 means no padding.
    """
    return _names(store).pseudonym(column, value, block)


def named_by(store: KeyStore, column: str, pseudonym: str) -> object:
    """Decrypts a pseudonym of this column.

    Raises `cryptography.exceptions.InvalidTag` if the text was not made with this key for this column.
    """
    return _names(store).named(column, pseudonym)


def _names(store: KeyStore) -> _Names:
    """Returns the cipher for the present content of the key's file."""
    stamp, known = store.stamp(PSEUDONYMS), _NAMES.get(store)
    if known is None or known.stamp != stamp:
        key = derived_bytes(store.key_text(PSEUDONYMS).encode(), "placement pseudonyms", _KEY_BYTES)
        known = _NAMES[store] = _Names(AESSIV(key), stamp)
    return known
