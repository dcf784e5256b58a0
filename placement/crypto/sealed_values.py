"""Sealed columns of values that JSON has no form for."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Dialect

from placement.crypto.cipher import Place
from placement.crypto.encrypted_columns import Keys, Sealed, Unreadable


class SealedDay(Sealed):
    """A day, sealed."""

    cache_ok = True

    def plain(self, value: Any) -> Any:
        return value.isoformat()

    def opened(self, keys: Keys, stored: str, place: Place) -> Any:
        found = super().opened(keys, stored, place)
        return found if isinstance(found, Unreadable) else date.fromisoformat(found)


class SealedMoment(Sealed):
    """A moment, sealed; it is read in UTC."""

    cache_ok = True

    def plain(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat()

    def opened(self, keys: Keys, stored: str, place: Place) -> Any:
        found = super().opened(keys, stored, place)
        return found if isinstance(found, Unreadable) else datetime.fromisoformat(found)


class SealedList(Sealed):
    """A list, sealed; empty where it was erased."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return [] if value is None else super().process_result_value(value, dialect)
