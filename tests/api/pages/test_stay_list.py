"""The list of stays: by limit, of one shelter, and a reason recorded for several."""

import re
from datetime import date, timedelta

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def desk(service):
    return signed_in(service, "desk")


def shown(page):
    return re.findall(r'<input type="checkbox" name="chosen" value="([^"]+)"', page.text)


def stays(service):
    return service.desk.get("/stays?status=in_house&limit=200").json()["items"]


@pytest.mark.wide
def test_stays_are_grouped_by_their_limit_with_a_chart(service, desk):
    known = {one["id"]: one for one in stays(service)}
    listed = shown(desk.get("/stays"))
    limits = [known[one]["limit_on"] for one in listed]
    assert limits == sorted(one["limit_on"] for one in known.values())[: len(listed)]
    last_days = [date.fromisoformat(day) - timedelta(days=1) for day in limits]
    assert all(f"· last day {day:%-d %b %Y}" in words_of(desk.page) for day in last_days)
    today = service.moment.at.date()
    groups = re.findall(r"<h2>(Past|Limit within|Limit later)", desk.page.text)
    left = [(date.fromisoformat(day) - today).days - 1 for day in limits]
    wanted = ["Past" if days < 0 else "Limit within" if days <= 14 else "Limit later" for days in left]
    assert groups == list(dict.fromkeys(wanted))
    assert desk.page.text.count('<svg class="track"') == len(listed)


@pytest.mark.wide
def test_stays_of_one_shelter(service, desk):
    name = service.desk.get("/shelters/S01").json()["name"]
    here = {one["id"] for one in stays(service) if one["place"].endswith(name)}
    assert set(shown(desk.get("/stays?shelter=S01"))) == here
    assert f"A filter is on. Shelter: {name}." in words_of(desk.page)
    assert set(shown(signed_in(service, "shelter_staff").get("/stays?shelter=S02"))) == set()


@pytest.mark.wide
def test_reason_is_recorded_for_several(service, desk):
    free = {one["id"] for one in stays(service) if one["blocker"] is None}
    first, second, *_ = (one for one in shown(desk.get("/stays")) if one in free)
    service.desk.made(f"/stays/{second}/blocker", {"blocker": "safety"})
    listed = [("chosen", first), ("chosen", second)]
    page = desk.send_list("/stays/blockers", listed, blocker="waits_for_housing")
    assert "1 reason was recorded." in words_of(page)
    assert "1 could not be done:" in words_of(page)
    known = {one["id"]: one["blocker"] for one in stays(service)}
    assert (known[first], known[second]) == ("waits_for_housing", "safety")
    desk.get("/stays")
    assert desk.send("/stays/blockers", blocker="safety").status_code == 400


@pytest.mark.wide
def test_several_stays_end_with_a_result_for_each(service, desk):
    """The second has ended at another page meanwhile: it is named, and the first ends all the same."""
    first, second, *_ = shown(desk.get("/stays"))
    service.desk.made(f"/stays/{second}/end", {"reason": "own_housing"})
    chosen = [("chosen", first), ("chosen", second)]
    page = desk.send_list("/stays/ends", chosen, reason="own_housing")
    assert "1 stay was ended." in words_of(page)
    assert "1 could not be done:" in words_of(page)
    assert {first, second}.isdisjoint(one["id"] for one in stays(service))
    back = service.desk.made(f"/stays/{first}/end/reversal", {})
    assert back["status"] == "in_house"
    without = desk.send_list("/stays/ends", [("chosen", first)])
    assert "1 could not be done:" in words_of(without)
    assert desk.send("/stays/ends", reason="own_housing").status_code == 400


@pytest.mark.wide
def test_shelter_page_leads_to_its_beds(desk):
    assert 'href="/beds?shelter=S01"' in desk.get("/shelters/S01").text
    assert desk.get("/beds?shelter=S01").status_code == 200
