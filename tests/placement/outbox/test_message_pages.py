"""A page of messages opens what it shows, however many wait; its pages together hold each delivery once."""

import re
from datetime import timedelta

import pytest

from placement.core.clock import day_of
from placement.core.codes import MessageKind, MessageStatus
from placement.core.list_orders import MessageOrder
from placement.crypto.sealed_values import SealedRecord
from placement.outbox import deliveries, outbox, reads
from tests.support.messages import sent, settle_all
from tests.support.town import ADMIN, COORDINATOR, DESK

DAYS = 7
ACCOUNTS = "A-1", "A-2"
NEWEST, OLDEST = MessageOrder.NEWEST_FIRST, MessageOrder.OLDEST_FIRST
OF_CLIENTS, OF_NONE = MessageKind.CASE_CLOSED, MessageKind.REPORT_MADE


def put(town, kind=OF_CLIENTS, accounts=ACCOUNTS):
    for number in (1, 2):
        town.later(minutes=1)
        town.do(outbox.put, kind, f"{town.at} {number}", accounts=accounts)


def settle_one(act, delivery):
    row, one = deliveries.locked_delivery(act.session, delivery)
    deliveries.change_one(row, act.at, one, status=MessageStatus.DELIVERED, settled_at=act.at)


def each_day(town, **more):
    for _ in range(DAYS):
        put(town, **more)
        town.later(days=1)


@pytest.fixture
def opened(monkeypatch):
    """One more for each message that is opened."""
    counted = []
    plain = SealedRecord.opened
    monkeypatch.setattr(SealedRecord, "opened", lambda *given: counted.append(1) or plain(*given))
    monkeypatch.setattr(deliveries, "_AT_ONCE", 1)
    return counted


def pages(town, limit, order=NEWEST, *, actor=DESK, status=None):
    """The ids on each page."""
    mark = None
    while True:
        rows, mark = town.do(reads.messages, status, limit, mark, None, order, actor=actor)
        yield [one.id for one in rows]
        if mark is None:
            return
        mark = deliveries.Mark.said(str(mark))


@pytest.mark.parametrize("status", [None, MessageStatus.WAITING])
def test_page_of_messages_opens_its_own_days(town, opened, status):
    each_day(town)
    opened.clear()
    assert len(next(pages(town, 4, status=status))) == 4
    assert len(opened) == 3  # of that day, and the first of the next


@pytest.mark.wide
@pytest.mark.parametrize("limit", [1, 3, 4, 100])
def test_pages_of_messages_hold_each_delivery_once(town, limit):
    each_day(town)
    newest = [one.id for one in sorted(sent(town), key=lambda one: (one.made_at, one.id), reverse=True)]
    assert len(newest) == DAYS * 2 * len(ACCOUNTS)
    assert [one for page in pages(town, limit) for one in page] == newest
    assert [one for page in pages(town, limit, OLDEST) for one in page] == newest[::-1]


def test_page_looks_for_what_is_rare_through_few(town, opened, monkeypatch):
    monkeypatch.setattr(deliveries, "LOOKED_THROUGH", 4)
    put(town, OF_NONE)
    town.later(days=1)
    each_day(town)
    opened.clear()
    first, *others = pages(town, 9, actor=ADMIN)
    assert (first, [len(page) for page in others if page]) == ([], [4])
    assert len(opened) <= 2 * (DAYS + 1) + 3 * len(others)  # each day once, and a day again if a page begins in it


def test_page_goes_on_after_a_day_of_very_many(town, monkeypatch):
    monkeypatch.setattr(deliveries, "LOOKED_THROUGH", 1)
    each_day(town)
    assert sum(len(page) for page in pages(town, 3)) == DAYS * 2 * len(ACCOUNTS)


def test_mark_told_an_admin_names_no_day_of_a_client(town):
    put(town, OF_NONE, accounts=["A-1"])
    its_day = town.at.date()
    town.later(days=1)
    put(town)
    town.later(days=1)
    put(town, OF_NONE, accounts=["A-1"])
    _, mark = town.do(reads.messages, None, 2, actor=ADMIN)
    assert day_of(mark.made_at) == town.at.date()
    rows, mark = town.do(reads.messages, None, 2, mark, actor=ADMIN)
    assert ({one.made_at.date() for one in rows}, mark) == ({its_day}, None)


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_next_page_for_desk_holds_what_came_after_it(town, order):
    """Neither a message that arrives between two pages, nor a settled message, moves a listed message between them."""
    put(town)
    expected = [one for page in pages(town, 9, order) for one in page]
    rows, mark = town.do(reads.messages, MessageStatus.WAITING, 1, None, None, order, actor=DESK)
    with town.act() as act:
        settle_one(act, rows[0].id)
    put(town)
    following, _ = town.do(reads.messages, MessageStatus.WAITING, 3, mark, None, order, actor=DESK)
    assert [one.id for one in (*rows, *following)] == expected


@pytest.mark.parametrize("said", [".", "1", "-1.", "².", f"{'9' * 17}.", f"{'9' * 5000}.", "1.m", "2026-11-28.1"])
def test_mark_of_another_form_is_none(said):
    with pytest.raises(ValueError, match=re.escape(said)):
        deliveries.Mark.said(said)


def test_waiting_is_what_is_not_settled(town):
    put(town)
    with town.act() as act:
        assert outbox.undelivered(act.session)[MessageStatus.WAITING] == 2
        settle_all(act.session, MessageStatus.DELIVERED, town.at + timedelta(minutes=1))
    with town.act(COORDINATOR) as act:
        assert outbox.undelivered(act.session) == {MessageStatus.WAITING: 0, MessageStatus.FAILED: 0}
