"""Reads of the present: they search no past rows, but use an index and the claims in force."""

import pytest
from sqlalchemy import event

from placement.core.codes import MessageStatus, RegistrationStatus
from placement.notifications.active_reminders import active_reminders
from placement.outbox import deliveries
from placement.placements import reads as placement_reads
from placement.placements.stays.stays import reversible_no_shows
from placement.registrations import reads as case_reads
from placement.solver.snapshot import snapshot
from placement.tasks.listing import asked_of_shelter
from tests.support.stores import one_store
from tests.support.town import DESK, shelter

IN_ORDER = "USE TEMP B-TREE FOR ORDER BY"


def plans(town, look, table):
    """How SQLite finds the rows of this table, of each statement that reads it."""
    seen = []

    def sent(*given):
        seen.append(given[2:4])

    with town.act(DESK) as act:
        event.listen(town.database.engine, "before_cursor_execute", sent)
        look(act)
        event.remove(town.database.engine, "before_cursor_execute", sent)
        asked = [one for one in seen if f"FROM {table}" in one[0]]
        connection = act.session.connection()
        return [
            row[-1] for one, given in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given)
        ]


@one_store
def test_waiting_clients_are_found_by_their_state(town):
    found = [plan for plan in plans(town, snapshot, "registration") if "registration" in plan]
    assert found
    assert all("ix_registration_status" in plan for plan in found)


@one_store
@pytest.mark.parametrize("status", [None, RegistrationStatus.CLOSED])
def test_first_page_of_cases_is_found_in_its_order(town, status):
    found = plans(town, lambda act: case_reads.registrations(act, status, None, 50, 0), "registration")
    assert any("ix_registration" in plan for plan in found)
    assert IN_ORDER not in found


@one_store
@pytest.mark.parametrize("status", [None, MessageStatus.WAITING, MessageStatus.FAILED])
def test_first_page_of_messages_is_found_in_its_order(town, status):
    found = plans(town, lambda act: deliveries.listed(act.session, status, lambda _: True, 50), "message")
    assert any("ix_message" in plan for plan in found)
    assert IN_ORDER not in found


@pytest.mark.wide
@one_store
def test_ends_that_can_be_taken_back_are_found_by_their_day(town):
    assert any("ix_stay_ended_on" in plan for plan in plans(town, reversible_no_shows, "stay"))


def rows_read(town):
    """Counts the claims that the pages of a shelter read."""
    seen = []

    def read(*given):
        if "FROM bedclaim" in given[2]:
            seen.append(given[2:4])

    with town.act(shelter("S1")) as act:
        event.listen(town.database.engine, "before_cursor_execute", read)
        asked = asked_of_shelter(act)
        placement_reads.holds_named(act, asked.holds)
        active_reminders(act)
        event.remove(town.database.engine, "before_cursor_execute", read)
        connection = act.session.connection()
        return sum(len(connection.exec_driver_sql(one, given).all()) for one, given in seen)


@pytest.mark.wide
def test_shelter_reads_no_claim_of_its_past(town):
    town.confirm(town.hold_in(town.register(), "U1-women"))
    now = rows_read(town)
    for _ in range(2):
        town.end(town.house(town.register(), "U1-women"))
        town.later(hours=1)
        town.release(town.hold_in(town.register(), "U1-women"))
    town.later(days=15)  # an end of these days may be taken back
    assert rows_read(town) == now > 0
