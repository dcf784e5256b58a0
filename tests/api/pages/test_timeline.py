"""The page of what happened in a case, for each of its readers, in both languages."""

import re

import pytest

from tests.support.api.housed_client import change_facts, lives_somewhere
from tests.support.api.pages import signed_in
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def placed(service):
    return lives_somewhere(service)


@pytest.mark.wide
def test_page_tells_in_words_what_happened(service, placed):
    page = signed_in(service, "coordinator").get(f"{placed}/timeline").text
    for words in ("What happened", "Arrived", "The shelter confirmed", "Decided", "Registered", "shelter"):
        assert words in page
    assert page.index("<b>Registered") < page.index("<b>Arrived")


@pytest.mark.wide
def test_page_is_dutch_for_a_reader_of_dutch(service, placed):
    page = signed_in(service, "coordinator", language="nl").get(f"{placed}/timeline").text
    assert "De opvang heeft bevestigd" in page


@pytest.mark.wide
def test_auditor_sees_no_place_and_no_link_to_the_case(service, placed):
    unit = service.coordinator.get("/holds").json()["items"][0]["place"]
    assert unit in signed_in(service, "coordinator").get(f"{placed}/timeline").text
    page = signed_in(service, "auditor").get(f"{placed}/timeline").text
    assert "As the log shows it" in page
    assert unit not in page
    assert f'href="{placed}"' not in page


@pytest.mark.wide
def test_page_of_earlier_entries_ignores_what_is_no_number(service, placed):
    reader = signed_in(service, "coordinator")
    first = service.coordinator.get(f"{placed}/timeline").json()["items"]
    assert "There are no earlier entries" in reader.get(f"{placed}/timeline?before={first[-1]['line']}").text
    assert "Registered" in reader.get(f"{placed}/timeline?before=x").text


@pytest.mark.wide
def test_timeline_over_http_has_codes_and_words(service, placed):
    found = service.coordinator.get(f"{placed}/timeline?limit=2").json()
    assert [one["event"] for one in found["items"]] == ["stay:arrived", "stay:planned"]
    assert found["next"] == found["items"][-1]["line"]
    whole = service.coordinator.get(f"{placed}/timeline").json()
    held = next(one for one in whole["items"] if one["event"] == "hold:confirmed")
    assert (held["words"], held["by"], held["role"]) == ("De opvang heeft bevestigd", None, "shelter_staff")
    assert {one["about"] for one in held["details"]} >= {"place", "expected"}
    assert service.shelter.get(f"{placed}/timeline").status_code == 403


@pytest.mark.wide
def test_change_is_shown_as_before_and_after_in_words(service, placed):
    change_facts(service, placed.rpartition("/")[2], "as was asked")
    page = signed_in(service, "coordinator").get(f"{placed}/timeline").text
    assert re.search(r"<del>no</del>.*<ins>yes</ins>", page)
    assert "<q>as was asked</q>" in page
    assert "<del>" not in signed_in(service, "auditor").get(f"{placed}/timeline").text


@pytest.mark.wide
def test_page_draws_the_states_of_the_case(service, placed):
    page = signed_in(service, "coordinator").get(f"{placed}/timeline").text
    assert re.findall(r'class="wide-band".*?</svg>', page, re.DOTALL)
    drawn = re.findall(r'<rect class="band-(\w+)"', page.partition("small-band")[0])
    assert drawn[0] == "open"
    assert drawn[-1] == "in_house"
    assert "(now)" in page


@pytest.mark.wide
def test_page_shows_no_message_that_the_service_still_sends(service, placed):
    details = [one for row in service.coordinator.get(f"{placed}/timeline").json()["items"] for one in row["details"]]
    assert "waiting" in {one["about"] for one in details}
    page = signed_in(service, "coordinator").get(f"{placed}/timeline").text
    assert "Messages still to go out" not in page


@pytest.mark.wide
def test_every_page_of_the_timeline_explains_its_marks(service, placed):
    first = service.coordinator.get(f"{placed}/timeline?limit=2").json()
    reader = signed_in(service, "coordinator")
    for page in (f"{placed}/timeline", f"{placed}/timeline?before={first['next']}"):
        assert "● a state changed · ○ a fact changed · ◆ too late" in reader.get(page).text
