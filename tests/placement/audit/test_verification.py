"""The links of the log: a line that is changed, taken away, put in, swapped or cut off is found, and which."""

import json
import os
import random
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlmodel import Session

from placement.audit import log as audit_log
from placement.audit import verification
from placement.audit.log import Event
from placement.audit.verification import Head, verify
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.tables import AuditEvent
from tests.support.audit_log import open_up, write_lines
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import AT, DESK

TAMPERINGS = 1_000 if os.environ.get("PROOF_SIZE") == "full" else 50
LINES = 60


@pytest.fixture
def written(empty):
    """A log of some lines, its head written down, and nothing that keeps anybody from changing it."""
    write_lines(empty, LINES)
    open_up(empty)
    return empty


def keys_of_one():
    return hash_chain.LogKeys(hash_chain.keys_of(hash_chain.new_key()))


def head_of(country):
    with country.database.transaction() as session:
        number, link = hash_chain.head(session)
    return Head(number, link, "now")


def run(connection, statement, **values):
    return connection.execute(text(statement), values)


# each kind of tampering returns the first line that must be found


def edit(connection, chance):
    line = chance.randint(1, LINES)
    column, value = chance.choice(
        [
            ("actor", "A-other"), ("at", "2026-01-01 00:00:00.000000"), ("event", "hold:read"), ("outcome", "refused"),
            ("action", "export"), ("role", None), ("registration_id", "R-x"), ("object_id", "H-x"),
            ("address", "192.0.2.9"), ("protocol", "api_key"), ("request_id", "Q-x"), ("facts", '{"page": -1}'),
            ("link", "0" * 64), ("on_behalf_of", "A-x"),
        ]
    )  # fmt: skip
    cast = {"at": "CAST(:value AS TIMESTAMP)", "facts": "CAST(:value AS JSON)"}.get(column, ":value")
    if connection.dialect.name == "sqlite":
        cast = ":value"
    run(connection, f"UPDATE auditevent SET {column} = {cast} WHERE id = :line", value=value, line=line)  # noqa: S608
    return line


def delete(connection, chance):
    line = chance.randint(1, LINES - 1)
    run(connection, "DELETE FROM auditevent WHERE id = :line", line=line)
    return line


def delete_and_close_the_gap(connection, chance):
    line = delete(connection, chance)
    for after in range(line + 1, LINES + 1):
        run(connection, "UPDATE auditevent SET id = :to WHERE id = :line", to=after - 1, line=after)
        run(connection, "UPDATE auditshown SET line = :to WHERE line = :line", to=after - 1, line=after)
    return line


def insert(connection, chance):
    line = chance.randint(1, LINES)
    for after in range(LINES, line - 1, -1):
        run(connection, "UPDATE auditevent SET id = :to WHERE id = :line", to=after + 1, line=after)
        run(connection, "UPDATE auditshown SET line = :to WHERE line = :line", to=after + 1, line=after)
    columns = ", ".join(name for name in (*hash_chain.FIELDS, "link") if name not in {"id", "request_id"})
    like = line + 1 if line == LINES else LINES + 1
    run(
        connection,
        f"INSERT INTO auditevent (id, request_id, {columns}) SELECT :line, 'Q-x', {columns} FROM auditevent WHERE id = :like",  # noqa: S608, E501
        line=line,
        like=like,
    )
    return line


def swap(connection, chance):
    first, second = sorted(chance.sample(range(1, LINES + 1), 2))
    for table, column in (("auditevent", "id"), ("auditshown", "line")):
        for was, to in ((first, -1), (second, first), (-1, second)):
            run(connection, f"UPDATE {table} SET {column} = :to WHERE {column} = :was", to=to, was=was)  # noqa: S608
    return first


def cut_off(connection, chance):
    line = chance.randint(2, LINES)
    run(connection, "DELETE FROM auditevent WHERE id >= :line", line=line)
    return line


def hide_from_the_case(connection, chance):
    line = chance.choice([one + 1 for one in range(LINES) if one % 3 == 0])
    run(connection, "DELETE FROM auditshown WHERE line = :line", line=line)
    return line


KINDS = (edit, delete, delete_and_close_the_gap, insert, swap, cut_off, hide_from_the_case)


def test_a_log_as_it_was_written_is_good(written):
    found = verify(written.database, [head_of(written)])
    assert (found.lines, found.heads, found.first_bad, found.why) == (LINES, 1, None, None)
    assert verify(written.database, [], start=LINES).lines == 1
    assert verify(written.database, [], start=LINES + 1).lines == 0
    assert verify(written.database, [], start=LINES + 5).first_bad == LINES + 4


def test_tampering_is_found_at_its_first_event(written):
    head, seen = head_of(written), set()
    for number in range(TAMPERINGS):
        chance = random.Random(number)
        kind = KINDS[number % len(KINDS)]
        with written.database.engine.connect() as connection, connection.begin() as changed:
            if connection.dialect.name == "sqlite":
                run(connection, "PRAGMA defer_foreign_keys = ON")
            expected = kind(connection, chance)
            found = verify(InOneTransaction.of(written, connection), [head])
            changed.rollback()
        assert found.first_bad == expected, (kind.__name__, number, found)
        assert found.why.startswith("missing") == (kind in {delete, cut_off}), (kind.__name__, number, found)
        seen.add(kind)
    assert seen == set(KINDS)
    assert verify(written.database, [head]).first_bad is None


