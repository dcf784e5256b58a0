"""A thief changes one row of a list: the row grants nothing, and the list shows all others."""

import pytest
from sqlalchemy import select, text, update

from placement.core.errors import SealBroken
from placement.tables import AccountSession, TelephoneEntry
from placement.tasks import listing
from placement.tasks.task import TaskKind
from tests.support.stores import each_store, one_store
from tests.support.telephone import newest, says_yes, with_accounts
from tests.support.town import DESK, town_of


@pytest.fixture
def house(stores):
    return with_accounts(town_of(stores))


@pytest.fixture
def two_entries(house):
    """Two answers of a shelter that the desk entered by telephone; returns the ids of both."""
    entered = []
    for _ in range(2):
        says_yes(house, house.hold_in(house.register(), "U1-women"))
        entered.append(newest(house).id)
    return entered


def write(town, statement):
    with town.database.engine.begin() as connection:
        connection.execute(statement)


def tasks_of_the_desk(town):
    return {(one.task.kind, one.task.about) for one in town.do(listing.open_tasks, actor=DESK)}


@each_store
@pytest.mark.parametrize("value", ["'2020-01-01'", "'nonsense'"], ids=["day", "no day"])
def test_changed_entry_by_telephone_stops_no_task(house, two_entries, value):
    if house.database.engine.dialect.name == "postgresql" and "nonsense" in value:
        value = "'2021-01-01'"
    one, _ = two_entries
    before = tasks_of_the_desk(house)
    write(house, text(f"UPDATE telephoneentry SET made_on = {value} WHERE id = :id").bindparams(id=one))  # noqa: S608
    after = tasks_of_the_desk(house)
    assert TaskKind.CALL_BACK in {kind for kind, _ in before & after}
    assert len(before - after) <= 1
    with house.database.transaction() as session:
        for _ in range(2):
            with pytest.raises((SealBroken, ValueError, TypeError)):
                session.get(TelephoneEntry, one)


@one_store
def test_changed_session_is_absent_and_the_other_goes_on(service):
    sessions, desk = AccountSession.__table__, service.signed_in("desk")
    with service.database.engine.begin() as connection:
        known = connection.execute(select(sessions.c.id)).scalars().all()
    other = service.signed_in("desk")
    with service.database.engine.begin() as connection:
        connection.execute(update(sessions).where(sessions.c.id.not_in(known)).values(client="x"))
    assert (desk.get("/session").status_code, other.get("/session").status_code) == (200, 401)
