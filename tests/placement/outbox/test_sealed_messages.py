"""A message seen without its key: neither its number of recipients nor a webhook among them is visible."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.codes import Channel, MessageKind
from placement.outbox import outbox, reads
from placement.outbox.webhook_events import HoldEventData
from placement.tables import Message
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.town import ADMIN, COORDINATOR, DESK


def put(town, once, *, accounts=(), webhooks=()):
    said = HoldEventData(hold="H-1", unit="U1-women").facts()
    return town.do(outbox.put, MessageKind.HOLD_ASKED, once, accounts=accounts, webhooks=webhooks, **said)


def in_clear(town):
    with town.database.engine.connect() as connection:
        names = "once, made_on, mail_waits, calls_wait, failed, settled_on"
        rows = connection.execute(text(f"SELECT {names}, length(content) AS size FROM message")).mappings()  # noqa: S608
        return [{name: len(value) if name == "once" else value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("webhooks", [(), ("W-1", "W-2")])
def test_message_looks_the_same_to_one_and_to_thirty(town, webhooks):
    put(town, "one", accounts=["A-1"])
    put(town, "two", accounts=[f"A-7K3Q-M9XW-{number}" for number in range(30)], webhooks=webhooks)
    one, other = in_clear(town)
    assert one == other


def test_message_to_very_many_is_longer(town):
    put(town, "one", accounts=["A-1"])
    put(town, "two", accounts=[f"A-7K3Q-M9XW-{number}" for number in range(300)])
    assert len({row["size"] for row in in_clear(town)}) == 2


def test_event_without_webhook_waits_for_one_look(town):
    put(town, "one", accounts=["A-1"])
    assert outbox.Due(town.database, Channel.WEBHOOK).claim(town.at) is None
    [row] = in_clear(town)
    assert (bool(row["mail_waits"]), bool(row["calls_wait"]), row["settled_on"]) == (True, False, None)
    claimed = outbox.Due(town.database, Channel.MAIL).claim(town.at)
    with town.act() as act:
        outbox.settle(act.session, town.settings, town.at, claimed, outbox.DELIVERED)
    [row] = town.all(select(Message))
    assert (row.mail_waits, row.calls_wait, str(row.settled_on)) == (False, False, "2026-11-24")


def test_message_for_the_same_thing_is_put_once(town):
    assert put(town, "one", accounts=["A-1", "A-2"]) == 2
    assert put(town, "one", accounts=["A-3"]) == 0
    assert [one.account_id for one in sent(town)] == ["A-1", "A-2"]


def test_message_without_recipient_is_not_put(town):
    assert put(town, "one") == 0
    assert in_clear(town) == []


def test_damaged_message_holds_up_no_other(town):
    add_accounts(town, ADMIN, COORDINATOR, DESK)
    for once, account in (("one", COORDINATOR.id), ("two", DESK.id)):
        put(town, once, accounts=[account])
    damaged = sent(town)[0]
    with town.database.engine.begin() as connection:
        broken = text("UPDATE message SET content = 'messages:AAAA' WHERE id = :id")
        connection.execute(broken, {"id": damaged.id.rpartition("-")[0]})
    assert outbox.Due(town.database, Channel.MAIL).claim(town.at).account_id == DESK.id
    assert outbox.Due(town.database, Channel.MAIL).claim(town.at) is None
    listed, following = town.do(reads.messages, None, 10, actor=DESK)
    assert ([one.account_id for one in listed], following) == ([DESK.id], None)
