"""The summary on the page of the report: changes, shortages, and who must act; for each reader its own part."""

import re
from datetime import timedelta
from html import unescape

import pytest

from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.reports import store as report_store
from placement.reports.render.brief import brief
from tests.support.api.page_cost import MOST, cost
from tests.support.api.pages import signed_in
from tests.support.api.service import AT, somebody
from tests.support.stores import one_store

pytestmark = one_store
OF_SLOW_WORK = 6
"""Statements that count who asks for it, in two transactions."""
DAY, BEFORE = AT.date(), AT.date() - timedelta(days=1)


@pytest.fixture
def reported(service):
    with service.database.transaction() as session:
        for on in (BEFORE, DAY):
            report_store.make(Act(session, SYSTEM, AT, service.country.settings), on)
    return service


def blocks(page):
    """Returns the lines of each block, with the address to which a line leads."""
    found = {}
    for code in ("changed", "short", "to_do"):
        block = re.search(rf'<section aria-labelledby="{code}">.*?</section>', page.text, re.DOTALL)
        if block:
            lines = re.findall(r'<li>(?:<a href="([^"]*)">)?([^<]*)', block[0])
            found[code] = [(unescape(text), page or None) for page, text in lines]
    return found


@pytest.mark.wide
def test_desk_reads_tasks_of_each_area_with_their_page(reported):
    for region in ("limburg", "limburg", "limburg", "amsterdam"):
        reported.desk.made("/registrations", somebody(urgency=1, region=region))
    reported.moment.pass_by(hours=3)
    reader = signed_in(reported, "desk")
    lines = blocks(reader.get("/reports"))["to_do"]
    assert [text for text, _ in lines if "for coordinators" in text] == ["5 tasks for coordinators: "]
    assert re.findall(r'<a href="/registrations\?region=(\w+)">([^<]*)</a>', reader.page.text) == [
        ("limburg", "Limburg 3"),
        ("amsterdam", "Amsterdam 2"),  # with a long stay
    ]


@pytest.mark.wide
def test_coordinator_reads_own_tasks_and_of_no_other_area(reported):
    for region in ("limburg", "amsterdam"):
        reported.desk.made("/registrations", somebody(urgency=1, region=region))
    lines = blocks(signed_in(reported, "coordinator").get("/reports"))["to_do"]
    assert [(text, page) for text, page in lines if page == "/"] == [("1 task for you.", "/")]
    assert not [text for text, _ in lines if "for coordinators" in text]
    assert [page for text, page in lines if "no count for a day" in text] == ["/country"]


@pytest.mark.wide
def test_reader_without_tasks_reads_places_only_and_no_link(reported):
    reported.desk.made("/registrations", somebody(urgency=1))
    lines = blocks(signed_in(reported, "reader").get("/reports"))
    assert [page for block in lines.values() for _, page in block] == [None] * sum(map(len, lines.values()))
    assert not [text for text, _ in lines["to_do"] if "task" in text]


@pytest.mark.wide
@pytest.mark.parametrize("role", ["coordinator", "reader", "shelter_staff"])
def test_changes_are_of_published_counts_but_for_the_desk(service, role):
    with service.database.transaction() as session:
        report_store.make(Act(session, SYSTEM, AT, service.country.settings), BEFORE)
    service.close_all()
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, AT, service.country.settings)
        published, before = report_store.make(act, DAY), report_store.stored_on(act, BEFORE)
    lines = [line for line, _ in blocks(signed_in(service, role).get("/reports"))["changed"]]
    reader = Actor("A-1", Role(role), shelter_id="S01" if role == "shelter_staff" else None)
    seen = (report_store.seen_by(reader, published), report_store.seen_by(reader, before))
    words = brief(*seen, None, "en", exact=False)
    assert lines == [line.text for line in words[0].lines]
    exact = [line for line, _ in blocks(signed_in(service, "desk").get("/reports"))["changed"]]
    assert exact != lines


@pytest.mark.wide
def test_report_of_the_past_says_nothing_of_now(reported):
    reader = signed_in(reported, "desk")
    assert set(blocks(reader.get("/reports"))) == {"changed", "short", "to_do"}
    assert set(blocks(reader.get(f"/reports?day={BEFORE}"))) == {"changed", "short"}


@pytest.mark.wide
def test_page_of_the_report_is_one_transaction_and_event(reported):
    reader = signed_in(reported, "desk")
    reader.get("/reports")
    few = cost(reported, reader, "/reports")
    assert (few[0], few[2]) == (3, 1)  # one transaction looks the session up, one counts who asks for slow work
    assert few[1] <= MOST + OF_SLOW_WORK, few
    with reported.database.transaction() as session:
        for back in range(2, 8):
            act = Act(session, SYSTEM, AT, reported.country.settings)
            report_store.make(act, DAY - timedelta(days=back))
    for _ in range(6):
        reported.desk.made("/registrations", somebody(urgency=1))
    reader.get("/reports")
    assert cost(reported, reader, "/reports") == few
