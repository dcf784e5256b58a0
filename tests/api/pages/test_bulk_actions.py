"""An act on several things of a list: each by its own right and audit event, and what became of each in words."""

import html
import re

import pytest

from api.pages import messages as pages
from api.pages.bulk_actions import MOST
from api.pages.forms import CSRF_FIELD
from placement.core.codes import MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotAllowed
from placement.outbox import outbox
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.messages import deliveries_in, settle_all
from tests.support.stores import one_store

pytestmark = one_store
RETRY = "/messages/retry"


@pytest.fixture
def given_up(service):
    """Messages that were given up, by id."""
    accounts = [one.account for one in (service.desk, service.second, service.admin)]
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        outbox.put(act, MessageKind.CHANGE_ANSWERED, "x", accounts=accounts, change="Q-1")
        settle_all(session, MessageStatus.FAILED, service.moment.at, trouble="smtp_550")
        return [one.id for one in deliveries_in(session)]


@pytest.fixture
def admin(service):
    return signed_in(service, "admin", language="en")


def chosen(reader, action, *ids):
    """Sends the form of the bar with these ids chosen."""
    called = re.findall(r'<input type="hidden" name="(called\.[^"]+)" value="([^"]*)"', reader.page.text)
    return reader.send(action, chosen=list(ids), **{name: html.unescape(value) for name, value in called})


def statuses(service):
    with service.database.transaction() as session:
        return {one.id: one.status for one in deliveries_in(session)}


def events(service, *names):
    """Returns the events with these names and their objects, the oldest first."""
    rows = service.auditor.get("/audit/events?limit=100").json()["items"]
    return [(row["event"], row["object"]) for row in rows[::-1] if row["event"] in names]


