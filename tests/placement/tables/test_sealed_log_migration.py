"""The log of before is carried over: its old chain is verified first, and can be made again from what is sealed."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.audit.verification import Head, verify
from placement.core import clock
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.crypto import log_cipher
from placement.retention import log_truncation
from placement.storage import hash_chain, log_contents
from placement.storage.idempotency import Answer, claim, finish
from placement.tables import Anomaly
from tests.support.audit_log import NEW, OLD, anomaly, as_known, logged, open_up, replace_key, write_lines
from tests.support.stores import AT
from tests.support.town import DESK

pytestmark = pytest.mark.wide
BEFORE, OF_THIS = "0024", "0025"


def down(country):
    with country.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)


def contents(country):
    return [(event.id, event.at, asdict(event.content)) for event in logged(country)]


def heads_in_clear(country):
    """The numbers and links of the log as revision 0024 had it."""
    with country.database.engine.connect() as connection:
        return [Head(*row, "then") for row in connection.execute(text("SELECT id, link FROM auditevent ORDER BY id"))]


@pytest.fixture
def rotated(empty):
    """A log of two keys, and more than a block of it."""
    write_lines(as_known(empty, OLD), 5)
    both = as_known(empty, NEW, OLD)
    replace_key(both)
    for _ in range(11):
        write_lines(both, 100)
    return both


def test_log_is_carried_over_and_its_old_heads_still_fit(rotated):
    before = contents(rotated)
    down(rotated)
    heads = heads_in_clear(rotated)
    rotated.database.migrate()
    *after, resealed, rules = contents(rotated)
    assert after == before
    assert (resealed[2]["event"], rules[2]["event"]) == ("log:resealed", "rows:changed")  # of a younger migration
    assert resealed[2]["facts"] == {"through": heads[-1].line, "link": heads[-1].link}
    found = verify(rotated.database, heads)
    assert (found.lines, found.first_bad, found.why) == (len(before) + 2, None, None)
    wrong = verify(rotated.database, [Head(9, "0" * 64, "then")])
    assert (wrong.first_bad, wrong.why) == (9, "not the line that a head tells of")
    write_lines(rotated, 3)
    assert verify(rotated.database, heads).first_bad is None


def test_log_in_clear_has_the_links_of_before(empty):
    """The way down makes the chain that the version before verifies: each link over the fields in clear."""
    write_lines(empty, 4)
    down(empty)
    with empty.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM auditevent ORDER BY id")).mappings().all()
        shown = connection.execute(text("SELECT registration_id, line FROM auditshown ORDER BY 2, 1")).all()
    link = ""
    for row in rows:
        facts = row["facts"] if isinstance(row["facts"], dict) else json.loads(row["facts"])
        event = dict(row) | {"at": AT, "facts": facts}
        link = hash_chain.former_link_after(link, event, empty.database.audit_keys.known[0])
        assert row["link"] == link
    assert [tuple(row) for row in shown] == [("R-0", 1), ("R-1", 1), ("R-3", 4), ("R-4", 4)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE auditevent SET actor = 'A-other' WHERE id = 3",
        "DELETE FROM auditevent WHERE id = 3",
        "UPDATE auditevent SET link = 'x' WHERE id = 5",
    ],
)
def test_log_that_was_tampered_with_is_refused_and_left_alone(empty, tampering):
    write_lines(empty, 5)
    down(empty)
    with empty.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE auditevent DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER auditevent_is_append_only_update"))
            connection.execute(text("DROP TRIGGER auditevent_is_append_only_delete"))
        connection.execute(text(tampering))
    with pytest.raises(Misconfigured, match=r"from event \d on: nothing was migrated"):
        empty.database.migrate()
    with empty.database.engine.connect() as connection:
        assert connection.execute(text("SELECT max(id) FROM auditevent WHERE actor = 'A-desk'")).scalar_one() == 5


def test_former_content_changed_by_a_key_holder_is_found(rotated):
    """The heads of before are what the one who migrates cannot make: their links are of the contents in clear."""
    down(rotated)
    rotated.database.migrate()
    open_up(rotated)
    key = rotated.database.audit_keys.called(hash_chain.name_of(hash_chain.key_of(OLD)))
    with rotated.database.transaction() as session:
        event = logged(session)[2]
        written = log_contents.facts_in(key, event.id, event.cipher) | {"actor": "A-other"}
        row = f"auditevent {event.id}"
        cipher = log_cipher.seal(key, row, json.dumps(written).encode())
        relink(session, key, event, cipher)
    assert verify(rotated.database, []).why == "changed when contents were sealed"


def relink(session, key, event, cipher):
    """Puts a content in the place of another, and makes the link again: the next one does not fit any more."""
    event.cipher = cipher
    before = session.get_one(type(event), event.id - 1).link
    event.link = hash_chain.link_after(before, event.model_dump(), key)


def test_truncated_log_is_carried_over(empty):
    with empty.database.transaction() as session:
        act = Act(session, DESK, clock.now() - timedelta(days=6 * 366), empty.settings)
        for _ in range(4):
            audit_log.write(act, Event.COUNTRY_READ)
    write_lines(empty, 3)
    with empty.database.transaction() as session:
        act = Act(session, DESK, clock.now(), empty.settings)
        through = log_truncation.announce(act, empty.database.audit_keys)
    log_truncation.delete_through(empty.database, through)
    before = contents(empty)
    down(empty)
    empty.database.migrate()
    assert contents(empty)[:-2] == before
    assert verify(empty.database, []).first_bad is None


def test_anomaly_is_carried_over_and_found_once(empty):
    with empty.database.transaction() as session:
        before = asdict(anomaly(session, "O-1", AT, actor="A-1", registration_id="R-1").content)
        once = session.exec(select(Anomaly.once)).one()
    down(empty)
    empty.database.migrate()
    with empty.database.transaction() as session:
        [found] = session.exec(select(Anomaly)).all()
        assert (asdict(found.content), found.once) == (before, once)


def test_answer_is_given_again_after_the_migration(empty):
    """As revision 0024 stored it: the actor, the key, the headers and the case in clear."""
    answer = Answer(201, {"ETag": '"1"'}, "{}", "R-1")
    attempt = claim(empty.database, "A1", "k1", "b1", AT)
    with empty.database.transaction() as session:
        finish(session, attempt, answer)
    with empty.database.migrating() as configuration:
        command.downgrade(configuration, OF_THIS)
    with empty.database.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM idempotentrequest")).mappings().one()
    down(empty)
    with empty.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO idempotentrequest (actor, key, fingerprint, attempt, started_at, status, headers, body, "
                "registration_id) VALUES ('A1', 'k1', :fingerprint, :attempt, :started_at, 201, :headers, :body, 'R-1')"
            ),
            {name: row[name] for name in ("fingerprint", "attempt", "started_at", "body")}
            | {"headers": json.dumps(answer.headers)},
        )
    empty.database.migrate()
    assert claim(empty.database, "A1", "k1", "b1", AT) == answer
