"""The making and removal of backups, and the refusals before a backup begins."""

import json
import random
import shutil
import threading
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from placement.audit.events import Event
from placement.backup import archives, creation, postgresql, snapshot
from placement.backup.check import check
from placement.core.codes import StoreFact
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.jobs.scheduler import scheduler_of
from placement.notifications.webhook_pool import WebhookPool
from placement.storage import store_records
from placement.storage.database import Database
from placement.tables import Registration
from tests.support.audit_log import logged
from tests.support.proof import FULL
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

CYCLES = 20 if FULL else 3


def there(backups):
    """The backups whose archives are there: how many have data, and how many keys."""
    files = [file.name for file in backups.settings.backup_folder.glob("*.age")]
    return sum(name.endswith(".data.age") for name in files), sum(name.endswith(".keys.age") for name in files)


@one_store
def test_due_backs_up_data_each_day_and_keys_each_hour(backups, hands):
    first = backups.due()
    assert (first.data is not None, backups.due()) == (True, None)
    hands.at += timedelta(hours=1)
    assert backups.due().data is None
    hands.at += timedelta(hours=22)
    assert backups.due().data is None
    hands.at += timedelta(hours=1)
    assert backups.due().data is not None
    assert there(backups) == (2, 4)


@one_store
def test_prune_removes_keys_after_7_days_and_data_later(backups, hands):
    backups.due()
    hands.at += timedelta(days=7, hours=1)
    backups.due()
    assert there(backups) == (2, 1)
    hands.at += timedelta(days=90)
    assert creation.prune(backups.settings, hands.at) != []
    assert there(backups) == (1, 0), "the newest data stay, and no key does"
    backups.due()
    assert len(list(backups.settings.backup_folder.glob("*.json"))) == 1, "a manifest goes with its archives"


@pytest.mark.wide
@one_store
def test_prune_is_done_although_the_backup_fails(backups, hands, monkeypatch):
    backups.due()
    hands.at += timedelta(days=8)
    monkeypatch.setattr(snapshot, "take", lambda *_: pytest.fail("the disk is full"))
    with pytest.raises(pytest.fail.Exception):
        backups.due()
    assert there(backups) == (1, 0)


@one_store
def test_backup_cut_off_leaves_nothing(backups, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(archives, "write_keys", lambda *_: pytest.fail("cut off"))
        with pytest.raises(pytest.fail.Exception):
            backups.make()
    assert there(backups) == (0, 0)
    assert list(backups.settings.var.glob(".backup-*")) == []
    (backups.settings.var / ".backup-killed").mkdir()
    (backups.settings.backup_folder / "placement-1.data.age.draft").touch()
    backups.make()
    assert there(backups) == (1, 1)
    assert list(backups.settings.var.glob(".backup-*")) == []
    assert list(backups.settings.backup_folder.glob("*.draft")) == []


@one_store
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"backup_data_for": ()}, "need PLACEMENT_BACKUP_DATA_FOR"),
        ({"backup_keys_for": ("age1wrong",)}, "no public key"),
    ],
)
def test_backup_without_right_recipients_is_refused(backups, facts, words):
    backups.settings = changed(backups.settings, **facts)
    with pytest.raises(Misconfigured, match=words):
        backups.make()
    with pytest.raises(Misconfigured, match=words):
        backups.due()


@one_store
@pytest.mark.parametrize(
    "facts", [{"backup_data_for": ("age1a",), "backup_keys_for": ("age1a",)}, {"backup_keys_days": 8}]
)
def test_settings_of_backups_that_break_the_rule_are_refused(backups, facts):
    with pytest.raises(Misconfigured, match="PLACEMENT_BACKUP_KEYS"):
        changed(backups.settings, **facts)


@one_store
def test_backup_with_too_little_room_is_refused(backups, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1000))
    with pytest.raises(Misconfigured, match=r"a backup needs .* are free"):
        backups.make()


@one_store
def test_backup_of_a_foreign_key_store_is_refused(backups, tmp_path):
    settings = changed(backups.settings, key_store=tmp_path / "foreign")
    with closing(Database.open(settings)) as database, pytest.raises(Misconfigured, match="not this database's"):
        creation.make(database, settings, backups.act_in)
    assert there(backups) == (0, 0)


