"""Slow receivers: a call ends at its deadline, and no other event waits for it."""

import socket
import threading

import pytest

from placement.core.codes import MessageKind, Role
from placement.core.context import Actor
from placement.core.setting_parts import Smtp
from placement.core.settings import Settings
from placement.jobs.scheduler import scheduler_of
from placement.notifications.webhook_pool import OF_ONE_SHELTER, WebhookPool
from placement.outbox import deadline, outbox, smtp, webhook_client, webhooks
from placement.outbox.deadline import Deadline
from placement.outbox.outbox import CLAIMED_FOR
from placement.tables import Account
from tests.support.messages import sent
from tests.support.slow_server import HTTP, NOTHING, SMTP, TLS, dripping
from tests.support.stores import one_store
from tests.support.webhook_receiver import LONG, deliver_webhooks, receiving, told_at_its_own_time

PATIENCE = 60
AT_ONCE = 0.3
"""Seconds until the deadline, if a test waits for it to pass."""


def staff(shelter):
    return Actor(f"A-{shelter}", Role.SHELTER_STAFF, shelter_id=shelter, session_id="Z")


@pytest.fixture
def listening(town, monkeypatch):
    return told_at_its_own_time(town, monkeypatch)


@pytest.fixture
def pool(listening):
    made = WebhookPool(listening.database, listening.settings)
    yield made
    made.close()


def hears(town, shelter, url):
    """A webhook of the shelter that hears when it is asked for a bed."""
    return town.do(webhooks.make, url, [MessageKind.HOLD_ASKED], actor=staff(shelter))[1]


def delivery_states(town):
    return {row.webhook_id: (row.status.value, row.trouble, row.attempts) for row in sent(town)}


