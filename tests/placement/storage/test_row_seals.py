"""Seals of rows that open something: their tables, kept through every write of the service, passed by no statement."""

import threading

import pytest
from sqlalchemy import delete, func, insert, update
from sqlmodel import SQLModel, col, select

from placement.audit import key_rotation, row_check
from placement.core.codes import Role
from placement.core.errors import SealBroken
from placement.crypto.key_files import FIELD, KeyFile
from placement.crypto.key_ring import KeyRing
from placement.retention import erasure
from placement.storage import hash_chain, row_ledger, row_seals
from placement.storage.database import Database
from placement.storage.row_seals import SealPassedBy
from placement.tables import Account, AccountSession, AuditEvent, ImportRecord, Policy
from placement.tables.unsealed import WITHOUT_SEAL
from tests.support.accounts import add_accounts
from tests.support.settings import changed
from tests.support.stores import AT, both_stores, one_store
from tests.support.town import ADMIN, COORDINATOR, DESK


@pytest.fixture
def filled(town):
    add_accounts(town, ADMIN, COORDINATOR, DESK)
    yield town
    town.database.close()


def is_good(town):
    with town.database.transaction() as session:
        return not list(row_check.broken_rows(session)) and row_check.difference(session) == 0


def test_table_is_sealed_or_explained():
    names = set(SQLModel.metadata.tables) - {"alembic_version"}
    assert names == set(row_seals.sealed_tables()) | set(WITHOUT_SEAL)
    assert not set(row_seals.sealed_tables()) & set(WITHOUT_SEAL)


def test_column_outside_the_seal_is_explained():
    outside = {
        f"{name}.{column}"
        for name, kind in row_seals.sealed_tables().items()
        for column in {one.key for one in row_seals.table_of(kind).columns} - {"seal", *row_seals.covered(kind)}
    }
    explained = {f"{name}.{one}" for name, kind in row_seals.sealed_tables().items() for one in kind.OUTSIDE}
    assert outside == explained
    assert all(why for kind in row_seals.sealed_tables().values() for why in kind.OUTSIDE.values())


@one_store
@pytest.mark.parametrize(
    "statement",
    [
        update(Account).values(seal="x"),
        insert(Policy).values(version=7, weights={}, set_at=AT, set_by="x", reason="x"),
    ],
)
def test_statement_past_the_seals_is_refused(filled, statement):
    with pytest.raises(SealPassedBy), filled.database.transaction() as session:
        session.execute(statement)


@pytest.mark.wide
@both_stores
def test_rows_keep_their_seals_through_every_write(filled):
    with filled.database.transaction() as session:
        session.execute(update(Account).values(signed_in_on=AT.date()))
        session.get_one(Account, DESK.id).regions = ["limburg"]
        session.add(AccountSession(id="Z1", fingerprint="a", account_id=DESK.id, client="", **_times()))
    assert is_good(filled)
    with filled.database.transaction() as session:
        session.get_one(AccountSession, "Z1").last_used_at = AT.replace(year=2027)
        session.execute(delete(AccountSession).where(col(AccountSession.id) == "Z1"))
    assert is_good(filled)
    with filled.act() as act:
        erasure.rows_of(Policy, Policy.version)(act, [1])
    assert is_good(filled)


@both_stores
def test_rows_that_a_statement_changes_are_sealed_anew(filled):
    with filled.database.transaction() as session:
        session.execute(update(Account).values(regions=["limburg"]))
    assert is_good(filled)
    with filled.database.transaction() as session:
        accounts = session.exec(select(Account)).all()
    assert {row_seals.version_of(account.seal) for account in accounts} == {2}


@pytest.mark.wide
@both_stores
def test_row_that_is_merged_keeps_its_seal(filled):
    for done_by in ("A-one", "A-one", "A-two"):
        with filled.database.transaction() as session:
            session.merge(ImportRecord(id="I-1", done_by=done_by, done_at=AT, content={}))
        assert is_good(filled)


@both_stores
def test_rows_of_an_undone_savepoint_are_not_stated(filled):
    with filled.database.transaction() as session, session.begin_nested() as trial:
        session.get_one(Account, DESK.id).regions = ["limburg"]
        session.add(Policy(version=1, weights={}, set_at=AT, set_by="x", reason="x"))
        session.flush()
        trial.rollback()
    assert is_good(filled)


