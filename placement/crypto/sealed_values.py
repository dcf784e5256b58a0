"""Sealed columns for values that have no form in JSON."""

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
    """A sealed day."""

    def plain(self, value: object) -> object:
        return cast("date", value).isoformat()

    def read(self, found: object) -> object:
        return date.fromisoformat(cast("str", found))


class _Moment(SecretColumn):
    """An encrypted moment, which is read in UTC."""

    def plain(self, value: object) -> object:
        return cast("datetime", value).astimezone(UTC).isoformat()

    def read(self, found: object) -> object:
        return datetime.fromisoformat(cast("str", found))


class SealedMoment(_Moment, Sealed):
    """A sealed moment."""


class EncryptedMoment(_Moment, Encrypted):
    """A moment that belongs to no registration, encrypted with the service's keys."""


class SealedList(Sealed):
    """A sealed list, which is empty after erasure."""

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return [] if value is None else super().process_result_value(value, dialect)


class SealedLongText(Sealed):
    """A long text, compressed and then encrypted. Compression reduces a stored problem of the engine to a ninth. Texts
    from an earlier version without compression can be read too.
    """

    def plain(self, value: object) -> object:
        return {_PACKED: b64encode(zlib.compress(cast("str", value).encode())).decode()}

    def read(self, found: object) -> object:
        return zlib.decompress(b64decode(found[_PACKED])).decode() if isinstance(found, dict) else found


class SealedRecord(Sealed):
    """A sealed record of a model, padded to `smallest` bytes, or twice, four times ... as many, to hide its length."""

    def __init__(self, model: type[BaseModel], owner: str, smallest: int = 8192) -> None:
        super().__init__(owner)
        self.model, self.smallest = model, smallest

    def plain(self, value: object) -> object:
        return filled_up(cast("BaseModel", value).model_dump(mode="json", exclude_defaults=True), self.smallest)

    def read(self, found: object) -> object:
        return self.model.model_validate(cast("list[object]", found)[0])


class EncryptedRecord(Encrypted):
    """A record of a model that belongs to no registration, encrypted with the service's keys."""

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self.model = model

    def plain(self, value: object) -> object:
        return cast("BaseModel", value).model_dump(mode="json", exclude_defaults=True)

    def read(self, found: object) -> object:
        return self.model.model_validate(found)


def filled_up(value: object, smallest: int) -> list[object]:
    """Returns the value with spaces. As JSON, both have the length `smallest`, or twice, four times ... that length."""
    used, size = len(json.dumps([value, ""])), smallest
    while size < used:
        size *= 2
    return [value, " " * (size - used)]
