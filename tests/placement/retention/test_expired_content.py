"""Expired content is gone: from the bytes of the database, its journal or log, and the key store, on both stores.

Every secret field holds a canary. Before their time no byte of the database holds a canary in plain; after it,
the ciphers that are left (in a backup, in PostgreSQL's log) have no key anywhere.
"""

import mmap
import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import String, func, select, text, type_coerce
from sqlmodel import SQLModel

from placement.core.reason_codes import ChangeReason
from placement.crypto.encrypted_columns import Sealed, Secret, place_of, row_columns
from placement.crypto.key_store import KeyStore
from placement.placements.stays import fact_changes, stays
from placement.registrations import registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.retention.job import erase_everything_due, status_of
from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.storage import idempotency
from placement.storage.idempotency import Answer
from placement.tables import Provider
from tests.support.town import key_store_of

_CACHE = "pg_internal.init"
"""Of the catalogue: PostgreSQL takes it away and writes it anew at any moment; no row is in it."""


def canary():
    return f"Kanarie-{secrets.token_hex(8)}"


@dataclass(frozen=True)
class Filled:
    """A story, the canaries in it, and a word that is stored in plain, which the search must find."""

    town: object
    canaries: tuple[str, ...]
    plain: str
    before: str
    """Where PostgreSQL's log was before the story."""

    def stored(self) -> list[Path]:
        """The files of the database: all of SQLite's; of PostgreSQL the tables, and the log since the story began."""
        engine = self.town.database.engine
        if engine.dialect.name == "sqlite":
            file = Path(engine.url.database)
            return sorted(file.parent.glob(f"{file.name}*"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            base = connection.execute(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            ).scalar_one()
        log = [file for file in (folder / "pg_wal").iterdir() if file.is_file() and file.name >= self.before]
        of_tables = (file for file in (folder / "base" / str(base)).iterdir() if file.name != _CACHE)
        return sorted([*of_tables, *log])

    def keys(self) -> list[Path]:
        return [file for file in self.town.settings.key_store.iterdir() if file.is_file()]


def found(needles, files):
    """Which of the texts stand in the bytes of these files."""
    wanted = {needle: needle.encode() for needle in needles}
    seen = set()
    for file in files:
        if file.stat().st_size:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
                seen |= {needle for needle, sought in wanted.items() if content.find(sought) >= 0}
    return seen


def log_position(town):
    if town.database.engine.dialect.name == "sqlite":
        return ""
    with town.database.engine.connect() as connection:
        return connection.execute(select(func.pg_walfile_name(func.pg_current_wal_lsn()))).scalar_one()


@pytest.fixture
def filled(town):
    before = log_position(town)
    alias, declined, refused, blocked, ended, overridden, answer, why, plain = (canary() for _ in range(9))
    lat, near = (f"52.{secrets.randbelow(10**9) + 10**9}" for _ in range(2))
    with town.database.transaction() as session:
        session.add(Provider(id="P9", name=plain))
    client = town.register(
        alias=alias,
        parts={
            "threats": [ThreatInput(PointInput(lat=float(lat), lon=5.0), 5)],
            "near": PointInput(lat=float(near), lon=5),
        },
    )
    town.decline(town.propose(client), "unreachable", text=declined)
    decision = town.override(town.propose(client), "U4-crisis", text=overridden)
    town.refuse(town.hold_of(decision.id).id, "house_mix", refused)
    stay = town.house(client, "U1-women")
    town.do(stays.name_blocker, stay, "medical", blocked)
    near_it = [ThreatInput(PointInput(place="Alkmaar"), 5)]
    told = {"reason": ChangeReason.NEW_DANGER, "text": why, "confirm": True}
    town.do(fact_changes.change, client, town.registration(client).version, {}, threats=near_it, **told)
    town.end(stay, "own_housing", ended)
    town.do(registrations.close, town.register(alias=alias), "withdraws_consent")
    attempt = idempotency.claim(town.database, "A", "k", "f", town.at)
    with town.database.transaction() as session:
        idempotency.finish(session, attempt, Answer(200, {}, f'"{answer}"'))
    canaries = alias, declined, refused, blocked, ended, overridden, answer, why, lat[:12], near[:12]
    return Filled(town, canaries, plain, before)


def sealed_values(town):
    """Lists every cipher in the database, with the name of its key and the place at which it opens."""
    found = []
    with town.database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Sealed):
                    query = select(type_coerce(column, String), *row_columns(table)).where(column.is_not(None))
                    found += [
                        (*stored.split(":", 1), place_of(column, tuple(row)))
                        for stored, *row in connection.execute(query)
                    ]
    return found


def expire(filled):
    filled.town.later(days=CONTENT_FOR.days + 4)
    list(erase_everything_due(filled.town.database, filled.town.act_now))


@pytest.mark.wide
def test_canaries_are_never_in_the_database_in_plain(filled):
    assert found((*filled.canaries, filled.plain), filled.stored()) == {filled.plain}
    assert found(filled.canaries, filled.keys()) == set()
    expire(filled)
    assert found((*filled.canaries, filled.plain), filled.stored()) == {filled.plain}


@pytest.mark.wide
def test_expired_content_has_no_key_left_anywhere(filled):
    town = filled.town
    store = key_store_of(town)
    values = sealed_values(town)
    assert len(values) >= len(filled.canaries)
    names = {name for name, *_ in values}
    wrapped = {name: (store.folder / f"{name}.key").read_text() for name in names}
    assert found(wrapped.values(), filled.keys()) == set(wrapped.values())
    expire(filled)
    assert found(wrapped.values(), [*filled.keys(), *filled.stored()]) == set()
    left = sealed_values(town)
    assert {name.endswith("-facts") for name, *_ in left} == {True}
    for name, cipher, place in left:
        told = store.key(name).decrypt(cipher, place).decode()
        assert not [one for one in filled.canaries if one in told]
    assert all(store.is_destroyed(name) for name in names)
    living = [store.key(name) for name in store.names() if not store.is_destroyed(name)]
    for _, cipher, place in values:
        for key in living:
            with pytest.raises(InvalidTag):
                key.decrypt(cipher, place)
    if town.database.engine.dialect.name == "sqlite":  # it also writes zeros over what is deleted
        assert found([cipher for _, cipher, _ in values], filled.stored()) == set()


@pytest.mark.wide
def test_expired_content_leaves_nothing_due(filled):
    expire(filled)
    with filled.town.database.transaction() as session:
        assert {kind.name: status_of(session, kind, filled.town.at).due for kind in SCHEDULE} == dict.fromkeys(
            (kind.name for kind in SCHEDULE), 0
        )


@pytest.mark.wide
def test_the_search_finds_a_key_that_was_not_destroyed(filled, monkeypatch):
    """The same scan, with the guard taken away: rows are emptied, and keys left."""
    store = key_store_of(filled.town)
    wrapped = [(store.folder / f"{name}.key").read_text() for name, *_ in sealed_values(filled.town)]
    monkeypatch.setattr(KeyStore, "destroy", lambda *_: None)
    expire(filled)
    assert found(wrapped, filled.keys()) == set(wrapped)


@pytest.mark.wide
def test_the_search_finds_what_is_stored_in_plain(filled, monkeypatch):
    alias = canary()
    monkeypatch.setattr("placement.storage.field_sealing.sealed_with", lambda *_: Secret(alias))
    filled.town.register(alias=alias)
    assert found([alias], filled.stored()) == {alias}
