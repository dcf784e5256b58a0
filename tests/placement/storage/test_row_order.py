"""Rows that name a case stand in no order of entry after a night, and no transaction joins them (PostgreSQL)."""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel, select
from structlog.testing import capture_logs

from placement.audit import database_grants, row_check
from placement.core.clock import moment_of
from placement.jobs.daily import dailies, mix_rows, run_due
from placement.storage import row_order
from placement.storage.database import Database
from placement.tables import AuditEvent, DailyRun
from tests.support.attacks.dump import TRANSACTION, dump_of
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store
from tests.support.town import AT

on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
NAMES_A_CASE = {"registration_id", "other_id", "owner"}
"""Columns by which a row names a case, in clear or as a pseudonym."""
TELL_OF_CASES = {"registration", "message", "reminder", "tasknotice", "registrationlink"}
"""Tables that do so by their own id, or in what is sealed."""
ROLE = "placement_without_tables"


def mixed(act):
    row_order.mix(act.session)


def written(town):
    with town.database.transaction() as session:
        return dump_of(session)


def test_every_table_that_names_a_case_is_written_anew():
    tables = SQLModel.metadata.tables.items()
    naming = {name for name, table in tables if NAMES_A_CASE & {column.name for column in table.columns}}
    assert naming | TELL_OF_CASES == set(row_order.TABLES)


@on_postgresql
def test_rows_stand_by_their_keys_in_one_transaction(town):
    cases = [town.register() for _ in range(30)]
    before = written(town)
    assert [row["id"] for row in before["registration"]] == cases != sorted(cases)
    assert len({row[TRANSACTION] for row in before["registration"]}) == 30
    town.do(mixed)
    after = written(town)
    for table, key in (("registration", "id"), ("datakey", "owner")):
        assert [row[key] for row in after[table]] == sorted(row[key] for row in before[table])
    assert len({row[TRANSACTION] for table in row_order.TABLES for row in after[table]}) == 1


def kept_by_key(town):
    with town.database.engine.connect() as connection:
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    return {name for name, sql in made if "WITHOUT ROWID" in sql}


@one_store
def test_keys_and_changes_keep_no_order_on_sqlite_both_ways(town):
    town.register(alias="Merel")
    before = without_transactions(written(town))
    assert {"datakey", "factchange"} <= kept_by_key(town)
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0042-1")
    assert not {"datakey", "factchange"} & kept_by_key(town)
    town.database.migrate()
    assert {"datakey", "factchange"} <= kept_by_key(town)
    after = without_transactions(written(town))
    assert [after[table] for table in ("datakey", "registration")] == [
        before[table] for table in ("datakey", "registration")
    ]


@both_stores
def test_what_the_rows_say_and_their_seals_stay(town):
    client, housed = town.register(alias="Merel"), town.register()
    town.house(housed, "U1-women")
    before = {name: sorted(map(str, rows)) for name, rows in without_transactions(written(town)).items()}
    town.do(mixed)
    town.do(row_check.check)
    after = {name: sorted(map(str, rows)) for name, rows in without_transactions(written(town)).items()}
    assert after == before  # no audit event of a broken seal either
    assert town.registration(client).alias == "Merel"


def without_transactions(dump):
    return {
        name: [{key: value for key, value in row.items() if key not in {TRANSACTION, "xmax"}} for row in rows]
        for name, rows in dump.rows.items()
    }


def test_missed_nights_are_made_up_for_once(town, monkeypatch):
    done = []
    monkeypatch.setattr(row_order, "mix", done.append)
    [job] = [job for job in dailies(town.settings) if job.run is mix_rows]
    for days in (0, 3):
        run_due(town.database, town.settings, job, moment_of((AT + timedelta(days=days)).date(), job.at))
    assert len(town.all(select(DailyRun))) == 4
    assert len(done) == 2


@pytest.fixture
def as_another_role(town):
    """The town as a role sees it that owns no table, and may do what `placement audit grant` gave it."""
    with town.database.engine.begin() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": ROLE}).first():
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'synthetic'"))
    with town.database.transaction() as session:
        database_grants.grant(session, ROLE)
    url = make_url(town.settings.database_url).set(username=ROLE, password="synthetic")  # noqa: S106
    database = Database.open(changed(town.settings, database_url=url.render_as_string(hide_password=False)))
    yield database
    database.close()


@on_postgresql
def test_granted_role_puts_rows_in_order(town, as_another_role):
    cases = [town.register() for _ in range(10)]
    with as_another_role.transaction() as session:
        row_order.mix(session)
    assert [row["id"] for row in written(town)["registration"]] == sorted(cases)


@on_postgresql
def test_role_without_the_right_changes_nothing_and_says_so(town, as_another_role):
    cases = [town.register() for _ in range(10)]
    with town.database.engine.begin() as connection:
        connection.execute(text(f"REVOKE MAINTAIN ON stay FROM {ROLE}"))
    with capture_logs() as lines, as_another_role.transaction() as session:
        row_order.mix(session)
        assert row_order.out_of_reach(session) == ["stay"]
    assert [(line["event"], line["tables"]) for line in lines] == [("rows.order_kept", ["stay"])]
    assert [row["id"] for row in written(town)["registration"]] == cases
    assert town.all(select(AuditEvent))
