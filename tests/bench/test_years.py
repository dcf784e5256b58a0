"""The cost of a page, a list and a job, which does not grow with the past of a store: counts alone, after a month and a
quarter.

The ratios of the processor's time after years: `python -m bench.years`.
"""

import os
from functools import partial
from unittest.mock import patch

import pytest
from sqlmodel import func, select

from bench import years
from bench.past_store import WEEK, YEAR, past_of
from bench.years import Opened
from placement.capacity import room_state
from placement.outbox import deliveries
from placement.solver.snapshot import snapshot
from placement.tables import RoomReport
from tests.support.paths import ROOT
from tests.support.proof import FULL

MONTH, QUARTER = 30, 91
FACTOR, AT_LEAST = 1.5, 20
"""What reads all of a past three times as long reads three times as much; who lives and waits there differs, too."""
GROWS = {
    "/stays": "the days of a stay are sealed: a list of all of them is put in order in memory",
    " /$": "some statements more once the place of any client breaks a rule, however many there are",
    "/today/board": "the same",
    "/tasks": "the same",
    "tell_of_tasks": "the same",
    "/reports": "the same, on the page; the list has a day more each day, up to its limit",
    "/retention": "counts how much there is of each kind",
    "/encryption-keys": "counts the keys of each kind, and looks for the first line of each key of the log",
    "/history": "four weeks of reports, which are not whole after a month",
    "/country": "the same four weeks",
    "/needs$": "a record a day of the last finished period; after a month no period may be finished",
    "status=closed": "up to its limit",
    "/holds$": "up to its limit",
    "/decisions$": "up to its limit",
    "/proposals/": "as large as the proposal",
    "/exports": "all who live there",
    "/timeline": "as long as the case",
    "/log/cases": "as long as the case",
    "/accesses": "as long as the case",
    "check of rows": "every sealed row, each minute",
    "search for anomalies": "the last hour of the log",
    "job erase_": "looks for what is due without an index",
    "daily make_report": "the stays of the past: how long they last",
    "audit verify": "every line",
}
"""By what the name holds (`$`: its end): why it may."""
COUNTED = {
    "/messages": "how many wait for a server that is not there; a page of them is opened",
    "/registrations$": "the cases of a region; a page of them is opened",
}
"""What the database counts in an index, by what stands in clear: steps alone may grow."""
AFTER_YEARS = {
    "give_review_days": "which decisions that were carried out have no such day is looked through, once a day",
    "/links": "compared with the cases of a year, which a week has not",
}
A_HUNDRED = 100
"""Of statements, rows or steps is less than a millisecond: after years it is nothing."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Yields two pasts. The limit of messages that a page looks through is so low that a month of the small country
    reaches it.
    """
    root = tmp_path_factory.mktemp("years")
    pasts = past_of(MONTH, "small", root=root), past_of(QUARTER, "small", root=root)
    with years.opened(*pasts) as both, patch.object(deliveries, "LOOKED_THROUGH", 30):
        yield both


def grown(rows, may=GROWS, at_least=AT_LEAST):
    """Yields the rows for which the longer past costs more than the present residents explain."""
    for row in rows:
        if any(part in f"{row.name}$" for part in may):
            continue
        is_counted = any(part in f"{row.name}$" for part in COUNTED)
        for name in ("statements", "rows") if is_counted else ("statements", "rows", "steps"):
            one, other = getattr(row.before, name), getattr(row.after, name)
            if other > one * FACTOR + at_least:
                yield f"{row.name}: {name} {one} -> {other}"


@pytest.mark.wide
def test_no_page_list_or_job_grows_with_the_past(stores):
    once = {one.split(": ")[0] for one in grown(years.rows_of_pages(stores, times=1))}
    again = years.rows_of_pages(stores, times=5, only=once)  # a job beside it may have been counted
    assert not list(grown(again))
    assert not list(grown(years.rows_of_work(stores, times=1)))


@pytest.mark.wide
def test_list_without_its_limit_is_detected(stores):
    rows = [years.compared(stores, f"limit {limit}", partial(get_reports, limit=limit), 1) for limit in ("5", "200")]
    assert [one.split(":")[0] for one in grown(rows)][:1] == ["limit 200"]


def get_reports(one, limit):
    assert one.get("desk", f"/api/v1/reports?limit={limit}") == 200


@pytest.mark.wide
def test_newest_report_sought_in_all_is_detected(stores):
    def newest_of_all(*_, **__):
        return select(func.max(RoomReport.id)).group_by(RoomReport.room_id)

    with patch.object(room_state, "newest_of_rooms", newest_of_all):
        row = years.compared(stores, "snapshot", partial(Opened.act, do=snapshot), 1)
    assert list(grown([row], at_least=0))


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_national_country_does_not_grow_with_years(request, tmp_path, store):
    """Keeps the past that was lived, on PostgreSQL only if a given server still exists at the next run."""
    days = 5 * YEAR if FULL else QUARTER
    server = request.getfixturevalue("postgresql") if store == "postgresql" else ""
    root = tmp_path / "years" if server and "DATABASE_URL" not in os.environ else None
    with years.opened(*(past_of(lived, root=root, server=server) for lived in (WEEK, days))) as both:
        rows = [*years.rows_of_work(both), *years.rows_of_pages(both)]
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"years-{store}.md").write_text(years.HEAD + "".join(f"{row.told()}\n" for row in rows))
    assert not list(grown(rows, {**GROWS, **AFTER_YEARS}, A_HUNDRED))
