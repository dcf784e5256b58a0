"""Due messages: claimed once, whoever looks; and a backlog is not opened once more for each message of it."""

import pytest

from placement.core.codes import Channel, MessageKind
from placement.outbox import deliveries, outbox
from placement.outbox.outbox import LOOKED_UP_FOR
from placement.outbox.webhook_events import HoldEventData
from tests.support.town import DESK, OTHER_DESK

BACKLOG = 40


def put(town, once, accounts=(DESK.id,), **more):
    said = HoldEventData(hold="H-1", unit="U1-women").facts()
    return town.do(outbox.put, MessageKind.HOLD_ASKED, once, accounts=accounts, **said, **more)


@pytest.fixture
def looks(monkeypatch):
    """One more for each time that all that waits is opened."""
    counted = []
    read = deliveries.waiting_rows
    monkeypatch.setattr(deliveries, "waiting_rows", lambda *given: counted.append(1) or read(*given))
    return counted


@pytest.fixture
def due(town):
    return outbox.Due(town.database, Channel.MAIL)


def claims(town, *each):
    """Returns the ids that these claim in turn, until no claim finds more."""
    found = []
    while claimed := [one for one in (due.claim(town.at) for due in each) if one]:
        found += [one.id for one in claimed]
    return found


def test_backlog_is_not_looked_up_for_each_message(town, due, looks):
    for number in range(BACKLOG):
        put(town, str(number))
    assert len(set(claims(town, due))) == BACKLOG
    assert len(looks) == 2  # a look for all, and a look that finds no more


def test_backlog_of_one_receiver_is_not_looked_up_for_each(town, due, looks):
    for number in range(BACKLOG):
        put(town, str(number))
    for _ in range(BACKLOG):
        assert due.claim(town.at) is not None
        assert due.claim(town.at, not_to=[DESK.id]) is None  # as another thread asks, while that message is sent
    assert len(looks) == 2


@pytest.mark.wide
def test_each_delivery_is_claimed_by_one_of_two(town, due):
    for number in range(BACKLOG):
        put(town, str(number), (DESK.id, OTHER_DESK.id))
    found = claims(town, due, outbox.Due(town.database, Channel.MAIL))
    assert len(found) == len(set(found)) == 2 * BACKLOG


def test_delivery_settled_since_the_look_is_not_claimed(town, due):
    for number in range(3):
        put(town, str(number))
    first = due.claim(town.at)
    other = outbox.Due(town.database, Channel.MAIL).claim(town.at)
    with town.act() as act:
        outbox.settle(act.session, town.settings, town.at, other, outbox.DELIVERED)
    assert len({first.id, other.id, *claims(town, due)}) == 3


def test_delivery_due_since_the_look_does_not_wait_for_others(town, due):
    soon = town.at + LOOKED_UP_FOR / 2
    for number in range(3):
        put(town, str(number))
    put(town, "later", (OTHER_DESK.id,), after=soon)
    assert due.claim(town.at).account_id == DESK.id
    assert due.claim(soon, not_to=[DESK.id]).account_id == OTHER_DESK.id  # no message found may go: looked up anew
    town.at += LOOKED_UP_FOR
    put(town, "newest", (OTHER_DESK.id,))
    assert len(claims(town, due)) == 3