@both_stores
def test_changes_of_two_columns_at_once_leave_one_seal(filled):
    """On PostgreSQL two transactions have read the same row; on SQLite they come one after another."""
    both = threading.Barrier(2) if filled.database.engine.dialect.name == "postgresql" else None
    failed = []

    def change(name, value):
        try:
            with filled.database.transaction() as session:
                account = session.get_one(Account, DESK.id)
                if both is not None:
                    both.wait(20)
                setattr(account, name, value)
        except Exception as error:  # noqa: BLE001  (a thread's fault is the test's)
            failed.append(error)

    changes = (("regions", ["limburg"]), ("email", "other@placement.example"))
    threads = [threading.Thread(target=change, args=one) for one in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert is_good(filled)
    with filled.database.transaction() as session:
        account = session.get_one(Account, DESK.id)
        assert (account.regions, account.email) == (["limburg"], "other@placement.example")


@both_stores
def test_changed_row_is_not_sealed_anew_by_the_service(filled):
    """A transaction that read the row before it was tampered with."""
    with filled.database.transaction() as session:
        account = session.get_one(Account, COORDINATOR.id)
        session.connection().execute(update(Account.__table__).values(role=Role.DESK))
        account.regions = ["limburg"]
        with pytest.raises(SealBroken):
            session.flush()
        session.expunge(account)


@both_stores
def test_transaction_without_an_event_gets_one_for_its_rows(filled):
    with filled.database.transaction() as session:
        before = hash_chain.head(session)[0]
        session.get_one(Account, DESK.id).regions = ["limburg"]
    with filled.database.transaction() as session:
        last = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
        assert (last.id, last.event) == (before + 1, "rows:changed")
        _, stated = hash_chain.rows_at_head(session, filled.database.audit_keys)
        assert list(stated["changed"]) == [f"account/{DESK.id}"]


@one_store
def test_statement_of_unchanged_rows_is_empty(filled):
    with filled.database.transaction() as session:
        assert row_ledger.change_of(session) == {}


@pytest.mark.wide
@both_stores
def test_rotated_key_seals_every_row_and_the_old_one_may_go(filled, tmp_path):
    file = tmp_path / "field.keys"
    file.write_text(filled.settings.field_keys[0] + "\n")
    settings = changed(filled.settings, field_key_file=file)
    filled.database.close()
    filled.database = Database.open(settings)
    KeyFile(file, FIELD).add_to_rotate()
    new, old = KeyFile(file, FIELD).lines()
    with filled.database.transaction() as session:
        account = session.get_one(Account, DESK.id)
        assert KeyRing((old,)).is_newest(account.seal)
        account.regions = ["limburg"]
    assert is_good(filled)
    key_rotation.renew(filled.database, lambda *_: None)
    assert is_good(filled)
    assert key_rotation.in_need_of_old_keys(filled.database) == 0
    filled.database.close()
    filled.database = Database.open(changed(settings, field_keys=(new,), field_key_file=None))
    assert is_good(filled)
    with filled.database.transaction() as session:
        assert session.exec(select(func.count()).select_from(Account)).one() == 3
        assert all(KeyRing((new,)).is_newest(row.seal) for row in session.exec(select(Account)))


@pytest.mark.wide
@both_stores
def test_rotation_leaves_a_broken_seal_broken(filled, tmp_path):
    file = tmp_path / "field.keys"
    file.write_text(filled.settings.field_keys[0] + "\n")
    filled.database.close()
    filled.database = Database.open(changed(filled.settings, field_key_file=file))
    with filled.database.transaction() as session:
        here = Account.__table__.c.id == COORDINATOR.id
        session.connection().execute(update(Account.__table__).where(here).values(role=Role.DESK))
    KeyFile(file, FIELD).add_to_rotate()
    key_rotation.renew(filled.database, lambda *_: None)
    assert key_rotation.in_need_of_old_keys(filled.database) == 0
    with filled.database.transaction() as session:
        assert [str(row) for row in row_check.broken_rows(session)] == [f"account/{COORDINATOR.id}"]


def _times():
    return {"ends_on": AT.date(), "began_at": AT, "last_used_at": AT}
