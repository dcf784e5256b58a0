"""Checks of the service's keys and the key store. They distinguish lost keys from keys of another service. They
recommend `placement keys rotate` only if every key exists.
"""

from collections.abc import Iterator

from sqlmodel import col, select

from placement.audit import key_overview
from placement.core.codes import StoreFact
from placement.core.context import Act
from placement.core.errors import TokenAway
from placement.crypto.encrypted_columns import Keys
from placement.doctor.findings import Finding, Found
from placement.storage import field_sealing, store_records
from placement.storage.field_sealing import keys_of_session
from placement.tables import DataKey


def lacking(act: Act) -> Finding | None:
    """Returns a finding if the whole store is unreadable, because the key store or the service's keys belong to another
    database. Otherwise returns `None`.
    """
    if not field_sealing.owns_its_store(act.session):
        return Finding(Found.KEYS_FOREIGN, {"folder": str(act.settings.key_store)})
    keys = keys_of_session(act.session)
    values, without = key_overview.values_by_key(act.session, keys)
    try:
        data, lost = _data_keys_by_master(act, keys)
    except TokenAway:  # `_token_and_age` reports it
        data, lost = 0, 0
    if not without + lost:
        return None
    found = Found.KEYS_OLD_MISSING if values + data else Found.KEYS_OTHER_SERVICE
    return Finding(found, {"count": without + lost})


def keys(act: Act) -> Iterator[Finding]:
    """Yields the findings about the keys. The caller must have checked that the store is readable."""
    wrong = [*_losses(act)]
    seen = key_overview.overview(act)
    if not seen.answers:
        wrong = [Finding(Found.KEYS_AWAY, {"token": seen.token})]
    elif seen.older and not wrong:
        wrong.append(Finding(Found.KEYS_OLDER, {"count": seen.older}))
    copied = store_records.records(act.session).get(StoreFact.KEYS_COPIED)
    is_copied = copied is not None and copied.detail == store_records.fingerprint_of_keys(act.settings)
    if not (is_copied or store_records.is_synthetic(act.session)):
        wrong.append(Finding(Found.KEYS_NOT_COPIED))
    yield from wrong or [Finding(Found.KEYS_WELL, {"count": sum(kind.keys for kind in seen.kinds)})]


def _losses(act: Act) -> Iterator[Finding]:
    """Yields findings about data keys that are missing or damaged, and about destroyed keys that exist again."""
    try:
        missing = len(field_sealing.missing_keys(act.session))
    except TokenAway:
        return
    if missing:
        yield Finding(Found.KEYS_MISSING, {"count": missing})
    store = keys_of_session(act.session).store
    destroyed = act.session.exec(select(DataKey.owner).where(col(DataKey.destroyed_at).is_not(None)))
    names = set(store.names())
    if returned := sum(name in names and not store.is_destroyed(name) for name in destroyed):
        yield Finding(Found.KEYS_RETURNED, {"count": returned, "folder": str(store.folder)})


def _data_keys_by_master(act: Act, keys: Keys) -> tuple[int, int]:
    """Returns two numbers of data keys: those that the service can decrypt, and those whose master key it lacks."""
    known = {one.name for one in keys.store.masters.listed()}
    live = act.session.exec(select(DataKey.owner).where(col(DataKey.destroyed_at).is_(None)))
    named = [name for name in map(keys.store.wrapped_by, live) if name]
    own = sum(name in known for name in named)
    return own, len(named) - own
