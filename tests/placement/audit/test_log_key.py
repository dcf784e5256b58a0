"""The key of the log is replaced under work; what the old one wrote is verified with it, and closed even for it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.audit.events import Event
from placement.audit.verification import verify
from placement.core.errors import Misconfigured
from placement.storage import hash_chain, log_keys
from placement.storage.database import Database
from placement.storage.log_keys import LogKeys
from placement.tables import AuditEvent
from tests.support.audit_log import NEW, NEWER, OLD, as_known, logged, open_up, replace_key, write_lines
from tests.support.town import DESK


@pytest.fixture
def rotated(empty):
    """Writes five lines with the old key, the two lines that replace it, and five lines with the new key."""
    before = as_known(empty, OLD)
    write_lines(before, 5)
    both = as_known(empty, NEW, OLD)
    write_lines(both, 2)  # a new key that is only known counts for nothing yet
    assert replace_key(both) == hash_chain.name_of(log_keys.key_of(NEW))
    write_lines(both, 5)
    return both


def test_log_with_a_new_key_is_verified_as_a_whole(rotated):
    assert (verify(rotated.database, []).lines, verify(rotated.database, []).first_bad) == (14, None)
    for start in (1, 7, 8, 9, 10, 14):
        assert verify(rotated.database, [], start).first_bad is None, start
    rotated.database.require_usable()
    replace_key(again := as_known(rotated, NEWER, NEW, OLD))
    write_lines(again, 3)
    assert verify(again.database, []).first_bad is None


def test_old_key_names_the_new_key_in_its_last_event(rotated):
    old, new = (hash_chain.name_of(log_keys.key_of(one)) for one in (OLD, NEW))
    [closed], [opened] = (logged(rotated, event=event) for event in (Event.LOG_KEY_CLOSED, Event.LOG_KEY_OPENED))
    assert (closed.id, closed.key, closed.actor, closed.facts) == (8, old, DESK.id, {"next": new})
    assert (opened.id, opened.key, opened.actor, opened.facts) == (9, new, DESK.id, {"key": new})


def test_each_event_is_chained_with_the_key_of_its_time(rotated):
    assert verify(as_known(rotated, NEW, NEW).database, [], 9).first_bad is None  # after the closing line
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        verify(as_known(rotated, OLD).database, [])  # the new key is not known
    assert verify(as_known(rotated, NEW).database, []).first_bad == 1  # the old key is not known


def test_process_with_the_old_key_only_writes_nothing(rotated, tmp_path):
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        write_lines(as_known(rotated, OLD), 1)
    file = tmp_path / "audit.key"
    file.write_text(f"{NEW}\n{OLD}\n")
    late = replace(rotated, database=Database(rotated.database.engine, LogKeys(log_keys.keys_of(OLD), file)))
    write_lines(late, 1)
    assert verify(rotated.database, []).lines == 15
    assert verify(rotated.database, []).first_bad is None


def test_a_key_is_replaced_by_a_newer_one_alone(rotated):
    with pytest.raises(Misconfigured, match="newest key already"):
        replace_key(rotated)


def forge(country, first):
    """An attacker who owns the database and has the old key: makes every link anew from this line on."""
    with country.database.transaction() as session:
        lines = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()
        link = lines[first - 2].link
        for line in lines[first - 1 :]:
            line.link = link = hash_chain.link_after(link, line.model_dump(), log_keys.key_of(OLD))


def test_old_key_cannot_change_what_it_wrote(rotated):
    open_up(rotated)
    with rotated.database.engine.begin() as connection:
        connection.execute(text("UPDATE auditevent SET at = '2026-01-01 00:00:00.000000' WHERE id = 3"))
    forge(rotated, 3)
    assert verify(rotated.database, []).first_bad == 9  # the first line of the new key fits no more


def test_log_cut_before_the_new_key_and_continued_is_detected(rotated):
    open_up(rotated)
    with rotated.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM auditevent WHERE id > 6"))
    write_lines(as_known(rotated, OLD), 3)
    found = verify(rotated.database, [])
    assert (found.first_bad, found.why) == (10, "missing: the log does not go on with the newest key")
