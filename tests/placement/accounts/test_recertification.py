"""Accounts are confirmed every 90 days by who granted them; others lapse, and the last two admins stay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.accounts import account_changes, recertification
from placement.accounts.recertification import CERTIFIED_FOR, LAPSES_AFTER
from placement.audit.events import Event
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, NotAllowed
from placement.tables import Account
from placement.tasks.listing import derive
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK

OTHER_ADMIN, THIRD_ADMIN = replace(ADMIN, id="A-other-admin"), replace(ADMIN, id="A-third-admin")


@pytest.fixture
def staffed(town):
    """Two of the desk and three admins. One admin granted the desk's accounts; all are confirmed today."""
    add_accounts(town, DESK, OTHER_DESK, ADMIN, OTHER_ADMIN, THIRD_ADMIN)
    with town.act() as act:
        for one in (DESK, OTHER_DESK):
            act.session.get_one(Account, one.id).let_in_by = [ADMIN.id]
    assert town.do(recertification.close_lapsed) == 0
    return town


def asked(town, actor):
    return {one.about for one in town.do(derive, actor=actor) if one.kind is TaskKind.RECERTIFY}


def lapsed(town):
    return [(one.object_id, one.facts) for one in logged(town, event=Event.ACCOUNT_LAPSED, actor=SYSTEM.id)]


def is_active(town, actor):
    return town.one("account", actor.id).disabled_at is None


def test_account_that_is_confirmed_stays_and_the_other_lapses(staffed):
    staffed.later(days=CERTIFIED_FOR.days - 1)
    assert asked(staffed, ADMIN) == set()
    staffed.later(days=1)
    assert {DESK.id, OTHER_DESK.id} <= asked(staffed, ADMIN)
    staffed.do(recertification.certify, DESK.id, actor=ADMIN)
    assert DESK.id not in asked(staffed, ADMIN)
    staffed.later(days=LAPSES_AFTER.days - 1)
    assert staffed.do(recertification.close_lapsed) == 0
    staffed.later(days=1)
    assert staffed.do(recertification.close_lapsed) == 2  # a person of the desk, and the first admin
    assert (is_active(staffed, DESK), is_active(staffed, OTHER_DESK)) == (True, False)
    assert lapsed(staffed) == [(one.id, {"unused": False}) for one in (ADMIN, OTHER_DESK)]
    assert staffed.do(recertification.close_lapsed) == 0
    staffed.do(account_changes.enable, OTHER_DESK.id, actor=THIRD_ADMIN)
    assert staffed.do(recertification.close_lapsed) == 0
    assert is_active(staffed, OTHER_DESK)


def test_account_without_use_lapses(staffed):
    with staffed.act() as act:
        act.session.get_one(Account, DESK.id).signed_in_on = staffed.at.date() - timedelta(days=97)
    assert staffed.do(recertification.close_lapsed) == 1
    assert not is_active(staffed, DESK)
    assert lapsed(staffed) == [(DESK.id, {"unused": True})]


@one_store
def test_last_two_admins_never_lapse(staffed):
    staffed.later(days=1000)
    staffed.do(recertification.close_lapsed)
    left = [one for one in (ADMIN, OTHER_ADMIN, THIRD_ADMIN) if is_active(staffed, one)]
    assert len(left) == 2
    assert not is_active(staffed, DESK)


@one_store
def test_task_is_of_the_granter_or_else_of_every_admin(staffed):
    staffed.later(days=CERTIFIED_FOR.days)
    assert DESK.id in asked(staffed, ADMIN)
    assert DESK.id not in asked(staffed, OTHER_ADMIN)
    assert THIRD_ADMIN.id in asked(staffed, OTHER_ADMIN)
    assert OTHER_ADMIN.id not in asked(staffed, OTHER_ADMIN)
    assert asked(staffed, DESK) == asked(staffed, COORDINATOR) == set()
    staffed.do(account_changes.disable, ADMIN.id, actor=OTHER_ADMIN)
    assert DESK.id in asked(staffed, OTHER_ADMIN)


@one_store
def test_account_is_confirmed_by_another_admin_alone(staffed):
    with pytest.raises(Conflict, match="not_oneself"):
        staffed.do(recertification.certify, ADMIN.id, actor=ADMIN)
    for actor in (DESK, COORDINATOR, replace(ADMIN, session_id=None, key_id="K-1")):
        with pytest.raises(NotAllowed):
            staffed.do(recertification.certify, OTHER_DESK.id, actor=actor)
