"""The watcher: one check a minute of all processes, by their monotonic clocks, and a fault without a check."""

import pytest
from sqlalchemy import text

from placement.audit.watcher import Watcher
from placement.core.errors import SealBroken
from placement.crypto.encrypted_columns import use_keys
from placement.storage.database import Database
from placement.storage.watch import watch_of
from placement.tables import Account
from tests.support.accounts import add_accounts, disable
from tests.support.settings import changed
from tests.support.small_disk import close_to_writing, fill, on_a_small_disk, small_disk
from tests.support.stores import both_stores, one_store
from tests.support.town import ADMIN, DESK


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hosts(town, clock):
    """Two processes with one database and one key store."""
    add_accounts(town, ADMIN, DESK)
    other = Database.open(town.settings)
    yield [Watcher(database, town.settings, clock) for database in (town.database, other)]
    other.close()


def checks(town):
    return watch_of(town.database.engine.dialect).newest(town.database.audit_keys).check.number


@one_store
def test_each_process_checks_at_its_start(town, hosts):
    for watcher in hosts:
        watcher.look()
    assert checks(town) == 2


@pytest.mark.wide
@one_store
def test_one_process_checks_each_minute_for_all(town, hosts, clock):
    for watcher in hosts:
        watcher.look()
    began = checks(town)
    for _ in range(300):
        clock.seconds += 1
        for watcher in hosts:
            watcher.look()
    assert checks(town) - began == 5
    assert [watcher.fault() for watcher in hosts] == ["", ""]


@pytest.mark.wide
@both_stores
def test_row_that_one_process_names_is_refused_by_the_other(town, hosts):
    for watcher in hosts:
        watcher.look()
    with town.database.engine.begin() as connection:
        row = connection.execute(text("SELECT * FROM account WHERE id = :id"), {"id": DESK.id}).mappings().one()
    disable(town, DESK)
    values = {"at": None, "seal": row["seal"], "id": DESK.id}
    with town.database.engine.begin() as connection:
        back = "UPDATE account SET disabled_at = :at, seal = :seal WHERE id = :id"
        connection.execute(text(back), values)
    one, other = hosts
    one._check()
    other.look()
    with pytest.raises(SealBroken), other._database.transaction() as session:
        session.get(Account, DESK.id)


@one_store
def test_check_is_late_after_three_minutes_without_any(hosts, clock):
    one, other = hosts
    one.look()
    clock.seconds += 180
    assert one.fault() == ""
    clock.seconds += 1
    assert one.fault() == "late"
    other.look()
    one.look()
    assert one.fault() == ""


@on_a_small_disk
@one_store
@pytest.mark.parametrize("prevents", [fill, close_to_writing])
def test_key_store_that_cannot_be_written_is_a_fault(stores, clock, prevents):
    made = stores.make("empty")
    with small_disk(1) as disk:
        use_keys(made.database.engine.dialect, changed(made.settings, key_store=disk))
        watcher = Watcher(made.database, made.settings, clock)
        prevents(disk)
        watcher.try_to_look()
        assert watcher.fault().startswith("key store: ")
