"""Connections that the server has ended are replaced before a statement is sent, and no statement is spent on it."""

import pytest
from sqlalchemy import text

from tests.support.stores import run_statement

END_ALL = """SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
             WHERE datname = '{name}' AND pid <> pg_backend_pid()"""
"""Statement that waits until they have ended: without a timeout it would only ask them to end."""


@pytest.fixture
def pooled(empty):
    """A database with two connections in its pool."""
    engine = empty.database.engine
    with engine.connect() as one, engine.connect() as other:
        one.execute(text("SELECT 1"))
        other.execute(text("SELECT 1"))
    return empty.database


def backend_of(connection):
    return connection.scalar(text("SELECT pg_backend_pid()"))


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_connections_that_the_server_ended_are_replaced(pooled):
    with pooled.engine.connect() as connection:
        before = backend_of(connection)
    url = pooled.engine.url
    run_statement(url.set(database="postgres").render_as_string(hide_password=False), END_ALL.format(name=url.database))
    for _ in range(3):
        with pooled.engine.connect() as connection:
            assert backend_of(connection) != before


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_open_connection_is_used_again_without_a_statement(pooled):
    pooled.engine.dispose()
    with pooled.engine.connect() as connection:
        before = backend_of(connection)
    with pooled.engine.connect() as again, pooled.engine.connect() as other:
        last = other.scalar(text("SELECT query FROM pg_stat_activity WHERE pid = :pid"), {"pid": before})
        assert last == "ROLLBACK"  # of its return to the pool
        assert backend_of(again) == before
