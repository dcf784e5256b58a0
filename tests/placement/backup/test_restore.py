"""A backup, and the way back: what is in it, which keys it is restored with, and what is refused."""

import json
from contextlib import closing
from datetime import datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import select

from placement.audit import log as audit_log
from placement.audit import row_check, verification
from placement.audit.events import Event
from placement.audit.watcher import Watcher
from placement.backup import archives, snapshot
from placement.backup.check import check, opened
from placement.backup.manifest import read
from placement.backup.restore import Wanted, restore
from placement.core.codes import StoreFact
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_file
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.crypto.encrypted_columns import keys_of
from placement.storage import field_sealing, hash_chain, log_keys
from placement.storage.database import Database
from placement.storage.watch import watch_of
from placement.tables import DataKey, Registration, StoreRecord
from tests.support.audit_log import logged
from tests.support.backups import rows_of
from tests.support.settings import changed
from tests.support.stores import address_of, both_stores, one_store, run_statement

WRITTEN_BY_A_RESTORE = {"auditevent", "auditindex", "storerecord", "datakey"}


def destroy(town, *owners):
    with town.act() as act:
        field_sealing.destroy_keys(act, owners)
        audit_log.write(act, Event.KEYS_DESTROYED, subject="B-1", count=len(owners))


def sight_of(settings, case):
    """The urgency of a case, which is in clear, and whether its content opens."""
    with closing(Database.open(settings)) as database, database.transaction() as session:
        row = session.get(Registration, case)
        return None if row is None else field_sealing.keys_of_session(session).store.opens(case)


def key_rows(settings):
    with closing(Database.open(settings)) as database, database.transaction() as session:
        return {row.owner: row.destroyed_at is not None for row in session.scalars(select(DataKey))}


@pytest.mark.wide
@both_stores
def test_restored_store_has_every_row_and_verifies(town, backups):
    town.house(town.register(alias="Merel"))
    town.propose(town.register(alias="Specht"))
    before = rows_of(town.database)
    made = backups.make()
    settings, restored = backups.restored(made)
    with closing(Database.open(settings)) as database:
        after = rows_of(database)
        database.require_usable()
        assert opened(database).missing == set()
        assert verification.verify(database, []).first_bad is None
        with database.transaction() as session:
            [event] = logged(session, event=Event.STORE_RESTORED.value)
            told = session.get_one(StoreRecord, StoreFact.RESTORED)
            assert datetime.fromisoformat(told.detail) == made.complete_until
    assert {name: after[name] for name in before if name not in WRITTEN_BY_A_RESTORE} == {
        name: rows for name, rows in before.items() if name not in WRITTEN_BY_A_RESTORE
    }
    assert after["datakey"] == before["datakey"]
    assert set(before["auditevent"]) < set(after["auditevent"])
    assert (event.facts["backup"], event.facts["missing"], restored.missing, restored.lines_lost) == (made.id, 0, [], 0)


@pytest.mark.wide
@both_stores
def test_log_of_before_a_new_key_goes_on_with_it_restored(town, backups):
    town.register(alias="Merel")
    made = backups.make()
    keys = f"{cipher.new_key()}\n{backups.settings.audit_key}"
    settings = changed(backups.elsewhere(), audit_key=keys)
    restore(settings, backups.wanted(made))
    with closing(Database.open(settings)) as database:
        log, rows = row_check.verify(database, [])
        assert (log.first_bad, rows.is_good) == (None, True)
        with database.transaction() as session:
            [event] = logged(session, event=Event.LOG_KEY_OPENED.value)
    assert event.facts["key"] == hash_chain.name_of(log_keys.keys_of(keys)[0])


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_lines_beside_the_chain_come_back_and_go_into_it(town, backups, monkeypatch):
    monkeypatch.setattr(town.database.sealer, "lines_stored", lambda: None)
    case = town.register(alias="Merel")
    settings, _ = backups.restored(backups.make())
    with closing(Database.open(settings)) as database:
        log, rows = row_check.verify(database, [])
        assert (log.first_bad, log.unsealed, rows.is_good) == (None, 0, True)
        with database.transaction() as session:
            assert len(logged(session, event=Event.REGISTERED.value, registration_id=case)) == 1


@pytest.mark.wide
@both_stores
def test_watcher_accepts_the_restored_moment_that_is_stated(town, backups):
    """The key store stays, and knows of later lines; who restored is stated with the moment."""
    made = backups.make()
    town.register(alias="Merel")
    settings = changed(backups.elsewhere(), key_store=town.settings.key_store)
    restore(settings, backups.wanted(made, keep_keys=True))
    with closing(Database.open(settings)) as database:
        Watcher(database, settings).look()
        state = watch_of(database.engine.dialect).newest(database.audit_keys)
        with database.transaction() as session:
            assert not logged(session, event=Event.ROWS_DIFFER.value)
            [event] = logged(session, event=Event.STORE_RESTORED.value)
    assert (state.restored.backup, state.restored.by, state.check.lost) == (made.id, event.actor, None)
    assert datetime.fromisoformat(state.restored.moment) == made.complete_until


