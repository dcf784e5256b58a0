"""The tables that migrations make are the tables of the code, on both stores, and the way back works."""

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlmodel import SQLModel, select

from placement.database import _alembic
from placement.tables import Decision, Proposal, Registration
from tests.conftest import AT


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


def test_a_database_that_is_in_use_goes_down_and_up_and_loses_no_row(country):
    """A proposal has a decision that refers to it while its table is made anew."""
    with country.database.transaction() as session:
        her = session.exec(select(Registration.id)).first()
        session.add(
            Proposal(
                id="P", registration_id=her, registration_version=1, status="made", made_by="A", problem="{}",
                advice="{}", policy_version=0, engine_version="0", made_at=AT, expires_at=AT,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Decision(id="D", proposal_id="P", kind="decline", status="final", reason="r", decided_at=AT, decided_by="A")
        )
    before = counts(country)
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0002")
    country.database.migrate()
    assert counts(country) == before | {"datakey": 0}
    with country.database.engine.connect() as connection:
        if country.database.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def counts(country):
    with country.database.engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar()  # noqa: S608
            for table in SQLModel.metadata.tables
        }


@pytest.mark.parametrize("times", [2])
def test_migrating_again_does_nothing(empty, times):
    for _ in range(times):
        empty.database.migrate()
    assert empty.database.is_current()
