"""Overload: a few slow requests are answered, the rest is refused as busy, and cheap requests go on."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.http.threads import Threads
from placement.accounts import passwords
from placement.core.errors import Busy
from placement.solver.previews import Previews
from placement.solver.shortage import Shortage
from tests.support.stores import one_store

PATIENCE = 60
FLOOD = 60
ADMITTED = 8


class Gate:
    """What is slow, held until it is let go; says when it was begun."""

    def __init__(self) -> None:
        self.begun, self.may_go, self.number = threading.Event(), threading.Event(), 0

    def __call__(self, *_):
        self.number += 1
        self.begun.set()
        assert self.may_go.wait(PATIENCE)
        return Shortage((), complete=True)


def flood(ask, gate, meanwhile):
    """The answers to so many at once; `meanwhile` runs when all are refused that will be, before any is answered."""
    refused = threading.Semaphore(0)

    def one():
        answer = ask()
        if answer.status_code == 503:
            refused.release()
        return answer

    with ThreadPoolExecutor(FLOOD) as pool:
        asked = [pool.submit(one) for _ in range(FLOOD)]
        try:
            assert gate.begun.wait(PATIENCE)
            assert all(refused.acquire(timeout=PATIENCE) for _ in range(FLOOD - ADMITTED))
            meanwhile()
        finally:
            gate.may_go.set()
        return [one.result() for one in asked]


def cheap_goes_on(service):
    assert service.client.get("/health/live").json() == {"status": "live"}
    assert service.client.get("/health/ready").json()["database"] == "ok"
    assert service.shelter.get("/shelters/S01/capacity").is_success


@one_store
def test_shortage_asked_60_times_refuses_and_reads_go_on(service):
    gate = Gate()
    service.app.state.previews = Previews(service.app.state.solver, gate)
    service.coordinator.authorization()
    answers = flood(lambda: service.coordinator.get("/capacity/shortage"), gate, lambda: cheap_goes_on(service))
    busy = [one for one in answers if one.status_code == 503]
    assert [one.status_code for one in answers].count(200) == ADMITTED
    assert (len(busy), gate.number) == (FLOOD - ADMITTED, 1)
    assert {(one.headers["Retry-After"], one.json()["type"]) for one in busy} == {
        ("10", "urn:placement:problem:engine_busy")
    }


@one_store
def test_shortage_pages_busy_answer_busy(service):
    """In the page that stands, and by itself; in the reader's language."""

    def busy(_problem):
        raise Busy("engine_busy", seconds=10)

    service.app.state.previews = Previews(service.app.state.solver, busy)
    desk = service.signed_in("desk")
    cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
    for language, words in (("nl", "over 10 seconden opnieuw"), ("en", "again in 10 seconds")):
        headers = {"Cookie": cookie, "Accept-Language": language}
        part = service.client.get("/country/shortage", headers={**headers, "HX-Request": "true"})
        whole = service.client.get("/country/shortage", headers=headers)
        assert (part.status_code, whole.status_code, whole.headers["Retry-After"]) == (200, 503, "10")
        assert words in part.text
        assert words in whole.text


@one_store
def test_passwords_tried_60_times_refuses_and_reads_go_on(service, monkeypatch):
    gate = Gate()
    monkeypatch.setattr(passwords, "_HASHER", type("Slow", (), {"verify": gate, "hash": staticmethod(str)})())
    numbers = iter(range(FLOOD))

    def sign_in():
        who = {"email": f"{next(numbers)}@flood.example", "password": "not the right one"}
        return service.client.post("/api/v1/session", json=who)

    monkeypatch.setattr("placement.accounts.rate_limits.take", lambda *_: 0)  # from 60 networks
    answers = flood(sign_in, gate, lambda: cheap_goes_on(service))
    busy = [one for one in answers if one.status_code == 503]
    assert {(one.headers["Retry-After"], one.json()["type"]) for one in busy} == {
        ("2", "urn:placement:problem:sign_in_busy")
    }


@one_store
def test_handlers_all_wait_live_needs_no_thread(service, monkeypatch):
    gate, full = Gate(), Threads("test", at_once=1, waiting=0)
    monkeypatch.setattr("litestar.concurrency._State.EXECUTOR", full)
    held = full.submit(gate)
    try:
        assert service.client.get("/health/live").is_success
        assert service.client.get("/health/ready").is_success
        answer = service.client.get("/api/v1/session", headers={"Authorization": "Bearer plt_x"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    finally:
        gate.may_go.set()
        held.result()
        full.shutdown()


def test_threads_all_taken_submit_is_busy_and_one_is_free_again():
    gate, pool = Gate(), Threads("test", at_once=1, waiting=1)
    held = [pool.submit(gate) for _ in range(2)]
    with pytest.raises(Busy):
        pool.submit(gate)
    gate.may_go.set()
    for one in held:
        one.result()
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(gate)
