"""The ledger of need: the counts that the daily report writes, and the days that become months."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlmodel import select, text

from placement.core.context import SYSTEM, Act
from placement.core.need_codes import Dimension, LedgerSpan
from placement.core.periods import PeriodKind, period_of
from placement.needs import ledger
from placement.reports import store as report_store
from placement.reports.causes import blocking_causes
from placement.reports.moments import moment_of
from placement.solver.snapshot import snapshot
from placement.tables import NeedRecord, Registration
from tests.support import needs
from tests.support.stores import AT
from tests.support.town import F, town_of

DAY = AT.date()
SEVEN = moment_of(DAY) + timedelta(minutes=1)


def write(country, causes=None, at=SEVEN):
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, at, country.settings)
        report_store.make(act, DAY, causes)
        return session.get(NeedRecord, (DAY, LedgerSpan.DAY)).content


def engine_on(country):
    with country.database.transaction() as session:
        return blocking_causes(snapshot(Act(session, SYSTEM, SEVEN, country.settings)).problem, 20.0)


@pytest.mark.wide
def test_report_writes_counts_of_waiting_cases_without_ids(country):
    found = write(country, engine_on(country))
    with country.database.transaction() as session:
        ids = session.exec(select(Registration.id)).all()
        stored = session.execute(text("SELECT content FROM needrecord")).scalar_one()
    waiting = sum(row.households for row in found.waiting)
    for dimension in set(Dimension) - {Dimension.BLOCKER, Dimension.NOTED}:
        rows = [row for row in found.groups if row.dimension is dimension]
        assert sum(row.waiting for row in rows) == waiting
    assert (waiting > 0, found.solved, found.late) == (True, 1, 0)
    assert [row.kind for row in found.places] == ["women", "men", "families", "multi_problem", "accessible", "minors"]
    assert not [one for one in ids if one in found.model_dump_json()]
    assert "households" not in stored


def test_late_report_writes_no_causes(country):
    found = write(country)
    assert {row.cause for row in found.waiting} == {"unknown"}
    assert (found.late, found.solved, found.more) == (1, 0, [])


@pytest.mark.wide
def test_refusal_of_the_day_before_counts_for_kind_and_group(stores):
    town = town_of(stores)
    case = town.register(((F, 30),))
    hold = town.hold_in(case)
    town.refuse(hold, "no_capacity")
    town.at += timedelta(days=1)
    with town.database.transaction() as session:
        report_store.make(Act(session, SYSTEM, town.at, town.settings), town.at.date())
        found = session.get(NeedRecord, (town.at.date(), LedgerSpan.DAY)).content
    women = next(row for row in found.places if row.kind == "women")
    assert women.refused == {"no_capacity": 1}
    of_gender = {row.code: row for row in found.groups if row.dimension is Dimension.GENDER}
    assert (of_gender["female"].refused, of_gender["female"].decisions) == ({"no_capacity": 1}, 1)


def test_days_become_a_month_after_four_hundred_days(empty):
    first = date(2025, 1, 1)
    everybody = needs.households(Random(7), first, 50, 40)
    with empty.database.transaction() as session:
        session.add_all(needs.records(everybody, first, 62))
        session.flush()
        ledger.write(session, first + timedelta(days=435), needs_of_no_day())
        left = session.exec(select(NeedRecord).order_by(NeedRecord.on)).all()
        months = [one for one in left if one.span is LedgerSpan.MONTH]
        january = [one.content for one in needs.records(everybody, first, 31)]
        assert [one.on for one in months] == [first]
        assert months[0].content.days == 31
        for row in months[0].content.groups:
            days = [
                one for day in january for one in day.groups if (one.dimension, one.code) == (row.dimension, row.code)
            ]
            assert (row.waiting, row.most) == (sum(one.waiting for one in days), max(one.most for one in days))
        february = ledger.records(session, period_of(PeriodKind.MONTH, date(2025, 2, 1)))
        assert {one.span for one in february} == {LedgerSpan.DAY}


def needs_of_no_day():
    return next(iter(needs.records([], date(2026, 1, 1), 1))).content
