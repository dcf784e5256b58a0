"""Connections and migrations: limits of the settings hold, and two migrations at once have the effect of one run."""

import os
import socket
import threading
from contextlib import closing

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from placement.storage import field_sealing
from placement.storage.database import Database
from placement.storage.database_faults import Cause, cause_of
from placement.storage.engines import engine_for
from placement.tables import DataKey, KeyStoreName
from tests.support.cutting_proxy import CuttingProxy
from tests.support.settings import changed
from tests.support.stores import address_of, both_stores

OF_SERVER = """SELECT name, reset_val FROM pg_settings
               WHERE name LIKE 'tcp_%' OR name = 'client_connection_check_interval' ORDER BY name"""
on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.fixture
def blank(stores, tmp_path, empty):
    """Settings of a store without a table."""
    url = stores.blank() if stores.kind == "postgresql" else f"sqlite:///{tmp_path / 'blank.db'}"
    return changed(empty.settings, database_url=url, key_store=tmp_path / "blank-keys")


@pytest.mark.wide
@on_postgresql
def test_limits_of_the_settings_hold_in_each_connection(empty):
    limits = {"lock_wait_seconds": 1.5, "statement_seconds": 20, "idle_seconds": 30}
    engine = engine_for(changed(empty.settings, pool_size=2, pool_extra=1, **limits))
    with closing(engine.connect()) as connection:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        shown = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    assert shown == ["1500ms", "20s", "30s"]
    assert (engine.pool.size(), engine.pool._max_overflow, engine.pool.timeout()) == (2, 1, 1.5)
    engine.dispose()


@on_postgresql
def test_both_ends_give_up_a_silent_connection(empty):
    """A socket of a file has no such limits, and PostgreSQL shows them as the values to which it would return."""
    url = empty.database.engine.url
    with closing(CuttingProxy(f"{url.query['host']}/.s.PGSQL.5432")) as proxy:
        near = url.set(host="127.0.0.1", port=proxy.port, query={"sslmode": "disable", "gssencmode": "disable"})
        engine = engine_for(changed(empty.settings, database_url=address_of(near)))
        with closing(engine.connect()) as connection:
            found = connection.execute(text(OF_SERVER)).all()
            with socket.socket(fileno=os.dup(connection.connection.driver_connection.fileno())) as here:
                options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
                assert [here.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [1, 1, 3, 4000]
        engine.dispose()
    assert [value for _, value in found] == ["1000", "3", "1", "1", "4000"]


@on_postgresql
def test_limits_in_the_address_take_precedence(empty):
    address = address_of(empty.database.engine.url.update_query_dict({"tcp_user_timeout": "9000"}))
    engine = engine_for(changed(empty.settings, database_url=address))
    with closing(engine.connect()) as connection:
        assert connection.connection.driver_connection.info.get_parameters()["tcp_user_timeout"] == "9000"
    engine.dispose()


@pytest.mark.wide
@on_postgresql
@pytest.mark.parametrize(
    ("limit", "statements"),
    [
        ("statement_seconds", ["SELECT pg_sleep(60)"]),
        ("idle_seconds", ["SELECT 1", None, "SELECT 1"]),
    ],
)
def test_limit_that_is_passed_ends_the_statement_as_busy(empty, limit, statements):
    engine = engine_for(changed(empty.settings, **{limit: 0.2}))

    def ask(connection):
        for statement in statements:
            if statement is None:
                threading.Event().wait(1)
            else:
                connection.execute(text(statement))

    with closing(engine.connect()) as connection, pytest.raises(DBAPIError) as raised:
        ask(connection)
    assert cause_of(raised.value) in {Cause.BUSY, Cause.AWAY}
    engine.dispose()


@on_postgresql
def test_migration_has_no_end_of_its_own(empty):
    with closing(Database.open(changed(empty.settings, statement_seconds=1, idle_seconds=1))) as database:
        with database.migrating() as configuration:
            connection = configuration.attributes["connection"]
            names = ("statement_timeout", "idle_in_transaction_session_timeout")
            assert [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names] == ["0", "0"]
        with database.engine.connect() as connection:
            assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "1s"


@pytest.mark.wide
@both_stores
def test_second_migration_at_once_waits_and_finds_nothing(blank, monkeypatch):
    """The first stands still after it has made the tables, until the second has begun."""
    made, second_began, wrong = threading.Event(), threading.Event(), []
    found = field_sealing.found_store

    def stand_still(session, at):
        made.set()
        assert second_began.wait(60)
        threading.Event().wait(0.5)  # time for the second to do what it should not
        return found(session, at)

    def migrate(begin):
        begin()
        try:
            with closing(Database.open(changed(blank, lock_wait_seconds=0.2))) as database:
                database.migrate()
        except Exception as error:  # noqa: BLE001  (told below)
            wrong.append(error)

    monkeypatch.setattr(field_sealing, "found_store", stand_still)
    first = threading.Thread(target=migrate, args=[lambda: None])
    second = threading.Thread(target=migrate, args=[second_began.set])
    first.start()
    assert made.wait(60)
    second.start()
    first.join()
    second.join()
    assert wrong == []
    with closing(Database.open(blank)) as database:
        database.require_usable()
        with database.transaction() as session:
            assert len(session.exec(select(KeyStoreName)).all()) == 1


@pytest.mark.wide
@both_stores
def test_migration_cut_off_did_nothing_and_is_repeated(blank, monkeypatch):
    with monkeypatch.context() as patch, closing(Database.open(blank)) as database:
        patch.setattr("placement.storage.database.store_first_places", lambda *_: pytest.fail("cut off"))
        with pytest.raises(pytest.fail.Exception):
            database.migrate()
        assert inspect(database.engine).get_table_names() == []
    with closing(Database.open(blank)) as database:
        database.migrate()
        database.migrate()
        database.require_usable()
        with database.transaction() as session:
            assert [row.owner for row in session.exec(select(DataKey))] != []


@both_stores
def test_rows_changed_by_a_migration_cut_off_keep_their_seals(empty, monkeypatch):
    """Rows that a migration changed are sealed in the same transaction: a crash in between would break the seals."""
    sealed = []
    monkeypatch.setattr("placement.storage.hash_chain.seal_tables_anew", lambda session, _: sealed.append(session))
    begun = []
    monkeypatch.setattr("placement.storage.database.command.upgrade", lambda one, _: begun.append(one))
    empty.database.migrate()
    assert sealed[0].get_bind() is begun[0].attributes["connection"]
