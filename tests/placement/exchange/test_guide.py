"""The table of columns in the guide is the one that the reader knows."""

from tests.support.sheets_table import PAGE, with_table


def test_table_of_columns_in_the_guide_is_current():
    page = PAGE.read_text()
    assert with_table(page) == page
