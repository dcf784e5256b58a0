"""Rows that name a case stand in no order of entry minutes after it, and no transaction joins them (PostgreSQL)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel, select
from structlog.testing import capture_logs

from placement.audit import database_grants, row_check
from placement.jobs import periodic
from placement.storage import row_order
from placement.storage.database import Database
from placement.storage.locks import lock_registrations
from placement.tables import AuditEvent, JobRun
from tests.support.attacks.dump import CHUNK, TRANSACTION, dump_of
from tests.support.attacks.interval import MIX, minutes_pass
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store
from tests.support.town import AT

on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
NAMES_A_CASE = {"registration_id", "other_id", "owner"}
"""Columns by which a row names a case, in clear or as a pseudonym."""
TELL_OF_CASES = {"registration", "message", "reminder", "tasknotice", "registrationlink", "massevent", "eventplan"}
TELL_OF_CASES |= {"countinbox"}
"""Tables that do so by their own id, in what is sealed, or by the transaction in which they were written."""
ROLE = "placement_without_tables"


def later(town):
    """The job runs when every pause is over; returns the tables that it wrote anew, by their transaction."""
    before = written(town)
    town.later(minutes=6)
    minutes_pass(town, town.at)
    after = written(town)
    return {table for table in row_order.TABLES if transactions(before, table) != transactions(after, table)}


def transactions(dump, table):
    return {row[TRANSACTION] for row in dump[table]}


def written(town):
    with town.database.transaction() as session:
        return dump_of(session)


def test_every_table_that_names_a_case_is_mixed_or_explained():
    tables = SQLModel.metadata.tables.items()
    naming = {name for name, table in tables if NAMES_A_CASE & {column.name for column in table.columns}}
    assert naming <= set(row_order.TABLES) <= naming | TELL_OF_CASES
    assert {*row_order.TABLES, *row_order.ELSEWHERE} >= TELL_OF_CASES


@pytest.mark.wide
@on_postgresql
def test_rows_stand_by_their_keys_in_one_transaction(town):
    cases = [town.register() for _ in range(30)]
    before = written(town)
    assert [row["id"] for row in before["registration"]] == cases != sorted(cases)
    assert len(transactions(before, "registration")) == 30
    later(town)
    after = written(town)
    for table, key in (("registration", "id"), ("datakey", "owner")):
        assert [row[key] for row in after[table]] == sorted(row[key] for row in before[table])
    assert [row[CHUNK] for row in after["registration"]] == sorted(row[CHUNK] for row in after["registration"])
    assert {len(transactions(after, table)) for table in row_order.TABLES if after[table]} == {1}


@pytest.mark.wide
@on_postgresql
def test_the_long_values_got_numbers_of_their_own(town):
    """Values are numbered by the order of entry when they are written; a new order of the rows keeps these numbers."""
    cases = [town.register() for _ in range(30)]
    by_number = sorted(written(town)["registration"], key=lambda row: row[CHUNK])
    assert [row["id"] for row in by_number] == cases


@pytest.mark.wide
@on_postgresql
def test_only_tables_that_changed_are_written_anew_and_whole(town):
    cases = [town.register() for _ in range(3)]
    assert {"registration", "datakey"} <= later(town)
    assert later(town) == set()
    with town.database.engine.begin() as connection:
        connection.execute(text("UPDATE registration SET version = version WHERE id = :id"), {"id": cases[1]})
    assert later(town) == {"registration"}
    assert len(transactions(written(town), "registration")) == 1


@pytest.mark.wide
@on_postgresql
def test_a_row_keeps_no_number_of_a_lock(town):
    """A confirmation with a count leaves such a number: it locks the case, and writes the report of the shelter."""
    client = town.register()
    later(town)
    town.do(lambda act: lock_registrations(act.session, [client]))
    assert [row["xmax"] > 0 for row in written(town)["registration"]] == [True]
    assert later(town) == {"registration"}
    assert [row["xmax"] for row in written(town)["registration"]] == [0]


@pytest.mark.wide
@on_postgresql
def test_jobs_that_find_nothing_to_do_leave_nothing_to_mix(town):
    client = town.register()
    town.house(client, "U1-women")
    town.hold_in(town.register())
    for _ in range(2):  # in the first round they send notices of tasks
        later(town)
        town.later(minutes=2)
        for job in periodic.JOBS:
            if job != MIX:
                periodic.run(town.database, town.settings, job, town.at)
    assert later(town) == set()


@pytest.mark.wide
@on_postgresql
def test_a_single_row_does_not_keep_its_transaction(town):
    town.register()
    own = transactions(written(town), "registration")
    later(town)
    assert len(own) == 1
    assert transactions(written(town), "registration") != own


@pytest.mark.wide
@on_postgresql
def test_rows_out_of_order_are_mixed_as_after_a_restore(town):
    """After a restore, a single transaction has written the rows in the order of the backup."""
    cases = [town.register() for _ in range(30)]
    with town.database.transaction() as session:
        session.add(JobRun(job=row_order.JOB, slot=town.at, finished_at=town.at))
        session.flush()
        for table, key in (("registration", "id"), ("datakey", "owner")):
            session.execute(text(f"UPDATE {table} SET {key} = {key}"))  # noqa: S608  (our own names)
    assert {"registration", "datakey"} <= later(town)
    assert [row["id"] for row in written(town)["registration"]] == sorted(cases)


@pytest.mark.wide
@on_postgresql
def test_a_table_that_was_just_mixed_has_a_pause(town, monkeypatch):
    town.register()
    minutes_pass(town, town.at)
    town.register()
    for minutes, mixed in ((1, 0), (6, 1)):  # each call runs the job for nearly four minutes
        before = transactions(written(town), "registration")
        minutes_pass(town, town.at + timedelta(minutes=minutes))
        assert (transactions(written(town), "registration") != before) == bool(mixed)
    monkeypatch.setattr(row_order, "_LARGE", 4096)  # a page or two: the pause of a large table
    town.later(minutes=6)
    town.register()
    assert "registration" not in later(town)
    town.later(hours=12)
    assert "registration" in later(town)


@pytest.mark.wide
@on_postgresql
def test_a_table_in_use_is_mixed_by_the_next_run(town):
    town.register()
    with town.database.engine.connect() as reader, capture_logs() as lines:
        reader.execute(text("SELECT count(*) FROM registration"))
        runs(town)
        waits = [line["tables"] for line in lines if line["event"] == "rows.order_waits"]
        assert ["registration"] in waits
        assert len(transactions(written(town), "datakey")) == 1  # the others have their turn
    assert "registration" in later(town)


@pytest.mark.wide
@on_postgresql
def test_table_mixed_in_the_future_is_mixed_again(town):
    """The clock was a day ahead: the pause of the table would last for that day."""
    cases = [town.register()]
    minutes_pass(town, town.at + timedelta(days=1))
    cases += [town.register() for _ in range(10)]
    minutes_pass(town, town.at)
    assert [row["id"] for row in written(town)["registration"]] == sorted(cases)


@pytest.mark.wide
@on_postgresql
def test_table_without_time_is_tried_a_minute_later(town):
    """A busy machine may be busy again in five minutes."""
    town.register()
    town.later(minutes=6)
    with town.database.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM registration"))
        ats = [town.at + number * row_order.EVERY for number in range(20)]
        first, second = [at for at in ats if ["registration"] in tables_tried(town, at)][:2]
    assert row_order.AGAIN <= second - first < row_order.PAUSE


@pytest.mark.wide
@on_postgresql
def test_vacuum_of_long_values_is_left_to_end(town):
    """The server vacuums them by themselves: a lock of the table is no lock of theirs."""
    town.register()
    with town.database.engine.connect() as reader:
        values = reader.execute(text("SELECT reltoastrelid::regclass FROM pg_class WHERE relname = 'registration'"))
        reader.execute(text(f"SELECT count(*) FROM {values.scalar_one()}"))  # noqa: S608
        before = transactions(written(town), "registration")
        runs(town)
        assert transactions(written(town), "registration") == before
    assert "registration" in later(town)


def tables_tried(town, at):
    """Returns the tables that a run of the job left for later."""
    with capture_logs() as lines:
        periodic.run(town.database, town.settings, MIX, at)
    return [line["tables"] for line in lines if line["event"] == "rows.order_waits"]


def runs(town):
    """The job as the scheduler runs it, until each table had its turn; returns how many runs were stored."""
    town.later(minutes=6)
    ats = [town.at + number * row_order.EVERY for number in range(len(row_order.TABLES))]
    return sum(periodic.run(town.database, town.settings, MIX, at) for at in ats)


@pytest.mark.wide
@on_postgresql
def test_run_is_broken_off_by_the_client_without_a_server_limit(town, monkeypatch):
    """The limits of the server wait for its clock, which may step."""
    monkeypatch.setattr(row_order, "_let_wait", lambda *_: None)
    town.having(lock_wait_seconds=600.0)
    town.register()
    with town.database.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM registration"))
        runs(town)
        with town.database.engine.connect() as other:  # behind nobody
            assert other.execute(text("SELECT count(*) FROM registration")).scalar_one() == 1


@pytest.mark.wide
@on_postgresql
def test_table_that_needs_too_long_is_reported_and_mixed_by_hand(town):
    cases = [town.register() for _ in range(10)]
    before = transactions(written(town), "registration")
    never = replace(MIX, run=lambda act: row_order.mix(act.session, act.at, 0.0))
    town.later(minutes=6)
    assert not periodic.run(town.database, town.settings, never, town.at)
    assert transactions(written(town), "registration") == before
    with town.database.transaction() as session:
        assert row_order.overdue(session, town.at) == []
        session.add(JobRun(job=row_order.JOB, slot=town.at - timedelta(hours=2), finished_at=town.at))
    with town.database.transaction() as session:
        assert "registration" in row_order.overdue(session, town.at)
    by_hand = replace(MIX, run=periodic.mix_all_rows)
    assert periodic.run(town.database, town.settings, by_hand, town.at)
    assert [row["id"] for row in written(town)["registration"]] == sorted(cases)
    with town.database.transaction() as session:
        assert row_order.overdue(session, town.at) == []


def kept_by_key(town):
    with town.database.engine.connect() as connection:
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    return {name for name, sql in made if "WITHOUT ROWID" in sql}


@one_store
def test_keys_and_changes_keep_no_order_on_sqlite(town):
    assert {"datakey", "factchange"} <= kept_by_key(town)


@pytest.mark.wide
@both_stores
def test_what_the_rows_say_and_their_seals_stay(town):
    client, housed = town.register(alias="Merel"), town.register()
    town.house(housed, "U1-women")
    before = {name: sorted(map(str, rows)) for name, rows in without_transactions(written(town)).items()}
    minutes_pass(town)
    town.do(lambda act: row_check.note_broken(act, row_check.broken_rows(act.session)))
    assert town.do(lambda act: row_check.difference(act.session)) == 0
    after = {name: sorted(map(str, rows)) for name, rows in without_transactions(written(town)).items()}
    assert after == before  # no audit event of a broken seal either
    assert town.registration(client).alias == "Merel"


def without_transactions(dump):
    """Without what the job's own run is."""
    return {
        name: [{key: value for key, value in row.items() if key not in {TRANSACTION, CHUNK, "xmax"}} for row in rows]
        for name, rows in dump.rows.items()
        if name != "jobrun"
    }


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


@pytest.mark.wide
@on_postgresql
def test_granted_role_puts_rows_in_order(town, as_another_role):
    cases = [town.register() for _ in range(10)]
    with as_another_role.transaction() as session:
        row_order.mix(session, AT, None)
    assert [row["id"] for row in written(town)["registration"]] == sorted(cases)


@pytest.mark.wide
@on_postgresql
def test_role_without_the_right_changes_nothing_and_says_so(town, as_another_role):
    cases = [town.register() for _ in range(10)]
    with town.database.engine.begin() as connection:
        connection.execute(text(f"REVOKE MAINTAIN ON stay FROM {ROLE}"))
    with capture_logs() as lines, as_another_role.transaction() as session:
        row_order.mix(session, AT)
        row_order.mix(session, AT + timedelta(minutes=1))  # logged once an hour
        assert row_order.out_of_reach(session) == ["stay"]
    assert [(line["event"], line["tables"]) for line in lines] == [("rows.order_kept", ["stay"])]
    assert [row["id"] for row in written(town)["registration"]] == cases
    assert town.all(select(AuditEvent))