def result(page):
    said = page.text.partition('id="became"')[2].partition("</div>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(said)).split())


@pytest.mark.wide
def test_each_of_several_is_done_with_an_event_of_its_own(service, admin, given_up):
    admin.get("/messages")
    page = chosen(admin, RETRY, *given_up)
    assert page.status_code == 200
    assert result(page) == f"{len(given_up)} messages are tried again now."
    assert set(statuses(service).values()) == {MessageStatus.WAITING}
    assert sorted(events(service, "message:retried")) == sorted(("message:retried", one) for one in given_up)


@pytest.mark.wide
def test_one_that_is_refused_leaves_the_others(service, admin, given_up):
    admin.get("/messages")
    with service.database.transaction() as session:
        settle_all(session, MessageStatus.FAILED, service.moment.at)
    one, *others = given_up
    assert others
    gone = "M-2222-2222-2222-1"
    page = chosen(admin, RETRY, one, gone)
    assert result(page) == (
        f"1 message is tried again now. 1 could not be done: {gone}: This does not exist any more, or it is not yours."
    )
    assert (statuses(service)[one], statuses(service)[others[0]]) == (MessageStatus.WAITING, MessageStatus.FAILED)
    assert events(service, "message:retried", "access:refused") == [("message:retried", one), ("access:refused", None)]


@pytest.mark.wide
def test_one_that_is_settled_is_named_with_the_reason(service, admin, given_up):
    admin.get("/messages")
    with service.database.transaction() as session:
        settle_all(session, MessageStatus.DELIVERED, service.moment.at)
    page = chosen(admin, RETRY, given_up[0])
    assert re.fullmatch(
        r"Nothing was done. 1 could not be done: [^:]+, [^:]+: "
        r"This message .* the status arrived and cannot be sent again.",
        result(page),
    )


def test_each_of_several_is_checked_for_its_own_right(service, admin, given_up, monkeypatch):
    one, other, *_ = given_up
    retry = pages.routes.retry_message

    def refusing(act, message_id):
        if message_id == other:
            raise NotAllowed("role_may_not", permission="message:retry")
        return retry(act, message_id)

    monkeypatch.setattr(pages.routes, "retry_message", refusing)
    admin.get("/messages")
    assert result(chosen(admin, RETRY, one, other)).startswith("1 message is tried again now. 1 could not be done:")
    assert len(events(service, "access:refused")) == 1


@pytest.mark.wide
def test_form_that_is_sent_twice_acts_once(service, admin, given_up):
    page = admin.get("/messages")
    chosen(admin, RETRY, *given_up)
    admin.page = page
    assert result(chosen(admin, RETRY, *given_up)) == f"{len(given_up)} messages are tried again now."
    assert len(events(service, "message:retried")) == len(given_up)


@pytest.mark.wide
@pytest.mark.usefixtures("given_up")
@pytest.mark.parametrize(("number", "said"), [(0, "You have chosen nothing."), (MOST + 1, f"at most {MOST} at once.")])
def test_none_and_too_many_are_refused_at_the_bar(service, admin, number, said):
    admin.get("/messages")
    page = chosen(admin, RETRY, *(f"M-{one}" for one in range(number)))
    assert (page.status_code, 'id="chosen-fault"' in page.text, said in words_of(page)) == (400, True, True)
    assert set(statuses(service).values()) == {MessageStatus.FAILED}


@pytest.mark.wide
def test_bar_is_there_where_several_can_be_chosen(service, admin):
    assert "several" not in admin.get("/messages").text
    assert "several" not in admin.get("/accounts").text
    assert "several" not in signed_in(service, "desk").get("/on-call").text


def test_form_without_its_token_is_refused(service, admin, given_up):
    admin.get("/messages")
    assert admin.send(RETRY, [(CSRF_FIELD, "x")], chosen=given_up).status_code == 403
    assert set(statuses(service).values()) == {MessageStatus.FAILED}


@pytest.mark.wide
@pytest.mark.parametrize(
    ("page", "form", "event"),
    [
        ("/second-person", "requests", "second_person:withdrawn"),
        ("/accounts", "invitations", "account:invitation_withdrawn"),
    ],
)
def test_requests_and_invitations_are_withdrawn_together(service, admin, page, form, event):
    for number in range(3):
        wanted = {"email": f"n{number}@placement.example", "role": "reader", "organisation": "O-oversight"}
        asked = service.admin.made("/invitations", wanted)
        if form == "invitations":
            service.granted(asked)
    ids = re.findall(rf'name="chosen" value="([^"]+)" form="{form}"', admin.get(page).text)
    assert len(ids) == 3
    action = f"{page}/withdraw" if form == "requests" else f"{page}/{form}/withdraw"
    shown = chosen(admin, action, *ids[:2])
    assert result(shown) == "2 were withdrawn."
    assert f"/{ids[2]}/withdraw" in shown.text
    assert not any(f"/{one}/withdraw" in shown.text for one in ids[:2])
    assert sorted(events(service, event)) == sorted((event, one) for one in ids[:2])


@pytest.mark.wide
def test_days_on_call_are_withdrawn_together_in_dutch(service):
    desk = signed_in(service, "desk", language="nl")
    for week in (("2026-11-30", "2026-12-04"), ("2026-12-07", "2026-12-11"), ("2026-12-14", "2026-12-18")):
        desk.get("/on-call")
        desk.send("/on-call", account=service.desk.account, starts_on=week[0], ends_on=week[1])
    first, second, third = (one["id"] for one in service.desk.get("/on-call").json()["items"])
    service.desk.made(f"/on-call/{second}/withdraw")
    page = chosen(desk, "/on-call/withdraw", first, second)
    assert result(page) == (
        "1 is ingetrokken. 1 is niet gelukt: 7 dec 2026 \u2013 11 dec 2026: "
        "Dit bestaat niet meer, of het is niet van u."
    )
    assert [one["id"] for one in service.desk.get("/on-call").json()["items"]] == [third]
    assert events(service, "access:refused") == [("access:refused", second)]


@pytest.mark.wide
def test_language_chosen_after_a_form_leads_to_its_page(admin, given_up):
    admin.get("/messages")
    chosen(admin, RETRY, given_up[0])
    assert admin.send("/language").url.path == "/messages"
    assert admin.page.status_code == 200
