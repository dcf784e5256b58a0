"""Causes of waiting from the engine, in a separate process; and a report without them if the engine fails."""

from datetime import timedelta

import pytest

from matching import RULES
from placement.core.context import SYSTEM, Act
from placement.core.place_codes import NEVER_REPORTED
from placement.reports import engine_causes
from placement.reports import store as report_store
from placement.reports.causes import DECISION, UNKNOWN
from placement.reports.moments import moment_of
from placement.reports.sections.waiting_clients import CAUSES
from tests.support.silent_shelter import silent_town
from tests.support.stores import AT, one_store
from tests.support.town import M

pytestmark = one_store
SEVEN = moment_of(AT.date()) + timedelta(minutes=1)


@pytest.fixture
def without_hurry(monkeypatch):
    """Gives the engine as long as it takes: on a busy machine its process waits for the processor."""
    monkeypatch.setattr(engine_causes, "WITHIN_SECONDS", None)
    monkeypatch.setattr(engine_causes, "SOLVING_SECONDS", 600.0)


@pytest.mark.wide
@pytest.mark.usefixtures("without_hurry")
def test_engine_gives_the_cause_of_every_waiting_client(country):
    found = engine_causes.ask(country.database, country.settings, SEVEN)
    assert found is not None
    assert set(found.causes.values()) <= set(CAUSES) - {UNKNOWN}
    assert set(found.causes.values()) <= {*RULES, "capacity", "several", "decision", "no_scheme", NEVER_REPORTED}
    with country.database.transaction() as session:
        stored = report_store.make(Act(session, SYSTEM, SEVEN, country.settings), AT.date(), found)
    assert not stored.late
    assert report_store.rebuilt(stored) == stored.report


@pytest.mark.parametrize("program", [("false",), ("echo",), ("sleep", "60")])
def test_report_without_a_working_engine_has_no_causes(country, monkeypatch, program):
    monkeypatch.setattr(engine_causes, "_PROGRAM", program)
    monkeypatch.setattr(engine_causes, "WITHIN_SECONDS", 0.5)
    assert engine_causes.ask(country.database, country.settings, SEVEN) is None


def test_the_engine_is_not_asked_of_a_morning_that_is_over(country, monkeypatch):
    monkeypatch.setattr(engine_causes, "_PROGRAM", ("false",))
    assert engine_causes.ask(country.database, country.settings, SEVEN + timedelta(hours=2)) is None


@pytest.mark.wide
@pytest.mark.usefixtures("without_hurry")
def test_missing_count_is_the_cause_and_no_shortage_of_beds(stores):
    town = silent_town(stores)
    town.full("R4", "R5", "R6", "R7")
    woman, man = town.register(), town.register(((M, 30),))
    found = engine_causes.ask(town.database, town.settings, SEVEN)
    assert (found.causes[woman], found.causes[man] == NEVER_REPORTED) == (NEVER_REPORTED, False)
    town.report("S1")
    assert engine_causes.ask(town.database, town.settings, SEVEN).causes[woman] == DECISION
