"""The signal of a stored change: it comes after the commit, from any process, by one connection for all who wait."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import event, text

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.storage.change_signal import ChangeSignal
from placement.storage.database import Database
from tests.support.stores import both_stores

LONG = 60


class Heard:
    """Counts the signals, and waits for the next."""

    def __init__(self):
        self._changed, self.count = threading.Condition(), 0

    def __call__(self):
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def more_than(self, count, within=LONG):
        with self._changed:
            return self._changed.wait_for(lambda: self.count > count, within)


@pytest.fixture
def signal(town):
    return ChangeSignal(town.database)


@pytest.mark.wide
@both_stores
def test_signal_comes_after_a_change_by_another_connection(town, signal):
    """The change is stored through a separate engine, as another process stores it."""
    heard = Heard()
    with signal.heard_by(heard):
        assert heard.more_than(0), "one for what was stored before it listened"
        before = heard.count
        with closing(Database.open(town.settings)) as other:
            town.database, ours = other, town.database
            town.register(alias="Merel")
            town.database = ours
        assert heard.more_than(before)


@pytest.mark.wide
@both_stores
def test_signal_of_a_rolled_back_change_does_not_come(town, signal):
    heard = Heard()
    with signal.heard_by(heard):
        assert heard.more_than(0)
        before = heard.count
        with pytest.raises(pytest.fail.Exception), town.act():
            pytest.fail("rolled back")
        assert not heard.more_than(before, within=1)


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_read_access_makes_no_signal(town, signal):
    heard = Heard()
    with signal.heard_by(heard):
        assert heard.more_than(0)
        before = heard.count
        with town.act() as act:
            audit_log.write(act, Event.REGISTRATIONS_LISTED)
        assert not heard.more_than(before, within=1)


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_many_listeners_share_one_connection_that_ends(town, signal):
    begun = []
    event.listen(town.database.engine, "before_cursor_execute", lambda *given: begun.append(given[2]))
    many = [Heard() for _ in range(20)]
    entered = [signal.heard_by(one) for one in many]
    for one in entered:
        one.__enter__()
    assert all(one.more_than(0) for one in many)
    assert begun.count("LISTEN placement_changed") == 1
    for one in entered:
        one.__exit__(None, None, None)
    [thread] = [one for one in threading.enumerate() if one.name == "changes"] or [threading.Thread()]
    if thread.ident:
        thread.join(LONG)
    assert town.database.engine.pool.checkedout() == 0


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_signal_comes_again_after_its_connection_was_cut(town, signal):
    heard = Heard()
    with signal.heard_by(heard):
        assert heard.more_than(0)
        before = heard.count
        with closing(Database.open(town.settings)) as other, other.engine.connect() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            connection.execute(text(cut))
        assert heard.more_than(before + 1), "once as it broke, once as it listens again"
        before = heard.count
        town.register(alias="Merel")
        assert heard.more_than(before)
