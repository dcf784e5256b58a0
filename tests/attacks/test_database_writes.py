"""An attacker with write access to the database, and no key, gets nothing by it: a written row opens nothing, and each
write is found within a minute. Where rows carry no seal, one row is a session of the desk.
"""

from contextlib import contextmanager, suppress
from random import Random

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from placement.accounts import sessions
from placement.audit import row_check, verification
from placement.audit.verification import verify
from placement.audit.watcher import Watcher
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import Unauthenticated
from placement.core.ids import fingerprint
from placement.storage import hash_chain, row_ledger, row_seals, sealed_session
from placement.tables import Account, Anomaly, AuditEvent
from tests.support.attacks.rows import CHANGES, Writer, change_each, fill, raw
from tests.support.audit_log import logged
from tests.support.proof import FULL
from tests.support.stores import AT, each_store

WRITES = 1_000 if FULL else 60
COOKIE = "pls_of_the_attacker"


class Undone(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def undone(database):
    with suppress(Undone), database.transaction() as session:
        yield session
        raise Undone


@pytest.fixture
def filled(stores):
    """Makes a store with rows in every such table. Returns it with the rows as they were before one row of each
    changed.
    """
    made = stores.make("small")
    with made.database.transaction() as session:
        fill(session)
    with made.database.transaction() as session:
        old = raw(session.connection())
        change_each(session)
    return made, old


def check(made):
    """Runs the next check of the watcher."""
    watcher = Watcher(made.database, made.settings)
    watcher.look()
    return watcher


def is_found(session):
    return bool(list(row_check.broken_rows(session))) or row_check.difference(session) != 0


def forge(session):
    """Writes a session with a fresh second factor, by one INSERT, from the parts of another."""
    columns = "account_id, client, browser, ends_on, began_at, last_used_at, seal"
    forged = text(
        f"INSERT INTO accountsession (id, fingerprint, verified_at, {columns})"  # noqa: S608
        f" SELECT 'Z-forged', :fingerprint, last_used_at, {columns} FROM accountsession LIMIT 1"
    )
    session.connection().execute(forged, {"fingerprint": fingerprint(COOKIE)})


@pytest.mark.wide
@each_store
def test_random_write_is_found_each_time(filled):
    made, old = filled
    random, tried, tables = Random(1), 0, []
    with made.database.transaction() as session:
        assert not is_found(session)
        writer = Writer(session.connection(), old, random)
    while tried < WRITES:
        tables = tables or random.sample(sorted(row_seals.sealed_tables()), len(row_seals.sealed_tables()))
        name = tables.pop()
        with undone(made.database) as session:
            for write in writer.through(session.connection()).writes(name):
                if writer.succeeds(write):
                    break
            else:
                pytest.fail(f"the database let no write into {name} happen")
            tried += 1
            assert is_found(session), name
            session.expire_all()


@pytest.mark.wide
@each_store
def test_old_row_with_its_old_seal_is_found_and_named(filled):
    made, old = filled
    stated = verify(made.database, []).stated
    with made.database.transaction() as session:
        writer = Writer(session.connection(), old, Random(1))
    for kind in CHANGES:
        name = str(kind.__tablename__)
        with undone(made.database) as session:
            assert writer.through(session.connection()).succeeds(lambda name=name: writer.replay(name)), name
            found = row_check.compare(session, stated)
            assert (found.broken, found.differ) == ((), True), name
            assert [row.partition("/")[0] for row in found.others] == ([name] if kind.STATED else [])


@each_store
def test_forged_session_is_signed_out_and_found(filled):
    made, _ = filled
    with made.database.transaction() as session:
        forge(session)
    with pytest.raises(Unauthenticated), made.database.transaction() as session:
        sessions.actor_of(session, AT, made.settings, COOKIE)
    check(made)
    check(made)
    with made.database.transaction() as session:
        said = [event.facts for event in session.exec(select(AuditEvent)) if event.event == "rows:seal_broken"]
        assert said == [{"table": "accountsession", "row": "Z-forged"}]
        found = {row.rule for row in session.exec(select(Anomaly)) if row.is_open}
    assert {"seal_broken", "rows_differ"} <= found


def raise_a_reader(made):
    """Starts a session of a reader, gives the account the role of the desk by an UPDATE; returns account and cookie."""
    with made.database.transaction() as session:
        reader = session.exec(select(Account).where(Account.role == Role.READER)).first()
        secret = sessions.start(Act(session, SYSTEM, AT, made.settings), reader, "Firefox")
    with made.database.transaction() as session:
        assert sessions.actor_of(session, AT, made.settings, secret).role is Role.READER
        raised = update(Account.__table__).where(Account.__table__.c.id == reader.id).values(role=Role.DESK)
        session.connection().execute(raised)
    return reader.id, secret


@pytest.mark.wide
@each_store
def test_raised_role_is_refused_when_it_is_used(filled):
    made, _ = filled
    reader, secret = raise_a_reader(made)
    with made.database.transaction() as session:
        with pytest.raises(Unauthenticated):
            sessions.actor_of(session, AT, made.settings, secret)
        left_out = sealed_session.left_out(session)
        assert (left_out.table, left_out.row) == ("account", reader)


@pytest.mark.wide
@each_store
def test_without_seals_one_row_is_a_session_of_the_desk(filled, monkeypatch):
    made, _ = filled
    monkeypatch.setattr(row_seals, "does_hold", lambda *_: True)
    monkeypatch.setattr(row_check, "difference", lambda _: 0)
    _, secret = raise_a_reader(made)
    with made.database.transaction() as session:
        assert sessions.actor_of(session, AT, made.settings, secret).role is Role.DESK
        assert not is_found(session)


@pytest.mark.wide
@each_store
def test_deleted_row_is_found_after_the_service_wrote_more(filled):
    made, _ = filled
    with made.database.transaction() as session:
        session.connection().execute(text("DELETE FROM legalhold WHERE id = 'LH1'"))
    with made.database.transaction() as session:
        session.exec(select(Account)).all()[0].let_in_by = ["A-another"]
    check(made)
    stated = verify(made.database, []).stated
    with made.database.transaction() as session:
        found = row_check.compare(session, stated)
        assert [str(row) for row in found.others] == ["legalhold/LH1"]
        events = [event.event for event in session.exec(select(AuditEvent))]
    assert events.count("rows:differ") == 1


@pytest.mark.wide
@each_store
def test_row_written_while_the_log_is_verified_is_not_named(filled, monkeypatch):
    made, _ = filled
    with made.database.transaction() as session:
        session.connection().execute(text("DELETE FROM legalhold WHERE id = 'LH1'"))
    read, begun = verification.verify, []

    def read_while_sessions_begin(*arguments):
        found = read(*arguments)
        with made.database.transaction() as session:
            act = Act(session, SYSTEM, AT, made.settings)
            begun.append(sessions.start(act, session.get_one(Account, "Z-desk"), "Firefox"))
        return found

    monkeypatch.setattr(verification, "verify", read_while_sessions_begin)
    log, rows = row_check.verify(made.database, [])
    assert len(begun) > 1
    assert (log.first_bad, rows.broken, [str(row) for row in rows.others]) == (None, (), ["legalhold/LH1"])


@pytest.mark.wide
@each_store
def test_rows_the_operator_accepts_are_good_again(filled):
    made, old = filled
    with made.database.transaction() as session:
        session.connection().execute(text("DELETE FROM legalhold WHERE id = 'LH1'"))
        session.connection().execute(text("UPDATE account SET email = 'x@example.org' WHERE id = 'Z-desk'"))
        writer = Writer(session.connection(), old, Random(1))
        writer.replay("policy")
    stated = verify(made.database, []).stated
    with made.database.transaction() as session:
        found = row_check.compare(session, stated)
    named = {str(row) for row in (*found.broken, *found.others)}
    assert {name.partition("/")[0] for name in named} == {"account", "legalhold", "policy"}
    with made.database.transaction() as session:
        row_check.accept(Act(session, SYSTEM, AT, made.settings), named)
    stated = verify(made.database, []).stated
    with made.database.transaction() as session:
        assert row_check.compare(session, stated).is_good


@pytest.mark.wide
@each_store
def test_head_of_the_log_states_the_rows(filled):
    made, _ = filled
    with made.database.transaction() as session:
        (number, *_), stated = hash_chain.rows_at_head(session, made.database.audit_keys)
        assert number > 1
        assert int(stated["sum"], 16) == row_ledger.total(session)


@pytest.mark.wide
@each_store
@pytest.mark.parametrize(
    ("table", "column"), [("secondpersonrequest", "browser"), ("account", "regions"), ("legalhold", "review_on")]
)
def test_value_that_no_column_holds_is_found_and_named(filled, table, column):
    """The write stops neither the job nor its findings about other rows."""
    made, _ = filled
    with made.database.transaction() as session:
        name = session.connection().execute(text(f"SELECT min(id) FROM {table}")).scalar_one()  # noqa: S608
        garble = text(f"UPDATE {table} SET {column} = 'garbled' WHERE id = :name").bindparams(name=name)  # noqa: S608
        with suppress(DBAPIError), session.begin_nested():
            session.connection().execute(garble)
        session.connection().execute(text("UPDATE account SET email = 'x@example.org' WHERE id = 'Z-desk'"))
    check(made)
    with made.database.transaction() as session:
        said = {(event.facts["table"], event.facts["row"]) for event in logged(session, event="rows:seal_broken")}
    is_taken = made.database.engine.dialect.name == "sqlite" or column == "browser"  # PostgreSQL knows days and lists
    assert said == {("account", "Z-desk"), *([(table, name)] if is_taken else [])}
