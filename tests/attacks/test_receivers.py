"""Receivers of webhooks and mail that hold on, answer without end or not at all: all others are served meanwhile."""

import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise

import pytest

from placement.core import clock
from placement.core.codes import MessageKind, Role
from placement.core.context import Actor
from placement.core.setting_parts import Smtp
from placement.notifications import delivery, webhook_pool
from placement.notifications.webhook_pool import WebhookPool, rest_after
from placement.outbox import outbox, smtp, webhooks
from placement.tables import Account, Webhook
from tests.support.messages import sent
from tests.support.ports import free_port
from tests.support.slow_server import HTTP, dripping
from tests.support.stores import one_store
from tests.support.town import ROOMS, Town, build
from tests.support.webhook_receiver import receiving, told_at_its_own_time

PATIENCE = 60
KILOBYTES = b"x" * 65_000
ENDLESS_LINE, ENDLESS_HEADERS, ENDLESS_BODY = (
    (b"HTTP/1.1 ", KILOBYTES),
    (b"HTTP/1.1 200 OK\r\n", b"X-Much: " + KILOBYTES + b"\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"FDE8\r\n" + KILOBYTES + b"\r\n"),
)


def staff(shelter):
    return Actor(f"A-{shelter}", Role.SHELTER_STAFF, shelter_id=shelter, session_id="Z")


def hears(town, shelter, url):
    return town.do(webhooks.make, url, [MessageKind.HOLD_ASKED], actor=staff(shelter))[1].id


@pytest.fixture
def town(stores):
    made = stores.make("town-of-receivers", _build)
    return Town(made.database, made.settings)


def _build(database, settings):
    with database.transaction() as session:
        build(session)
    for shelter_id in ROOMS:
        Town(database, settings).report(shelter_id)


@pytest.fixture
def listening(town, monkeypatch):
    return told_at_its_own_time(town, monkeypatch)


@pytest.fixture
def pool(listening):
    made = WebhookPool(listening.database, listening.settings)
    yield made
    made.close()


def states(town):
    return {row.webhook_id: (row.status.value, row.trouble) for row in sent(town)}


@pytest.mark.wide
def test_receivers_of_each_bad_kind_ten_good_are_served(listening, pool, monkeypatch):
    """A dripping and a silent receiver of one shelter; three endless and a refusing receiver beside ten good receivers
    of another.
    """
    monkeypatch.setattr(webhooks, "_MOST", 20)
    with ExitStack() as stack:
        dripper, silent = (stack.enter_context(dripping(HTTP, then)) for then in (b"x", b""))
        endless = [stack.enter_context(dripping(*how)) for how in (ENDLESS_LINE, ENDLESS_HEADERS, ENDLESS_BODY)]
        receiver = stack.enter_context(receiving())
        bad = [hears(listening, "S1", one.url) for one in (dripper, silent)]
        huge = [hears(listening, "S2", one.url) for one in endless]
        refusing = hears(listening, "S2", f"http://127.0.0.1:{free_port()}/in")
        good = [hears(listening, "S2", receiver.url) for _ in range(10)]
        listening.hold_in(listening.register(), "U1-women")
        pool.wake()
        assert dripper.holds.wait(PATIENCE)
        assert silent.holds.wait(PATIENCE)
        listening.hold_in(listening.register(), "U4-crisis")
        for _ in range(100 * PATIENCE):
            pool.wake()
            if len(receiver.came) == len(good) and all(one.cut.is_set() for one in endless):
                break
            receiver.got.wait(0.01)
        assert len(receiver.came) == len(good)
        assert [one.cut.is_set() for one in endless] == [True, True, True]
        assert not dripper.cut.is_set()
        assert not silent.cut.is_set()
        for one in (dripper, silent, *endless):
            one.stop.set()
        pool.finish()
    found = states(listening)
    assert {found[one] for one in good} == {("delivered", None)}
    assert found[refusing] == ("waiting", "no_connection")
    assert [found[one] for one in huge] == [
        ("waiting", "no_connection"),
        ("waiting", "no_connection"),
        ("delivered", None),  # its code is good, and no more of it was read
    ]
    assert [found[one][0] for one in bad] == ["waiting", "waiting"]


@pytest.mark.wide
def test_receivers_that_failed_hold_few_calls_however_many(listening, monkeypatch):
    """Three accepted nothing last time, and hold on now: two are called, and a good one whose shelter can be."""
    monkeypatch.setattr(webhook_pool, "OF_FAILING", 2)
    with dripping(HTTP) as dripper, receiving() as receiver:
        bad = [hears(listening, shelter, dripper.url) for shelter in ("S1", "S1", "S2")]
        hears(listening, "S2", receiver.url)
        with listening.act() as act:
            for one in bad:
                act.session.get_one(Webhook, one).failing_since = listening.at - timedelta(minutes=1)
        for unit in ("U1-women", "U4-crisis"):
            listening.hold_in(listening.register(), unit)
        pool = WebhookPool(listening.database, listening.settings)
        for _ in range(100 * PATIENCE):
            pool.wake()
            if receiver.got.wait(0.01) and dripper.connections >= 2:
                break
        for _ in range(50):  # time for the third to be called as well
            pool.wake()
            time.sleep(0.01)
        assert dripper.connections == 2
        assert receiver.got.is_set()
        dripper.stop.set()
        pool.close()


@pytest.mark.wide
@one_store
def test_receiver_accepts_nothing_is_called_ever_more_rarely(listening):
    listening.having(webhook_within_seconds=1.0)
    refusing = hears(listening, "S1", f"http://127.0.0.1:{free_port()}/in")
    pool = WebhookPool(listening.database, listening.settings)
    tried = []
    for minute in range(60):
        listening.hold_in(listening.register(), "U1-women") if minute < 3 else None
        pool.wake()
        pool.finish()
        tried.append(sum(row.attempts for row in sent(listening) if row.webhook_id == refusing))
        listening.at += timedelta(minutes=1)
    pool.close()
    calls = [minute for minute in range(60) if tried[minute] > (tried[minute - 1] if minute else 0)]
    gaps = [after - before for before, after in pairwise(calls)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 5 * gaps[0]


def test_rest_is_as_long_as_it_fails_already():
    at = clock.now()
    waits = [rest_after(at - timedelta(seconds=failing), at).total_seconds() for failing in (0, 30, 100, 10**6)]
    assert waits == [30, 30, 100, 3600]


@pytest.mark.wide
@one_store
def test_mail_one_takes_long_others_are_handed_over(listening, monkeypatch):
    """The first recipient takes until all others are done. They are served beside it, and each recipient gets one mail
    at a time.
    """
    may_go, gone, held = threading.Event(), threading.Semaphore(0), []

    def send(_server, email: EmailMessage, _within):
        if email["To"].startswith("slow"):
            held.append(email["To"])
            assert may_go.wait(PATIENCE)
        else:
            gone.release()
        return smtp.Sent(outbox.DELIVERED)

    monkeypatch.setattr(delivery.smtp, "send", send)
    listening.having(smtp=Smtp("127.0.0.1", 1, "none", "x@placement.example"), address="https://placement.example")
    with listening.act() as act:
        for number, name in enumerate(("slow", *(f"good{number}" for number in range(10)))):
            facts = {"email": f"{name}@x.example", "role": Role.ADMIN, "password_hash": "-", "totp_secret": "-"}
            act.session.add(Account(id=f"A-{number}", **facts))
        act.session.flush()
        everyone = [f"A-{number}" for number in range(11)]
        for once in ("first", "second"):
            outbox.put(act, MessageKind.WEBHOOK_DISABLED, once, accounts=everyone, webhook="W-1")
    sending = threading.Thread(target=delivery.deliver_mail, args=(listening.database, listening.settings))
    sending.start()
    try:
        assert all(gone.acquire(timeout=PATIENCE) for _ in range(20))
        assert held == ["slow@x.example"]
    finally:
        may_go.set()
        sending.join()
    assert {row.status.value for row in sent(listening)} == {"delivered"}
