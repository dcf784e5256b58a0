"""Lines between their act and the chain (PostgreSQL): what is changed, removed, put in or put back there is found."""

import os
import random
from collections import deque
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.audit.verification import verify
from placement.crypto import cipher, log_cipher
from placement.storage import hash_chain, log_buffer, log_contents, log_index, log_keys
from placement.tables import AuditEvent
from tests.support.audit_log import InOneTransaction, open_up, replace_key, write_lines
from tests.support.log_buffer import act, acts, lines, lines_of, one_act
from tests.support.town import AT

TAMPERINGS = 1_000 if os.environ.get("PROOF_SIZE") == "full" else 60
LANES, ROUNDS = 3, 4

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.fixture
def unsealed(empty, monkeypatch):
    """Returns a log whose lines stay beside the chain, as if no process sealed them."""
    write_lines(empty, 5)
    monkeypatch.setattr(empty.database.sealer, "lines_stored", lambda: None)
    return empty


@pytest.fixture
def busy(unsealed):
    """Lines in the chain that came by each lane, then some beside it."""
    unsealed.database.audit_keys.lanes._idle.extend(log_buffer.Lane() for _ in range(LANES))  # used in turn
    acts(unsealed, LANES * 2)
    unsealed.database.seal_log()
    acts(unsealed, LANES * ROUNDS)
    open_up(unsealed)
    return unsealed


def run(connection, statement, **values):
    return connection.execute(text(statement), values)


# each kind of tampering happens to lines that are not in the chain yet


def edit(connection, chance):
    line = chance.choice(lines(connection))
    column, value = chance.choice(
        [
            ("at", "'2026-01-01'"), ("key", "'0000000000000000'"), ("lane", "'0000000000000000'"),
            ("number", "number + 1"), ("cipher", "'\\x00'"),
        ]
    )  # fmt: skip
    run(connection, f"UPDATE auditunsealed SET {column} = {value} WHERE id = :id", id=line.id)  # noqa: S608


def edit_content(connection, chance):
    line = chance.choice(lines(connection))
    was = bytearray(line.cipher)
    was[chance.randrange(len(was))] ^= 1 << chance.randrange(8)
    run(connection, "UPDATE auditunsealed SET cipher = :cipher WHERE id = :id", cipher=bytes(was), id=line.id)


def move_content(connection, chance):
    line, other = chance.sample(lines(connection), 2)
    run(connection, "UPDATE auditunsealed SET cipher = :cipher WHERE id = :id", cipher=other.cipher, id=line.id)


def delete(connection, chance):
    """Any that is not the newest of its lane."""
    line = chance.choice(lines(connection)[:-LANES])
    run(connection, "DELETE FROM auditunsealed WHERE id = :id", id=line.id)


def swap_in_a_lane(connection, chance):
    found = lines(connection)
    one = chance.choice(found[:-LANES])
    other = chance.choice([line for line in found if line.lane == one.lane and line.id > one.id])
    for was, to in ((one.id, -1), (other.id, one.id), (-1, other.id)):
        run(connection, "UPDATE auditunsealed SET id = :to WHERE id = :was", to=to, was=was)


def put_twice(connection, chance):
    insert(connection, chance.choice(lines(connection)))


def put_back(connection, chance):
    """A line that went into the chain."""
    line = chance.choice(lines(connection))
    seal(connection)
    insert(connection, line)


def hold_back(connection, chance):
    """Until later lines of its lane are in the chain."""
    line = chance.choice(lines(connection)[:-LANES])
    run(connection, "DELETE FROM auditunsealed WHERE id = :id", id=line.id)
    seal(connection)
    insert(connection, line)


def forge(connection, chance):
    """With another key under the name of ours."""
    line = chance.choice(lines(connection))
    other = log_keys.key_of(cipher.new_key())
    content = log_cipher.seal(other, f"auditunsealed {line.lane} {line.number + 1}", b"{}")
    insert(connection, line, number=line.number + LANES, cipher=content)


KINDS = (
    edit, edit_content, move_content, delete, swap_in_a_lane, put_twice, put_back, hold_back, forge,
)  # fmt: skip
SEALED_WITH = []


def insert(connection, line, **other):
    row = {name: getattr(line, name) for name in ("at", "key", "lane", "number", "cipher")} | other
    columns = ", ".join(row)
    run(connection, f"INSERT INTO auditunsealed ({columns}) VALUES (:{', :'.join(row)})", **row)  # noqa: S608


def seal(connection):
    with SEALED_WITH[0].of(SEALED_WITH[1], connection).transaction() as session:
        log_index.extend(session, hash_chain.seal(session, SEALED_WITH[1].database.audit_keys))
        session.commit()


def goes_on(country, connection):
    """Every lane has a next line, as the process knows it."""
    keys = country.database.audit_keys
    lanes = log_buffer.Lanes()
    lanes._idle = deque(replace(lane) for lane in keys.lanes._idle)
    with InOneTransaction.of(country, connection).transaction() as session:
        for _ in range(LANES):
            act(session, country)
            hash_chain.store(session, replace(keys, lanes=lanes))
            lanes.committed(session)
        session.commit()


