"""One statement reads rows of several tables, which are the rows that each table's own statement finds."""

import pytest
from sqlalchemy import true
from sqlmodel import col

from bench.pages import counted
from placement.core.read_ahead import Rows, reading_ahead, rows_of
from placement.tables import Account, Bed, Room, Unit
from tests.support.stores import both_stores

SOME = (Rows(Room, col(Room.unit_id) == "U1-women"), Rows(Account, col(Account.id) == "nobody"), Rows(Bed, true()))
LATER = Rows(Unit, true())


@both_stores
def test_one_statement_reads_what_each_would_find(town):
    with town.act() as act:
        alone = [sorted(str(row.id) for row in rows_of(act.session, one)) for one in SOME]
    with town.act() as act, counted(town.database) as counts, reading_ahead(act.session, [*SOME, LATER]):
        assert [sorted(str(row.id) for row in rows_of(act.session, one)) for one in SOME] == alone
        before = counts["statements"]
        assert before <= 2  # SQLite states its beginning
        assert len(rows_of(act.session, SOME[0])) == 2  # the second call reads the rows of now
        assert counts["statements"] == before + 1
    assert [len(one) for one in alone] == [2, 0, 12]


@both_stores
def test_rows_read_ahead_in_vain_are_forgotten(town):
    with town.act() as act:
        with pytest.raises(LookupError), reading_ahead(act.session, SOME):
            raise LookupError
        with counted(town.database) as counts:
            assert len(rows_of(act.session, SOME[0])) == 2
        assert counts["statements"] == 1
