"""Encryption for migrations. An upgrade encrypts clear values, and a downgrade decrypts them.

A migration imports nothing of the service. `Database.migrating` gives it these functions as the attribute `seals`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert, text

from placement.core import clock
from placement.crypto.cipher import BLOCK, Cipher, Place
from placement.crypto.encrypted_columns import Keys, Sealed, encrypted_with, keys_of, sealed_with
from placement.crypto.pseudonyms import PAD, PSEUDONYMS, named_by, pseudonym_of
from placement.tables import DataKey

_Named = tuple[str, str, tuple[object, ...]]
"""A table, a column, and the primary key of a row."""


@dataclass(frozen=True)
class Seals:
    connection: Connection

    def seal(self, owner: str, value: object, place: _Named, block: int = BLOCK) -> str | None:
        """Encrypts a value for a place; `None` stays `None`. A time or a day becomes text. `block`: the encrypted
        length is a multiple of this number of bytes.

        Makes the data key of a new owner. Raises `KeyMissing` for a missing key, and `Conflict` for a destroyed key.
        """
        if value is None:
            return None
        if isinstance(value, datetime):
            value = self.aware(value).isoformat()
        elif isinstance(value, date):
            value = value.isoformat()
        return sealed_with(owner, self._key_of(owner), Place(*place), value, block).stored

    def opened(self, stored: str | None, place: _Named) -> object:
        """Decrypts a value of a place. Returns a time or a day as text."""
        return None if stored is None else Sealed("").opened(self._keys, stored, Place(*place))

    def opened_with_ring(self, stored: str, place: _Named) -> bytes:
        """Decrypts JSON that the service's keys encrypted for this place. Raises `InvalidTag` if it is damaged."""
        return self._keys.ring.decrypt(stored, Place(*place))

    def encrypted(self, value: object, place: _Named) -> str:
        """Encrypts a value for a place with the service's keys."""
        return encrypted_with(self._keys.ring, Place(*place), value).stored

    def pseudonym(self, column: str, value: object, block: int = PAD) -> str | None:
        """Returns the pseudonym of an id in this column (`table.column`), or `None` for `None`."""
        if value is None:
            return None
        self._key_of(PSEUDONYMS)
        return pseudonym_of(self._keys.store, column, value, block)

    def named_by(self, column: str, pseudonym: str | None) -> object:
        return None if pseudonym is None else named_by(self._keys.store, column, pseudonym)

    @staticmethod
    def aware(moment: datetime) -> datetime:
        """Returns the time in UTC. SQLite returns times without a time zone."""
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    @classmethod
    def moment(cls, written: str) -> datetime:
        return cls.aware(datetime.fromisoformat(written))

    @classmethod
    def day_of(cls, moment: datetime) -> date:
        return clock.day_of(cls.aware(moment))

    @property
    def _keys(self) -> Keys:
        return keys_of(self.connection.dialect)

    def _key_of(self, owner: str) -> Cipher:
        """Returns the data key of the owner. Makes the key and its row in `datakey` if the owner is new."""
        known = text("SELECT 1 FROM datakey WHERE owner = :owner")
        if self.connection.execute(known, {"owner": owner}).first() is not None:
            return self._keys.store.key(owner)
        self.connection.execute(insert(DataKey).values(owner=owner, made_at=clock.now()))
        return self._keys.store.make(owner)