class InOneTransaction(Database):
    """The log as it is in the midst of a transaction that will be rolled back."""

    @classmethod
    def of(cls, country, connection):
        made = cls(country.database.engine, country.database.audit_keys)
        made.__dict__["connection"] = connection
        return made

    @contextmanager
    def transaction(self):
        with Session(bind=self.__dict__["connection"], join_transaction_mode="create_savepoint") as session:
            yield session


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("facts", "no JSON"),
        ("at", "no moment"),
        ("role", "no role"),
        ("link", b"\xff"),
        ("request_id", b"\xff"),
        ("link", "é"),
    ],
)
@one_store
def test_unreadable_event_is_named(written, column, value):
    """PostgreSQL takes no such values; SQLite takes anything, where nobody checks."""
    with written.database.engine.begin() as connection:
        run(connection, "PRAGMA ignore_check_constraints = ON")
        run(connection, f"UPDATE auditevent SET {column} = :value WHERE id IN (7, :last)", value=value, last=LINES)  # noqa: S608
    assert verify(written.database, []).first_bad == 7
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        written.database.require_usable()
    assert verify(written.database, [], start=9).first_bad == LINES


def test_log_cut_and_continued_is_detected_by_the_head_only(written):
    head = head_of(written)
    with written.database.engine.begin() as connection:
        run(connection, "DELETE FROM auditshown WHERE line > :line", line=LINES - 4)
        run(connection, "DELETE FROM auditevent WHERE id > :line", line=LINES - 4)
    write_lines(written, 10)
    assert verify(written.database, []).first_bad is None
    found = verify(written.database, [head])
    assert (found.first_bad, found.why) == (LINES, "not the line that a head tells of")


def test_another_key_fits_no_line(written):
    other = Database(written.database.engine, keys_of_one())
    assert verify(other, []).first_bad == 1
    written.database.require_usable()
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        other.require_usable()


@one_store
def test_any_key_fits_where_there_is_no_line(empty):
    Database(empty.database.engine, keys_of_one()).require_usable()


@pytest.mark.parametrize(
    ("key", "said"), [("", "keys new"), ("short", "32 bytes"), ("é" * 44, "32 bytes"), ("A" * 44, "32 bytes")]
)
def test_invalid_key_refuses_start(tmp_path, field_key, key, said):
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/x.db", field_keys=(field_key,), key_store=tmp_path / "keys", audit_key=key
    )
    with pytest.raises(Misconfigured, match=said):
        Database.open(settings)


def test_events_are_numbered_without_gaps_despite_rollbacks(empty):
    for number in range(6):
        try:
            with empty.database.transaction() as session:
                audit_log.write(Act(session, DESK, AT, empty.settings), Event.COUNTRY_READ)
                session.flush()
                if number % 2:
                    raise RuntimeError
        except RuntimeError:
            pass
    assert verify(empty.database, []).lines == 3
    assert head_of(empty).line == 3


@one_store
def test_hourly_job_writes_the_head_that_verification_reads(empty, tmp_path):
    settings = changed(empty.settings, audit_heads=tmp_path / "elsewhere" / "heads.jsonl")
    for number in (3, 4):
        write_lines(empty, number)
        with empty.database.transaction() as session:
            verification.write_head(Act(session, DESK, AT, settings))
    heads = verification.read_heads(settings.audit_heads)
    assert [head.line for head in heads] == [3, 7]
    assert verify(empty.database, heads).heads == 2
    assert json.loads(settings.audit_heads.read_text().splitlines()[0])["at"] == "2026-11-24T10:00:00+00:00"
    settings.audit_heads.write_text("nonsense\n")
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_HEADS"):
        verification.read_heads(settings.audit_heads)
    assert verification.read_heads(tmp_path / "none") == []


@one_store
def test_the_form_that_links_are_made_over_is_this_one_for_good(empty):
    """A log of years ago must be verified by the program of today: this form may never change."""
    write_lines(empty, 1)
    with empty.database.transaction() as session:
        line = session.get_one(AuditEvent, 1)
        line.request_id = "Q-1"
        session.expunge(line)
    assert hash_chain.written(line.model_dump()) == (
        '{"action":"search","actor":"A-desk","address":"192.0.2.1","at":"2026-11-24T10:00:00.000000+00:00",'
        '"event":"registration:listed","facts":{"page":0,"shown":["R-0","R-1"]},"id":1,"object_id":null,'
        '"on_behalf_of":null,"outcome":"done","protocol":"session","registration_id":"R-0","request_id":"Q-1",'
        '"role":"desk"}'
    )
    link = hash_chain.link_after("", line.model_dump(), b"k" * 32)
    assert link == "57e57a13a773dc13f1d8e8ee8110479880b4e9eba75bb00cdad0d17c212e5247"
