"""A key of an account's own software that ends is mailed to that account in time, once, unless it was replaced."""

from dataclasses import replace

import pytest

from placement.accounts import account_changes, api_keys
from placement.core.codes import MessageKind
from placement.notifications import emails, reminders
from placement.tables import ApiKey
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK


@pytest.fixture
def staffed(town):
    add_accounts(town, COORDINATOR, DESK, ADMIN)
    return town


def key(town, days=30, *, used=True, actor=COORDINATOR):
    _, made = town.do(api_keys.make, None, ("read",), days, actor=replace(actor, verified_at=town.at))
    if used:
        with town.act() as act:
            act.session.get_one(ApiKey, made.id).last_used_on = town.at.date()
    return made.id


def told(town):
    """To whom about which key, after the job of this day."""
    town.do(reminders.remind_of_keys, town.at)
    return [(one.account_id, one.facts["key"]) for one in sent(town, MessageKind.KEY_ENDS)]


def is_moot(town):
    with town.act() as act:
        return [emails.is_moot(act.session, one) for one in sent(town, MessageKind.KEY_ENDS)]


def test_account_is_told_once_that_a_used_key_ends(staffed):
    made = key(staffed)
    staffed.later(days=15)
    assert told(staffed) == []
    for _ in range(3):
        staffed.later(days=1)
        assert told(staffed) == [(COORDINATOR.id, made)]
    [mail] = sent(staffed, MessageKind.KEY_ENDS)
    assert mail.facts["day"] == "2026-12-24"
    assert is_moot(staffed) == [False]


def test_new_key_of_the_account_ends_the_reminder(staffed):
    key(staffed)
    staffed.later(days=20)
    assert len(told(staffed)) == 1
    key(staffed, used=False, actor=DESK)  # of another account
    assert is_moot(staffed) == [False]
    key(staffed, used=False)
    assert is_moot(staffed) == [True]


@one_store
def test_account_is_not_told_of_a_key_that_is_no_loss(staffed):
    key(staffed, used=False)
    staffed.do(api_keys.revoke, key(staffed), actor=COORDINATOR)
    key(staffed, actor=DESK)
    staffed.do(account_changes.disable, DESK.id, actor=ADMIN)
    staffed.later(days=20)
    assert told(staffed) == []
    staffed.later(days=20)
    key(staffed, days=7)
    staffed.later(days=8)
    assert told(staffed) == []
