"""The tables that migrations make are the tables of the code, on both stores, and the way back works."""

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlmodel import SQLModel, select

from placement.audit.verification import verify
from placement.tables import Account, Decision, Invitation, Proposal, Registration
from tests.conftest import AT


def test_the_migrations_make_the_tables_of_the_code(empty):
    with empty.database.migrating() as configuration:
        command.check(configuration)


def test_a_database_that_was_not_migrated_is_not_current(empty):
    assert empty.database.is_current()
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, "0001")
    assert not empty.database.is_current()


def test_the_way_down_and_up_again_ends_where_it_began(empty):
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, "base")
        assert set(inspect(configuration.attributes["connection"]).get_table_names()) == {"alembic_version"}
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
        command.downgrade(configuration, "0004")
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


def test_who_could_come_in_before_there_were_organisations_still_can(empty):
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, "0002")
        connection = configuration.attributes["connection"]
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
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0002")
        connection = configuration.attributes["connection"]
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


def test_who_was_let_in_by_one_admin_before_it_took_two_is_no_second_person_for_her(country):
    with country.database.transaction() as session:
        her = session.exec(select(Account).where(Account.role == "auditor")).one()
        session.add(
            Invitation(
                id="I", fingerprint="-", email=her.email, organisation_id=her.organisation_id, role=her.role,
                invited_by="A-admin", made_at=AT, expires_at=AT, accepted_at=AT,
            )
        )  # fmt: skip
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0014")
    country.database.migrate()
    with country.database.transaction() as session:
        found = {account.role: account.let_in_by for account in session.exec(select(Account))}
    assert found == {role: ["A-admin"] if role == "auditor" else [] for role in found}
