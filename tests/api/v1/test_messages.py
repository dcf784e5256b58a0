"""Messages, subscriptions, reminders and webhooks through the API and the pages."""

import re
from html import unescape

import pytest
from sqlmodel import select

from api.pages import messages
from placement.core.codes import MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.notifications import reminders, subscriptions
from placement.outbox import outbox
from placement.tables import Subscription
from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.messages import settle_all
from tests.support.stores import OPERATOR, one_store

pytestmark = one_store


def act(service, session):
    return Act(session, SYSTEM, service.moment.at, service.country.settings)


def failed(service):
    """Makes a message that a mail server refused."""
    with service.database.transaction() as session:
        to = [service.second.account]
        outbox.put(act(service, session), MessageKind.CHANGE_ANSWERED, "x", accounts=to, change="Q-1")
        return settle_all(session, MessageStatus.FAILED, service.moment.at, trouble="smtp_550")


@pytest.mark.wide
def test_failed_message_is_listed_with_reason_and_retried(service):
    message = failed(service)
    body = service.desk.get("/messages").json()
    assert (body["failed"], body["waiting"], body["mail_is_set_up"]) == (1, 0, False)
    assert (body["items"][0]["status"], body["items"][0]["trouble"]) == ("failed", "smtp_550")
    assert service.admin.get("/messages?status=delivered").json()["items"] == []
    for before, status in (("9999999999999999.M-1", 200), ("1.%0A", 200), ("2026-11-28.0", 400), ("1.%00", 400)):
        assert service.desk.get(f"/messages?before={before}").status_code == status
    assert service.desk.made(f"/messages/{message}/retry")["status"] == "waiting"
    assert service.client.get("/health/ready", headers=OPERATOR).json()["undelivered_messages"] == "1"
    assert 'placement_messages{status="waiting"} 1.0' in service.client.get("/metrics", headers=OPERATOR).text
    assert service.desk.post("/messages/M-0/retry").status_code == 404
    with service.database.transaction() as session:
        settle_all(session, MessageStatus.DELIVERED, service.moment.at)
    assert service.desk.post(f"/messages/{message}/retry").json()["type"].endswith("message_settled")


@pytest.mark.wide
@pytest.mark.parametrize(("language", "says"), [("nl", "Niet aangekomen"), ("en", "Given up")])
def test_messages_page_lists_waiting_and_failed_and_retries(service, language, says):
    message = failed(service)
    desk = signed_in(service, "desk", language=language)
    page = desk.get("/messages").text
    assert says in page
    assert "smtp_550" in page
    assert "reader.example" not in page
    assert desk.send(f"/messages/{message}/retry").status_code == 200
    assert service.desk.get("/messages").json()["waiting"] == 1


@pytest.mark.wide
def test_messages_page_leads_to_what_it_does_not_show(service, monkeypatch):
    monkeypatch.setattr(messages, "SHOWN", 1)
    with service.database.transaction() as session:
        for change in ("Q-1", "Q-2"):
            to = [service.second.account]
            outbox.put(act(service, session), MessageKind.CHANGE_ANSWERED, change, accounts=to, change=change)
    desk = signed_in(service, "desk", language="en")
    first = desk.get("/messages").text
    assert "Of all messages: 2 waiting, 0 given up." in first
    [further] = re.findall(r'href="([^"]+)">Look further', first)
    second = desk.get(unescape(further)).text
    shown = [re.findall(r'<tr id="([^"]+)"', page) for page in (first, second)]
    assert (sorted(map(len, shown)), len({*shown[0], *shown[1]})) == ([1, 1], 2)
    assert "Look further" not in second
    assert re.findall(r'<tr id="([^"]+)"', desk.get("/messages?list=waiting&before=soon").text) == shown[0]
    assert '<span class="count">1+</span>' in desk.get("/messages?order=tries").text  # it has no next page


@pytest.mark.wide
@pytest.mark.parametrize("several", [False, True])
def test_retry_on_a_later_page_returns_to_that_page(service, monkeypatch, several):
    monkeypatch.setattr(messages, "SHOWN", 2)
    with service.database.transaction() as session:
        for change in ("Q-1", "Q-2", "Q-3", "Q-4"):
            to = [service.second.account]
            outbox.put(act(service, session), MessageKind.CHANGE_ANSWERED, change, accounts=to, change=change)
        settle_all(session, MessageStatus.FAILED, service.moment.at, trouble="smtp_550")
    desk = signed_in(service, "desk", language="en")
    further, _, _ = unescape(re.findall(r'href="([^"]+)">Look further', desk.get("/messages").text)[0]).partition("#")
    at = further.removeprefix("/messages")
    first, second = re.findall(r'<tr id="([^"]+)"', desk.get(further).text)
    answer = desk.send(f"/messages/retry{at}", chosen=[first]) if several else desk.send(f"/messages/{first}/retry{at}")
    assert re.findall(r'<tr id="([^"]+)"', answer.text.partition('id="waiting"')[0]) == [second]


