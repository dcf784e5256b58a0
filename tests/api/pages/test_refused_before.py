"""A decision and its answer on the page of the case; a refusal before on the pages of the next proposal."""

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = [one_store, pytest.mark.wide]


def test_page_after_a_decision_names_the_shelter_that_is_asked(service):
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    case = service.desk.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    reader = signed_in(service, "desk")
    reader.get(f"/proposals/{proposal['id']}")
    page = reader.send(f"/proposals/{proposal['id']}/decide")
    assert "is chosen for" in words_of(page)
    first = page.text.partition('id="why">')[2].partition("</p>")[0]
    assert proposal["chosen"]["name"] in first
    assert "waits for the shelter" in first
    assert "No place is sought" not in page.text


def test_refusal_is_on_the_next_proposal_and_on_the_case(service):
    hold = asked_hold(service)
    service.staff.made(f"/holds/{hold}/answer", {"answer": "refuse", "reason": "no_capacity"})
    reader = signed_in(service, "desk")
    case = f"/registrations/{service.desk.get(f'/holds/{hold}').json()['registration']}"
    assert "refused, Tue 24 Nov" in words_of(reader.get(case))
    again = service.desk.made(f"{case}/proposals")
    unit = next(one for one in again["others"] if one["unit"].startswith("S01-"))
    page = words_of(reader.get(f"/proposals/{again['id']}/units/{unit['unit']}"))
    assert "This shelter refused this client on Tue 24 Nov" in page
