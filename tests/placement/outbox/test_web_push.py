"""Pushes as a push service and a browser get them: readable by this browser alone, signed, without content."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import select

from placement.core import clock
from placement.core.codes import MessageKind, MessageStatus
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.setting_parts import Contact, SmsGateway
from placement.notifications.ring_delivery import deliver_pushes
from placement.outbox import push_devices, sms_gateway, web_push
from placement.outbox.push_devices import MOST
from placement.tables import PushDevice
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.ringing import Browser, ringing, signature_of
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK


@pytest.fixture
def server():
    with ringing() as made:
        yield made


@pytest.fixture
def people(town, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: town.at)
    add_accounts(town, COORDINATOR, DESK)
    town.having(plain_http=True, webhook_within_seconds=60.0, contact=Contact("Beheer", "beheer@placement.example"))
    return town


def allow(town, browser, actor=DESK, **other):
    return town.do(push_devices.allow, "telefoon", browser.subscription | other, actor=actor)


def deliver(town):
    return deliver_pushes(town.database, town.settings)


@pytest.mark.wide
@both_stores
def test_push_is_signed_and_only_its_browser_can_read_it(people, server):
    browser, other = Browser(server, "1"), Browser(server, "2")
    allow(people, browser)
    assert deliver(people) == 1
    [(path, headers, body)] = server.came
    assert path == browser.path
    assert browser.read(body) == {"text": "Dit apparaat gaat af als er een taak wacht.", "lang": "nl"}
    with pytest.raises(InvalidTag):
        other.read(body)
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("3600", "high", "aes128gcm")
    key, claims = signature_of(headers)
    with people.act() as act:
        assert key == web_push.public_key(act.session)
    assert (claims["aud"], claims["sub"]) == (server.url, "mailto:beheer@placement.example")
    assert 0 < claims["exp"] - people.at.timestamp() <= 24 * 3600


@both_stores
@pytest.mark.parametrize("code", [404, 410])
def test_browser_that_is_gone_is_removed_and_shown_to_its_owner(people, server, code):
    made = allow(people, Browser(server, "1"))
    server.answers = {"/push": code}
    assert deliver(people) == 0
    with people.act() as act:
        [row] = push_devices.of_account(act.session, DESK.id)
        assert push_devices.of_all(act.session, [DESK.id]) == {}
    assert (row.subscription, row.ended_on, row.trouble) == (None, people.at.date(), f"http_{code}")
    [message] = sent(people, MessageKind.DEVICE_ALLOWED)
    assert (message.status, message.trouble) == (MessageStatus.FAILED, f"http_{code}")
    assert people.events()[-2:] == ["message:failed", "push_device:removed"]
    people.do(push_devices.remove, made.id)


@one_store
def test_redirect_is_not_followed_and_tried_again(people, server):
    allow(people, Browser(server, "1"))
    server.answers = {"/push": 302}
    assert deliver(people) == 0
    people.later(minutes=1)
    server.answers = {}
    assert deliver(people) == 1
    assert [path for path, _, _ in server.came] == ["/push/1"] * 2
    with people.act() as act:
        assert [row.trouble for row in push_devices.of_account(act.session, DESK.id)] == [None]


@one_store
@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("http://push.example/1", "not_an_https_address"),
        ("https://user:word@push.example/1", "not_an_https_address"),
        ("https://push.example/1#part", "not_an_https_address"),
        ("https://127.0.0.1/1", "address_not_open"),
        ("https://[::ffff:10.0.0.1]/1", "address_not_open"),
        ("https://169.254.169.254/1", "address_not_open"),
    ],
)
def test_address_of_a_push_service_must_be_public(people, server, endpoint, code):
    people.having(plain_http=False)
    with pytest.raises(Invalid) as refused:
        allow(people, Browser(server, "1"), endpoint=endpoint)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("endpoint", code)]


@one_store
def test_name_that_leads_to_a_private_network_is_not_called(people, server, monkeypatch):
    monkeypatch.setattr("placement.outbox.deadline.Deadline.addresses_of", lambda *_: ["10.0.0.1"])
    allow(people, Browser(server, "1"), endpoint="https://push.example/1")
    assert deliver(people) == 0
    assert [one.trouble for one in sent(people)] == ["address_forbidden"]


@one_store
@pytest.mark.parametrize("wrong", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "!"}, {"p256dh": "A" * 87}])
def test_keys_that_no_browser_has_are_refused(people, server, wrong):
    with pytest.raises(Invalid) as refused:
        allow(people, Browser(server, "1"), **wrong)
    assert [fault.code for fault in refused.value.faults] == ["push_keys_wrong"]


@one_store
def test_person_has_at_most_five_devices(people, server):
    browsers = [Browser(server, str(number)) for number in range(MOST + 1)]
    for browser in browsers[:MOST]:
        allow(people, browser)
    allow(people, browsers[0])  # the same browser again
    with pytest.raises(Conflict, match="too_many_devices"):
        allow(people, browsers[MOST])
    allow(people, browsers[1], actor=COORDINATOR)  # who signs in there now
    allow(people, browsers[MOST])
    assert {row.account_id for row in people.all(select(PushDevice))} == {DESK.id, COORDINATOR.id}
    [of_other] = [row for row in people.all(select(PushDevice)) if row.account_id == COORDINATOR.id]
    with pytest.raises(NotFound):
        people.do(push_devices.remove, of_other.id)


def test_sms_request_has_each_placeholder_in_its_own_form():
    url = "https://x.example/?to={digits}&t={text}"
    asked = SmsGateway(url, '{"to": "{number}", "t": "{text}"}', "X-Key: {secret}", "a{id}")
    call = sms_gateway.call_of(asked, "+31612345678", 'een "taak"', "M-1")
    assert call.url == "https://x.example/?to=31612345678&t=een+%22taak%22"
    assert json.loads(call.body) == {"to": "+31612345678", "t": 'een "taak"'}
    assert (call.method, call.headers["X-Key"], call.headers["Content-Type"]) == ("POST", "a{id}", "application/json")
    form = sms_gateway.call_of(SmsGateway(url, "to={number}"), "+31612345678", "-", "M-1")
    assert (form.body, form.headers["Content-Type"]) == (b"to=%2B31612345678", "application/x-www-form-urlencoded")
    assert sms_gateway.call_of(SmsGateway(url), "+31612345678", "-", "M-1").method == "GET"
