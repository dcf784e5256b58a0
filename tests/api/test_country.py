"""The country as a page: what is free where, how it was, and what is short; as the API tells it, and no more."""

import html
import re

from api.pages.country import chart
from placement.reports.render.chart import bars
from tests.api.service import one_store
from tests.api.test_pages import signed_in


def test_what_is_short_is_told_in_counts_alone_and_has_its_line(service):
    before = service.auditor.get("/audit/events?limit=1").json()["items"][0]["line"]
    found = service.coordinator.get("/capacity/shortage").json()
    assert found["complete"]
    assert found["waiting"] > 0
    assert found["extras"]
    assert not re.search(r"R-\w{4}-\w{4}-\w{4}", str(found))
    told = service.auditor.get("/audit/events?limit=20").json()["items"]
    assert [row["facts"] for row in told if row["line"] > before and row["event"] == "country:read"] == [
        {"part": "shortage"}
    ]


@one_store
def test_the_page_has_the_map_its_table_and_a_chart_for_each_unit_that_reported(service):
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


@one_store
def test_what_is_short_is_a_page_without_a_script_and_a_part_of_it_with_one(service):
    desk = signed_in(service, "desk")
    whole = html.unescape(desk.get("/country/shortage").text)
    assert "<html" in whole
    assert "room for" in whole
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in desk.cookies.items()), "HX-Request": "true"}
    part = service.client.get("/country/shortage", headers=headers).text
    assert "<html" not in part
    assert "<table>" in part


def test_a_chart_is_the_reports_and_shows_nothing_where_nothing_was_reported():
    drawn = chart([None, 2, 4, None, 0], 4)
    assert (drawn["picture"], drawn["least"], drawn["most"]) == (bars([None, 2, 4, None, 0], 4), 0, 4)
    assert re.findall(r"M(\d+) 20v-(\d+)h3V20z", drawn["picture"]) == [("4", "10"), ("8", "20"), ("16", "1")]
    assert chart([None], 4)["least"] is None
