"""Overload: a flood of one kind of work is answered, shared or refused in true words, and every other kind goes on.

Counts and gates decide, no clock: what is slow stands still until the test lets it go.
"""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.http import threads
from api.http.threads import Threads
from api.http.work_kinds import Work
from api.http.work_queues import Lanes
from placement.accounts import passwords
from placement.core.errors import Busy
from placement.core.settings import Settings
from placement.placements.proposals import proposals
from placement.solver.previews import Previews
from placement.solver.shortage import Shortage
from tests.support.api.service import somebody
from tests.support.settings import changed
from tests.support.stores import OPERATOR, one_store

PATIENCE = 30
FLOOD = 60


class Gate:
    """Slow work that is held until the test releases it. It counts the calls, and the most calls at a time."""

    def __init__(self, answer=None):
        self.begun, self.may_go, self._guard = threading.Event(), threading.Event(), threading.Lock()
        self.number = self.running = self.most = 0
        self._answer = answer or (lambda *_: Shortage((), complete=True))

    def __call__(self, *given):
        with self._guard:
            self.number, self.running = self.number + 1, self.running + 1
            self.most = max(self.most, self.running)
        self.begun.set()
        assert self.may_go.wait(PATIENCE)
        with self._guard:
            self.running -= 1
        return self._answer(*given)


def flood(service, work, ask, gate, meanwhile, *, waiting, number=FLOOD):
    """Returns the answers to so many requests at once. `meanwhile` runs while the line is full, before any answer."""
    lane = service.app.state.lanes[work]
    with ThreadPoolExecutor(number) as pool:
        asked = [pool.submit(ask) for _ in range(number)]
        try:
            assert gate.begun.wait(PATIENCE)
            until(lambda: len(lane._line) == waiting, lambda: [one.result().text for one in asked if one.done()])
            until(lambda: sum(one.done() for one in asked) == number - waiting - lane._running)
            meanwhile()
        finally:
            gate.may_go.set()
        return [one.result() for one in asked]


def until(is_so, otherwise=lambda: None):
    for _ in range(100 * PATIENCE):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError(otherwise())


def cheap_goes_on(service):
    assert service.client.get("/health/live").json() == {"status": "live"}
    assert service.client.get("/health/ready", headers=OPERATOR).json()["database"] == "ok"
    assert service.shelter.get("/shelters/S01/capacity").is_success
    assert service.shelter.post("/shelters/S01/capacity/confirm").is_success


@pytest.fixture
def sized(service):
    """Gives the service lanes of another size."""

    def make(**figures):
        service.app.state.lanes = Lanes(changed(service.country.settings, **figures))

    return make


@pytest.mark.wide
@one_store
def test_shortage_asked_60_times_is_worked_out_once_for_all(service, monkeypatch):
    gate, read, worlds = Gate(), proposals.world, []
    monkeypatch.setattr(proposals, "world", lambda act: worlds.append(1) or read(act))
    service.app.state.previews = Previews(service.app.state.solver, gate)
    service.coordinator.authorization()
    answers = flood(
        service,
        Work.SLOW,
        lambda: service.coordinator.get("/capacity/shortage"),
        gate,
        lambda: cheap_goes_on(service),
        waiting=FLOOD - 2,
    )
    assert [one.status_code for one in answers] == [200] * FLOOD
    assert gate.number == 1
    assert len(worlds) <= 3  # the first, the second, and a third for those who came after these


@pytest.mark.wide
@one_store
def test_shortage_line_is_full_rest_is_refused_in_true_words(service, sized):
    sized(waiting=6)
    gate = Gate()
    service.app.state.previews = Previews(service.app.state.solver, gate)
    service.coordinator.authorization()
    ask = lambda: service.coordinator.get("/capacity/shortage", Accept_Language="nl")  # noqa: E731
    answers = flood(service, Work.SLOW, ask, gate, lambda: cheap_goes_on(service), number=20, waiting=6)
    busy = [one for one in answers if one.status_code == 503]
    assert (len(busy), len(answers) - len(busy)) == (12, 8)
    for one in busy:
        assert one.json()["type"] == "urn:placement:problem:engine_busy"
        assert f"over {one.headers['Retry-After']} seconden opnieuw" in one.json()["detail"]
    assert service.coordinator.get("/capacity/shortage").is_success


@pytest.mark.wide
@one_store
def test_shortage_pages_busy_answer_busy(service):
    """Checks the open page and the page by itself, in the reader's language."""

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


