"""The address of a shelter on a page: after the second factor, with one audit event each time, and in no list."""

import pytest

from placement.tables import Account, Organisation
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirmed_hold
from tests.support.audit_log import logged
from tests.support.stores import one_store

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


@one_store
@pytest.mark.wide
def test_odd_request_waits_until_the_desk_has_called_back(service, hold):
    path = f"/holds/{hold}/address"
    number = "+31300000211"
    with service.database.transaction() as session:
        account = session.get_one(Account, service.coordinator.account)
        session.get_one(Organisation, account.organisation_id).telephones = {"placing": number}
    for _ in range(5):
        assert service.coordinator.software.post(path).status_code == 403
    reader = signed_in(service, "coordinator")
    reader.get(path)
    service.moment.pass_by(seconds=30)
    reader.send("/second-factor", code=reader.person.code())
    reader.get(path)
    waits = reader.send(path).text
    assert ADDRESS not in waits
    assert "first calls your organisation back" in waits
    desk = signed_in(service, "desk")
    [asked] = service.desk.get("/second-person-requests").json()["items"]
    desk.get("/second-person")
    assert "many requests for an address were refused" in desk.page.text
    assert asked["facts"]["numbers"] == [number]
    grant = f"/second-person/{asked['id']}/grant"
    assert desk.send(grant, number="+31300000999").status_code == 400
    desk.get("/second-person")
    assert desk.send(grant, number=number).is_success
    reader.get(path)
    assert ADDRESS in reader.send(path).text
