"""A synthetic country: goes into an empty database only, never into a database in use."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.accounts import accounts, invitations
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_file
from placement.storage.store_inspection import Contents, contents_of
from placement.tables import Invitation, Organisation, Provider, Shelter
from tests.support.accounts import account_row
from tests.support.next_version import become_next_version
from tests.support.ports import free_port
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import AT


@pytest.fixture
def command(empty, command_over):
    return command_over(empty)


def begun(empty, what):
    with empty.database.transaction() as session:
        act = Act(session, SYSTEM, AT, empty.settings)
        match what:
            case "an admin was invited":
                invitations.invite(act, "admin@placement.example", Role.ADMIN, [], accounts.coordination_centre(act).id)
            case "an organisation":
                accounts.coordination_centre(act)
            case "an account":
                session.add(account_row("A1", Role.ADMIN))
            case "a provider":
                session.add(Provider(id="P1", name="-"))


WORDS = [("seed", "--size", "small"), ("serve", "--demo", "--port", str(free_port()))]


@one_store
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("an admin was invited", "organisations: 1, invitations: 1"),
        ("an organisation", "organisations: 1"),
        ("an account", "accounts: 1"),
        ("a provider", "providers: 1"),
    ],
)
@pytest.mark.parametrize("words", WORDS)
def test_synthetic_country_in_a_store_in_use_is_refused(empty, command, what, said, words):
    begun(empty, what)
    before = [row.id for table in (Organisation, Invitation) for row in all_of(empty, table)]
    with pytest.raises(Misconfigured, match=rf"not empty.*\({said}\).*DATABASE_URL"):
        command(*words)
    assert all_of(empty, Shelter) == []
    assert [row.id for table in (Organisation, Invitation) for row in all_of(empty, table)] == before


@one_store
@pytest.mark.parametrize("words", WORDS)
def test_store_that_init_was_begun_for_is_refused(empty, command, words, tmp_path):
    settings_file(tmp_path).write_text("PLACEMENT_ADDRESS=https://placement.example\n")
    with pytest.raises(Misconfigured, match=r"placement init"):
        command(*words)
    assert all_of(empty, Shelter) == []


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("words", WORDS)
def test_refusal_migrates_nothing_and_makes_no_key(empty, command, words, tmp_path, monkeypatch):
    begun(empty, "a provider")
    become_next_version(monkeypatch, tmp_path)
    with pytest.raises(Misconfigured, match="providers: 1"):
        command(*words)
    assert not empty.database.is_current()
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["field.keys"]


@pytest.mark.wide
def test_seeded_store_is_known_and_not_seeded_again(empty, command):
    assert not contents_of(empty.settings).is_used
    assert command("seed", "--size", "small").exit_code == 0
    assert contents_of(empty.settings).synthetic is True
    with pytest.raises(Misconfigured, match="synthetic country is in this store already"):
        command("seed", "--size", "small")


@pytest.mark.wide
def test_store_without_records_is_neither_seeded_nor_not(country):
    with country.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE storerecord"))
    assert contents_of(country.settings).synthetic is None


@one_store
def test_store_that_does_not_exist_is_not_made(empty, tmp_path):
    nowhere = changed(empty.settings, database_url=f"sqlite:///{tmp_path}/none.db")
    assert contents_of(nowhere) == Contents(has_tables=False, synthetic=False, is_begun=False, rows={})
    assert not (tmp_path / "none.db").exists()


def all_of(empty, table):
    with empty.database.transaction() as session:
        return session.exec(select(table)).all()


@pytest.mark.wide
@one_store
def test_seed_fills_an_empty_database(empty, command):
    assert command("seed", "--size", "small").exit_code == 0
    assert len(all_of(empty, Shelter)) > 0
