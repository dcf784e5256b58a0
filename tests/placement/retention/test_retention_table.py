"""A reader finds every kind of the retention schedule in one table, which is made from the schedule itself."""

from placement.retention.schedule import SCHEDULE
from tests.support import retention_table


def test_table_in_the_reference_is_made_from_the_schedule():
    page = retention_table.PAGE.read_text()
    assert page == retention_table.with_table(page), "run: python -m tests.support.retention_table"


def test_table_has_a_row_for_each_kind_with_its_words():
    _, _, *rows = retention_table.table().splitlines()
    assert [row.split("`")[1] for row in rows] == [kind.name for kind in SCHEDULE]
    assert len(rows) > 30
    for row in rows:
        what, _, since, fate, why = (cell.strip() for cell in row.strip("|").split("|")[1:])
        assert all((what, since, fate, why)), row
