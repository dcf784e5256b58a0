"""A figure is the same on each page that shows it: Today, the report, the list of shelters, country, stays."""

import re
from datetime import date, timedelta

import pytest

from placement.core.context import SYSTEM, Act
from placement.reports import store as report_store
from placement.reports.moments import moment_of
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = [one_store, pytest.mark.wide]


@pytest.fixture
def at_seven(service):
    """The moment of the report, on the day on which a stay reaches its limit. A shelter counted a day before, to the
    minute. Returns the desk's reader.
    """
    stays = service.desk.get("/stays?status=in_house").json()["items"]
    on = min(day for one in stays if (day := date.fromisoformat(one["limit_on"])) > service.moment.at.date())
    service.moment.at = moment_of(on) - timedelta(days=1)
    service.shelter.made("/shelters/S01/capacity/confirm")
    service.moment.at = moment_of(on) - timedelta(minutes=1)
    service.desk.made("/registrations", somebody(urgency=1, region="limburg"))
    reader = signed_in(service, "desk", language="en")
    service.moment.at = moment_of(on)
    with service.database.transaction() as session:
        report_store.make(Act(session, SYSTEM, service.moment.at, service.country.settings), on)
    return reader


def figure(pattern, words):
    found = re.search(pattern, words)
    assert found, (pattern, words[:3000])
    return int(found[1])


def test_pages_of_one_moment_show_the_same_figures(service, at_seven):
    report, today, shelters, country = (
        words_of(at_seven.get(path)) for path in ("/reports", "/", "/shelters", "/country")
    )
    free = figure(r"all kinds, each bed counted once (\d+)", report)
    assert free > 0
    assert [figure(r"Free now (\d+)", today), figure(r"Shelters (\d+) of", shelters)] == [free, free]
    assert figure(r"Country (\d+) of", country) == free
    waiting = figure(r"Households that wait: (\d+)", report) + figure(r"are to move: (\d+)", report)
    assert figure(r"Waits for a place (\d+)", today) == waiting > 0
    assert figure(r"(\d+) tasks? for you", report) == figure(r"To do now (\d+)", today) > 0
    known = service.desk.get("/capacity").json()["shelters"]
    uncounted = [one["name"] for one in known if one["freshness"] != "fresh"]
    assert 0 < len(uncounted) < len(known)
    assert figure(r"(\d+) shelters? ha(?:s|ve) sent no count for a day or longer:", report) == len(uncounted)
    assert figure(r"without a count in the day before 07:00 (\d+)", report) == len(uncounted)
    past = figure(r"Past the limit: (\d+)\.", report)
    over = at_seven.get("/stays").text.split("<h2>Past the limit</h2>")[1].split("<h2>Limit within")[0]
    assert len(re.findall(r'class="strip stay', over)) == past > 0
    assert "1 day over" in over
