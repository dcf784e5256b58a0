"""Types of encrypted columns for values that JSON cannot represent."""

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
    """A day, encrypted with the data key of its owner."""

    def plain(self, value: object) -> object:
        return cast("date", value).isoformat()

    def read(self, found: object) -> object:
        return date.fromisoformat(cast("str", found))


class _Moment(SecretColumn):
    """An encrypted time, loaded as UTC."""

    def plain(self, value: object) -> object:
        return cast("datetime", value).astimezone(UTC).isoformat()

    def read(self, found: object) -> object:
        return datetime.fromisoformat(cast("str", found))


class SealedMoment(_Moment, Sealed):
    """A time, encrypted with the data key of its owner."""


class EncryptedMoment(_Moment, Encrypted):
    """A time, encrypted with the service's keys."""


class SealedList(Sealed):
    """A list, encrypted with the data key of its owner. After erasure it is empty."""

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return [] if value is None else super().process_result_value(value, dialect)


class SealedLongText(Sealed):
    """A long text, compressed and then encrypted. Compression makes a frozen problem nine times smaller. Texts that an
    earlier version stored without compression can be read too.
    """

    def plain(self, value: object) -> object:
        return {_PACKED: b64encode(zlib.compress(cast("str", value).encode())).decode()}

    def read(self, found: object) -> object:
        return zlib.decompress(b64decode(found[_PACKED])).decode() if isinstance(found, dict) else found


class SealedRecord(Sealed):
    """A record of a model, encrypted with its owner's key. Padded to `smallest` bytes, doubled until it fits."""

    def __init__(self, model: type[BaseModel], owner: str, smallest: int = 8192) -> None:
        super().__init__(owner)
        self.model, self.smallest = model, smallest

    def plain(self, value: object) -> object:
        return filled_up(cast("BaseModel", value).model_dump(mode="json", exclude_defaults=True), self.smallest)

    def read(self, found: object) -> object:
        return self.model.model_validate(cast("list[object]", found)[0])


class EncryptedRecord(Encrypted):
    """A record of a model, encrypted with the service's keys."""

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self.model = model

    def plain(self, value: object) -> object:
        return cast("BaseModel", value).model_dump(mode="json", exclude_defaults=True)

    def read(self, found: object) -> object:
        return self.model.model_validate(found)


def filled_up(value: object, smallest: int) -> list[object]:
    """Pads a value with spaces, so that its JSON has `smallest` bytes, doubled until the value fits."""
    used, size = len(json.dumps([value, ""])), smallest
    while size < used:
        size *= 2
    return [value, " " * (size - used)]
