"""What `make run` puts up has a past that its pages can tell of."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

from placement.core.clock import day_of
from placement.reports.moments import moment_of


def test_the_newest_report_tells_why_people_wait_once_its_moment_has_come(demo):
    with closing(sqlite3.connect(demo / "placement.db")) as store:
        rows = store.execute('SELECT "on", late, report, made_at FROM dailyreport ORDER BY "on"').fetchall()
    on, late, report, made_at = rows[-1]
    made = datetime.fromisoformat(made_at).replace(tzinfo=UTC)
    assert len(rows) >= 28
    if made < moment_of(day_of(made)):  # the country was made before seven: today's report is left to the clock
        assert date.fromisoformat(on) < day_of(made)
        return
    waiting = json.loads(report)["waiting"]
    assert (date.fromisoformat(on), late) == (day_of(made), 0)
    assert {row["code"] for row in waiting["by_cause"] if row["count"] != "<5"} - {"unknown"}
    assert waiting["bottlenecks"]