@pytest.mark.wide
@both_stores
def test_verify_opens_everything_and_leaves_nothing(town, backups):
    town.register(alias="Merel")
    made = backups.make()
    before = rows_of(town.database)
    found = check(backups.settings, backups.wanted(made))
    assert found.is_good
    assert (found.values > 0, found.erased, found.lines) == (True, 0, made.line)
    assert rows_of(town.database) == before
    assert list(backups.settings.var.glob(".verify-*")) == []


def test_verify_by_a_role_without_right_says_which_it_needs(postgresql, tmp_path, field_key, audit_key):
    run_statement(postgresql, "CREATE ROLE makes_none LOGIN")
    url = make_url(postgresql.replace("postgres://", "postgresql://", 1)).set(username="makes_none")
    files = {"var": tmp_path, "key_store": tmp_path / "keys"}
    settings = Settings(database_url=address_of(url), field_keys=(field_key,), audit_key=audit_key, **files)
    with pytest.raises(Misconfigured, match="may not make: ALTER ROLE"):
        check(settings, Wanted(tmp_path / "none.json", []))


@pytest.mark.wide
@one_store
def test_verify_tells_what_was_tampered_with(town, backups):
    first, second = town.register(alias="Merel"), town.register(alias="Specht")
    with town.database.engine.begin() as connection:
        swap = "UPDATE registration SET content = (SELECT content FROM registration WHERE id = :b) WHERE id = :a"
        connection.execute(text(swap), {"a": first, "b": second})
    found = check(backups.settings, backups.wanted(backups.make()))
    assert (found.is_good, found.damaged) == (False, ["registration.content"])


@pytest.mark.wide
@both_stores
def test_keys_are_copied_after_the_data_that_needs_them(town, backups, monkeypatch):
    """Whatever is archived first, a case is registered after it: its key is in the backup, or its row is not."""
    made = []

    def then_register(step):
        def stepped(*args):
            done = step(*args)
            made.append(town.register(alias=f"Merel {len(made)}"))
            return done

        return stepped

    monkeypatch.setattr(snapshot, "take", then_register(snapshot.take))
    monkeypatch.setattr(archives, "write_keys", then_register(archives.write_keys))
    settings, restored = backups.restored(backups.make())
    assert (len(made), restored.missing) == (2, [])
    assert [sight_of(settings, case) for case in made] == [None, None]


@pytest.mark.wide
@both_stores
def test_restore_with_keys_an_hour_older_is_asked_for(town, backups):
    known = town.register(alias="Merel")
    older = backups.make(only_keys=True)
    lost = town.register(alias="Specht")
    made = backups.make()
    (backups.settings.backup_folder / made.keys.file).unlink()
    with pytest.raises(Misconfigured, match="older than the data"):
        backups.restored(made)
    settings, restored = backups.restored(made, older_keys=True)
    assert (restored.keys, restored.missing) == (older.id, [lost])
    assert (sight_of(settings, known), sight_of(settings, lost)) == (True, False)
    assert check(backups.settings, backups.wanted(made, older_keys=True)).missing == [lost]


@pytest.mark.wide
@both_stores
def test_key_destroyed_after_the_data_stays_destroyed(town, backups):
    gone, kept = town.register(alias="Merel"), town.register(alias="Specht")
    made = backups.make()
    destroy(town, gone)
    newest = backups.make(only_keys=True)
    settings, restored = backups.restored(made)
    assert (restored.keys, restored.missing) == (newest.id, [])
    assert {key_rows(settings)[case] for case in (gone,)} == {True}
    with closing(Database.open(settings)) as database:
        store = keys_of(database.engine.dialect).store
        assert (store.is_destroyed(gone), store.is_destroyed(kept)) == (True, False)
        assert opened(database).erased > 0


@pytest.mark.wide
@both_stores
def test_key_destroyed_before_the_data_stays_destroyed(town, backups):
    """An older archive of the keys holds the whole key; the list in the data records its destruction."""
    gone = town.register(alias="Merel")
    older = backups.make(only_keys=True)
    destroy(town, gone)
    made = backups.make()
    (backups.settings.backup_folder / made.keys.file).unlink()
    assert archives.read_keys(backups.settings.backup_folder / older.keys.file, backups.identities)[f"{gone}.key"]
    settings, restored = backups.restored(made, older_keys=True)
    assert (restored.destroyed, key_rows(settings)[gone]) == (1, True)
    with closing(Database.open(settings)) as database:
        assert keys_of(database.engine.dialect).store.is_destroyed(gone)


