"""Webhooks: signed as specified, ids alone, never into private networks, disabled when dead."""

import json
import socket
from datetime import timedelta

import pytest
from freezegun import freeze_time
from sqlmodel import select
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from placement.core import clock
from placement.core.codes import Channel, MessageKind, Role
from placement.core.context import Actor
from placement.core.errors import Conflict, Invalid, NotFound
from placement.outbox import announcements, outbox, webhook_client, webhooks
from placement.outbox.outbox import CLAIMED_FOR
from placement.outbox.webhook_client import Forbidden
from placement.tables import Account, Webhook
from tests.support.mail_server import silent_server
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT
from tests.support.webhook_receiver import deliver_webhooks, receiving

STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
HOLDS = [MessageKind.HOLD_ASKED, MessageKind.HOLD_RELEASED, MessageKind.HOLD_EXPIRED]


@pytest.fixture
def listening(town, monkeypatch):
    """A town whose clock is the story's, and that may call this machine."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    town.having(plain_http=True)
    return town


def make(town, url="https://software.example/in", kinds=HOLDS, actor=STAFF):
    return town.do(webhooks.make, url, kinds, actor=actor)


def deliver(town):
    return deliver_webhooks(town.database, town.settings)


def delivery_states(town):
    return [(row.status.value, row.trouble) for row in sent(town)]


@pytest.mark.wide
def test_webhook_sends_own_holds_by_id_with_a_valid_signature(listening):
    with receiving() as receiver:
        secret, _ = make(listening, receiver.url)
        hold = listening.hold_in(listening.register(alias="Merel"), "U1-women")
        listening.hold_in(listening.register(), "U4-crisis")  # of another shelter
        listening.later(minutes=1)
        listening.release(hold)
        assert deliver(listening) == 2
        assert deliver(listening) == 0
    for (path, headers, body), kind in zip(receiver.came, ("hold.asked", "hold.released"), strict=True):
        with freeze_time(listening.at, ignore=["sqlalchemy", "psycopg"]):
            said = Verifier(secret).verify(body, headers)
        assert (path, said["type"], said["data"]) == ("/in", kind, {"hold": hold, "unit": "U1-women"})
        assert set(said) == {"type", "timestamp", "data"}
    assert len(set(receiver.ids)) == 2


@pytest.mark.wide
@one_store
def test_unwritable_event_holds_up_no_other_and_counts_no_fault(listening, monkeypatch):
    unpatched = webhooks.call_for

    def fails(session, message, at):
        if message.kind is MessageKind.HOLD_ASKED:
            raise LookupError(message.id)
        return unpatched(session, message, at)

    monkeypatch.setattr(webhooks, "call_for", fails)
    with receiving() as receiver:
        make(listening, receiver.url)
        hold = listening.hold_in(listening.register(), "U1-women")
        listening.later(minutes=1)
        listening.release(hold)
        assert deliver(listening) == 1
        assert delivery_states(listening) == [("waiting", "cannot_be_written"), ("delivered", None)]
        listening.later(days=4)
        assert deliver(listening) == 0
        assert delivery_states(listening)[0] == ("failed", "cannot_be_written")
        [webhook] = listening.all(select(Webhook))
        assert (webhook.disabled_at, webhook.failing_since) == (None, None)
    assert len(receiver.ids) == 1


@pytest.mark.wide
@one_store
def test_webhook_altered_or_signed_by_another_is_detected(listening):
    with receiving() as receiver:
        secret, _ = make(listening, receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        deliver(listening)
    [(_, headers, body)] = receiver.came
    with freeze_time(listening.at, ignore=["sqlalchemy", "psycopg"]):
        Verifier(secret).verify(body, headers)
        for other, said in ((webhooks.new_secret(), body), (secret, body.replace("U1", "U2"))):
            with pytest.raises(WebhookVerificationError):
                Verifier(other).verify(said, headers)


@pytest.mark.wide
def test_rotated_secret_signs_for_a_day_beside_later_ones(listening):
    with receiving() as receiver:
        first, made = make(listening, receiver.url)
        second, _ = listening.do(webhooks.rotate, made.id, actor=STAFF)
        listening.later(hours=12)
        third, _ = listening.do(webhooks.rotate, made.id, actor=STAFF)
        accepted = []
        for hours in (0, 24):
            listening.later(hours=hours)
            listening.hold_in(listening.register(), "U1-women")
            deliver(listening)
            _, headers, body = receiver.came[-1]
            with freeze_time(listening.at, ignore=["sqlalchemy", "psycopg"]):
                accepted.append([_verifies(secret, body, headers) for secret in (first, second, third)])
    assert accepted == [[True, True, True], [False, False, True]]


def _verifies(secret, body, headers):
    try:
        Verifier(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.wide
@pytest.mark.parametrize("answer", [302, 400, 500, 503])
@one_store
def test_event_not_taken_is_resent_alike_without_redirects(listening, answer):
    with receiving() as receiver:
        make(listening, receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        receiver.answer = answer
        deliver(listening)
        assert delivery_states(listening) == [("waiting", f"http_{answer}")]
        receiver.answer = 200
        listening.later(minutes=1)
        deliver(listening)
    assert delivery_states(listening) == [("delivered", None)]
    assert len(receiver.came) == 2
    assert len(set(receiver.ids)) == 1
    assert receiver.came[0][2] == receiver.came[1][2]


@pytest.mark.wide
def test_webhook_failing_three_days_is_disabled_with_notice(listening):
    with listening.act() as act:
        act.session.add(Account(id=ADMIN.id, email="a@x.example", role=Role.ADMIN, password_hash="-", totp_secret="-"))  # noqa: S106
    with receiving() as receiver:
        _, made = make(listening, receiver.url, [MessageKind.REPORT_MADE], actor=ADMIN)
        receiver.answer = 500
        listening.do(announcements.announce_report, "2026-11-24")
        for _ in range(73):
            deliver(listening)
            listening.later(hours=1)
        assert listening.one("webhook", made.id).disabled_at == AT + timedelta(days=3)
        assert "webhook:disabled" in listening.events()
        [notice] = sent(listening, MessageKind.WEBHOOK_DISABLED)
        assert (notice.account_id, notice.channel) == (ADMIN.id, Channel.MAIL)
        tries = len(receiver.came)
        listening.do(announcements.announce_report, "2026-11-28")  # it hears nothing while it is disabled
        deliver(listening)
        assert len(receiver.came) == tries
        receiver.answer = 200
        listening.do(webhooks.enable, made.id, actor=ADMIN)
        [failed] = [one for one in sent(listening) if one.webhook_id == made.id]
        listening.do(outbox.retry, failed.id)
        assert deliver(listening) == 1
    assert len(set(receiver.ids)) == 1


@pytest.mark.wide
@one_store
def test_webhook_answering_gone_is_disabled_at_once(listening):
    with receiving() as receiver:
        _, made = make(listening, receiver.url)
        receiver.answer = 410
        listening.hold_in(listening.register(), "U1-women")
        deliver(listening)
    assert listening.one("webhook", made.id).disabled_at == AT
    assert delivery_states(listening) == [("failed", "webhook_disabled")]


@pytest.mark.wide
@one_store
def test_result_is_stored_apart_from_the_webhook_it_disables(listening, monkeypatch):
    def lock_is_lost(*_):
        raise OSError

    monkeypatch.setattr(webhooks, "note", lock_is_lost)
    with receiving() as receiver:
        make(listening, receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        with pytest.raises(OSError):  # noqa: PT011
            deliver(listening)
    assert delivery_states(listening) == [("delivered", None)]


@pytest.mark.wide
@one_store
def test_hanging_webhook_holds_up_no_other(listening):
    listening.having(webhook_within_seconds=0.2)
    with silent_server() as port, receiving() as receiver:
        make(listening, f"http://127.0.0.1:{port}/in")
        make(listening, receiver.url)
        for _ in range(2):
            listening.release(listening.hold_in(listening.register(), "U1-women"))
        assert deliver(listening) == 4
    assert sorted(map(str, delivery_states(listening))).count("('waiting', 'no_answer_in_time')") == 1


def test_delivery_killed_after_sending_resends_with_the_same_id(listening):
    with receiving() as receiver:
        make(listening, receiver.url)
        listening.hold_in(listening.register(), "U1-women")
        claimed = outbox.Due(listening.database, Channel.WEBHOOK).claim(listening.at)
        with listening.database.transaction() as session:
            call = webhooks.call_for(session, claimed, listening.at)
        webhook_client.send(call, local=True, within_seconds=10)  # and then it is gone
        assert deliver(listening) == 0
        listening.later(seconds=CLAIMED_FOR.total_seconds())
        assert deliver(listening) == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


OURS = [
    "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%lo",
    "fc00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2002:c0a8:1::", "2001:0:7f00:1::80ff:fffe",
    "::7f00:1", "::ffff:0:127.0.0.1", "::ffff:0:a00:1",
]  # fmt: skip


@pytest.mark.parametrize("address", OURS)
def test_private_address_in_any_notation_is_not_called(address):
    with pytest.raises(Forbidden):
        webhook_client.require_open(address)


@one_store
@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "fe80::1"])
def test_plain_http_service_calls_no_private_network(listening, monkeypatch, address):
    assert listening.settings.plain_http
    with pytest.raises(Invalid):
        make(listening, f"http://[{address}]/" if ":" in address else f"http://{address}/")
    make(listening, "http://software.example/")
    listening.hold_in(listening.register(), "U1-women")
    called = []
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    monkeypatch.setattr(socket, "create_connection", lambda *where, **_: called.append(where))
    deliver(listening)
    assert called == []
    assert delivery_states(listening) == [("waiting", "address_forbidden")]


@pytest.mark.parametrize("address", ["1.1.1.1", "145.100.1.1", "2606:4700::1", "::ffff:1.1.1.1"])
def test_an_address_of_the_open_internet_is_called(address):
    webhook_client.require_open(address)


@one_store
@pytest.mark.parametrize("names", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["169.254.169.254"]])
def test_webhook_name_with_a_private_address_is_not_called(listening, monkeypatch, names):
    listening.having(plain_http=False)
    make(listening, "https://software.example/in")
    listening.hold_in(listening.register(), "U1-women")
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, 443)) for name in names]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    called = []
    monkeypatch.setattr(socket, "create_connection", lambda *where, **_: called.append(where))
    deliver(listening)
    assert called == []
    assert delivery_states(listening) == [("waiting", "address_forbidden")]


@one_store
def test_webhook_call_uses_the_address_that_was_checked(listening, monkeypatch):
    listening.having(plain_http=False)
    make(listening, "https://software.example/in")
    listening.hold_in(listening.register(), "U1-women")
    looked, called = [], []

    def look(name, *_, **__):
        looked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1" if len(looked) == 1 else "127.0.0.1", 443))]

    def call(where, *_):
        called.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(socket, "create_connection", call)
    deliver(listening)
    assert (looked, called) == (["software.example"], [("1.1.1.1", 443)])


@one_store
@pytest.mark.parametrize(
    "url",
    ["http://software.example/", "ftp://x.example/", "https://", "https://a:b@x.example/", "https://x.example/#a",
     "https://x.example:99999/", "https://x.example/a b", "https://[::1/", "//x.example/", "https://x.exämple/", "https://10.1.2.3/in",
     "https://127.0.0.1/", "https://[::1]:8443/", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/"],
)  # fmt: skip
def test_webhook_address_that_is_not_plain_https_is_refused(town, url):
    with pytest.raises(Invalid) as refused:
        make(town, url)
    assert refused.value.faults[0].field == "url"


@one_store
def test_shelter_sees_own_webhooks_admin_makes_none_for_it(town):
    _, own = make(town)
    _, centres = make(town, kinds=[MessageKind.REPORT_MADE], actor=ADMIN)
    other = Actor("A-S2", Role.SHELTER_STAFF, shelter_id="S2", session_id="Z")
    for verb in (webhooks.disable, webhooks.enable, webhooks.rotate):
        for webhook, actor in ((own, other), (centres, other), (centres, STAFF)):
            with pytest.raises(NotFound):
                town.do(verb, webhook.id, actor=actor)
    for verb in (webhooks.enable, webhooks.rotate):
        with pytest.raises(NotFound):
            town.do(verb, own.id, actor=ADMIN)
    assert town.do(webhooks.disable, own.id, actor=ADMIN).disabled_at == AT
    with pytest.raises(Invalid):
        make(town, actor=ADMIN)  # holds are a shelter's
    with town.act(STAFF) as act:
        assert [row.id for row in act.session.exec(webhooks.listed(act))] == [own.id]


@one_store
def test_there_are_ten_in_use_at_most(town):
    first, *_ = [make(town)[1] for _ in range(10)]
    with pytest.raises(Conflict):
        make(town)
    town.do(webhooks.disable, first.id, actor=STAFF)
    make(town)
    with pytest.raises(Conflict):
        town.do(webhooks.enable, first.id, actor=STAFF)


@pytest.mark.wide
def test_test_event_is_sent_once_a_minute_and_has_an_outcome(listening):
    with receiving() as receiver:
        secret, made = make(listening, receiver.url)
        listening.do(webhooks.try_it, made.id, actor=STAFF)
        with pytest.raises(Conflict) as again:
            listening.do(webhooks.try_it, made.id, actor=STAFF)
        assert again.value.code == "webhook_tried_just_now"
        assert deliver(listening) == 1
        listening.later(minutes=1)
        receiver.answer = 500
        listening.do(webhooks.try_it, made.id, actor=STAFF)
        assert deliver(listening) == 0
    _, headers, body = receiver.came[0]
    with freeze_time(AT, ignore=["sqlalchemy", "psycopg"]):
        assert Verifier(secret).verify(body, headers)["data"] == {"webhook": made.id}
    assert delivery_states(listening) == [("delivered", None), ("failed", "http_500")]
    listening.do(webhooks.disable, made.id, actor=STAFF)
    with pytest.raises(Conflict):
        listening.do(webhooks.try_it, made.id, actor=STAFF)


@one_store
def test_webhook_deliveries_are_visible_with_the_webhook(town):
    _, own = make(town)
    town.do(webhooks.try_it, own.id, actor=STAFF)
    for actor in (STAFF, ADMIN):
        with town.act(actor) as act:
            [event] = webhooks.sent_to(act, own.id, None)
        assert event.kind is MessageKind.WEBHOOK_TRIED
    with town.act(Actor("A-S2", Role.SHELTER_STAFF, shelter_id="S2")) as act, pytest.raises(NotFound):
        webhooks.sent_to(act, own.id, None)


def test_secrets_and_addresses_are_not_in_the_store_in_plain(town):
    secret, made = make(town, "https://software.example/geheim")
    town.do(webhooks.rotate, made.id, actor=STAFF)
    with town.database.engine.connect() as connection:
        stored = json.dumps([list(map(str, row)) for row in connection.exec_driver_sql("SELECT * FROM webhook")])
    assert "geheim" not in stored
    assert secret not in stored
    assert town.all(select(Webhook))[0].former_secret == secret
