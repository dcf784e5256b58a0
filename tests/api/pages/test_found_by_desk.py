"""The pages of a client for whom only the desk may search: what a coordinator reads and can do."""

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = [one_store, pytest.mark.wide]


def tied_to_another_region(service):
    """Returns a client of Amsterdam, who needs a place tonight and is kept apart from a client of Limburg."""
    other = service.desk.made("/registrations", somebody(region="limburg"))["id"]
    case = service.coordinator.made("/registrations", somebody(urgency=1))["id"]
    version = service.desk.get(f"/registrations/{other}").headers["ETag"]
    assert service.desk.patch(f"/registrations/{other}", {"keep_apart": [case]}, if_match=version).is_success
    return case


def test_first_page_asks_to_ring_the_desk(service):
    case, own = tied_to_another_region(service), service.coordinator.made("/registrations", somebody(urgency=1))["id"]
    service.moment.pass_by(hours=2)
    page = signed_in(service, "coordinator").get("/")
    assert f'action="/registrations/{own}/propose"' in page.text
    assert f'action="/registrations/{case}/propose"' not in page.text
    assert "Ring the desk: it finds this place." in words_of(page)


def test_case_states_why_and_a_past_search_as_past(service):
    case = tied_to_another_region(service)
    page = words_of(signed_in(service, "coordinator").get(f"/registrations/{case}"))
    assert "the client must be apart from, or together with, a client of another region" in page
    assert "A place is sought again on" in page
    service.moment.pass_by(days=2)
    page = words_of(signed_in(service, "coordinator").get(f"/registrations/{case}"))
    assert "A new search was due on" in page
    assert "A place is sought again on" not in page
