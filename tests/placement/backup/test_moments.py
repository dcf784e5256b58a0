"""A backup names two moments: all that was acknowledged before the first is in it, nothing written after the second."""

import json
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from placement.backup import postgresql, snapshot
from placement.backup.manifest import read
from placement.core import clock
from placement.crypto.encrypted_columns import keys_of
from placement.storage.database import Database
from placement.tables import Registration
from tests.support.stores import both_stores, one_store


@pytest.fixture
def while_copying(stores, monkeypatch):
    """Returns a function that acts in the midst of the next backup: after the moment of its data, before its dump."""

    def do(act):
        where = (postgresql, "dump") if stores.kind == "postgresql" else (snapshot, "contents_of")
        copy = getattr(*where)

        def act_and_copy(*given):
            act()
            return copy(*given)

        monkeypatch.setattr(*where, act_and_copy)

    return do


@pytest.mark.wide
@both_stores
def test_write_while_copying_is_after_the_second_moment(town, backups, while_copying):
    acknowledged = {}

    def register(name):
        acknowledged[name] = town.register(alias=name), clock.now()

    register("before")
    while_copying(lambda: register("meanwhile"))
    made = backups.make()
    register("after")
    settings, _ = backups.restored(made)
    with closing(Database.open(settings)) as database, database.transaction() as session:
        restored = set(session.exec(select(Registration.id)))
    nothing_after = datetime.fromisoformat(made.data.at)
    for case, at in acknowledged.values():
        assert (case in restored) == (at <= made.complete_until) == (at <= nothing_after)


@one_store
def test_manifest_of_an_older_version_is_read_with_its_seal(town, backups):
    made = backups.make()
    written = {**json.loads(backups.file(made).read_text()), "seal": ""}
    for archive in ("data", "keys"):
        del written[archive]["complete_until"]
    ring = keys_of(town.database.engine.dialect).ring
    written["seal"] = ring.seal(b"manifest of a backup\0" + json.dumps(written, sort_keys=True).encode())
    backups.file(made).write_text(json.dumps(written))
    older = read(backups.file(made))
    older.require_own(ring)
    assert older.complete_until <= made.complete_until
    assert f"{older.complete_until:%Y%m%dT%H%M%SZ}" == made.id
    assert backups.restored(older)[1].missing == []


@one_store
def test_backup_is_due_although_the_newest_is_in_the_future(backups, hands):
    made = backups.due()
    assert made.data is not None
    hands.at += timedelta(days=2)
    assert backups.due().data is not None
    hands.at -= timedelta(hours=46)
    assert backups.due().data is None  # apart from the backup of the future, the newest is two hours old
    hands.at += timedelta(hours=22)
    assert backups.due().data is not None
    assert backups.due() is None
