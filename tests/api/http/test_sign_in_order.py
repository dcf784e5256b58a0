"""While many passwords are tried: known browsers are judged first, then networks that tried few, then the rest."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlmodel import select

from api.http.cookies import device_cookie
from api.http.work_kinds import Work
from api.http.work_queues import Lanes
from placement.accounts import login
from placement.accounts.login import BY_NETWORK, FEW_TRIES, Standing, standing_of, subject_of
from placement.accounts.rate_limits import spend
from placement.core.arrival import Arrival
from placement.core.ids import fingerprint
from placement.tables import Account, KnownDevice
from tests.support.api.raw_request import RawRequest
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

FLOOD = [f"198.51.100.{number}" for number in range(1, 6)]
CALM, SHELTER = "203.0.113.7", "198.51.100.1"
"""The shelter shares its network with an attacker."""
DEVICE = "pld-known"


@pytest.fixture
def crowded(service):
    """Lets the service judge one password at a time. The networks of the flood have tried many, and a browser of the
    shelter is known.
    """
    service.app.state.lanes = Lanes(changed(service.country.settings, passwords_at_once=1))
    at = service.moment.now()
    with service.country.database.transaction() as session:
        account = session.exec(select(Account)).first()
        expires = at.date()
        session.add(KnownDevice(fingerprint=fingerprint(DEVICE), account_id=account.id, expires_on=expires))
    for network in FLOOD:
        for _ in range(FEW_TRIES + 1):
            spend(service.country.database, subject_of("sign-in from", network), at, BY_NETWORK)
    return service


def standing(service, device, network, later=timedelta(0)):
    with service.country.database.transaction() as session:
        return standing_of(session, service.moment.now() + later, device, network)


@pytest.mark.wide
@both_stores
def test_standing_follows_browser_and_tries_of_the_network(crowded):
    assert standing(crowded, DEVICE, SHELTER) is Standing.KNOWN
    assert standing(crowded, "pld-forged", SHELTER) is Standing.TRIES
    assert standing(crowded, None, SHELTER) is Standing.TRIES
    assert standing(crowded, None, CALM) is Standing.NEW
    assert standing(crowded, "pld-forged", CALM) is Standing.NEW
    assert standing(crowded, DEVICE, SHELTER, timedelta(days=1)) is Standing.NEW  # known no longer; the tries are over
    assert standing(crowded, None, SHELTER, BY_NETWORK.each) is Standing.NEW


@pytest.mark.wide
@one_store
def test_line_is_judged_by_standing_not_by_arrival(crowded, monkeypatch):
    judged = []
    give = login.give_password

    def noted(database, settings, at, caller, **given):
        judged.append((caller.network, caller.device))
        return give(database, settings, at, caller, **given)

    monkeypatch.setattr(login, "give_password", noted)
    named = device_cookie(crowded.country.settings)

    def asked(network, device=None):
        headers = {"Content-Type": "application/json", "Content-Length": "100"}
        one = RawRequest(
            crowded.app,
            "POST",
            "/api/v1/session",
            headers | ({"Cookie": f"{named}={device}"} if device else {}),
            client=network,
        )
        one.give(json.dumps({"email": "nobody@placement.example", "password": "not the right one"}).encode())
        return one

    async def arrive():
        lane = crowded.app.state.lanes[Work.PASSWORD]
        waiting = []
        async with lane.place(Arrival(), "somebody"):
            for one in [*(asked(network) for network in FLOOD), asked(CALM), asked(SHELTER, DEVICE)]:
                waiting.append(asyncio.ensure_future(one.run()))
                while len(lane._line) < len(waiting):  # noqa: ASYNC110 - the line tells nobody
                    await asyncio.sleep(0)
        return [(await one).status for one in waiting]

    assert crowded.client.blocking_portal.call(arrive) == [200] * (len(FLOOD) + 2)
    assert judged[:2] == [(SHELTER, DEVICE), (CALM, None)]
    assert judged[2:] == [(network, None) for network in FLOOD]


@pytest.mark.wide
@one_store
def test_network_waits_ten_seconds_at_most_after_a_flood(service):
    subject, at = subject_of("sign-in from", SHELTER), service.moment.now()
    waits = [spend(service.country.database, subject, at, BY_NETWORK) for _ in range(5 * BY_NETWORK.holds)]
    assert waits.count(0) == BY_NETWORK.holds
    assert max(waits) == 10
    assert spend(service.country.database, subject, at + BY_NETWORK.each, BY_NETWORK) == 0
