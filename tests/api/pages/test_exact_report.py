"""The page of the report has exact counts about people for the desk, and for no other reader; no file or mail has."""

import json
import re
from html import unescape

import pytest

from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.reports import reads
from placement.reports import store as report_store
from placement.reports.build import build, people
from placement.reports.inputs import read_rows
from placement.reports.visibility import for_reader
from tests.support.api.pages import signed_in
from tests.support.api.service import AT
from tests.support.stores import one_store

pytestmark = one_store
DAY = AT.date()
COUNT = re.compile(r"<5|\d+\N{EN DASH}\d+|hidden")


@pytest.fixture
def stored(service):
    with service.database.transaction() as session:
        made = report_store.make(Act(session, SYSTEM, AT, service.country.settings), DAY)
        session.expunge(made)
    return made


def sentence(page):
    return unescape(re.search(r"Households that wait: ([^.]+)\.", page.text)[1])


@pytest.mark.wide
def test_desk_alone_reads_exact_counts_on_its_page(service, stored):
    waiting = str(len(read_rows(stored.rows).waiting))
    assert int(waiting) > 0
    read = {role: signed_in(service, role).get("/reports") for role in ("desk", "coordinator", "reader")}
    assert sentence(read.pop("desk")) == waiting
    protected = json.loads(stored.report)["waiting"]["total"]
    assert {role: sentence(page) for role, page in read.items()} == dict.fromkeys(read, protected)


@pytest.mark.wide
@pytest.mark.usefixtures("stored")
def test_exact_page_has_no_band(service):
    page = signed_in(service, "desk").get("/reports").text
    people_parts = re.findall(r'<h2 id="(?:waiting|flow|clocks)">.*?</section>', page, re.DOTALL)
    assert len(people_parts) == 3
    rows = [row for part in people_parts for row in re.findall(r'<td class="n">([^<]*)</td>', part)]
    assert rows
    assert not [row for row in rows if COUNT.fullmatch(row.replace("&lt;", "<"))]
    assert "&lt;5" not in page
    assert "for the desk alone" in page


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_files_of_the_desk_stay_protected(service, form):
    answer = service.desk.ask("GET", f"/reports/{DAY}?format={form}", None)
    assert answer.status_code == 200
    assert "<5" in answer.text.replace("&lt;", "<")
    assert "for the desk alone" not in answer.text


def test_key_of_the_desk_reads_no_exact_counts(service, stored):
    with service.database.transaction() as session:
        act = Act(session, Actor("A-desk", Role.DESK), AT, service.country.settings)
        found = reads.report_on_page(act, DAY)
    assert (found.exact, found.report[1]) == (False, report_store.report_of(stored))


def test_exact_counts_are_those_of_the_rows(stored):
    rows = read_rows(stored.rows)
    cells, sums = people(rows)
    exact = build(rows, exact=True)
    assert exact.waiting.total == str(cells["waiting", "total"])
    assert sum(int(one.count) for one in exact.waiting.by_urgency) == int(exact.waiting.total)
    assert sum(int(one.count) for one in exact.flow.by_decision) == int(exact.flow.decisions)
    assert all(sum(cells[part] for part in parts) == cells[whole] for whole, ways in sums.items() for parts in ways)


def test_all_but_counts_about_people_is_as_stored(stored):
    exact, kept = report_store.exact_of(stored), report_store.report_of(stored)
    for part in ("on", "as_of", "free", "country", "shelters", "expecting", "quality"):
        assert getattr(exact, part) == getattr(kept, part)
    assert for_reader(exact, SYSTEM, None) == exact