@pytest.mark.wide
def test_tampering_before_the_chain_is_found(busy):
    """At once, when what can be sealed is in the chain, and when every lane went on."""
    SEALED_WITH[:] = InOneTransaction, busy
    seen = set()
    assert verify(busy.database, []).unsealed == LANES * ROUNDS
    for number in range(TAMPERINGS):
        kind = KINDS[number % len(KINDS)]
        with busy.database.engine.connect() as connection, connection.begin() as changed:
            kind(connection, random.Random(number))
            log = InOneTransaction.of(busy, connection)
            found = [verify(log, []).first_bad]
            seal(connection)
            assert len(lines(connection)) <= 1
            found.append(verify(log, []).first_bad)
            goes_on(busy, connection)
            found.append(verify(log, []).first_bad)
            seal(connection)
            found.append(verify(log, []).first_bad)
            changed.rollback()
        assert None not in found, (kind.__name__, number, found)
        seen.add(kind)
    assert seen == set(KINDS)
    assert verify(busy.database, []).first_bad is None
    busy.database.seal_log()
    assert (verify(busy.database, []).unsealed, verify(busy.database, []).first_bad) == (0, None)


def test_newest_line_removed_shows_as_its_lane_goes_on(busy):
    SEALED_WITH[:] = InOneTransaction, busy
    for at in range(1, LANES + 1):
        with busy.database.engine.connect() as connection, connection.begin() as changed:
            run(connection, "DELETE FROM auditunsealed WHERE id = :id", id=lines(connection)[-at].id)
            log = InOneTransaction.of(busy, connection)
            assert verify(log, []).first_bad is None  # stated in docs/security.md
            goes_on(busy, connection)
            assert "removed" in verify(log, []).why
            seal(connection)
            assert "removed" in verify(log, []).why
            changed.rollback()


@pytest.mark.wide
def test_lane_given_up_tells_how_far_it_came(busy, monkeypatch):
    """A connection that is cut at the commit hides no line that was committed before."""
    lane = busy.database.audit_keys.lanes._idle[0]
    with monkeypatch.context() as patch:
        patch.setattr("placement.storage.field_sealing.destroy_named", lambda _: raising())
        with pytest.raises(RuntimeError):
            one_act(busy)
    assert lane not in busy.database.audit_keys.lanes._idle
    one_act(busy)
    assert verify(busy.database, []).first_bad is None
    with busy.database.engine.begin() as connection:
        newest = [line for line in lines(connection) if line.lane == lane.name][-1]
        run(connection, "DELETE FROM auditunsealed WHERE id = :id", id=newest.id)
    assert "removed" in verify(busy.database, []).why
    busy.database.seal_log()
    assert "removed" in verify(busy.database, []).why


def failing_act(country):
    with country.database.transaction() as session:
        act(session, country)
        raise RuntimeError


def raising():
    raise RuntimeError


def test_lines_are_sealed_in_the_order_of_their_lanes(busy):
    before = [line.id for line in lines_of(busy)]
    busy.database.seal_log()
    with busy.database.transaction() as session:
        events = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()
        key = busy.database.audit_keys.known[0]
        said = [log_contents.facts_in(key, one.id, one.cipher).get(log_buffer.LANE) for one in events[5:]]
    assert len(before) == LANES * ROUNDS
    assert len({lane for lane, _ in said}) == LANES
    for name in {lane for lane, _ in said}:
        assert [number for lane, number in said if lane == name] == list(range(1, ROUNDS + 3))


def test_line_of_a_rolled_back_act_is_not_missed(busy):
    with pytest.raises(RuntimeError):
        failing_act(busy)
    acts(busy, LANES)
    busy.database.seal_log()
    assert verify(busy.database, []).first_bad is None


@pytest.fixture
def next_key(unsealed, monkeypatch):
    keys = unsealed.database.audit_keys
    monkeypatch.setattr(keys, "known", (log_keys.key_of(cipher.new_key()), *keys.known))


@pytest.mark.usefixtures("next_key")
def test_new_key_seals_what_the_old_one_stored(unsealed):
    acts(unsealed, 4)
    replace_key(unsealed)
    one_act(unsealed)
    unsealed.database.seal_log()
    found = verify(unsealed.database, [])
    assert (found.lines, found.unsealed, found.first_bad) == (5 + 4 + 2 + 1, 0, None)


@pytest.mark.usefixtures("next_key")
def test_line_of_an_old_key_is_none_of_ours(unsealed):
    """Whoever has the key of before adds no line."""
    old = unsealed.database.audit_keys.known[-1]
    replace_key(unsealed)
    with unsealed.database.transaction() as session:
        event = AuditEvent(at=AT).show(log_contents.content_of(_content_of_first(unsealed, old)))
        log_buffer.put(session, log_buffer.Lanes(), old, [event], {})
    unsealed.database.seal_log()
    found = verify(unsealed.database, [])
    assert (found.unsealed, found.why) == (1, "changed: a line beside the chain")


def _content_of_first(country, key):
    with country.database.transaction() as session:
        first = session.get(AuditEvent, 1)
        return log_contents.facts_in(key, 1, first.cipher)


def test_process_that_begins_again_has_lanes_of_its_own(unsealed):
    acts(unsealed, 3)
    unsealed.database.audit_keys.lanes.end()
    acts(unsealed, 2)
    unsealed.database.seal_log()
    found = verify(unsealed.database, [])
    assert (found.lines, found.unsealed, found.first_bad) == (10, 0, None)


def test_line_under_the_name_of_another_key_is_found(busy):
    with busy.database.engine.begin() as connection:
        run(connection, "UPDATE auditunsealed SET key = '0000000000000000' WHERE id = :id", id=lines(connection)[0].id)
    assert verify(busy.database, []).why == "changed: a line beside the chain"
    busy.database.seal_log()
    assert verify(busy.database, []).first_bad is not None
