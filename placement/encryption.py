"""Fields that are unreadable in the database and in every copy of it: addresses, aliases, danger points, notes.

The keys live outside the database (`Settings.field_keys`). The newest encrypts, all decrypt, so a key can be replaced.
"""

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from placement.errors import Misconfigured


class _Keys:
    ring: MultiFernet | None = None


def use_keys(keys: tuple[str, ...]) -> None:
    """Called once, where the database is opened. Raises `Misconfigured` when there is no key, or a broken one."""
    if not keys:
        raise Misconfigured(
            "there is no key for the encrypted fields: set PLACEMENT_FIELD_KEYS, or run `placement keys new`"
        )
    try:
        _Keys.ring = MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise Misconfigured("a key for the encrypted fields is not a Fernet key (44 characters of base64)") from error


def new_key_file(var: Path) -> Path:
    """Makes a random key in `var/keys/field.keys`, readable by its owner only; leaves an existing file alone."""
    file = var / "keys" / "field.keys"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(Fernet.generate_key().decode() + "\n")
    return file


class Encrypted(TypeDecorator[Any]):
    """A JSON value, encrypted. It cannot be searched or sorted, on purpose."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        _ = dialect
        return None if value is None else _ring().encrypt(json.dumps(value).encode()).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        _ = dialect
        return None if value is None else json.loads(_ring().decrypt(value))


def _ring() -> MultiFernet:
    if _Keys.ring is None:
        raise Misconfigured("the encrypted fields were used before the database was opened")
    return _Keys.ring