@pytest.mark.wide
def test_pool_receiver_drips_others_event_arrives(listening, pool):
    with receiving() as receiver, dripping(HTTP) as dripper:
        slow, fast = hears(listening, "S1", dripper.url), hears(listening, "S2", receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        pool.wake()
        assert dripper.holds.wait(PATIENCE)
        listening.hold_in(listening.register(), "U4-crisis")
        pool.wake()
        assert receiver.got.wait(PATIENCE)
        assert not dripper.cut.is_set()  # it was held on to all the while
        dripper.stop.set()
        pool.finish()
    assert delivery_states(listening)[fast.id] == ("delivered", None, 1)
    assert delivery_states(listening)[slow.id][2] == 1


@pytest.mark.wide
def test_pool_two_events_of_one_webhook_one_call_at_a_time(listening, pool):
    with dripping(HTTP) as dripper:
        hears(listening, "S1", dripper.url)
        for _ in range(2):
            listening.hold_in(listening.register(), "U1-women")
        for _ in range(3):
            pool.wake()
            assert dripper.holds.wait(PATIENCE)
        assert dripper.connections == 1
        dripper.stop.set()
        pool.finish()
    assert sorted(row.attempts for row in sent(listening)) == [0, 1]


@pytest.mark.wide
def test_pool_shelter_drips_everywhere_keeps_its_share(listening, pool):
    with receiving() as receiver, dripping(HTTP) as dripper:
        for _ in range(4 * OF_ONE_SHELTER):
            hears(listening, "S1", dripper.url)
        hears(listening, "S2", receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        pool.wake()
        assert dripper.holds.wait(PATIENCE)
        listening.later(seconds=1)  # at the same moment it is not looked up again
        listening.hold_in(listening.register(), "U4-crisis")
        pool.wake()
        assert receiver.got.wait(PATIENCE)
        assert dripper.connections <= OF_ONE_SHELTER
        assert not dripper.cut.is_set()
        dripper.stop.set()
        pool.finish()


def test_claim_while_sent_by_another_is_not_taken_twice(listening, pool):
    with dripping(HTTP) as dripper:
        hears(listening, "S1", dripper.url)
        listening.hold_in(listening.register(), "U1-women")
        pool.wake()
        assert dripper.holds.wait(PATIENCE)
        assert deliver_webhooks(listening.database, listening.settings) == 0  # as another process would
        assert [row.attempts for row in sent(listening)] == [1]
        dripper.stop.set()
        pool.finish()


@one_store
def test_pool_database_fails_in_a_thread_wake_raises(pool, monkeypatch):
    def fails(*_args, **_facts):
        raise LookupError("Kanarie")

    monkeypatch.setattr(outbox.Due, "claim", fails)
    pool.wake()
    with pytest.raises(LookupError):
        pool.finish()


@pytest.mark.wide
@pytest.mark.parametrize(("scheme", "begin"), [("http", HTTP), ("http", NOTHING), ("https", TLS)])
@one_store
def test_call_receiver_drips_ends_at_its_deadline(listening, scheme, begin):
    """The receiver drips in the status line, in the headers after a status of 200, and in the handshake of TLS."""
    listening.having(webhook_within_seconds=AT_ONCE)
    with dripping(begin) as dripper:
        webhook = hears(listening, "S1", dripper.url.replace("http", scheme))
        listening.hold_in(listening.register(), "U1-women")
        assert deliver_webhooks(listening.database, listening.settings) == 0
        assert dripper.cut.wait(PATIENCE)
    assert delivery_states(listening)[webhook.id] == ("waiting", "no_answer_in_time", 1)


@pytest.mark.wide
@one_store
def test_call_receiver_silent_in_tls_ends_in_time(listening):
    listening.having(webhook_within_seconds=AT_ONCE)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        webhook = hears(listening, "S1", f"https://127.0.0.1:{silent.getsockname()[1]}/in")
        listening.hold_in(listening.register(), "U1-women")
        deliver_webhooks(listening.database, listening.settings)
    assert delivery_states(listening)[webhook.id] == ("waiting", "no_answer_in_time", 1)


@pytest.mark.wide
@one_store
def test_call_name_is_not_found_in_time_ends_too(listening, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(deadline.socket, "getaddrinfo", lambda *_, **__: answered.wait(PATIENCE) and [])
    listening.having(webhook_within_seconds=AT_ONCE)
    webhook = hears(listening, "S1", "https://software.example/in")
    listening.hold_in(listening.register(), "U1-women")
    deliver_webhooks(listening.database, listening.settings)
    answered.set()
    assert delivery_states(listening)[webhook.id] == ("waiting", "no_answer_in_time", 1)


@pytest.mark.wide
@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_mail_server_drips_ends_at_its_deadline(tls):
    with dripping(SMTP) as dripper:
        sent = smtp.send(Smtp("127.0.0.1", dripper.port, tls, "x@placement.example"), None, AT_ONCE)
        assert dripper.cut.wait(PATIENCE)
    assert (sent.result.trouble, sent.server_fails) == ("no_answer_in_time", True)


@pytest.mark.wide
@one_store
def test_scheduler_mail_server_drips_events_go_on(listening, monkeypatch):
    """The real scheduler, looking more often: a mail that takes long is nothing to webhooks."""
    monkeypatch.setattr("placement.jobs.scheduler._POST_EVERY_SECONDS", 0.1)
    monkeypatch.setattr("placement.jobs.scheduler.JOBS", ())
    monkeypatch.setattr("placement.jobs.scheduler.dailies", lambda _: ())
    with receiving() as receiver, dripping(SMTP) as dripper:
        server = Smtp("127.0.0.1", dripper.port, "none", "x@placement.example")
        listening.having(smtp=server, mail_within_seconds=LONG, address="https://placement.example")
        with listening.act() as act:
            act.session.add(Account(id="A-1", email="a@x.example", role=Role.ADMIN, password_hash="-", totp_secret="-"))  # noqa: S106
            act.session.flush()
            outbox.put(act, MessageKind.WEBHOOK_DISABLED, "once", accounts=["A-1"], webhook="W-1")
        pool = WebhookPool(listening.database, listening.settings)
        scheduler = scheduler_of(listening.database, listening.settings, pool)
        scheduler.start()
        assert dripper.holds.wait(PATIENCE)
        hears(listening, "S1", receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        assert receiver.got.wait(PATIENCE)
        assert not dripper.cut.is_set()
        dripper.stop.set()
        scheduler.shutdown()
        pool.close()


def test_deadline_first_address_refuses_second_is_tried():
    with socket.create_server(("127.0.0.1", 0)) as server, Deadline(PATIENCE) as ends:
        line = ends.connect(["127.0.0.2", "127.0.0.1"], server.getsockname()[1])
        assert line.getpeername()[0] == "127.0.0.1"
        line.close()


def test_deadline_has_passed_nothing_is_begun():
    with Deadline(0.0) as ends, pytest.raises(TimeoutError):
        ends.addresses_of("localhost", 80)


def test_lease_outlasts_every_deadline():
    most = max(Settings().webhook_within_seconds, Settings().mail_within_seconds)
    assert CLAIMED_FOR.total_seconds() > 2 * most


def test_sending_has_no_deadline_but_the_one_given():
    for send in (webhook_client.send, smtp.send):
        assert not send.__defaults__
