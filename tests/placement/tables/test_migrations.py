"""The tables that migrations make are the tables of the code, on both stores, and the way back works."""

import ast
import json
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

import fixtures
import placement.migrations
from placement.audit import row_check
from placement.core.codes import AgeGroup, ResidenceBasis
from placement.core.errors import Misconfigured
from placement.registrations.case_rows import PersonInput
from placement.storage import hash_chain, row_ledger, row_seals
from placement.tables import (
    BedClaim,
    DailyReport,
    Decision,
    Hold,
    KeepApart,
    KeyRotation,
    Mandate,
    NumberChange,
    OnCall,
    Passkey,
    PasskeyChallenge,
    Proposal,
    Registration,
    RoomReport,
    Stay,
    StaysWith,
    TelephoneEntry,
)
from tests.support.attacks.rows import fill
from tests.support.stores import AT, both_stores
from tests.support.syntax import nodes_in
from tests.support.town import F

VERSIONS = Path(placement.migrations.__path__[0]) / "versions"


def parts_of(connection):
    """Every table with its columns and constraints, by name; how columns are ordered says nothing."""
    found = inspect(connection)

    def listed(rows):
        return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)

    return {
        table: {
            "columns": listed([row | {"type": str(row["type"])} for row in found.get_columns(table)]),
            "primary key": found.get_pk_constraint(table),
            "foreign keys": listed(found.get_foreign_keys(table)),
            "unique": listed(found.get_unique_constraints(table)),
            "checks": listed(found.get_check_constraints(table)),
            "indexes": listed(found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


@pytest.fixture
def declared(stores, tmp_path):
    """A database that is made of the tables of the code, without a migration."""
    url = stores.blank() if stores.kind == "postgresql" else f"sqlite:///{tmp_path / 'declared.db'}"
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_migrations_make_the_tables_of_the_code(empty):
    with empty.database.migrating() as configuration:
        command.check(configuration)


@pytest.mark.wide
def test_schema_of_migrations_and_code_is_equal(empty, declared):
    """Constraints and conditions of indexes too, which Alembic does not compare."""
    with empty.database.engine.connect() as connection:
        migrated, wanted = parts_of(connection), parts_of(declared)
    added = [row for row in migrated["bedclaim"]["indexes"] if "bed_is_given_once" in row]
    migrated["bedclaim"]["indexes"] = [row for row in migrated["bedclaim"]["indexes"] if row not in added]
    assert migrated == wanted
    assert len(wanted) > 30
    assert sum(len(table["checks"]) for table in wanted.values()) > 50


def test_migrations_import_nothing_of_the_service():
    imported = {
        (name.name if isinstance(node, ast.Import) else node.module).partition(".")[0]
        for file in VERSIONS.glob("*.py")
        for node in nodes_in(file.read_text())
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    outside = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert outside == {"sqlalchemy", "alembic", "cryptography"}


@pytest.mark.wide
def test_database_without_tables_is_not_current(empty):
    assert empty.database.is_current()
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, "base")
    assert not empty.database.is_current()


@pytest.mark.wide
def test_way_down_and_up_again_ends_where_it_began(empty):
    with empty.database.engine.connect() as connection:
        before = parts_of(connection)
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, "base")
        assert set(inspect(configuration.attributes["connection"]).get_table_names()) == {"alembic_version"}
        command.upgrade(configuration, "head")
    with empty.database.engine.connect() as connection:
        assert parts_of(connection) == before


def test_migrating_again_does_nothing(empty):
    for _ in range(2):
        empty.database.migrate()
    assert empty.database.is_current()


def seals_of(database):
    with database.transaction() as session:
        assert list(row_check.broken_rows(session)) == []
        assert row_check.difference(session) == 0
        tables = row_seals.sealed_tables().items()
        return {name: row_ledger.seals_of(session, kind) for name, kind in tables}


@pytest.mark.wide
@both_stores
def test_rows_of_a_filled_store_get_their_seals(stores):
    """The way back takes them away; the same rows get the same seals again, and the log states the same sum. Without
    tables that are younger than the seals.
    """
    younger = Passkey, PasskeyChallenge, KeyRotation, Mandate, OnCall, NumberChange, TelephoneEntry
    made = stores.make("small")
    with made.database.transaction() as session:
        fill(session)
    with made.database.transaction() as session:
        for kind in younger:
            for row in session.exec(select(kind)).all():
                session.delete(row)
    before = seals_of(made.database)
    assert {name for name, seals in before.items() if not seals} == {kind.__tablename__ for kind in younger}
    with made.database.migrating() as configuration:
        command.downgrade(configuration, "0029")
        command.downgrade(configuration, "-1")
    made.database.migrate()
    assert seals_of(made.database) == before


@both_stores
def test_tables_a_migration_changed_are_sealed_anew(stores):
    made = stores.make("small")
    with made.database.transaction() as session:
        session.connection().execute(text("UPDATE account SET email = 'x' || email"))
        session.connection().execute(text("DELETE FROM apikey"))
    with made.database.transaction() as session:
        hash_chain.seal_tables_anew(session, {"account"})
    assert seals_of(made.database)["apikey"] == {}


def triggers_of(connection):
    where = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }
    return sorted(tuple(row) for row in connection.execute(text(where[connection.dialect.name])))


def registrations_of(country):
    """All that is known of every registration, and the pairs."""

    def told(value):
        return sorted(value, key=str) if isinstance(value, list) else value

    with country.database.transaction() as session:
        cases = [
            (
                {name: told(value) for name, value in one.facts(one.record.model_fields).items()},
                one.model_dump(exclude={"content"}),
            )
            for one in session.exec(select(Registration).order_by(Registration.id))
        ]
        pairs = [
            sorted((pair.registration_id, pair.other_id) for pair in session.exec(select(table)))
            for table in (KeepApart, StaysWith)
        ]
    return cases, pairs


@pytest.mark.wide
def test_store_at_the_baseline_is_upgraded_and_keeps_its_rows(country):
    """Revision 0016 was the last of thirteen, and is the baseline. Triggers stay, which Alembic does not compare."""

    def stored():
        with country.database.engine.connect() as connection:
            return registrations_of(country), triggers_of(connection)

    before = stored()
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0016")
    assert not country.database.is_current()
    country.database.migrate()
    assert country.database.is_current()
    rows, triggers = before
    assert len(rows[0]) > 10
    assert len(triggers) > 5
    assert stored() == before


@pytest.mark.wide
def test_guardian_is_carried_over_where_the_ages_say_so(town):
    """An adult with a minor was taken for the guardian: of a sister it has to be said."""
    families = ([(F, 30), (F, 5)], [(F, 20), (F, 17)], [(F, 33), (F, 17)], [(F, 16), (F, 0)], [(F, 30)])
    for persons in families:
        town.register([PersonInput(*person) for person in persons])
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0017")
    town.database.migrate()
    found = [person for one in town.all(select(Registration)) for person in one.persons]
    assert sorted(person.age for person in found if person.guardian) == [30, 33]


@pytest.mark.wide
def test_what_is_new_of_persons_has_a_way_back(town):
    """What the older tables cannot hold becomes the nearest that they can."""
    town.register([PersonInput(F, presumed=AgeGroup.MINOR)], residence_basis=ResidenceBasis.ASYLUM)
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0017")
    with town.database.engine.connect() as connection:
        found = connection.execute(text("SELECT residence_basis, age FROM registration, registeredperson")).all()
    assert [tuple(row) for row in found] == [("none_yet", 17)]


@pytest.mark.parametrize("revision", ["0012", "9999"])
def test_unknown_revision_is_refused_and_the_store_left_alone(country, revision):
    with country.database.engine.begin() as connection:
        before = parts_of(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    with pytest.raises(Misconfigured, match=revision):
        country.database.migrate()
    assert not country.database.is_current()
    with country.database.engine.connect() as connection:
        assert parts_of(connection) == before


@pytest.mark.wide
def test_areas_as_data_keep_the_regions_that_were_there(country):
    """Revision 0020: the ten codes stay and are no closed list any more; on the way down there are but these ten."""

    def regions():
        with country.database.engine.connect() as connection:
            return sorted(connection.execute(text("SELECT DISTINCT region FROM registration")).scalars())

    def opened():
        with country.database.transaction() as session:
            return sorted({one.region for one in session.exec(select(Registration))})

    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0017")
    before = regions()
    with country.database.migrating() as configuration:
        command.upgrade(configuration, "head")
    assert opened() == before
    with country.database.transaction() as session:
        for one in session.exec(select(Registration)):
            one.region = "bonaire"
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0017")
    assert regions() == ["noord-nederland"]
    with pytest.raises(IntegrityError), country.database.engine.begin() as connection:
        connection.execute(text("UPDATE registration SET region = 'bonaire'"))


def rows_of_the_link(country):
    with country.database.transaction() as session:
        return {
            table.__name__: sorted(
                (str(sorted(row.model_dump(exclude={"id"} if table is BedClaim else set()).items())))
                for row in session.exec(select(table))
            )
            for table in (Proposal, Decision, Hold, Stay, BedClaim, RoomReport, DailyReport)
        }


@pytest.mark.wide
@both_stores
def test_link_is_carried_over_in_both_directions(stores):
    """From the sealed form to the clear one and back; in the clear one a claim names its bed, and a stay its unit."""
    country = stores.make("empty")
    fixtures.load(country.database, country.settings, size="small", seed=1, at=AT, days_before=3)
    before = rows_of_the_link(country)
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0024")
        units = (
            configuration.attributes["connection"].execute(text("SELECT DISTINCT unit_id FROM stay")).scalars().all()
        )
    assert all(unit.startswith("S0") for unit in units)
    country.database.migrate()
    assert rows_of_the_link(country) == before
