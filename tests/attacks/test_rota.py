"""An attacker with the database's password who puts an account on call at night, or takes the account on call off. A
written entry names nobody, and each write is found.
"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from placement.audit import row_check
from placement.audit.watcher import Watcher
from placement.core.errors import SealBroken
from placement.duty import rota
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call as called
from placement.storage import row_seals
from placement.tables import OnCall
from tests.support.duty import accepted, mandated, peopled
from tests.support.town import DESK, OTHER_DESK, TODAY, holds_in, town_of

TABLE = OnCall.__table__
WANTED = {"id": "Y-forged", "account_id": OTHER_DESK.id, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=90)}


@pytest.fixture
def night(stores):
    """Puts the desk's own account on call at night."""
    town = peopled(town_of(stores))
    town.do(rota.name, DESK.id, TODAY, TODAY, actor=OTHER_DESK)
    assert named(town) == [DESK.id]
    return town


def named(town):
    with town.database.transaction() as session:
        return list(called(session, duty_of(town.settings), town.at))


def write(town, statement):
    with town.database.engine.begin() as connection:
        connection.execute(statement)


def is_found(town):
    with town.database.transaction() as session:
        return bool(list(row_check.broken_rows(session))) or row_check.difference(session) != 0


def forged(town, **columns):
    write(town, insert(TABLE).values(WANTED | {"named_by": DESK.id, "named_at": town.at, **columns}))


@pytest.mark.parametrize("with_a_seal", [False, True])
def test_written_entry_names_no_actor(night, with_a_seal):
    with night.database.engine.begin() as connection:
        seal = connection.execute(select(TABLE.c.seal)).scalar_one()
    forged(night, seal=seal if with_a_seal else None)
    assert named(night) == [DESK.id]
    assert is_found(night)


def test_without_seals_a_written_entry_names_an_actor(night, monkeypatch):
    """Without seals, this one row is enough for the attacker."""
    monkeypatch.setattr(row_seals, "does_hold", lambda *_: True)
    forged(night)
    assert OTHER_DESK.id in named(night)


def test_entry_moved_to_another_account_names_no_actor(night):
    write(night, update(TABLE).values(account_id=OTHER_DESK.id))
    assert named(night) == []
    assert is_found(night)


def test_entry_that_was_changed_lets_no_mandate_count(night):
    mandated(night)
    write(night, update(TABLE).values(ends_on=TODAY - timedelta(days=1), starts_on=TODAY - timedelta(days=1)))
    with pytest.raises(SealBroken, match="oncall"):
        accepted(night)
    assert not holds_in(night)


def test_entry_that_was_deleted_is_found(night):
    assert not is_found(night)
    write(night, delete(TABLE))
    assert is_found(night)


def test_withdrawn_entry_put_back_names_no_actor_when_found(night):
    watcher = Watcher(night.database, night.settings)
    watcher.look()
    with night.database.engine.begin() as connection:
        before = dict(connection.execute(select(TABLE)).mappings().one())
    night.do(rota.withdraw, before["id"], actor=OTHER_DESK)
    write(night, update(TABLE).values(before))
    assert named(night) == [DESK.id]
    Watcher(night.database, night.settings).look()
    assert named(night) == []
