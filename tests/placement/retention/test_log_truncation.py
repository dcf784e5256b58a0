"""Truncation of the audit log: the rest is still verified, and nothing else is deleted."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.audit.verification import Head, verify
from placement.core import clock
from placement.core.context import Act
from placement.retention import log_truncation
from placement.storage import log_index
from placement.tables import AuditEvent, AuditIndex, LegalHold
from tests.support.audit_log import NEW, OLD, InOneTransaction, as_known, logged, open_up, replace_key
from tests.support.town import DESK

SIX_YEARS = timedelta(days=6 * 366)


def write(country, number, ago, case="R-1"):
    with country.database.transaction() as session:
        act = Act(session, DESK, clock.now() - ago, country.settings)
        for _ in range(number):
            audit_log.write(act, Event.REGISTRATIONS_LISTED, registration=case, shown=[case])


def announce(country):
    with country.database.transaction() as session:
        return log_truncation.announce(Act(session, DESK, clock.now(), country.settings), country.database.audit_keys)


def prune(country):
    return log_truncation.delete_through(country.database, announce(country))


def numbers(country):
    with country.database.transaction() as session:
        return [list(session.exec(select(column).order_by(column))) for column in (AuditEvent.id, AuditIndex.line)]


@pytest.fixture
def old(empty, monkeypatch):
    """Ten lines of six years ago, five of today; eight lines are a block of the index."""
    monkeypatch.setattr(log_index, "BLOCK", 8)
    write(empty, 10, SIX_YEARS)
    write(empty, 5, timedelta(0))
    return empty


def test_truncated_log_is_verified_from_its_new_beginning(old):
    assert set(numbers(old)[1]) == {8}
    assert prune(old) == 10
    assert numbers(old) == [[11, 12, 13, 14, 15, 16], [16] * 4]
    assert (verify(old.database, []).lines, verify(old.database, []).first_bad) == (6, None)
    assert verify(old.database, [Head(10, "of a line that is gone", "then")]).first_bad is None
    old.database.require_usable()
    assert prune(old) == 0  # nothing is due, and no second line records it
    write(old, 2, timedelta(0))
    assert verify(old.database, []).lines == 8


def test_young_event_keeps_all_later_ones(empty):
    write(empty, 3, SIX_YEARS)
    write(empty, 1, log_truncation.KEPT - timedelta(minutes=1))
    write(empty, 3, SIX_YEARS)
    assert prune(empty) == 3


def test_a_legal_hold_keeps_the_lines_of_its_case(town):
    client = town.register()
    with town.database.transaction() as session:
        session.add(
            LegalHold(
                id="L-1", registration_id=client, reason="complaint", status="standing", asked_by="A", asked_at=town.at,
                review_on=town.at.date(),
            )
        )  # fmt: skip
    with town.database.transaction() as session:
        first = logged(session, registration_id=client)[0].id
        assert log_truncation.last_due(Act(session, DESK, town.at + SIX_YEARS, town.settings)) == first - 1


def test_truncation_interrupted_before_deletion_is_resumed(old):
    assert announce(old) == 10
    assert verify(old.database, []).lines == 6
    assert prune(old) == 10
    assert verify(old.database, []).lines == 6


@pytest.mark.parametrize("line", [1, 10, 11, 15])
def test_database_deletes_only_old_events_of_a_truncation(old, line):
    statements = [f"DELETE FROM auditevent WHERE id = {line}"]  # noqa: S608
    for statement in statements:
        refused(old, statement, "only added")
    announce(old)
    for statement in statements:
        refused(old, statement, *(["only added"] if line > 10 else []))
    refused(old, "UPDATE auditevent SET link = 'x'", "only added")


def refused(country, statement, *said):
    """Runs a statement and commits it; `said`: the database must refuse it with this error."""
    if not said:
        with country.database.engine.begin() as connection:
            connection.execute(text(statement))
        return
    with pytest.raises(DBAPIError, match=said[0]), country.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_truncation_event_for_young_events_deletes_nothing(old):
    with old.database.transaction() as session:
        act = Act(session, DESK, clock.now(), old.settings)
        audit_log.write(act, Event.LOG_TRUNCATED, through=14, link="", key="", in_force="")
    refused(old, "DELETE FROM auditevent WHERE id = 12", "only added")


def test_truncation_without_event_or_with_wrong_link_is_detected(old):
    prune(old)
    open_up(old)
    with old.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM auditevent WHERE id = 11"))
    found = verify(old.database, [])
    assert (found.first_bad, found.why) == (11, "missing")
    for forged in ("UPDATE audittruncation SET through = 11", "UPDATE audittruncation SET line = 12"):
        with old.database.engine.connect() as connection, connection.begin() as changed:
            connection.execute(text(forged))
            assert verify(InOneTransaction.of(old, connection), []).why.startswith("changed: what it tells"), forged
            changed.rollback()


def test_index_of_a_block_goes_with_its_last_event_alone(old):
    refused(old, "DELETE FROM auditindex WHERE line = 8", "only added")
    announce(old)
    refused(old, "DELETE FROM auditindex WHERE line = 8")
    with old.database.transaction() as session:
        audit_log.write(Act(session, DESK, clock.now(), old.settings), Event.COUNTRY_READ)
    refused(old, "DELETE FROM auditindex WHERE line = 16", "only added")
    refused(old, "UPDATE auditindex SET line = 1", "only added")


@pytest.mark.parametrize("act", ["UPDATE audittruncation SET through = 15", "DELETE FROM audittruncation"])
def test_database_refuses_to_change_a_truncation(old, act):
    announce(old)
    refused(old, act, "only added")


def test_keys_of_before_and_after_are_known_from_the_line_alone(empty):
    """All lines that named the key in force are pruned; then this line names it."""
    before, both = as_known(empty, OLD), as_known(empty, NEW, OLD)
    write(before, 3, SIX_YEARS)
    write(both, 1, SIX_YEARS)
    replace_key(both)
    write(both, 2, timedelta(0))
    assert prune(both) == 4
    assert verify(both.database, []).first_bad is None
