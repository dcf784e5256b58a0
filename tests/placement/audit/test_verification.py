"""The links of the log: a line that is changed, taken away, put in, swapped or cut off is found, and which."""

import json
import os
import random
import resource

import pytest
from sqlalchemy import text

from placement.audit import log as audit_log
from placement.audit import verification
from placement.audit.events import Event
from placement.audit.verification import Head, verify
from placement.core.context import Act
from placement.core.errors import Conflict, Misconfigured
from placement.core.settings import Settings
from placement.crypto import cipher, log_cipher
from placement.storage import hash_chain, log_index, log_keys
from placement.storage.database import Database
from placement.tables import AuditEvent
from tests.support.audit_log import InOneTransaction, open_up, write_lines
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import AT, DESK

TAMPERINGS = 1_000 if os.environ.get("PROOF_SIZE") == "full" else 50
LINES, BLOCK = 60, 16
KEY_OF_TEST = []


@pytest.fixture
def written(empty, monkeypatch):
    """A log of some lines and blocks, its head written down, and nothing that keeps anybody from changing it."""
    monkeypatch.setattr(log_index, "BLOCK", BLOCK)
    KEY_OF_TEST[:] = empty.database.audit_keys.known
    write_lines(empty, LINES)
    open_up(empty)
    return empty


def keys_of_one():
    return log_keys.LogKeys(log_keys.keys_of(cipher.new_key()))


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
            ("at", "2026-01-01 00:00:00.000000"), ("key", "0" * 16), ("cipher", b"\0" * 540), ("link", "0" * 64),
        ]
    )  # fmt: skip
    cast = "CAST(:value AS TIMESTAMP)" if column == "at" and connection.dialect.name == "postgresql" else ":value"
    run(connection, f"UPDATE auditevent SET {column} = {cast} WHERE id = :line", value=value, line=line)  # noqa: S608
    return line


def edit_content(connection, chance):
    """A bit of the content, wherever it is."""
    line = chance.randint(1, LINES)
    was = bytearray(run(connection, "SELECT cipher FROM auditevent WHERE id = :line", line=line).scalar_one())
    was[chance.randrange(len(was))] ^= 1 << chance.randrange(8)
    run(connection, "UPDATE auditevent SET cipher = :cipher WHERE id = :line", cipher=bytes(was), line=line)
    return line


def move_content(connection, chance):
    """The content of another event, in its place."""
    line, other = chance.sample(range(1, LINES + 1), 2)
    of_other = "(SELECT cipher FROM auditevent WHERE id = :other)"
    run(connection, f"UPDATE auditevent SET cipher = {of_other} WHERE id = :line", line=line, other=other)  # noqa: S608
    return line


def delete(connection, chance):
    line = chance.randint(1, LINES - 1)
    run(connection, "DELETE FROM auditevent WHERE id = :line", line=line)
    return line


def delete_and_close_the_gap(connection, chance):
    line = delete(connection, chance)
    for after in range(line + 1, LINES + 1):
        run(connection, "UPDATE auditevent SET id = :to WHERE id = :line", to=after - 1, line=after)
    return line


def insert(connection, chance):
    line = chance.randint(1, LINES)
    for after in range(LINES, line - 1, -1):
        run(connection, "UPDATE auditevent SET id = :to WHERE id = :line", to=after + 1, line=after)
    like = line + 1 if line == LINES else LINES + 1
    columns = ", ".join(name for name in hash_chain.STORED if name != "id")
    copied = f"SELECT :line, {columns} FROM auditevent WHERE id = :like"  # noqa: S608
    run(connection, f"INSERT INTO auditevent (id, {columns}) {copied}", line=line, like=like)
    return line


def swap(connection, chance):
    first, second = sorted(chance.sample(range(1, LINES + 1), 2))
    for was, to in ((first, -1), (second, first), (-1, second)):
        run(connection, "UPDATE auditevent SET id = :to WHERE id = :was", to=to, was=was)
    return first


def cut_off(connection, chance):
    line = chance.randint(2, LINES)
    run(connection, "DELETE FROM auditevent WHERE id >= :line", line=line)
    return line


def index_rows(connection):
    """Token, block and events of each row of the index."""
    rows = run(connection, "SELECT token, line, cipher FROM auditindex ORDER BY token")
    key = KEY_OF_TEST[0]
    return [(token, line, log_index.bits_in(key, bytes(token), bytes(cipher))) for token, line, cipher in rows]


def first_of(block, bits):
    return block - BLOCK + (bits & -bits).bit_length()


def hide_from_a_search(connection, chance):
    token, block, bits = chance.choice(index_rows(connection))
    run(connection, "DELETE FROM auditindex WHERE token = :token", token=token)
    return first_of(block, bits)


def change_what_is_found(connection, chance):
    token, block, bits = chance.choice(index_rows(connection))
    run(connection, "UPDATE auditindex SET cipher = :cipher WHERE token = :token", cipher=b"\0" * 30, token=token)
    return first_of(block, bits)


def move_what_is_found(connection, chance):
    (one, block, bits), (other, *_) = chance.sample(index_rows(connection), 2)
    taken = "(SELECT cipher FROM auditindex WHERE token = :other)"
    run(connection, f"UPDATE auditindex SET cipher = {taken} WHERE token = :one", one=one, other=other)  # noqa: S608
    return first_of(block, bits)


KINDS = (
    edit, edit_content, move_content, delete, delete_and_close_the_gap, insert, swap, cut_off, hide_from_a_search,
    change_what_is_found, move_what_is_found,
)  # fmt: skip


