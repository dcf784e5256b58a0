"""Long stays on the first page, apart from stays that come near their limit, with the day of the limit."""

from datetime import timedelta

import pytest
from babel.dates import format_date

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import AT, somebody
from tests.support.stores import one_store

CLOSES = "closes, and clients live there or are expected"
PASSED = "should be empty by now, but clients still live there"
NEARS, PAST = "the stay nears its limit", "the stay is past its limit"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("day", "said", "not_said"), [(62, NEARS, PAST), (95, PAST, NEARS)])
def test_stay_past_its_limit_is_said_to_be_so(service, day, said, not_said):
    came_on = AT.date() - timedelta(days=day)
    where = {"unit": "S01-L1-U1", "rooms": [{"room": "S01-L1-U1-R01"}], "came_on": str(came_on)}
    case = service.desk.made("/takeovers", somebody(**where))["registration"]["id"]
    page = signed_in(service, "coordinator", language="en").get("/").text
    row = words_of(type("Row", (), {"text": next(one for one in page.split("<li ") if case in one)}))
    assert said in row
    assert not_said not in row
    limit = service.desk.get("/stays?limit=200").json()["items"]
    [mine] = [one for one in limit if one["registration"] == case]
    assert "last day " + format_date(came_on + timedelta(days=89), "EEE d MMM", locale="en") in row, mine


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("role", ["desk", "shelter_staff"])
def test_place_past_its_closing_day_is_said_to_be_so(service, role):
    unit, today = "S01-L1-U1", AT.date()
    service.desk.made(
        "/takeovers", somebody(unit=unit, rooms=[{"room": f"{unit}-R01"}], came_on=str(today - timedelta(days=9)))
    )
    version = service.desk.get(f"/units/{unit}/closing").json()["version"]
    service.desk.made(f"/units/{unit}/close", {"until": str(today + timedelta(days=2))}, If_Match=f'"{version}"')
    before = words_of(signed_in(service, role, language="en").get("/"))
    assert (CLOSES in before) == (role == "shelter_staff")  # the desk's once the day has passed
    service.moment.pass_by(days=3)
    page = words_of(signed_in(service, role, language="en").get("/"))
    assert PASSED in page
    assert CLOSES not in page
