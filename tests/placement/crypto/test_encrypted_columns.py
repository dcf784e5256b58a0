"""Encrypted columns: every byte of both stores is searched for what must not be readable."""

from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect, text
from sqlmodel import select

from matching import write_problem
from placement.capacity import report as capacity_report
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import Secret, is_readable, keys_of, use_keys
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.registrations.case import PointInput, ThreatInput
from placement.storage.database import Database
from placement.storage.field_sealing import place_named, seal
from placement.tables import Decision, FrozenProblem, Location, Proposal, Registration
from tests.support.settings import changed
from tests.support.town import key_store_of, shelter

CANARIES = ("Kanarie-alias", "Geheimstraat", "Kanarie-tekst", "Roosendaal", "52.987654", "Kanarie-einde", "51.123456")


@pytest.fixture
def filled(town):
    """Returns a town with text in every secret column."""
    client = town.register(
        alias="Kanarie-alias",
        parts={
            "threats": [
                ThreatInput(PointInput(lat=52.987654, lon=5.0), 5),
                ThreatInput(PointInput(place="Roosendaal"), 5),
            ],
            "near": PointInput(lat=51.123456, lon=5.0),
        },
    )
    town.decline(town.propose(client), "unreachable", text="Kanarie-tekst")
    town.refuse(town.hold_in(client, "U1-women"), "house_mix", "Kanarie-tekst")
    town.end(town.house(client), "other", "Kanarie-einde")
    town.do(capacity_report.confirm_capacity, "S1", actor=shelter("S1"))
    return town


def everything(town, stores):
    """All bytes of the store: of SQLite the files, of PostgreSQL every row of every table as text."""
    if stores.kind == "sqlite":
        file = Path(town.database.engine.url.database)
        return b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*")).decode("latin-1")
    with town.database.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = (connection.execute(text(f'SELECT t::text FROM "{table}" AS t')).scalars() for table in tables)  # noqa: S608
        return "\n".join(row for one in rows for row in one)


@pytest.mark.wide
def test_store_has_no_readable_alias_text_address_or_point(filled, stores):
    found = everything(filled, stores)
    assert "declined" in found  # what is not secret is there: the search works
    assert [canary for canary in CANARIES if canary in found] == []


@pytest.mark.wide
def test_the_search_finds_what_is_not_encrypted(filled, stores, monkeypatch):
    monkeypatch.setattr("placement.storage.field_sealing.encrypted_with", lambda _ring, _place, value: Secret(value))
    with closing(Database.open(filled.settings)) as fresh, fresh.transaction() as session:  # others know how to encrypt
        session.get_one(Location, "L1").address = "Kanarie-adres"
    assert "Kanarie-adres" in everything(filled, stores)


def test_encrypted_columns_are_readable_with_the_key(filled):
    [client] = filled.all(select(Registration))
    assert (client.alias, client.near["lat"]) == ("Kanarie-alias", 51.123456)
    assert filled.one("location", "L1").address == "Geheimstraat 1"
    assert "Kanarie-tekst" in [decision.text for decision in filled.all(select(Decision))]


def test_a_new_key_encrypts_and_the_old_one_still_reads(town):
    old, new = town.settings.field_keys[0], Fernet.generate_key().decode()

    def using(*keys):
        use_keys(town.database.engine.dialect, changed(town.settings, field_keys=keys))

    client = town.register(alias="toen")
    using(new, old)
    then = town.register(alias="nu")
    assert [town.registration(one).alias for one in (client, then)] == ["toen", "nu"]
    key_store_of(town).rewrap(PSEUDONYMS)  # without it no area is read
    using(new)
    assert town.registration(then).alias == "nu"
    assert not is_readable(town.registration(client).alias)


def test_equal_values_have_different_ciphertexts(town):
    town.register(alias="twee keer")
    town.register(alias="twee keer")
    with town.database.engine.connect() as connection:
        ciphers = connection.execute(text("SELECT alias FROM registration")).scalars().all()
    assert len(set(ciphers)) == 2


def test_empty_value_stays_empty(town):
    client = town.register()
    with town.database.engine.connect() as connection:
        assert connection.execute(text("SELECT alias FROM registration")).scalars().all() == [None]
    assert town.registration(client).alias is None


@pytest.mark.wide
def test_sqlite_file_is_readable_by_its_owner_only(tmp_path, field_key, audit_key):
    file = tmp_path / "of the service" / "placement.db"
    settings = Settings(
        database_url=f"sqlite:///{file}", field_keys=(field_key,), key_store=tmp_path / "keys", audit_key=audit_key
    )
    database = Database.open(settings)
    database.migrate()
    database.close()
    assert file.stat().st_mode & 0o777 == 0o600


def test_before_a_database_is_opened_there_is_no_key():
    with pytest.raises(Misconfigured, match="before the database was opened"):
        keys_of(create_engine("sqlite://").dialect)


def test_a_proposal_keeps_its_problem_encrypted(town):
    client = town.register()
    town.propose(client)
    with town.database.engine.connect() as connection:
        [(problem, advice)] = connection.execute(text("SELECT p.problem, advice FROM frozenproblem p, proposal")).all()
    assert client not in problem
    assert client not in advice
    assert client in town.all(select(FrozenProblem))[0].problem


def test_a_proposal_of_an_earlier_version_is_read(town):
    """It has its problem for itself, sealed as it is; a newer one takes less room, and is the same text to the byte."""
    proposal = town.propose(town.register())
    problem = town.all(select(FrozenProblem))[0].problem
    with town.act() as act:
        as_it_was = seal(act.session, proposal, problem, place_named(Proposal, "problem", proposal)).stored
        [newer] = act.session.execute(text("SELECT problem FROM frozenproblem")).scalars()
        earlier = text("UPDATE proposal SET problem = :stored, problem_id = NULL")
        act.session.execute(earlier, {"stored": as_it_was})
    assert town.all(select(Proposal))[0].problem == problem
    assert write_problem(town.problem_of(proposal)).decode() == problem
    assert 2 * len(newer) < len(as_it_was)