@pytest.mark.wide
def test_a_log_as_it_was_written_is_good(written):
    found = verify(written.database, [head_of(written)])
    assert (found.lines, found.heads, found.first_bad, found.why) == (LINES, 1, None, None)
    assert verify(written.database, [], start=LINES).lines == 1
    assert verify(written.database, [], start=LINES + 1).lines == 0
    assert verify(written.database, [], start=LINES + 5).first_bad == LINES + 4


@pytest.mark.wide
def test_tampering_is_found_at_its_first_event(written):
    head, seen = head_of(written), set()
    for number in range(TAMPERINGS):
        chance = random.Random(number)
        kind = KINDS[number % len(KINDS)]
        with written.database.engine.connect() as connection, connection.begin() as changed:
            expected = kind(connection, chance)
            found = verify(InOneTransaction.of(written, connection), [head])
            changed.rollback()
        assert found.first_bad == expected, (kind.__name__, number, found)
        assert found.why.startswith("missing") == (kind in {delete, cut_off}), (kind.__name__, number, found)
        seen.add(kind)
    assert seen == set(KINDS)
    assert verify(written.database, [head]).first_bad is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "no moment"), ("cipher", "a text"), ("cipher", b""), ("key", b"\xff"), ("link", b"\xff"), ("link", "é"),
    ],
)  # fmt: skip
@one_store
def test_unreadable_event_is_named(written, column, value):
    """PostgreSQL rejects such values; SQLite stores any value if nobody checks it."""
    with written.database.engine.begin() as connection:
        run(connection, f"UPDATE auditevent SET {column} = :value WHERE id IN (7, :last)", value=value, last=LINES)  # noqa: S608
    assert verify(written.database, []).first_bad == 7
    with pytest.raises(Misconfigured, match="PLACEMENT_AUDIT_KEY"):
        written.database.require_usable()
    assert verify(written.database, [], start=9).first_bad == LINES


def test_log_cut_and_continued_is_detected_by_the_head_only(written):
    head = head_of(written)
    with written.database.engine.begin() as connection:
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
    ("key", "said"), [("", "copy back.*new"), ("short", "32 bytes"), ("é" * 44, "32 bytes"), ("A" * 44, "32 bytes")]
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


def test_head_without_room_is_not_half_written(tmp_path):
    """The file may grow to a size: of the line that does not fit, a part would be written."""
    file, line = tmp_path / "heads.jsonl", json.dumps({"line": 1, "link": "a", "at": "b"})
    verification._append(file, line)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(line) + 9, most[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            verification._append(file, line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert file.read_text() == f"{line}\n"


def test_head_that_was_cut_off_is_left_out(tmp_path):
    """By a process that was ended, on a mount where nothing may be taken away."""
    file, line = tmp_path / "heads.jsonl", json.dumps({"line": 1, "link": "a", "at": "b"})
    for end in (4, 20, len(line) - 1):
        file.write_text(f"{line}\n{line[:end]}")
        verification._append(file, line)
        assert len(verification.read_heads(file)) == 2
    file.write_text(f"{line[:-1].replace('link', 'lynk')}}}\n")
    with pytest.raises(Misconfigured):
        verification.read_heads(file)


@one_store
def test_content_that_its_writer_moved_does_not_open(written):
    """A holder of the key can make links; an event's number is sealed into its content all the same."""
    key = KEY_OF_TEST[0]
    with written.database.transaction() as session:
        rows = [session.get_one(AuditEvent, number) for number in range(LINES - 1, LINES + 1)]
        rows[1].cipher = rows[0].cipher
        rows[1].link = hash_chain.link_after(rows[0].link, rows[1].model_dump(), key)
    found = verify(written.database, [])
    assert (found.first_bad, found.why) == (LINES, "changed: its content does not open")
    with pytest.raises(Conflict, match="log_unreadable"), written.database.transaction() as session:
        str(session.get_one(AuditEvent, LINES).actor)


def test_the_form_that_links_are_made_over_is_this_one_for_good():
    """A log of years ago must be verified by the program of today: this form may never change."""
    event = {"id": 1, "at": AT, "key": "0123456789abcdef", "cipher": b"sealed"}
    link = hash_chain.link_after("", event, b"k" * 32)
    assert link == "581b56eed58969fa17dbf2286b5f4003910c65fa521b26f86e6bcfc938e78f1f"


def test_form_of_links_from_before_sealing_stays():
    event = {
        "id": 1, "at": AT, "event": "registration:listed", "action": "search", "outcome": "done", "actor": "A-desk",
        "on_behalf_of": None, "role": "desk", "registration_id": "R-0", "object_id": None, "address": "192.0.2.1",
        "protocol": "session", "request_id": "Q-1", "facts": {"page": 0, "shown": ["R-0", "R-1"]},
    }  # fmt: skip
    link = hash_chain.former_link_after("", event, b"k" * 32)
    assert link == "57e57a13a773dc13f1d8e8ee8110479880b4e9eba75bb00cdad0d17c212e5247"


def test_form_of_sealed_contents_and_tokens_stays():
    key = b"k" * 32
    assert log_cipher.token(key, "index", 1024, "actor", "A-desk").hex() == "b283d5f8c1b1025504086e1758d7a6c5"
    sealed = bytes.fromhex("958650f73cec405e5aec34cf22e801650dd6e3175bdea77ccb3972af7230")
    assert log_cipher.opened(key, "auditevent 1", sealed) == b"{}"
