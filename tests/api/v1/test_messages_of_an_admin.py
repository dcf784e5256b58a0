"""An admin, who sees no case, joins the messages about clients: recipients at one moment, with their house and region.

The page of messages is for mail that does not arrive. About a hold or a stay it once showed a region, a house and a
day.
"""

from collections import defaultdict

import pytest
from sqlmodel import col, select

from placement.core.codes import MessageStatus, Role
from placement.tables import Account
from tests.support.api.resources import asked_hold
from tests.support.messages import deliveries_in, settle_all


def joined(service, reader):
    """Returns, by message, the roles of its recipients, as this reader can combine them."""
    with service.database.transaction() as session:
        role_of = dict(session.exec(select(Account.id, col(Account.role))).all())
    told = defaultdict(set)
    for one in reader.get("/messages?limit=100").json()["items"]:
        told[one["id"].rpartition("-")[0]].add(role_of.get(one["account"]))
    return told


def released(service):
    """Releases a hold for which a shelter was asked: one message goes to the shelter and to those who place."""
    hold = asked_hold(service)
    service.desk.made(f"/holds/{hold}/release", {"reason": "unreachable"})
    with service.database.transaction() as session:
        settle_all(session, MessageStatus.FAILED, service.moment.at, trouble="smtp_550")
        return [one.id for one in deliveries_in(session)]


@pytest.mark.wide
def test_admin_joins_no_shelter_with_a_region(service):
    released(service)
    assert any(Role.SHELTER_STAFF in roles for roles in joined(service, service.desk).values())
    assert joined(service, service.admin) == {}
    assert service.admin.get("/messages").json()["failed"] == service.desk.get("/messages").json()["failed"] > 0
    assert [service.admin.get("/messages").json()[name] for name in ("items", "next", "lists_all")] == [[], None, False]


@pytest.mark.wide
def test_admin_retries_no_message_about_a_client(service):
    [one, *_] = released(service)
    known, unknown = (service.admin.post(f"/messages/{name}/retry") for name in (one, f"{one}9"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (404, known.content)
    assert service.desk.made(f"/messages/{one}/retry")["status"] == "waiting"


@pytest.mark.wide
def test_admin_reads_no_hold_in_the_events_of_a_webhook(service):
    staff = service.signed_in("shelter_staff")
    webhook = staff.made("/webhooks", {"url": "https://software.example/x", "kinds": ["hold.asked"]})["id"]
    released(service)
    events = f"/webhooks/{webhook}/events"
    assert [one["kind"] for one in staff.get(events).json()["items"]] == ["hold.asked"]
    assert service.admin.get(events).json() == {"items": [], "total": 0}
