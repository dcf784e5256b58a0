"""The table of findings in the guide is made from the codes and their English words."""

from placement.doctor.findings import Found, Level
from tests.support import findings_table


def test_findings_in_the_guide_are_current():
    page = findings_table.PAGE.read_text()
    assert page == findings_table.with_table(page), "run: python -m tests.support.findings_table"


def test_findings_table_has_a_row_for_each_that_is_not_well():
    _, _, *rows = findings_table.table().splitlines()
    assert len(rows) == sum(one.level is not Level.WELL for one in Found)
    assert all(row.count("|") == 6 for row in rows)
