"""Readiness tries what requests need: a table that is locked makes it fail, whatever the server's own limits do."""

import pytest
from sqlalchemy import text

from placement.core import version
from tests.support.stores import OPERATOR, one_store

on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.mark.wide
@on_postgresql
@pytest.mark.parametrize("mode", ["ACCESS EXCLUSIVE", "SHARE"])
def test_locked_table_is_not_ready_and_is_so_again_afterwards(service, mode):
    with service.database.engine.connect() as job:
        job.execute(text(f"LOCK TABLE hold IN {mode} MODE"))
        answer = service.client.get("/health/ready", headers=OPERATOR)
        assert answer.status_code == 503
        assert answer.json()["database"].startswith("busy: ")
        assert answer.headers["retry-after"] == "5"
    answer = service.client.get("/health/ready", headers=OPERATOR).json()
    assert (answer["database"], answer["version"]) == ("ok", version.shown())
    assert "version" not in service.client.get("/health/ready").json()


@one_store
def test_store_without_a_lock_is_ready(service):
    assert service.client.get("/health/ready", headers=OPERATOR).json()["database"] == "ok"
