"""A log of before goes on, and on the way back all of it is in the chain."""

import pytest
from alembic import command

from placement.audit import row_check
from placement.core.errors import Misconfigured
from tests.support.audit_log import write_lines
from tests.support.stores import both_stores

ANEW = 1
"""The line that says that a later migration changed sealed rows."""


def down(country):
    with country.database.migrating() as configuration:
        command.downgrade(configuration, "0049")


def found(country):
    log, rows = row_check.verify(country.database, [])
    return log.lines, log.unsealed, log.first_bad, rows.is_good


@pytest.mark.wide
@both_stores
def test_log_goes_on_both_ways(empty):
    write_lines(empty, 5)
    down(empty)
    empty.database.migrate()
    assert found(empty) == (5 + ANEW, 0, None, True)
    write_lines(empty, 3)
    down(empty)
    empty.database.migrate()
    write_lines(empty, 2)
    assert found(empty) == (10 + 2 * ANEW, 0, None, True)


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_way_back_with_unsealed_lines_is_refused(empty, monkeypatch):
    write_lines(empty, 1)
    monkeypatch.setattr(empty.database.sealer, "lines_stored", lambda: None)
    write_lines(empty, 2)
    with pytest.raises(Misconfigured, match="placement audit seal"):
        down(empty)
    assert found(empty) == (1, 2, None, True)
    empty.database.seal_log()
    down(empty)
    empty.database.migrate()
    assert found(empty) == (3 + ANEW, 0, None, True)
