"""Settings: what the environment may say, and what is said back when it is wrong."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from placement.errors import Misconfigured
from placement.key_ring import KeyRing, new_key_file
from placement.settings import Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "PLACEMENT_FIELD_KEYS", "PLACEMENT_KEY_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))


def test_nothing_set_gives_the_defaults_of_the_design(tmp_path):
    found = Settings.from_environment()
    assert found.database_url == f"sqlite:///{tmp_path / 'placement.db'}"
    assert (found.hold_lifetime, found.fresh_within, found.stale_after, found.token_lifetime) == (
        timedelta(hours=4), timedelta(hours=24), timedelta(hours=72), timedelta(minutes=15)
    )  # fmt: skip
    assert found.standing_confirmation is False
    assert found.field_keys == ()


@pytest.mark.parametrize("name", ["PLACEMENT_HOLD_HOURS", "PLACEMENT_FRESH_HOURS", "PLACEMENT_STALE_HOURS"])
@pytest.mark.parametrize("value", ["", "soon", "0", "-1", "nan", "inf", "1e300"])
def test_hours_that_are_none_are_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()


def test_hours_may_be_broken(monkeypatch):
    monkeypatch.setenv("PLACEMENT_HOLD_HOURS", "1.5")
    assert Settings.from_environment().hold_lifetime == timedelta(minutes=90)


def test_what_is_fresh_cannot_be_stale(monkeypatch):
    monkeypatch.setenv("PLACEMENT_FRESH_HOURS", "80")
    with pytest.raises(Misconfigured, match=r"PLACEMENT_FRESH_HOURS.*PLACEMENT_STALE_HOURS"):
        Settings.from_environment()


@pytest.mark.parametrize(("value", "found"), [("yes", True), ("no", False)])
def test_standing_confirmation_is_yes_or_no(monkeypatch, value, found):
    monkeypatch.setenv("PLACEMENT_STANDING_CONFIRMATION", value)
    assert Settings.from_environment().standing_confirmation is found


@pytest.mark.parametrize("value", ["", "true", "YES", "1"])
def test_any_other_word_is_named(monkeypatch, value):
    monkeypatch.setenv("PLACEMENT_STANDING_CONFIRMATION", value)
    with pytest.raises(Misconfigured, match="PLACEMENT_STANDING_CONFIRMATION must be yes or no"):
        Settings.from_environment()


def test_the_address_that_hosting_companies_write_is_understood(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@host/postgres://x")
    assert Settings.from_environment().database_url == "postgresql://somebody@host/postgres://x"


def test_keys_come_from_the_environment_else_from_the_file_the_newest_first(monkeypatch, tmp_path):
    file = new_key_file(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    made = file.read_text().strip()
    new_key_file(tmp_path)  # leaves it alone
    assert Settings.from_environment().field_keys == (made,)
    monkeypatch.setenv("PLACEMENT_FIELD_KEYS", "one, two\nthree")
    assert Settings.from_environment().field_keys == ("one", "two", "three")
    assert Settings.from_environment().field_key_file is None


def test_data_keys_are_beside_the_service_keys_unless_it_is_said_where(monkeypatch, tmp_path):
    assert Settings.from_environment().key_store == tmp_path / "keys" / "data"
    monkeypatch.setenv("PLACEMENT_KEY_STORE", "/mounted/keys")
    assert str(Settings.from_environment().key_store) == "/mounted/keys"


@pytest.mark.parametrize(
    ("keys", "said"),
    [((), "PLACEMENT_FIELD_KEYS"), (("short",), "44 characters"), ((Fernet.generate_key().decode(), "é"), "44")],
)
def test_without_a_good_key_nothing_starts(keys, said):
    with pytest.raises(Misconfigured, match=said):
        KeyRing(keys)
