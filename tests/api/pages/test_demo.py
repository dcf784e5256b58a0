"""Trying a role by one click: in the demo, of a synthetic country, by a browser on this machine; nowhere else."""

import pytest
from litestar.testing import TestClient
from sqlmodel import col, delete, select

from placement.core.codes import Role, StoreFact
from placement.storage import store_records
from placement.tables import Account, StoreRecord
from tests.support.settings import changed

OFFERED = 'action="/sign-in/demo"'
PATH = "/sign-in/demo"


@pytest.fixture
def demo(service):
    service.app.state.settings = changed(service.country.settings, demo=True, plain_http=True)
    with service.country.database.transaction() as session:
        store_records.record(session, StoreFact.SYNTHETIC, service.moment.now())
    return browser(service)


def browser(service, host="127.0.0.1", name="127.0.0.1", **headers):
    """Returns a browser at `host`, to which the service is known by `name`."""

    async def from_there(scope, receive, send):
        await service.app({**scope, "client": (host, 50_000)}, receive, send)

    client = TestClient(from_there, base_url=f"http://{name}:8000")
    client.headers.update({"Origin": f"http://{name}:8000", "Accept-Language": "en", **headers})
    return client


def roles_of(client):
    return {role for role in Role if f'name="role" value="{role.value}"' in client.get("/sign-in").text}


def is_refused(client):
    """Checks that no role is offered, and that the address answers like an unknown address."""
    assert roles_of(client) == set()
    answer, unknown = (client.post(path, data={"role": "desk"}) for path in (PATH, "/sign-in/nothing"))
    assert answer.status_code == unknown.status_code == 404
    assert not answer.cookies
    return True


@pytest.mark.wide
def test_each_role_of_the_demo_is_tried_by_one_click(service, demo):
    offered = roles_of(demo)
    assert offered == {role for role in Role if role.is_person}
    for role in offered:
        demo.cookies.clear()
        answer = demo.post(PATH, data={"role": role.value, "to": "/account"})
        assert (answer.status_code, answer.url.path) == (200, "/account")
        with service.country.database.transaction() as session:
            emails = session.exec(select(Account.email).where(col(Account.role) == role)).all()
        assert any(email in answer.text for email in emails)


@pytest.mark.parametrize("role", ["", "shelter", "system", "everybody"])
def test_role_without_an_account_is_refused(demo, role):
    assert demo.post(PATH, data={"role": role}).status_code == 404


def test_nothing_is_offered_outside_the_demo(service):
    assert is_refused(browser(service))


@pytest.mark.parametrize(
    "asked",
    [
        {"host": "192.0.2.7"},
        {"host": "10.0.0.2"},
        {"name": "placement.example"},
        {"name": "127.0.0.1.placement.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
    ],
)
def test_nothing_is_offered_to_another_machine(service, demo, asked):
    assert roles_of(demo)
    assert is_refused(browser(service, **asked))


def test_nothing_is_offered_of_a_store_that_is_not_synthetic(service, demo):
    with service.country.database.transaction() as session:
        session.exec(delete(StoreRecord))
    assert is_refused(demo)


@pytest.mark.wide
def test_disabled_account_is_not_offered(service, demo):
    with service.country.database.transaction() as session:
        for account in session.exec(select(Account).where(col(Account.role) == Role.AUDITOR)):
            account.disabled_at = service.moment.now()
    assert Role.AUDITOR not in roles_of(demo)
    assert demo.post(PATH, data={"role": "auditor"}).status_code == 404