@pytest.mark.wide
def test_subscription_set_on_the_page_is_read_by_the_api(service):
    assert signed_in(service, "reader").get("/subscription").status_code == 200
    desk = signed_in(service, "desk")
    desk.get("/subscription")
    assert desk.send("/subscription", rhythm="weekdays", language="en", form="csv").status_code == 200
    body = service.desk.get("/subscription").json()
    assert body == {"rhythm": "weekdays", "language": "en", "form": "csv"}
    assert re.search(r'value="weekdays" selected', desk.page.text)
    assert desk.send("/subscription", rhythm="hourly").status_code == 400
    assert service.desk.get("/subscription").json() == body


def test_unsubscribe_link_needs_a_post(service):
    service.desk.put("/subscription", {"rhythm": "daily"})
    with service.database.transaction() as session:
        account = session.exec(select(Subscription.account_id)).one()
        token = subscriptions.token_of(session, account)
    assert "<form" in service.client.get(f"/unsubscribe/{token}").text
    assert service.desk.get("/subscription").json()["rhythm"] == "daily"
    # as a mail program does it: no cookie, no origin (RFC 8058)
    answer = service.client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert service.desk.get("/subscription").json()["rhythm"] == "never"
    assert service.client.post(f"/unsubscribe/{token[:-1]}x").status_code == 401
    assert token not in service.log.getvalue()


@pytest.mark.wide
def test_reminder_is_shown_until_the_shelter_answers(service):
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    client = service.desk.made("/registrations", somebody())["id"]
    proposal = service.desk.made(f"/registrations/{client}/proposals")["id"]
    hold = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["hold"]
    service.moment.pass_by(hours=1)
    with service.database.transaction() as session:
        reminders.remind_of_holds(act(service, session))
    [body] = service.desk.get("/reminders").json()["items"]
    assert (body["about"], body["registration"], body["mark"]) == (hold, client, "1")
    assert f"t-hold-{client}" in signed_in(service, "desk").get("/").text
    shelter = service.desk.get(f"/holds/{hold}").json()["unit"][1:3]
    answers = {"01": service.staff, "02": service.other_staff, "03": service.crisis_staff}[shelter]
    assert len(answers.get("/reminders").json()["items"]) == 1
    answers.made(f"/holds/{hold}/answer", CONFIRM)
    assert service.desk.get("/reminders").json()["items"] == []


@pytest.mark.wide
def test_webhook_needs_a_session_secret_shown_once_address_never(service):
    staff = service.signed_in("shelter_staff")
    wanted = {"url": "https://software.example/geheim", "kinds": ["hold.asked"]}
    made = staff.made("/webhooks", wanted)
    assert made["secret"].startswith("whsec_")
    assert service.staff.software.post("/webhooks", wanted).json()["type"].endswith("sign_in_needed")
    listed = service.admin.get("/webhooks").text
    assert made["id"] in listed
    assert "geheim" not in listed
    assert made["secret"] not in listed
    assert staff.made(f"/webhooks/{made['id']}/rotate")["secret"] != made["secret"]
    assert staff.made(f"/webhooks/{made['id']}/disable")["disabled_at"]
    assert staff.made(f"/webhooks/{made['id']}/enable")["disabled_at"] is None
    admin = service.signed_in("admin")
    assert admin.post(f"/webhooks/{made['id']}/rotate").status_code == 404
    assert admin.made(f"/webhooks/{made['id']}/disable")["disabled_at"]
    other = service.signed_in("shelter_staff", 1)
    assert other.post(f"/webhooks/{made['id']}/disable").status_code == 404


def test_invalid_subscription_names_allowed_values_per_field(service):
    answer = service.desk.put(
        "/subscription", {"rhythm": "hourly", "language": "fr", "form": "fax"}, Accept_Language="en"
    )
    assert answer.status_code == 400
    assert {fault["field"]: fault["message"] for fault in answer.json()["errors"]} == {
        "rhythm": "Allowed values: never, daily, weekdays, weekly.",
        "language": "Allowed values: nl, en.",
        "form": "Allowed values: link, pdf, csv.",
    }
