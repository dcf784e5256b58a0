"""Keyed pseudonyms: values that the database can compare within a column, and that disclose nothing without a key.

Equal values of a column have equal pseudonyms (AES-SIV, RFC 5297: deterministic, authenticated), so that constraints
and look-ups work. The column is associated data, so that pseudonyms of two columns cannot be compared. The holder of
the key can decrypt the values. No query joins two such columns: the service reads one column, and then queries the
other. Values are padded, so that the length of a pseudonym discloses no region and no bed.

The key never changes. It is a data key in the key store, which the service's keys wrap. A rotation wraps it again and
leaves the pseudonyms unchanged; with a new key, equal beds would have different pseudonyms during the rotation. Without
the key no value can be decrypted, and the service does not start.
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
"""The size in bytes to whose multiples a value is padded."""

_KEY_BYTES = 64
_KEPT = 20_000


class _Names:
    """The cipher of a store with its recent results, which disclose no more than the key in the same memory."""

    def __init__(self, cipher: AESSIV, stamp: Stamp) -> None:
        self._cipher, self.stamp = cipher, stamp
        self.named = lru_cache(_KEPT)(self._named)
        self.pseudonym = lru_cache(_KEPT, typed=True)(self._pseudonym)

    def _pseudonym(self, column: str, value: object, block: int) -> str:
        return self._cipher.encrypt(written(value, block), [column.encode()]).hex()

    def _named(self, column: str, pseudonym: str) -> object:
        return json.loads(self._cipher.decrypt(bytes.fromhex(pseudonym), [column.encode()]))


_NAMES: WeakKeyDictionary[KeyStore, _Names] = WeakKeyDictionary()
"""The pseudonym key of each store, while its file is unchanged. It is destroyed only together with all other keys."""


class NoPseudonym(str):
    """A stored text that is no pseudonym of this service. In a query it is used unchanged."""

    __slots__ = ()


class Pseudonym(TypeDecorator[object]):
    """A column type for an id that is stored as a pseudonym. A loaded row contains the id. `column`: its
    `table.column`.
    """

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
        """Returns the value of a stored text. Returns a `NoPseudonym` if the service did not make the text."""
        try:
            return named_by(keys_of(dialect).store, self.column, value)
        except (InvalidTag, ValueError):
            return NoPseudonym(value)


class PseudonymMoment(Pseudonym):
    """A column type for a time that is stored as a pseudonym, which shows no order. It is read in UTC."""

    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        written = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        return super().process_bind_param(written, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        found = super().process_result_value(value, dialect)
        return None if found is None else datetime.fromisoformat(str(found))


def pseudonym_of(store: KeyStore, column: str, value: object, block: int = PAD) -> str:
    """Returns the pseudonym of a value in this column, in hexadecimal. `block`: the number of bytes to a multiple of
    which the value is padded; with 1 the length stays visible.
    """
    return _names(store).pseudonym(column, value, block)


def named_by(store: KeyStore, column: str, pseudonym: str) -> object:
    """Returns the value of a pseudonym of this column.

    Raises `cryptography.exceptions.InvalidTag` for a text that was not made with this key and for this column.
    """
    return _names(store).named(column, pseudonym)


def _names(store: KeyStore) -> _Names:
    """Returns the cipher of the present key file. After all keys were destroyed, no pseudonym can be read."""
    stamp, known = store.stamp(PSEUDONYMS), _NAMES.get(store)
    if known is None or known.stamp != stamp:
        key = derived_bytes(store.key_text(PSEUDONYMS).encode(), "placement pseudonyms", _KEY_BYTES)
        known = _NAMES[store] = _Names(AESSIV(key), stamp)
    return known
