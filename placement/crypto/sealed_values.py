"""Sealed columns of values that JSON has no form for."""

import json
import zlib
from base64 import b64decode, b64encode
from datetime import UTC, date, datetime
from typing import cast

from pydantic import BaseModel
from sqlalchemy import Dialect

from placement.crypto.encrypted_columns import Encrypted, Sealed, SecretColumn

_PACKED = "zlib"


class SealedDay(Sealed):
    """A day, sealed."""

    def plain(self, value: object) -> object:
        return cast("date", value).isoformat()

    def read(self, found: object) -> object:
        return date.fromisoformat(cast("str", found))


class _Moment(SecretColumn):
    """A moment; it is read in UTC."""

    def plain(self, value: object) -> object:
        return cast("datetime", value).astimezone(UTC).isoformat()

    def read(self, found: object) -> object:
        return datetime.fromisoformat(cast("str", found))


class SealedMoment(_Moment, Sealed):
    """A moment, sealed."""


class EncryptedMoment(_Moment, Encrypted):
    """A moment that belongs to no registration, encrypted with the service's keys."""


class SealedList(Sealed):
    """A list, sealed; empty if it was erased."""

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return [] if value is None else super().process_result_value(value, dialect)


class SealedLongText(Sealed):
    """A long text, compressed and then sealed: a frozen problem shrinks to a ninth. Texts that an earlier version
    sealed without compression can be read too.
    """

    def plain(self, value: object) -> object:
        return {_PACKED: b64encode(zlib.compress(cast("str", value).encode())).decode()}

    def read(self, found: object) -> object:
        return zlib.decompress(b64decode(found[_PACKED])).decode() if isinstance(found, dict) else found


class SealedRecord(Sealed):
    """A record of a model, sealed and padded to 8,192 bytes of JSON, or 2, 4 ... times as many, to hide its length."""

    _SMALLEST = 8192

    def __init__(self, model: type[BaseModel], owner: str) -> None:
        super().__init__(owner)
        self.model = model

    def plain(self, value: object) -> object:
        return filled_up(cast("BaseModel", value).model_dump(mode="json", exclude_defaults=True), self._SMALLEST)

    def read(self, found: object) -> object:
        return self.model.model_validate(cast("list[object]", found)[0])


def filled_up(value: object, smallest: int) -> list[object]:
    """The value and spaces, together as long in JSON as `smallest`, or as twice, four times ... that."""
    used, size = len(json.dumps([value, ""])), smallest
    while size < used:
        size *= 2
    return [value, " " * (size - used)]
