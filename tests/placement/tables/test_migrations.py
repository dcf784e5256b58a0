"""The tables that migrations make are the tables of the code; a store goes on from the baseline, on both stores."""

import ast
import json
import re
import sys

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from placement.audit import row_check
from placement.core.errors import Misconfigured
from placement.storage import hash_chain, row_seals
from placement.storage.schema_form import LEADS_HERE, SchemaForm
from tests.support.next_version import NEXT, VERSIONS, become_next_version
from tests.support.stores import both_stores
from tests.support.syntax import nodes_in

BASELINE = "0069"


CODES = re.compile(r"\((?P<list>'[^)]*)\)|\[(?P<array>'[^]]*)\]")
"""A list of codes in a condition, as each store writes it."""


def in_one_order(check):
    """Returns a check whose lists of codes are sorted, because their order has no meaning."""
    in_order = CODES.sub(lambda found: str(sorted(found[found.lastgroup].split(", "))), check["sqltext"])
    return {**check, "sqltext": in_order}


def parts_of(connection):
    """Returns every table with its columns, constraints and options, by name. The order of columns and codes is
    ignored.
    """
    found = inspect(connection)
    checks = found.get_multi_check_constraints()
    parts = {
        "options": {place: [options] for place, options in found.get_multi_table_options().items()},
        "columns": found.get_multi_columns(),
        "primary key": {place: [key] for place, key in found.get_multi_pk_constraint().items()},
        "foreign keys": found.get_multi_foreign_keys(),
        "unique": found.get_multi_unique_constraints(),
        "checks": {place: [in_one_order(check) for check in of_table] for place, of_table in checks.items()},
        "indexes": found.get_multi_indexes(),
    }

    def listed(rows):
        return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)

    return {
        table: {part: listed(rows[place]) for part, rows in parts.items()}
        for place in parts["columns"]
        if (table := place[1]) != "alembic_version"
    }


@pytest.fixture
def declared(stores):
    """A database that is made of the tables of the code, without a migration."""
    url = stores.blank() if stores.kind == "postgresql" else "sqlite://"
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.wide
def test_migrations_make_the_tables_of_the_code(empty, declared):
    """Names, conditions and options too, which Alembic does not compare."""
    with empty.database.engine.connect() as connection:
        migrated, wanted = parts_of(connection), parts_of(declared)
    added = [row for row in migrated["bedclaim"]["indexes"] if "bed_is_given_once" in row]
    migrated["bedclaim"]["indexes"] = [row for row in migrated["bedclaim"]["indexes"] if row not in added]
    for table in sorted(migrated.keys() | wanted.keys()):
        assert (table, migrated.get(table)) == (table, wanted.get(table))
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
    assert {"sqlalchemy", "alembic"} <= outside <= {"sqlalchemy", "alembic", "cryptography"}


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


UNKNOWN_BEFORE = {
    "storerecord": "(fact, at, detail) VALUES ('practice', '2026-11-24', '')",
    "enquiry": "(id, \"on\", status, version, content) VALUES ('Q', '2026-11-24', 'open', 1, '')",
    "countsheet": "(id, imported_on, records) VALUES ('L', '2026-11-24', 1)",
    "needrecord": "(\"on\", span, content) VALUES ('2026-11-24', 'day', '')",
    "organisation": "(id, name, kind) VALUES ('O', 'O', 'registrant')",
}
"""Rows that an older version cannot read, by table."""


def go_back(made, table):
    """Goes down to the baseline, after a row was added that an older version cannot read."""
    with made.database.migrating() as configuration:
        if row := UNKNOWN_BEFORE.get(table):
            configuration.attributes["connection"].execute(text(f"INSERT INTO {table} {row}"))
        command.downgrade(configuration, BASELINE)


@pytest.mark.wide
@both_stores
def test_way_down_is_refused_and_loses_no_row(stores):
    empty, people = stores.make("empty"), stores.make("small")
    before = rows_in(people)
    for made, table in [(people, "account"), *((empty, table) for table in UNKNOWN_BEFORE)]:
        with pytest.raises(Misconfigured, match=f"{table}: 1"):
            go_back(made, table)
    assert rows_in(people) == before
    assert empty.database.is_current()


