"""The country page: free beds, history and shortage, as the API gives them and no more."""

import html
import re

import pytest

from api.pages.country import chart
from placement.reports.render.chart import bars
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.silent_shelter import add_uncounted_unit
from tests.support.stores import one_store


@pytest.mark.wide
def test_shortage_is_shown_in_counts_and_has_its_event(service):
    before = service.auditor.get("/audit/events?limit=1").json()["items"][0]["line"]
    found = service.desk.get("/capacity/shortage").json()
    assert found["complete"]
    assert found["waiting"] > 0
    assert found["extras"]
    assert not re.search(r"R-\w{4}-\w{4}-\w{4}", str(found))
    rows_logged = service.auditor.get("/audit/events?limit=20").json()["items"]
    assert [row["facts"] for row in rows_logged if row["line"] > before and row["event"] == "country:read"] == [
        {"part": "shortage"}
    ]


@pytest.mark.wide
@one_store
def test_country_page_has_map_table_and_chart_per_reporting_unit(service):
    known = service.desk.get("/capacity").json()
    history = {row["unit"]: row["free"] for row in service.desk.get("/capacity/history").json()["units"]}
    desk = signed_in(service, "desk")
    text = desk.get("/country").text
    areas = re.findall(r"<text [^>]*>(\d+)</text>", text)
    assert len(areas) == 7
    assert sum(map(int, areas)) == known["free_now"]
    reported = [name for name, free in history.items() if any(one is not None for one in free)]
    assert text.count('class="bars"') == len(reported)
    assert "CC BY 4.0" in text
    assert "lat=" not in text


@pytest.mark.wide
@one_store
def test_shortage_is_a_page_without_script_a_part_with_one(service):
    desk = signed_in(service, "desk")
    whole = html.unescape(desk.get("/country/shortage").text)
    assert "<html" in whole
    assert "room for" in whole
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in desk.cookies.items()), "HX-Request": "true"}
    part = service.client.get("/country/shortage", headers=headers).text
    assert "<html" not in part
    assert "<table>" in part


@pytest.fixture
def uncounted(service):
    with service.database.transaction() as session:
        return add_uncounted_unit(session)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("language", "words"), [("en", "never reported: 2 beds"), ("nl", "nooit gemeld: 2 bedden")])
def test_unit_that_never_reported_is_no_full_one_in_the_country(service, uncounted, language, words):
    units = {unit["unit"]: unit for one in service.desk.get("/capacity").json()["shelters"] for unit in one["units"]}
    assert (units[uncounted]["free_now"], units[uncounted]["not_reported"]) == (0, 2)
    text = signed_in(service, "desk", language=language).get("/country").text
    [row] = re.findall(r'<tr id="[^"]+"><th scope="row">Zolder</th>.*?</tr>', text)
    assert '<td class="n none">?</td>' in row
    assert words in row
    assert 'href="tel:+31201234567"' in row


@pytest.mark.wide
@one_store
def test_shortage_names_first_the_shelter_to_be_rung(service, uncounted):
    offered(service)
    assert service.coordinator.get("/capacity/shortage").json()["never_reported"] == []
    found = service.desk.get("/capacity/shortage").json()
    assert uncounted in {row["unit"] for row in found["never_reported"]}
    assert all(row["opens"] > 0 for row in found["never_reported"])
    text = html.unescape(signed_in(service, "desk", language="en").get("/country/shortage").text)
    assert text.index("Ring these first") < text.index("registrations wait")
    assert 'href="tel:+31201234567"' in text[text.index("Ring these first") :]


def test_chart_without_a_report_shows_nothing():
    drawn = chart([None, 2, 4, None, 0], 4)
    assert (drawn.picture, drawn.least, drawn.most) == (bars([None, 2, 4, None, 0], 4), 0, 4)
    assert re.findall(r"M(\d+) 20v-(\d+)h3V20z", drawn.picture) == [("4", "10"), ("8", "20"), ("16", "1")]
    assert chart([None], 4).least is None


@pytest.mark.wide
@one_store
def test_first_page_says_how_many_free_beds_are_of_old_counts(service):
    old = "only from counts that are more than 72 hours old"
    assert old not in words_of(signed_in(service, "desk", language="en").get("/"))
    service.moment.pass_by(hours=80)
    service.shelter.made("/shelters/S01/capacity/confirm")
    free = [one for one in service.desk.get("/capacity").json()["shelters"] if one["freshness"] == "stale"]
    number = sum(one["free_now"] for one in free)
    assert 0 < number < service.desk.get("/capacity").json()["free_now"]
    assert f"{number} of these are known {old}" in words_of(signed_in(service, "desk", language="en").get("/"))


@pytest.mark.wide
@one_store
def test_other_regions_show_dated_weeks_and_no_dash(service):
    past = service.coordinator.get("/capacity/history").json()
    assert past["days"]
    page = signed_in(service, "coordinator", language="en").get("/country").text
    others = page.split('id="elsewhere"')[1].split("</section>")[0]
    assert "<td" in others
    assert all(f'<time datetime="{day}">' in others for day in past["days"])
    assert "not known yet" in others
    assert "\N{EN DASH}" not in others
