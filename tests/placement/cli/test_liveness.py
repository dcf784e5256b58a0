"""Liveness beside the web processes: true while each of them reports that it goes on, and not a moment longer."""

import asyncio
import socket
import time
from contextlib import suppress

import httpx
import pytest
from structlog.testing import capture_logs

from placement.cli.liveness import Liveness, Watchdog
from placement.core.heartbeats import STALE_SECONDS, Heartbeats, beat
from placement.core.recent_answers import Answers
from placement.core.vital_signs import VitalSigns, ask
from tests.support.loops import run
from tests.support.outages import until as until_true
from tests.support.ports import free_port

PATIENCE = 30


class Clock:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def address(tmp_path):
    return tmp_path / "run" / "heartbeats"


@pytest.fixture
def heartbeats(address, clock):
    return Heartbeats(2, address, clock)


@pytest.fixture
def say(address):
    def say(*processes, answers=0, degraded=0):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            for one in processes:
                to.sendto(f"{one} {answers} {degraded}".encode(), str(address))

    return say


@pytest.fixture
def signs_at(tmp_path):
    return tmp_path / "run" / "vital-signs"


@pytest.fixture
def base(heartbeats, signs_at):
    port = free_port()
    liveness = Liveness(heartbeats, signs_at, ("127.0.0.1", port), None)
    liveness.start()
    yield f"http://127.0.0.1:{port}"
    liveness.stop()


def asked(base, status):
    """Returns the answer once it has this status; tries again, as another thread reads the reports."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{base}/health/live", timeout=PATIENCE)
            if answer.status_code == status:
                return answer.json()
    raise AssertionError(status)


def test_every_process_must_have_said_that_it_goes_on(base, say):
    assert asked(base, 503) == {"status": "not live", "going_on": 0, "of": 2}
    say(11)
    say(11)
    assert httpx.get(f"{base}/health/live").status_code == 503
    say(12)
    assert asked(base, 200) == {"status": "live"}


def test_one_process_that_says_nothing_more_is_told(base, clock, say):
    say(11, 12)
    asked(base, 200)
    clock.at += STALE_SECONDS - 1
    say(12)
    asked(base, 200)
    clock.at += 1
    assert asked(base, 503) == {"status": "not live", "going_on": 1, "of": 2}
    say(13)  # the process that was started in its place
    asked(base, 200)


def test_vital_signs_are_processes_and_answers(base, signs_at, say):
    assert ask(signs_at) == VitalSigns(0, 2)
    say(11, answers=30, degraded=1)
    say(12, answers=10, degraded=1)
    asked(base, 200)
    assert ask(signs_at) == VitalSigns(2, 2, Answers(40, 2))
    assert ask(signs_at.with_name("nobody")) is None


@pytest.mark.usefixtures("base")
def test_degraded_answers_are_logged_once_and_when_they_end(signs_at, say):
    with capture_logs() as lines:
        for figures in ((20, 1), (40, 3), (60, 4), (100, 5)):
            say(11, answers=figures[0], degraded=figures[1])
            until_true(lambda figures=figures: ask(signs_at).answers == Answers(*figures))
    assert [(line["event"], line["log_level"], line["degraded"]) for line in lines] == [
        ("engine.degraded", "error", 3),
        ("engine.well", "info", 5),
    ]


def test_what_is_no_question_about_liveness_gets_nothing(base, say):
    say(11, 12)
    asked(base, 200)
    assert httpx.get(f"{base}/health/ready").status_code == 404
    assert httpx.post(f"{base}/health/live").status_code == 404
    head = httpx.head(f"{base}/health/live")
    assert (head.status_code, head.content) == (200, b"")
    port = int(base.rpartition(":")[2])
    for said in (b"\0" * 9000, b"GET /health", b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as other:
            other.sendall(said)
            other.shutdown(socket.SHUT_WR)
            assert b"200" not in other.recv(4096)
    asked(base, 200)


@pytest.mark.wide
def test_clients_that_say_nothing_keep_no_other_waiting(base, say):
    say(11, 12)
    port = int(base.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(80)]
    asked(base, 200)
    for one in silent:
        one.close()


def test_event_loop_says_that_it_goes_on_to_a_later_listener(address, monkeypatch):
    monkeypatch.setattr("placement.core.heartbeats._EVERY_SECONDS", 0.001)

    async def some_time():
        beating = asyncio.create_task(beat(address))
        await asyncio.sleep(0.01)
        listening = Heartbeats(1, address)
        while not listening.going_on():
            await asyncio.sleep(0.001)
            listening.read()
        beating.cancel()
        listening.close()

    run(some_time)


def test_socket_of_a_killed_service_is_no_hindrance(heartbeats, address):
    heartbeats.socket.close()
    again = Heartbeats(1, address)
    again.close()
    assert not address.exists()


@pytest.fixture
def signs(tmp_path, heartbeats, signs_at):
    """Yields the socket on which systemd would wait for signs of these processes."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(PATIENCE)
        watchdog = Watchdog.of({"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "4000"})
        liveness = Liveness(heartbeats, signs_at, None, watchdog)
        liveness.start()
        yield systemd
        liveness.stop()


def given(signs):
    """Returns the next sign from now on, or nothing after a hundred times the pause between two signs."""
    signs.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            signs.recv(64)
    signs.settimeout(0.1)
    try:
        return signs.recv(64)
    except TimeoutError:
        return b""


def until(signs, sign):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if given(signs) == sign:
            return
    raise AssertionError(sign)


def test_watchdog_gets_signs_while_every_process_goes_on(signs, say, clock):
    until(signs, b"WATCHDOG=1")  # no process has begun
    say(11, 12)
    until(signs, b"WATCHDOG=1")
    clock.at += STALE_SECONDS - 1
    say(12)
    until(signs, b"WATCHDOG=1")
    clock.at += 1
    until(signs, b"")
    say(11)
    until(signs, b"WATCHDOG=1")


def test_watchdog_is_what_systemd_says():
    assert Watchdog.of({}) is None
    assert Watchdog.of({"NOTIFY_SOCKET": "/run/systemd/notify"}) is None
    found = Watchdog.of({"NOTIFY_SOCKET": "@notify", "WATCHDOG_USEC": "60000000"})
    assert found == Watchdog("\0notify", 60.0)
