"""The report of a period from the store: the newest version of each day, and nothing of a day without a report."""

from datetime import timedelta

import pytest
from sqlmodel import text

from placement.core.context import SYSTEM, Act
from placement.core.errors import Invalid, NotFound
from placement.core.periods import PeriodKind
from placement.reports import store as report_store
from placement.reports.periods.reads import period_report
from tests.support.audit_log import logged
from tests.support.stores import AT

DAY = AT.date()
WITHOUT = DAY - timedelta(days=1)


def act_in(country, session):
    return Act(session, SYSTEM, AT, country.settings)


@pytest.fixture
def reported(country):
    """Makes reports of two of three days; the first is corrected, since rooms became accessible."""
    with country.database.transaction() as session:
        for back in (2, 0):
            report_store.make(act_in(country, session), DAY - timedelta(days=back))
    with country.database.transaction() as session:
        session.execute(text("UPDATE room SET features = '[\"wheelchair\"]'"))
    with country.database.transaction() as session:
        report_store.correct(act_in(country, session), DAY - timedelta(days=2))
    return country


@pytest.mark.wide
def test_period_takes_the_newest_version_of_each_day(reported):
    with reported.database.transaction() as session:
        act = act_in(reported, session)
        found = period_report(act, PeriodKind.QUARTER, DAY)
        newest = [report_store.report_of(report_store.stored_on(act, DAY - timedelta(days=back))) for back in (2, 0)]
    accessible = [next(row.free for row in one.free.by_kind if row.kind == "accessible") for one in newest]
    assert len(set(accessible)) == 2
    told = next(row for row in found.by_kind if row.kind == "accessible")
    assert (told.lowest, told.mean) == (min(accessible), sum(accessible) / 2)
    assert (found.days, found.missing_days, found.days_to_come) == (2, (WITHOUT,), 37)
    assert found.series_free.count(None) == len(found.series_free) - 2


@pytest.mark.wide
def test_read_of_a_period_is_one_event_that_names_it(reported):
    with reported.database.transaction() as session:
        period_report(act_in(reported, session), PeriodKind.WEEK, DAY)
    with reported.database.transaction() as session:
        [line] = logged(session, event="report:read")
    assert line.facts == {"on": "2026-11-23", "period": "week", "days": 1}


@pytest.mark.wide
def test_period_without_reports_is_told_from_one_to_come(reported):
    with reported.database.transaction() as session:
        act = act_in(reported, session)
        for back, code in ((-40, "report_to_come"), (400, "report_before_first")):
            with pytest.raises(Invalid) as fault:
                period_report(act, PeriodKind.WEEK, DAY - timedelta(days=back))
            assert fault.value.faults[0].code == code
        later = Act(session, SYSTEM, AT + timedelta(days=20), reported.settings)
        with pytest.raises(NotFound):
            period_report(later, PeriodKind.WEEK, DAY + timedelta(days=8))


@pytest.mark.wide
def test_day_has_the_last_one_before_it_that_has_a_report(reported):
    with reported.database.transaction() as session:
        act = act_in(reported, session)
        stored, [before, *_] = report_store.with_earlier(act, DAY, 7)
        assert (stored.on, before.on, before.version) == (DAY, DAY - timedelta(days=2), 2)
        assert not report_store.with_earlier(act, before.on, 7)[1]
        with pytest.raises(NotFound):
            report_store.with_earlier(act, WITHOUT, 7)
