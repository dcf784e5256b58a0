"""The rota: one person is on call once a day, also where two name that person at once."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import text

from placement.core.clock import moment_of
from placement.core.errors import Conflict, Invalid
from placement.duty import rota
from placement.duty.hours import duty_of
from placement.tables import Account
from placement.tasks.set_up import set_up
from placement.tasks.staff import days_without_call, staff
from tests.support.accounts import add_accounts
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_actor_named_on_call_by_two_at_once_is_named_once(town):
    add_accounts(town, DESK, OTHER_DESK)
    outcomes = at_once(
        *(lambda by=by: town.do(rota.name, DESK.id, TODAY, TODAY, actor=by) for by in (DESK, OTHER_DESK))
    )
    assert len(worked(outcomes)) == 1
    assert [one.code for one in outcomes if isinstance(one, Conflict)] == ["on_call_overlaps"]


@one_store
@pytest.mark.parametrize(
    ("hour", "first", "last", "wrong"),
    [
        (12, -1, 2, {"starts_on"}),
        (12, -2, -1, {"ends_on"}),
        (12, 0, 0, set()),
        (3, -1, -1, set()),  # the night of the day before lasts until duty begins
        (3, -2, 0, {"starts_on"}),
    ],
)
def test_day_on_call_that_is_past_is_refused(town, hour, first, last, wrong):
    add_accounts(town, DESK)
    with town.act(DESK) as now:
        act = replace(now, at=moment_of(TODAY, time(hour)))
        starts_on, ends_on = (TODAY + timedelta(days=days) for days in (first, last))
        if not wrong:
            assert rota.name(act, DESK.id, starts_on, ends_on).starts_on == starts_on
            return
        with pytest.raises(Invalid) as refused:
            rota.name(act, DESK.id, starts_on, ends_on)
        assert {(one.field, one.code) for one in refused.value.faults} == {(one, "day_is_past") for one in wrong}


def without(town, days, hour=12):
    with town.act(DESK) as act:
        at = moment_of(TODAY + timedelta(days=days), time(hour))
        found = days_without_call(staff(act.session, at), duty_of(act.settings), at)
        return [(day - TODAY).days for day in found]


def test_days_without_an_actor_on_call_are_told_until_duty(town):
    """TODAY is a Tuesday: nights of the week are reported singly, and on Friday the nights of the weekend at once."""
    assert without(town, 0) == []  # no rota is kept
    add_accounts(town, DESK, OTHER_DESK)
    town.do(rota.name, DESK.id, TODAY, TODAY + timedelta(days=1))
    town.do(rota.name, OTHER_DESK.id, TODAY + timedelta(days=4), TODAY + timedelta(days=4))
    assert [without(town, day) for day in range(7)] == [[], [], [2], [3, 5], [5], [5], [6]]
    assert without(town, 3, hour=3) == [2]  # the night of Thursday still
    assert without(town, 4 + 28) == [day + 28 for day in (4, 5)]
    assert without(town, 4 + 29) == []  # no rota is kept any more


def test_withdrawn_or_disabled_actor_covers_no_day(town):
    add_accounts(town, DESK, OTHER_DESK)
    named = town.do(rota.name, DESK.id, TODAY, TODAY + timedelta(days=1))
    town.do(rota.name, OTHER_DESK.id, TODAY + timedelta(days=1), TODAY + timedelta(days=9))
    assert without(town, 0) == []
    town.do(rota.withdraw, named.id)
    assert without(town, 0) == [0]
    town.do(rota.name, DESK.id, TODAY + timedelta(days=2), TODAY + timedelta(days=2))
    assert without(town, 1) == []
    with town.database.transaction() as session:
        session.get_one(Account, OTHER_DESK.id).disabled_at = town.at
    assert without(town, 1) == [1]


def test_days_without_an_actor_on_call_are_the_desks_alone(town):
    add_accounts(town, DESK, OTHER_DESK)
    town.do(rota.name, DESK.id, TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    assert list(town.do(set_up).nobody_on_call) == [TODAY]
    assert town.do(set_up, actor=COORDINATOR).nobody_on_call == []


@one_store
def test_entry_on_call_that_holds_no_day_stops_no_page(town):
    add_accounts(town, DESK, OTHER_DESK)
    for actor in (DESK, OTHER_DESK):
        town.do(rota.name, actor.id, TODAY, TODAY)
    with town.database.transaction() as session:
        session.execute(
            text("UPDATE oncall SET starts_on = 'nu', ends_on = 'nu' WHERE account_id = :id"), {"id": DESK.id}
        )
    assert (without(town, 0), without(town, 1)) == ([], [1])
