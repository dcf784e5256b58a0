"""What `make run` puts up has a past that its pages can tell of."""

import sqlite3
from contextlib import closing

import pytest


@pytest.mark.wide
def test_the_demo_has_four_weeks_of_daily_reports(demo):
    with closing(sqlite3.connect(demo / "placement.db")) as store:
        assert store.execute('SELECT count(DISTINCT "on") FROM dailyreport').fetchone()[0] >= 28
