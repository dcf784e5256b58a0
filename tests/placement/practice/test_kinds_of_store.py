"""A practice room and a real store: neither opens as the other, on both stores; nor in one process."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from placement.core import practice_mode
from placement.core.codes import StoreFact
from placement.core.errors import Misconfigured
from placement.core.practice_codes import SceneCode
from placement.core.practice_variables import practice_variables
from placement.core.settings import Settings
from placement.practice import making
from placement.storage import store_records
from tests.support.practice import Practice, in_practice
from tests.support.settings import changed
from tests.support.stores import AT, one_store


def test_real_store_refuses_to_open_as_practice(empty):
    as_practice = replace(empty.database, practice=True)
    with pytest.raises(Misconfigured, match="no practice room"), as_practice.transaction():
        pass
    with pytest.raises(Misconfigured, match="no practice room"):
        as_practice.migrate()


def become_practice(empty):
    with empty.database.transaction() as session:
        store_records.record(session, StoreFact.PRACTICE, AT, "1.0.0")


def test_practice_room_refuses_to_open_as_real(empty):
    become_practice(empty)
    with pytest.raises(Misconfigured, match="this store is a practice room"), replace(empty.database).transaction():
        pass


@one_store
@pytest.mark.parametrize("words", [("jobs",), ("migrate",), ("audit", "verify"), ("messages", "list")])
def test_each_command_refuses_a_practice_room(empty, command_over, words):
    become_practice(empty)
    with pytest.raises(Misconfigured, match="this store is a practice room"):
        command_over(empty)(*words)


def test_practice_empties_no_real_store(empty, tmp_path):
    url = empty.settings.database_url
    with in_practice(tmp_path, url) as settings, pytest.raises(Misconfigured, match="not emptied"):
        making.make(settings, SceneCode.RAID, size="small")
    with empty.database.transaction() as session:
        assert StoreFact.PRACTICE not in store_records.records(session)


@pytest.mark.wide
def test_practice_room_is_made_anew(stores, tmp_path):
    url = stores.blank() if stores.kind == "postgresql" else ""
    with in_practice(tmp_path, url) as settings:
        first = Practice(settings, SceneCode.FIRST_NIGHT)
        second = Practice(first.settings, SceneCode.RAID)  # which has the keys of the first
        assert (first.made.scene, second.made.scene) == (SceneCode.FIRST_NIGHT, SceneCode.RAID)
        with second.act() as act:
            assert store_records.records(act.session).keys() >= {StoreFact.PRACTICE, StoreFact.SYNTHETIC}
            assert act.session.connection().execute(text("SELECT count(*) FROM massevent")).scalar() == 1
            assert act.session.connection().execute(text("SELECT count(*) FROM sentregistration")).scalar() == 0
        real = changed(Settings(var=tmp_path), database_url=second.settings.database_url)
        with pytest.raises(Misconfigured, match="never both"):
            practice_mode.enter(real.var, practice=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PLACEMENT_BACKUP_FOLDER", "/elsewhere"),
        ("PLACEMENT_AUDIT_HEADS", "/elsewhere/heads"),
        ("PLACEMENT_KEY_STORE", "/elsewhere"),
        ("PLACEMENT_LADDER_NUMBERS", "+31301234567"),
        ("PLACEMENT_BACKUP_DATA_FOR", "age1a"),
        ("PLACEMENT_BACKUP_KEYS_FOR", "age1b"),
        ("PLACEMENT_KEY_TOKEN", "pkcs11:token=placement"),
        ("PLACEMENT_PUBLIC_TELEPHONE", "+31301234567"),
        ("PLACEMENT_SHEET_FOR", "age1"),
    ],
)
def test_practice_with_a_way_outside_is_refused(tmp_path, monkeypatch, variable, value):
    with in_practice(tmp_path):
        monkeypatch.setenv(variable, value)
        with pytest.raises(Misconfigured, match=f"leave out {variable}"):
            Settings.from_environment()


def test_practice_keeps_rules_and_no_way_outside(tmp_path, monkeypatch):
    given = {
        "PLACEMENT_VAR": str(tmp_path),
        "PLACEMENT_DUTY_HOURS": "8-18",
        "PLACEMENT_SMTP_HOST": "mail.example",
        "PLACEMENT_SMTP_SENDER": "a@b.example",
        "PLACEMENT_ADDRESS": "https://real.example",
        "PLACEMENT_BACKUP_DATA_FOR": "age1a",
        "PLACEMENT_SMS_URL": "https://sms.example/{number}",
        "PLACEMENT_METRICS_TOKEN": "x" * 40,
        "DATABASE_URL": "postgresql://real.example/placement",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    made = practice_variables(Settings.from_environment(), "https://practice.example", given)
    kept = {name for name, value in given.items() if made.get(name) == value}
    assert kept == {"PLACEMENT_DUTY_HOURS"}
    assert made["DATABASE_URL"] == f"sqlite:///{tmp_path}/practice/placement.db"
    assert made["PLACEMENT_ADDRESS"] == "https://practice.example"
