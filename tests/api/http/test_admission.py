"""Admission: slow bodies, clients that hung up, and what one account may ask for."""

import asyncio
from datetime import timedelta

import pytest

from api.http import request_body
from api.http.budgets import Budgets, _subject
from api.http.work_kinds import Work
from api.http.work_queues import Lanes
from placement.core.arrival import Arrival
from placement.core.codes import Urgency
from placement.registrations import registrations
from tests.support.api.raw_request import RawRequest
from tests.support.api.service import somebody
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

JSON = {"Content-Type": "application/json", "Content-Length": "100"}


def ask(service, method, path, who=None, **more):
    headers = {**JSON, **(who.authorization() if who else {}), **more.pop("headers", {})}
    return RawRequest(service.app, method, f"/api/v1{path}", headers, **more)


def together(service, asked):
    """Runs a coroutine function in the loop of the service."""
    return service.client.blocking_portal.call(asked)


@pytest.mark.wide
@pytest.mark.parametrize(("language", "words"), [("nl", "Te langzaam"), ("en", "Too slow")])
@one_store
def test_body_drips_is_refused_and_holds_no_place(service, monkeypatch, language, words):
    monkeypatch.setattr(request_body, "_BEGINS_WITHIN_SECONDS", 0.05)
    drips = ask(service, "POST", "/registrations", service.coordinator, headers={"Accept-Language": language})
    drips.give(b'{"alias', more=True)
    together(service, drips.run)
    assert (drips.status, drips.headers["content-type"]) == (408, "application/problem+json")
    assert words in drips.body.decode()
    assert not service.app.state.lanes[Work.WRITE]._present


@pytest.mark.wide
@one_store
def test_request_without_optional_keys_of_asgi_is_answered(service):
    """`body` and `more_body` may be left out by a server (ASGI, HTTP and WebSocket)."""
    bare = ask(service, "GET", "/session", service.coordinator)
    bare._arrives.put_nowait({"type": "http.request"})
    together(service, bare.run)
    assert bare.status == 200


@pytest.mark.wide
@one_store
def test_bodies_of_one_network_fill_others_go_on(service):
    """The bodies come from strangers who try passwords. Another network and a signed-in user are still admitted."""
    stopped = [ask(service, "POST", "/session") for _ in range(16)]

    async def asked():
        slow = [asyncio.ensure_future(one.run()) for one in stopped]
        while service.app.state.lanes._bodies.total() < len(stopped):  # noqa: ASYNC110 - nobody is told of a body
            await asyncio.sleep(0)
        one_more, elsewhere = ask(service, "POST", "/session"), ask(service, "POST", "/session", client="198.51.100.7")
        for one in (one_more, elsewhere):
            one.give(b"{}")
            await one.run()
        for one in stopped:
            one.hang_up()
        await asyncio.gather(*slow)
        return one_more, elsewhere

    one_more, elsewhere = together(service, asked)
    assert (one_more.status, one_more.headers["retry-after"], elsewhere.status) == (503, "10", 400)
    assert {one.status for one in stopped} == {None}


@one_store
def test_client_hung_up_in_line_nothing_is_begun(service, monkeypatch):
    begun = []
    monkeypatch.setattr(registrations, "register", lambda *_, **__: begun.append(1))
    service.app.state.lanes = Lanes(changed(service.country.settings, writes_at_once=1))
    request = ask(service, "POST", "/registrations", service.coordinator)
    lane = service.app.state.lanes[Work.WRITE]

    async def asked():
        async with lane.place(Arrival(), "another"):
            waits = asyncio.ensure_future(request.run())
            request.give(b"{}")
            for _ in range(1000):  # until it is in line
                await asyncio.sleep(0 if lane._line else 0.01)
                if lane._line:
                    break
            request.hang_up()
            await waits

    together(service, asked)
    assert (request.status, begun) == (None, [])
    assert '"status": 499' in service.log.getvalue()


@pytest.mark.wide
@both_stores
def test_budget_is_spent_in_all_processes_and_fills_up_again(service):
    """Two proposals a minute: the third is refused, in another process too; half a minute later it is answered."""
    settings = changed(service.country.settings, proposals_a_minute=2)
    state, caller = service.app.state, service.coordinator
    path = f"/registrations/{caller.made('/registrations', somebody())['id']}/proposals"
    for expected in (201, 201, 429):
        state.budgets = Budgets(settings, service.database)  # as in another process
        answer = caller.post(path, Accept_Language="en")
        assert answer.status_code == expected
    assert (answer.headers["Retry-After"], answer.json()["type"]) == ("30", "urn:placement:problem:budget_spent")
    assert "again in 30 seconds" in answer.json()["detail"]
    assert service.desk.get("/registrations").is_success
    service.moment.pass_by(seconds=29)
    refused = caller.post(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    service.moment.pass_by(seconds=1)
    assert caller.post(path).status_code == 201


@pytest.mark.wide
@both_stores
def test_budget_of_what_is_for_tonight_is_its_own(service):
    """Whatever else the account asked for, a client for tonight gets a proposal; of those it is refused the third."""
    settings = changed(service.country.settings, proposals_a_minute=2)
    state, caller = service.app.state, service.coordinator
    state.budgets = Budgets(settings, service.database)
    usual, tonight = (
        f"/registrations/{caller.made('/registrations', somebody(urgency=urgency))['id']}/proposals"
        for urgency in (3, 1)
    )
    assert [caller.post(usual).status_code for _ in range(3)] == [201, 201, 429]
    assert caller.post(tonight).status_code == 201
    assert caller.post(usual).status_code == 429
    state.budgets = Budgets(settings, service.database)  # as in another process
    assert [caller.post(tonight).status_code for _ in range(2)] == [201, 429]
    service.moment.pass_by(seconds=30)
    assert caller.post(tonight).status_code == 201


def test_budget_of_a_clock_that_was_put_back_is_asked_again(service):
    budgets = Budgets(service.country.settings, service.database)
    subject = _subject(Work.SLOW, "A-1", Urgency.CAN_WAIT)
    for wait, refused in ((timedelta(seconds=30), True), (timedelta(hours=1), False)):
        budgets._spent[subject] = service.moment.at + wait
        assert budgets.is_spent(Work.SLOW, "A-1") is refused


@one_store
def test_budget_known_to_be_spent_asks_no_database(service, monkeypatch):
    settings = changed(service.country.settings, slow_reads_a_minute=1)
    service.app.state.budgets = Budgets(settings, service.database)
    assert service.coordinator.get("/capacity/shortage").is_success
    assert service.coordinator.get("/capacity/shortage").status_code == 429
    monkeypatch.setattr("placement.accounts.rate_limits.spend", lambda *_: pytest.fail("asked again"))
    assert service.coordinator.get("/capacity/shortage").status_code == 429


@one_store
def test_budget_of_one_account_is_no_other_accounts(service):
    settings = changed(service.country.settings, slow_reads_a_minute=1)
    service.app.state.budgets = Budgets(settings, service.database)
    assert [service.coordinator.get("/capacity/shortage").status_code for _ in range(2)] == [200, 429]
    assert service.desk.get("/capacity/shortage").is_success
