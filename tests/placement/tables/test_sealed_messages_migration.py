"""Revision 0029: messages by recipient become one sealed row for all whom they told, and the way back is whole."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.core.codes import Channel, MessageKind, MessageStatus, Role
from placement.core.context import Actor
from placement.core.notice_codes import Rhythm
from placement.jobs.daily import make_report
from placement.notifications import reminders, subscriptions
from placement.outbox import outbox, webhooks
from placement.tables import Message, Reminder, Webhook
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.messages import sent
from tests.support.stores import both_stores
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, key_store_of

pytestmark = pytest.mark.wide
BEFORE = "0029"
STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")


@pytest.fixture
def told(town):
    """A hold that was asked of staff and software, reminders of it, a report by mail and webhook; some of it settled,
    claimed, tried and given up.
    """
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    kinds = [MessageKind.HOLD_ASKED, MessageKind.REPORT_MADE]
    _, hears = town.do(webhooks.make, "https://x.example/in", kinds, actor=STAFF)
    wish = subscriptions.Wish(Rhythm.DAILY, "nl")
    for one in (COORDINATOR, DESK):
        town.do(subscriptions.choose, wish, actor=one)
    town.hold_in(town.register(), "U1-women")
    town.do(webhooks.try_it, hears.id, actor=STAFF)
    town.later(hours=1)
    town.do(reminders.remind_of_holds)
    town.do(make_report, town.at)
    ends = [outbox.DELIVERED, outbox.Result("smtp_550", for_good=True), outbox.Result("http_500")]
    for channel, result in zip((Channel.MAIL, Channel.MAIL, Channel.WEBHOOK), ends, strict=True):
        claimed = outbox.Due(town.database, channel).claim(town.at)
        with town.database.transaction() as session:
            outbox.settle(session, town.settings, town.at, claimed, result)
    assert outbox.Due(town.database, Channel.MAIL).claim(town.at) is not None
    return town


def what_is_there(town):
    return (
        [one.model_dump(exclude={"id"}) for one in sent(town)],
        sorted(str(row.model_dump(exclude={"id", "content"})) for row in town.all(select(Message))),
        sorted(row.model_dump_json() for row in town.all(select(Reminder))),
        sorted(row.model_dump_json() for row in town.all(select(Webhook))),
    )


def down(town):
    with town.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)


def rows_of(town, query):
    with town.database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@both_stores
def test_messages_are_carried_over_in_both_directions(told):
    before = what_is_there(told)
    assert {one["status"] for one in before[0]} >= {
        MessageStatus.WAITING,
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
    }
    down(told)
    assert ("hold.asked", "A-S1") in rows_of(told, "SELECT kind, account_id FROM message")
    assert len(rows_of(told, "SELECT id FROM message")) == len(before[0])
    [once] = rows_of(told, "SELECT once FROM message WHERE kind = 'hold.asked' AND account_id IS NOT NULL")
    [hold] = rows_of(told, "SELECT id FROM hold")
    assert once == (f"hold.asked {hold[0]} A-S1",)
    assert rows_of(told, "SELECT shelter_id, made_by FROM webhook") == [("S1", "A-S1")]
    assert (hold[0], "1") in rows_of(told, "SELECT subject_id, mark FROM reminder")
    told.database.migrate()
    after = what_is_there(told)
    assert after == before


@both_stores
def test_what_was_told_before_is_not_told_again_afterwards(told):
    down(told)
    told.database.migrate()
    count = len(sent(told))
    told.do(reminders.remind_of_holds)
    told.do(make_report, told.at)
    assert len(sent(told)) == count


@both_stores
def test_message_without_its_key_goes_on_the_way_back(told):
    (key_store_of(told).folder / "messages.key").unlink()
    down(told)
    assert rows_of(told, "SELECT id FROM message") == rows_of(told, "SELECT id FROM reminder") == []