@pytest.mark.wide
@one_store
def test_passwords_tried_60_times_are_hashed_two_at_once(service, sized, monkeypatch):
    gate = Gate(lambda *_: False)
    monkeypatch.setattr(passwords, "_HASHER", type("Slow", (), {"verify": gate, "hash": staticmethod(str)})())
    monkeypatch.setattr("placement.accounts.rate_limits.take", lambda *_: 0)  # from 60 networks
    monkeypatch.setattr("api.http.work_kinds._SIGN_IN_SECONDS", 600.0)
    sized(waiting=20)
    numbers = iter(range(FLOOD))

    def sign_in():
        who = {"email": f"{next(numbers)}@flood.example", "password": "not the right one"}
        return service.client.post("/api/v1/session", json=who)

    answers = flood(service, Work.PASSWORD, sign_in, gate, lambda: cheap_goes_on(service), waiting=20)
    busy = [one for one in answers if one.status_code == 503]
    assert Counter(one.status_code for one in answers) == {503: FLOOD - 22, 200: 22}
    assert {one.json()["type"] for one in busy} == {"urn:placement:problem:sign_in_busy"}
    assert all(int(one.headers["Retry-After"]) >= 1 for one in busy)
    assert gate.most == 2


class SlowEngine:
    """An engine behind a gate; `asked` lists its registrations, in order."""

    def __init__(self, solver):
        self.asked, self.gate = [], Gate(solver.advise)

    def advise(self, problem, registration_id):
        self.asked.append(registration_id)
        return self.gate(problem, registration_id)


@pytest.mark.wide
@one_store
def test_proposals_30_at_once_urgent_one_is_next(service, sized):
    """A proposal is computed and 30 wait. The client who needs a bed tonight is asked for last, and comes next."""
    service.app.state.solver = engine = SlowEngine(service.app.state.solver)
    sized(proposals_at_once=1, answer_within_seconds=600.0)
    ask = service.coordinator
    clients = [ask.made("/registrations", {**somebody(), "urgency": 3})["id"] for _ in range(3)]
    urgent = ask.made("/registrations", {**somebody(), "urgency": 1})["id"]
    last = []

    def meanwhile():
        cheap_goes_on(service)
        with ThreadPoolExecutor(1) as pool:
            last.append(pool.submit(ask.post, f"/registrations/{urgent}/proposals"))
            until(lambda: len(service.app.state.lanes[Work.ENGINE]._line) == 30)
            engine.gate.may_go.set()

    numbers = iter(range(30))
    answers = flood(
        service,
        Work.ENGINE,
        lambda: ask.post(f"/registrations/{clients[next(numbers) % 3]}/proposals"),
        engine.gate,
        meanwhile,
        number=30,
        waiting=29,
    )
    assert engine.asked[1] == urgent
    assert last[0].result().status_code == 201
    assert {one.status_code for one in answers} == {201}


@pytest.mark.wide
@one_store
def test_write_while_all_slow_reads_wait_is_not_behind_them(service):
    """All reports, exports and previews stand still: a client is registered, and gets a proposal."""
    gate = Gate()
    service.app.state.previews = Previews(service.app.state.solver, gate)
    service.coordinator.authorization()

    def place():
        client = service.coordinator.made("/registrations", {**somebody(), "urgency": 1})["id"]
        assert service.coordinator.post(f"/registrations/{client}/proposals").status_code == 201

    ask = lambda: service.coordinator.get("/capacity/shortage")  # noqa: E731
    flood(service, Work.SLOW, ask, gate, place, number=10, waiting=8)


@one_store
def test_lanes_all_full_live_waits_for_none(service, monkeypatch):
    gate, full = Gate(), Threads("test", at_once=1, waiting=0)
    monkeypatch.setattr("litestar.concurrency._State.EXECUTOR", full)
    held = full.submit(gate)
    try:
        assert service.client.get("/health/live").is_success
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


def test_pools_of_one_kind_full_another_has_threads():
    pools, gates = threads.Pools(Settings()), []
    token = threads.WORK.set(Work.SLOW)
    try:
        for _ in range(2):
            gates.append(gate := Gate())
            pools.submit(gate)
            assert gate.begun.wait(PATIENCE)
        threads.WORK.set(Work.READ)
        assert pools.submit(lambda: "read").result(PATIENCE) == "read"
    finally:
        threads.WORK.reset(token)
        for gate in gates:
            gate.may_go.set()
