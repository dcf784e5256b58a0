"""The address of a shelter on a page: after the second factor, with one audit event each time, and in no list."""

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.resources import confirmed_hold
from tests.support.audit_log import logged

ADDRESS = "Kanariestraat 7"


@pytest.fixture
def hold(service):
    return confirmed_hold(service, ADDRESS)


def lines(service):
    with service.database.transaction() as session:
        return len(logged(session, event="address:read"))


@pytest.mark.wide
def test_address_is_shown_after_the_code_with_one_event_each(service, hold):
    reader = signed_in(service, "coordinator")
    path = f"/holds/{hold}/address"
    assert ADDRESS not in reader.get(path).text
    assert reader.send("/second-factor", code="000000").status_code == 400
    assert 'role="alert"' in reader.page.text
    assert ADDRESS not in reader.page.text
    service.moment.pass_by(seconds=30)
    assert ADDRESS not in reader.send("/second-factor", code=reader.person.code()).text
    assert lines(service) == 0
    for number in (1, 2):
        reader.get(path)
        assert ADDRESS in reader.send(path).text
        assert "no-store" in reader.page.headers["cache-control"]
        assert lines(service) == number
    reader.get(path)
    service.moment.pass_by(minutes=5)
    assert reader.send(path).status_code == 403
    assert ADDRESS not in reader.page.text
    for list_of in ("/holds", "/stays", "/country"):
        assert ADDRESS not in reader.get(list_of).text
