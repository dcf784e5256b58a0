"""Keyed pseudonyms: values that the database can compare within a column, and that reveal nothing without a key.

Equal values of a column have equal pseudonyms (AES-SIV, RFC 5297: deterministic, authenticated), so that constraints
and look-ups work. The column is associated data, so that pseudonyms of two columns cannot be compared. The holder of
the key reads them back. No SQL joins two such columns: the service reads the first and queries the second. Values are
padded before, so that the length of a pseudonym reveals no region and no number of a bed.

The key never changes. It is a data key in the key store, wrapped by the service's keys like all others. A rotation
wraps it anew and leaves the pseudonyms as they are; otherwise equal beds would differ during a rotation. Without it no
value can be read back, and the service does not start.
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from placement.crypto.cipher import written
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_cache import Stamp
from placement.crypto.key_store import KeyStore

PSEUDONYMS = "pseudonyms"
"""The name of the key in the key store."""

PAD = 64
"""Bytes: a value is padded to a multiple of it."""

_KEY_BYTES = 64
_KEPT = 20_000


class _Names:
    """The cipher of a store with its recent results, which reveal no more than the key in the same memory."""

    def __init__(self, cipher: AESSIV, stamp: Stamp) -> None:
        self._cipher, self.stamp = cipher, stamp
        self.named = lru_cache(_KEPT)(self._named)
        self.pseudonym = lru_cache(_KEPT, typed=True)(self._pseudonym)

    def _pseudonym(self, column: str, value: object, block: int) -> str:
        return self._cipher.encrypt(written(value, block), [column.encode()]).hex()

    def _named(self, column: str, pseudonym: str) -> object:
        return json.loads(self._cipher.decrypt(bytes.fromhex(pseudonym), [column.encode()]))


_NAMES: WeakKeyDictionary[KeyStore, _Names] = WeakKeyDictionary()
"""The pseudonym key of each store, while its file is unchanged; it is destroyed only with all other keys."""


class NoPseudonym(str):
    """A stored text that this service never made as a pseudonym; it is bound unchanged."""

    __slots__ = ()


class Pseudonym(TypeDecorator[object]):
    """An id, stored as its pseudonym; a row that is loaded has the id. `column`: its `table.column`."""

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
        return None if value is None else named_by(keys_of(dialect).store, self.column, value)

    def read(self, value: str, dialect: Dialect) -> object:
        """Returns what a stored text stands for; `NoPseudonym` if the service did not make it."""
        try:
            return named_by(keys_of(dialect).store, self.column, value)
        except (InvalidTag, ValueError):
            return NoPseudonym(value)


class PseudonymMoment(Pseudonym):
    """A moment, stored as its pseudonym, which shows neither order nor distance. It is read in UTC, by any query."""

    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        written = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        return super().process_bind_param(written, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        found = super().process_result_value(value, dialect)
        return None if found is None else datetime.fromisoformat(str(found))


def pseudonym_of(store: KeyStore, column: str, value: object, block: int = PAD) -> str:
    """The pseudonym of a value in this column, in hexadecimal. `block`: pads the value to a multiple of so many bytes;
    with 1 the length stays visible.
    """
    return _names(store).pseudonym(column, value, block)


def named_by(store: KeyStore, column: str, pseudonym: str) -> object:
    """The value that a pseudonym of this column stands for.

    Raises `cryptography.exceptions.InvalidTag` for what was not made with this key, for this column.
    """
    return _names(store).named(column, pseudonym)


def _names(store: KeyStore) -> _Names:
    """Returns the names under the key as its file is now: once all keys are destroyed, nothing is named any more."""
    stamp, known = store.stamp(PSEUDONYMS), _NAMES.get(store)
    if known is None or known.stamp != stamp:
        hkdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"placement pseudonyms")
        known = _NAMES[store] = _Names(AESSIV(hkdf.derive(store.key_text(PSEUDONYMS).encode())), stamp)
    return known
