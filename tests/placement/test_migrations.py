"""The tables that migrations make are the tables of the code, on both stores, and the way back works."""

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlmodel import SQLModel

from placement.database import _alembic
from placement.verifying import verify


def test_the_migrations_make_the_tables_of_the_code(empty):
    with empty.database.engine.begin() as connection:
        configuration = _alembic()
        configuration.attributes["connection"] = connection
        command.check(configuration)


def test_a_database_that_was_not_migrated_is_not_current(empty):
    assert empty.database.is_current()
    with empty.database.engine.begin() as connection:
        configuration = _alembic()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0001")
    assert not empty.database.is_current()


def test_the_way_down_and_up_again_ends_where_it_began(empty):
    with empty.database.engine.begin() as connection:
        configuration = _alembic()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        command.upgrade(configuration, "head")
    with empty.database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version", *SQLModel.metadata.tables}


def test_who_could_come_in_before_there_were_organisations_still_can(empty):
    with empty.database.engine.begin() as connection:
        configuration = _alembic()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0002")
        connection.exec_driver_sql(
            "INSERT INTO account (id, email, role, regions, password_hash, totp_secret)"
            " VALUES ('A', 'a@placement.example', 'desk', '[]', 'x', 'y')"
        )
        connection.exec_driver_sql(
            "INSERT INTO apikey (id, fingerprint, account_id, scopes, created_at, expires_at)"
            " VALUES ('K', 'f', 'A', '[]', '2026-11-24', '2026-12-24')"
        )
        command.upgrade(configuration, "head")
        found = connection.exec_driver_sql(
            "SELECT account.id, organisation_id, totp_step, made_by FROM account JOIN apikey ON account_id = account.id"
        )
        assert [tuple(row) for row in found] == [("A", None, None, None)]
        command.downgrade(configuration, "0002")


@pytest.mark.parametrize("times", [2])
def test_migrating_again_does_nothing(empty, times):
    for _ in range(times):
        empty.database.migrate()
    assert empty.database.is_current()


def test_the_lines_from_before_the_chain_are_numbered_and_linked(town):
    with town.database.engine.begin() as connection:
        configuration = _alembic()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0002")
        values = "at, event, actor, role, registration_id, facts"
        connection.exec_driver_sql(
            f"INSERT INTO auditevent (id, {values}) SELECT 900, {values} FROM auditevent WHERE id = 2"  # noqa: S608
        )
        before = connection.exec_driver_sql("SELECT event, actor, at FROM auditevent ORDER BY id").all()
    town.database.migrate()
    with town.database.engine.connect() as connection:
        after = connection.exec_driver_sql("SELECT event, actor, at FROM auditevent ORDER BY id").all()
    assert after == before
    assert verify(town.database, []).lines == len(before) == 4
    town.register()
    assert verify(town.database, []).first_bad is None
