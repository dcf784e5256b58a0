"""The key of the log is replaced under work; what the old one wrote is verified with it, and closed even for it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select
from story import AT, DESK
from test_chain import open_up, write_lines

from placement.audit import log_key
from placement.audit.verification import verify
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain as chain
from placement.storage.database import Database
from placement.storage.hash_chain import LogKeys
from placement.tables import AuditEvent

OLD, NEW, NEWER = chain.new_key(), chain.new_key(), chain.new_key()


def keys(*written):
    return LogKeys(chain.keys_of(" ".join(written)))


def as_known(country, *written):
    """The service, as a process sees it that knows these keys."""
    return replace(country, database=Database(country.database.engine, keys(*written)))


def replace_key(country):
    with country.database.transaction() as session:
        return log_key.replace(Act(session, DESK, AT, country.settings), country.database.audit_keys)


@pytest.fixture
def rotated(empty):
    """Five lines of the old key, the two that replace it, five of the new one."""
    before = as_known(empty, OLD)
    write_lines(before, 5)
    both = as_known(empty, NEW, OLD)
    write_lines(both, 2)  # a new key that is only known counts for nothing yet
    assert replace_key(both) == chain.name_of(chain.key_of(NEW))
    write_lines(both, 5)
    return both


def test_the_log_goes_on_with_the_new_key_and_all_of_it_is_verified(rotated):
    assert (verify(rotated.database, []).lines, verify(rotated.database, []).first_bad) == (14, None)
    for start in (1, 7, 8, 9, 10, 14):
        assert verify(rotated.database, [], start).first_bad is None, start
    rotated.database.require_usable()
    replace_key(again := as_known(rotated, NEWER, NEW, OLD))
    write_lines(again, 3)
    assert verify(again.database, []).first_bad is None


def test_each_line_was_made_with_the_key_of_its_time(rotated):
    assert verify(as_known(rotated, NEW, NEW).database, [], 9).first_bad is None  # after the closing line
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        verify(as_known(rotated, OLD).database, [])  # the new one is not known
    assert verify(as_known(rotated, NEW).database, []).first_bad == 1  # the old one is not


def test_a_process_that_knows_the_old_key_alone_writes_nothing_until_it_reads_the_new_one(rotated, tmp_path):
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        write_lines(as_known(rotated, OLD), 1)
    file = tmp_path / "audit.key"
    file.write_text(f"{NEW}\n{OLD}\n")
    late = replace(rotated, database=Database(rotated.database.engine, LogKeys(chain.keys_of(OLD), file)))
    write_lines(late, 1)
    assert verify(rotated.database, []).lines == 15
    assert verify(rotated.database, []).first_bad is None


def test_a_key_is_replaced_by_a_newer_one_alone(rotated):
    with pytest.raises(Misconfigured, match="newest key already"):
        replace_key(rotated)


def forge(country, first):
    """What somebody does who owns the database and has the old key: makes every link anew from this line on."""
    with country.database.transaction() as session:
        lines = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()
        link = lines[first - 2].link
        for line in lines[first - 1 :]:
            line.link = link = chain.link_after(link, line.model_dump(), chain.key_of(OLD))


def test_whoever_has_the_old_key_cannot_change_what_it_wrote(rotated):
    open_up(rotated)
    with rotated.database.engine.begin() as connection:
        connection.execute(text("UPDATE auditevent SET actor = 'A-other' WHERE id = 3"))
    forge(rotated, 3)
    assert verify(rotated.database, []).first_bad == 9  # the first line of the new key fits no more


def test_a_log_that_was_cut_off_before_its_new_key_and_written_on_with_the_old_one_is_found(rotated):
    open_up(rotated)
    with rotated.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM auditshown WHERE line > 6"))
        connection.execute(text("DELETE FROM auditevent WHERE id > 6"))
    write_lines(as_known(rotated, OLD), 3)
    found = verify(rotated.database, [])
    assert (found.first_bad, found.why) == (10, "missing: the log does not go on with the newest key")
