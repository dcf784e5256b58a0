"""The sealer of the log (PostgreSQL): beside acts, readers and verification, and when it fails."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from placement.audit import row_check
from placement.audit.events import Event
from placement.audit.verification import verify
from placement.core import clock
from placement.core.errors import Misconfigured
from placement.storage import hash_chain, log_buffer, log_index
from placement.storage.database import Database
from placement.storage.log_index import Wanted
from tests.support.audit_log import logged, write_lines
from tests.support.log_buffer import account, act, acts, lines_of, one_act
from tests.support.simultaneous_acts import at_once, worked
from tests.support.town import AT

PATIENCE = 30

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.fixture
def unsealed(empty, monkeypatch):
    """Returns a log whose lines stay beside the chain, as if no process sealed them."""
    write_lines(empty, 5)
    monkeypatch.setattr(empty.database.sealer, "lines_stored", lambda: None)
    return empty


@pytest.mark.wide
def test_sealers_at_once_seal_each_line_once(unsealed):
    acts(unsealed, 32)
    assert len(worked(at_once(*[unsealed.database.seal_log] * 6))) == 6
    found = verify(unsealed.database, [])
    assert (found.lines, found.unsealed, found.first_bad) == (5 + 32, 0, None)


def test_lines_that_came_after_another_sealed_gather_anew(unsealed, monkeypatch):
    one_act(unsealed)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(seconds=1))
    assert not unsealed.database.seal_log(timedelta(seconds=2))
    assert len(lines_of(unsealed)) == 1
    assert unsealed.database.seal_log(timedelta(seconds=1))
    assert lines_of(unsealed) == []
    assert unsealed.database.seal_log(timedelta(seconds=2))


def test_acts_wait_for_no_sealer(unsealed):
    """And for no act that has stored its lines and is not committed."""
    with unsealed.database.transaction() as sealing, unsealed.database.transaction() as act_in_hand:
        hash_chain.lock(sealing, alone=False)
        act(act_in_hand, unsealed)
        hash_chain.store(act_in_hand, unsealed.database.audit_keys)
        one_act(unsealed)
        assert len(lines_of(unsealed)) == 1


def test_reader_of_the_log_sees_what_was_stored_before(empty):
    """A process that serves seals in a thread of its own."""
    write_lines(empty, 1)
    empty.database.sealer.start()
    try:
        for number in range(3):
            one_act(empty)
            with empty.database.transaction() as session:
                assert len(log_index.find(session, Wanted(event=Event.COUNTRY_READ.value))) == number + 1
    finally:
        empty.database.sealer.stop()
    assert lines_of(empty) == []


def test_process_that_stops_seals_what_it_stored(empty):
    write_lines(empty, 1)
    for _ in range(5):
        empty.database.sealer.start()
        one_act(empty)
        empty.database.sealer.stop()
        assert lines_of(empty) == []


def test_sealing_that_fails_fails_no_act(empty, monkeypatch):
    write_lines(empty, 1)
    with monkeypatch.context() as patch:
        patch.setattr(hash_chain, "seal", lambda *_: fails())
        one_act(empty)
    assert verify(empty.database, []).unsealed == 1
    one_act(empty)
    found = verify(empty.database, [])
    assert (found.lines, found.unsealed) == (3, 0)


def fails():
    raise Misconfigured("the log goes on with a key that is not there")


@pytest.mark.wide
def test_rows_beside_the_chain_are_as_the_log_says(unsealed):
    """The sum of sealed rows includes the lines beside the chain, and verification names no row of theirs."""
    with unsealed.database.transaction() as session:
        session.add(account("A-one"))
        act(session, unsealed)
    with unsealed.database.transaction() as session:
        assert row_check.difference(session) == 0
    log, rows = row_check.verify(unsealed.database, [])
    assert (log.first_bad, log.unsealed, rows.is_good) == (None, 1, True)
    unsealed.database.seal_log()
    log, rows = row_check.verify(unsealed.database, [])
    assert (log.first_bad, log.unsealed, rows.is_good) == (None, 0, True)
    with unsealed.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM account WHERE id = 'A-one'"))
    _, rows = row_check.verify(unsealed.database, [])
    assert ([str(row) for row in rows.others], rows.differ) == (["account/A-one"], True)


def test_changes_at_once_leave_the_sum_of_rows_true(unsealed):
    with ExitStack() as stack:
        for number in range(4):
            session = stack.enter_context(unsealed.database.transaction())
            session.add(account(f"A-{number}"))
            act(session, unsealed)
            if number % 2:
                unsealed.database.seal_log()
    unsealed.database.seal_log()
    _, rows = row_check.verify(unsealed.database, [])
    assert rows.is_good


@pytest.mark.wide
def test_verification_beside_writers_names_nothing(empty):
    write_lines(empty, 1)
    empty.database.sealer.start()
    stop, seen = threading.Event(), []

    def write(name):
        number = 0
        while not stop.is_set():
            number += 1
            with empty.database.transaction() as session:
                session.add(account(f"A-{name}-{number}"))
                act(session, empty)

    writers = [threading.Thread(target=write, args=(name,)) for name in range(3)]
    for writer in writers:
        writer.start()
    other = Database(empty.database.engine, replace(empty.database.audit_keys, lanes=log_buffer.Lanes()))
    for _ in range(10):
        log, rows = row_check.verify(other, [])
        seen.append((log.first_bad, rows.is_good))
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)
    empty.database.sealer.stop()
    assert set(seen) == {(None, True)}
    assert len(logged(empty, event=Event.COUNTRY_READ.value)) > 0
