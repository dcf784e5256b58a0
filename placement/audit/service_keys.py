"""Commands for the service's own keys: make, rotate, move to a token, remove old keys (`docs/guide/keys.md`)."""

from datetime import datetime
from pathlib import Path

from placement.audit import key_rotation
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_files import key_files, token_of
from placement.storage.database import Database
from placement.storage.field_sealing import require_own_store


def make(settings: Settings) -> list[Path]:
    """Makes the missing keys, in the token and in files. Returns the key files."""
    token, (fields, audit) = token_of(settings), key_files(settings)
    if token and not token.listed():
        token.add()
    made = []
    for file, given in ((fields, settings.field_keys), (audit, settings.audit_key)):
        if not given or file.path.exists():
            file.make()
            made.append(file.path)
    return made


def begin_rotation(settings: Settings) -> None:
    """Adds new keys, unless a rotation is in progress. Does not change keys in the environment."""
    token, files = token_of(settings), key_files(settings)
    if token:
        token.add()
    for file in files:
        file.wrap_anew()
    fields, _ = files
    if settings.field_key_file is not None and settings.field_keys:
        fields.add_to_rotate()


def in_need_of_old_keys(database: Database, settings: Settings) -> int:
    """Returns how many values and lines of key files still need an older key. Older keys must stay until this is 0."""
    return key_rotation.in_need_of_old_keys(database) + sum(len(file.stale()) for file in key_files(settings))


def retire(settings: Settings, at: datetime) -> int:
    """Removes all keys but the newest, and returns the number of removed keys. Raises `Misconfigured` if there is only
    one key, or if some process may not have read the newest key yet.
    """
    token, (fields, _) = token_of(settings), key_files(settings)
    in_file, in_token = len(settings.field_keys) - 1, len(token.listed()) - 1 if token else 0
    if in_file + in_token < 1:
        raise Misconfigured("there is one key only: make a new one with `placement keys rotate` first")
    if in_file:
        fields.keep_newest(at)
    if token and in_token:
        token.keep_newest(at)
    return in_file + in_token


def move(database: Database, settings: Settings) -> tuple[int, list[str]]:
    """Moves the master keys to the token: wraps each data key, and then each line of the key files, with the token's
    keys. Before, the service's own keys (from the key files or the environment) wrapped the data keys.

    The service must not run. Returns how many keys and lines were wrapped, and the names of data keys that no key
    unwraps. Safe to repeat after an interruption.
    """
    token = token_of(settings)
    if token is None:
        raise Misconfigured("set PLACEMENT_KEY_TOKEN first: it names the token that the keys go to")
    keys = keys_of(database.engine.dialect)
    with database.transaction() as session:
        require_own_store(session)
    if not token.listed():
        token.add()
    moved = sum(keys.store.move(name, keys.ring) for name in keys.store.names())
    lost = [name for name in keys.store.names() if not keys.store.opens(name)]
    return moved + sum(file.wrap_anew() for file in key_files(settings)), lost