@one_store
def test_second_backup_at_once_is_refused_and_not_due(backups):
    backups.settings.backup_folder.mkdir()
    with creation._alone(backups.settings.backup_folder):
        with pytest.raises(Misconfigured, match="another backup"):
            backups.make()
        assert backups.due() is None


@one_store
def test_backup_is_recorded_with_the_moment_of_its_data(town, backups):
    made = backups.make()
    with town.act() as act:
        record = store_records.records(act.session)[StoreFact.BACKUP_MADE]
    assert record.at == made.complete_until < datetime.fromisoformat(made.data.at)
    backups.make(only_keys=True)
    assert [event.facts["fact"] for event in logged(town, event=Event.STORE_RECORDED.value)] == ["backup_made"]


@one_store
def test_scheduler_backs_up_where_both_recipients_are_set(town, backups):
    pool = WebhookPool(town.database, backups.settings)
    with_both, without = (
        {job.id for job in scheduler_of(town.database, settings, pool).get_jobs()}
        for settings in (backups.settings, town.settings)
    )
    pool.close()
    assert with_both - without == {"backup"}


@one_store
def test_programs_of_postgresql_too_old_or_missing_are_named(backups, tmp_path):
    settings = changed(backups.settings, postgresql_programs=str(tmp_path))
    with pytest.raises(Misconfigured, match="postgresql-client-18"):
        postgresql.program(settings, "pg_dump", 18)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)'\n")
    old.chmod(0o700)
    with pytest.raises(Misconfigured, match=f"{old} is 15"):
        postgresql.program(settings, "pg_dump", 18)
    assert postgresql.program(settings, "pg_dump", 15) == old


@pytest.mark.wide
@one_store
def test_commands_back_up_verify_and_restore(town, backups, command_over, monkeypatch, tmp_path):
    case = town.register(alias="Merel")
    run = command_over(town)
    for name in ("DATA", "KEYS"):
        monkeypatch.setenv(f"PLACEMENT_BACKUP_{name}_FOR", getattr(backups.settings, f"backup_{name.lower()}_for")[0])
    identities = [word for file in backups.identities for word in ("--identity", str(file))]
    assert run("backup").exit_code == 0
    assert "nothing is due" in run("backup", "--due").stderr
    [manifest] = (tmp_path / "backups").glob("*.json")
    verified = run("backup", "verify", *identities)
    assert (verified.exit_code, json.loads(verified.stdout)["missing"]) == (0, [])
    monkeypatch.setenv("PLACEMENT_KEY_STORE", str(tmp_path / "new-keys"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    restored = run("restore", str(manifest), *identities)
    assert (restored.exit_code, "retention run" in restored.stderr) == (0, True)
    assert run("keys", "missing").exit_code == 0
    with closing(Database.open(Settings.from_environment())) as database, database.transaction() as session:
        assert session.get(Registration, case).alias == "Merel"


class _Writers:
    """Register clients, and destroy the keys of some, until they are stopped."""

    def __init__(self, town, count):
        self._town, self._stop, self.wrong = town, threading.Event(), []
        self._threads = [threading.Thread(target=self._write, args=[number]) for number in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number):
        chance = random.Random(number)
        while not self._stop.wait(0.01):
            try:
                case = self._town.register(alias=f"Merel {chance.random()}")
                if chance.random() < 0.3:
                    self._town.propose(case)
            except Exception as error:  # noqa: BLE001  (told at the end)
                self.wrong.append(error)


def _cycle(town, backups):
    with _Writers(town, 2) as writers:
        made = backups.make()
    assert writers.wrong == []
    assert check(backups.settings, backups.wanted(made)).is_good
    settings, restored = backups.restored(made)
    assert (restored.missing, restored.manifest.line) == ([], made.line)
    with closing(Database.open(settings)) as database, database.transaction() as session:
        for row in session.scalars(select(Registration)):
            assert row.alias.startswith("Merel")


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["sqlite", pytest.param("postgresql", marks=pytest.mark.wide)], indirect=True)
def test_backup_under_writes_restores_whole(town, backups):
    _cycle(town, backups)


@pytest.mark.long
@both_stores
def test_backups_under_writes_restore_whole_each_time(town, backups):
    for _ in range(CYCLES):
        _cycle(town, backups)