def test_migrating_again_does_nothing(empty):
    for _ in range(2):
        empty.database.migrate()
    assert empty.database.is_current()


def seals_of(database):
    with database.transaction() as session:
        assert list(row_check.broken_rows(session)) == []
        assert row_check.difference(session) == 0
        tables = row_seals.sealed_tables().items()
        return {name: row_seals.seals_of(session, kind) for name, kind in tables}


@pytest.mark.wide
@both_stores
def test_tables_a_migration_changed_are_sealed_anew(stores):
    made = stores.make("small")
    with made.database.transaction() as session:
        session.connection().execute(text("UPDATE account SET email = 'x' || email"))
        session.connection().execute(text("DELETE FROM apikey"))
    with made.database.transaction() as session:
        hash_chain.seal_tables_anew(session, {"account"})
    assert seals_of(made.database)["apikey"] == {}


def revision_of(country, written=None):
    with country.database.engine.begin() as connection:
        if written:
            connection.execute(text("UPDATE alembic_version SET version_num = :written"), {"written": written})
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()


def rows_in(country):
    """Every row of every table but the revision."""
    with country.database.engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(text(f'SELECT * FROM "{table}"')).all()))  # noqa: S608
            for table in inspect(connection).get_table_names()
            if table != "alembic_version"
        }


def form_of(country):
    """The parts of every table, and the triggers."""
    query = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }
    with country.database.engine.connect() as connection:
        return parts_of(connection), sorted(map(str, connection.execute(text(query[connection.dialect.name]))))


@pytest.mark.wide
@both_stores
def test_store_at_the_baseline_needs_no_migration_for_it(stores, monkeypatch, tmp_path):
    """The baseline has the id of the last of the migrations that it replaces: such a store has its tables."""
    country = stores.make("small")
    form, rows, revision = form_of(country), rows_in(country), revision_of(country)
    assert revision >= BASELINE
    assert (VERSIONS / f"{BASELINE}_baseline.py").exists()
    country.database.require_usable()
    country.database.migrate()
    assert (form_of(country), rows_in(country), revision_of(country)) == (form, rows, revision)
    assert len(form[1]) > 5
    become_next_version(monkeypatch, tmp_path)
    assert country.database.form() is SchemaForm.OLDER
    country.database.migrate()
    assert revision_of(country) == NEXT
    assert rows_in(country) | {"storerecord": rows["storerecord"]} == rows, "it records who works with the tables"


@pytest.mark.wide
@both_stores
def test_unknown_revision_is_refused_and_the_store_left_alone(stores):
    country = stores.make("small")
    before = form_of(country), rows_in(country)
    for revision, why in (("0068", SchemaForm.TOO_OLD), ("0001", SchemaForm.TOO_OLD), ("9999", SchemaForm.NEWER)):
        revision_of(country, revision)
        for act in (country.database.migrate, country.database.require_usable):
            with pytest.raises(Misconfigured) as refused:
                act()
            assert why.value in str(refused.value)
            assert (f"version {LEADS_HERE} of the service" in str(refused.value)) == (why is SchemaForm.TOO_OLD)
        assert not country.database.is_current()
        assert revision_of(country) == revision
    assert (form_of(country), rows_in(country)) == before


@both_stores
def test_migration_opens_and_seals_values_of_rows(stores):
    country = stores.make("small")
    with country.database.migrating() as configuration:
        connection, seals = configuration.attributes["connection"], configuration.attributes["seals"]
        query = text("SELECT id, content FROM registration ORDER BY id")
        for row in connection.execute(query).all():
            place = ("registration", "content", (row.id,))
            opened = seals.opened(row.content, place)
            assert opened
            again = seals.seal(row.content.partition(":")[0], opened, place)
            assert again != row.content
            assert seals.opened(again, place) == opened