@pytest.mark.wide
@both_stores
def test_key_store_that_was_not_lost_stays_and_forgets_again(town, backups):
    gone, kept = town.register(alias="Merel"), town.register(alias="Specht")
    destroy(town, gone)
    made = backups.make()
    store = keys_of(town.database.engine.dialect).store
    store.put_back(archives.read_keys(backups.settings.backup_folder / made.keys.file, backups.identities))
    (store.folder / f"{gone}.key").write_bytes((store.folder / f"{kept}.key").read_bytes())  # put back from anywhere
    settings = changed(backups.elsewhere(), key_store=store.folder)
    with pytest.raises(Misconfigured, match="--keep-keys"):
        restore(settings, backups.wanted(made))
    restored = restore(settings, Wanted(backups.file(made), backups.identities[:1], keep_keys=True))
    assert (restored.keys, restored.destroyed, store.is_destroyed(gone), store.opens(kept)) == ("", 1, True, True)


@pytest.mark.wide
@both_stores
def test_restore_refuses_a_store_that_is_not_empty(town, backups):
    made = backups.make()
    before = rows_of(town.database)
    with pytest.raises(Misconfigured, match="the database is not empty"):
        restore(backups.settings, backups.wanted(made))
    assert rows_of(town.database) == before


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("kind", ["data", "keys", "manifest", "other keys of the service"])
def test_restore_refuses_what_is_not_as_it_was_made(town, backups, kind):
    town.register(alias="Merel")
    made, settings = backups.make(), backups.elsewhere()
    if kind in {"data", "keys"}:
        file = backups.settings.backup_folder / getattr(made, kind).file
        content = bytearray(file.read_bytes())
        content[-20] ^= 1
        file.write_bytes(bytes(content))
    elif kind == "manifest":
        written = json.loads(backups.file(made).read_text())
        backups.file(made).write_text(json.dumps({**written, "line": written["line"] - 1}))
        backups.make(only_keys=True)
    else:
        settings = changed(settings, field_keys=(Fernet.generate_key().decode(),))
    with pytest.raises(Misconfigured, match="not as it was" if kind in {"data", "keys"} else "not by a key"):
        restore(settings, backups.wanted(made))
    assert not (settings.key_store / "store.id").exists()
    assert not settings.audit_heads.exists()


STEPS = ["_put_keys", "_require_same", "_require_head", "_put_heads", "_put_settings", "_finish"]


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("step", STEPS)
def test_restore_cut_off_serves_nothing_and_goes_on(town, backups, monkeypatch, step):
    case = town.register(alias="Merel")
    made, settings = backups.make(), backups.elsewhere()

    class Killed(Exception):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"placement.backup.restore._Restore.{step}", killed)
        with pytest.raises(Killed):
            restore(settings, backups.wanted(made))
    with closing(Database.open(settings)) as database, pytest.raises(Misconfigured):
        database.require_usable()
    other = backups.make()
    with pytest.raises(Misconfigured, match="cut off"):
        restore(settings, backups.wanted(other))
    restore(settings, backups.wanted(made))
    assert sight_of(settings, case)
    assert list(settings.var.glob(".restore-*")) == []


@pytest.mark.wide
@one_store
def test_heads_of_a_log_that_went_on_are_put_aside(town, backups):
    made, settings = backups.make(), backups.elsewhere()
    town.register(alias="Merel")
    with town.act() as act:
        verification.write_head(act)
    [head] = verification.read_heads(town.settings.audit_heads)
    settings.audit_heads.write_bytes(town.settings.audit_heads.read_bytes())
    restored = restore(settings, backups.wanted(made))
    assert restored.lines_lost == head.line - made.line > 0
    aside = settings.audit_heads.with_name(f"{settings.audit_heads.name}.before-{made.id}")
    assert verification.read_heads(aside) == [head]
    assert verification.read_heads(settings.audit_heads) == []


@pytest.mark.wide
@one_store
def test_settings_are_put_back_without_secrets(backups, monkeypatch):
    secrets = {"DATABASE_URL": "sqlite:///geheim.db", "PLACEMENT_FIELD_KEYS": "geheim", "PLACEMENT_AUDIT_KEY": "geheim"}
    for name, value in {**secrets, "PLACEMENT_HOLD_HOURS": "3", "PLACEMENT_CONTACT_NAME": "L'été \\ Utrecht"}.items():
        monkeypatch.setenv(name, value)
    settings, _ = backups.restored(backups.make())
    written = settings_file(settings.var).read_text()
    assert "PLACEMENT_HOLD_HOURS='3'" in written
    assert "PLACEMENT_CONTACT_NAME='L\\'été \\\\ Utrecht'" in written
    assert "geheim" not in written
    assert "PLACEMENT_VAR" not in written


@one_store
def test_manifest_and_archives_tell_nothing_in_clear(town, backups):
    case = town.register(alias="Merelkanarie")
    made = backups.make()
    for file in backups.settings.backup_folder.iterdir():
        content = file.read_bytes()
        assert not any(word.encode() in content for word in ("Merelkanarie", case, "registration")), file
        assert file.stat().st_mode & 0o077 == 0
    data, keys = (backups.settings.backup_folder / one.file for one in (made.data, made.keys))
    for archive, identity in ((data, 1), (keys, 0)):
        with pytest.raises(Misconfigured, match="opens with none"):
            archives.read_keys(archive, [backups.identities[identity]])
    assert read(backups.file(made)) == made
