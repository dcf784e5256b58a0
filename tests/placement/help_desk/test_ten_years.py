"""Ten years of calls, 10,000 a year: each page reads a day, a month, or what is unfinished, by an index."""

import pytest
from sqlalchemy import event

from placement.help_desk import enquiries, figures
from tests.support.help_desk import ADVISER, OPEN, store_ten_years
from tests.support.town import TODAY

READS = (
    lambda act: enquiries.listed(act, TODAY),
    lambda act: enquiries.unfinished(act.session),
    lambda act: figures.of_month(act, TODAY),
)
"""The reads of the pages: a day, what is unfinished, a month."""


@pytest.mark.wide
def test_pages_of_ten_years_read_by_an_index(town):
    store_ten_years(town.database, town.at)
    town.do(enquiries.make, OPEN, actor=ADVISER)
    engine, asked = town.database.engine, []

    def note(*found):
        if "FROM enquiry" in found[2]:
            asked.append((found[2], found[3]))

    event.listen(engine, "before_cursor_execute", note)
    for read in READS:
        with town.act(ADVISER) as act:
            read(act)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == len(READS)
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        for statement, given in asked:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", given).all())
            assert "ix_enquiry_" in plan, plan
