"""Webhooks by pages alone: made, secret shown once, tested, failed deliveries, disabled."""

import re
from typing import get_args

import pytest
from sqlmodel import select

from api.v1 import webhooks as routes
from placement.core.codes import MessageStatus
from placement.outbox import webhooks
from placement.tables import Webhook
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.messages import settle_all
from tests.support.stores import one_store

pytestmark = one_store
URL = "https://software.example/geheim"


def made(service, role, kind):
    reader = signed_in(service, role)
    reader.get("/webhooks")
    return reader, reader.send("/webhooks", url=URL, kinds=kind)


def only(service, table):
    with service.database.transaction() as session:
        return session.exec(select(table)).one()


@pytest.mark.wide
def test_webhook_page_shows_the_secret_once_the_address_never(service):
    reader, page = made(service, "shelter_staff", "hold.asked")
    secret = re.search(r"whsec_[^<]+", page.text)[0]
    webhook = only(service, Webhook)
    assert (webhook.url, webhook.secret) == (URL, secret)
    again = reader.get("/webhooks")
    assert webhook.id in again.text
    assert "whsec_" not in again.text
    assert "geheim" not in again.text
    assert re.search(r"whsec_[^<]+", reader.send(f"/webhooks/{webhook.id}/rotate").text)[0] != secret


@pytest.mark.wide
def test_webhook_form_error_is_at_its_field_and_keeps_input(service):
    reader = signed_in(service, "shelter_staff")
    reader.get("/webhooks")
    wrong = reader.send("/webhooks", url="http://software.example/in", kinds="hold.asked")
    assert wrong.status_code == 400
    assert 'id="url-fault"' in wrong.text
    assert 'value="http://software.example/in"' in wrong.text
    assert re.search(r'value="hold.asked" checked', wrong.text)
    missing = reader.send("/webhooks", url=URL)
    assert 'id="kinds-fault"' in missing.text


def test_kind_of_mail_is_no_event_of_a_webhook(service):
    staff = service.signed_in("shelter_staff")
    assert get_args(routes.Subscribed) == webhooks.OF_A_SHELTER
    wrong = staff.post("/webhooks", {"url": URL, "kinds": ["hold.asked", "hold.confirmed"]}).json()["errors"]
    assert [(one["field"], one["code"]) for one in wrong] == [("kinds.1", "not_listed")]
    assert "hold.refused" not in wrong[0]["message"]


@pytest.mark.wide
def test_webhook_test_event_shows_its_outcome_on_the_page(service):
    reader, _ = made(service, "shelter_staff", "hold.asked")
    webhook = only(service, Webhook)
    assert "goes out within a minute" in words_of(reader.send(f"/webhooks/{webhook.id}/try"))
    with service.database.transaction() as session:
        settle_all(session, MessageStatus.FAILED, service.moment.at, trouble="http_500")
    words = words_of(reader.get("/webhooks"))
    assert "answer: http_500, given up" in words
    assert [one["kind"] for one in service.staff.get(f"/webhooks/{webhook.id}/events").json()["items"]] == [
        "webhook.tried"
    ]


@pytest.mark.wide
def test_disabled_webhook_gets_nothing_admin_disables_any(service):
    reader, _ = made(service, "shelter_staff", "hold.asked")
    webhook = only(service, Webhook).id
    admin = signed_in(service, "admin")
    shown = admin.get("/webhooks").text
    assert f"/webhooks/{webhook}/disable" in shown
    assert f"/webhooks/{webhook}/try" not in shown
    assert only(service, Webhook).disabled_at is None
    admin.send(f"/webhooks/{webhook}/disable")
    assert only(service, Webhook).disabled_at is not None
    assert f"/webhooks/{webhook}/try" not in reader.get("/webhooks").text
    reader.send(f"/webhooks/{webhook}/enable")
    assert only(service, Webhook).disabled_at is None
    assert signed_in(service, "shelter_staff", number=1).get("/webhooks").text.count(webhook) == 0


def test_admin_webhook_is_offered_centre_events_and_no_holds(service):
    _, page = made(service, "admin", "report.made")
    assert 'value="report.made"' in page.text
    assert 'value="hold.asked"' not in page.text
