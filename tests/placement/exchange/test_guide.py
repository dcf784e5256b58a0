"""The table of columns in the guide: equal to the table that the reader of files knows."""

from tests.support.sheets_table import PAGE, with_table


def test_table_of_columns_in_the_guide_is_current():
    page = PAGE.read_text()
    assert with_table(page) == page
