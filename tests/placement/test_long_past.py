"""What is shown of now seeks nothing in all that there ever was: by index, and by the claims that stand."""

import pytest
from sqlalchemy import event

from placement.core.codes import RegistrationStatus
from placement.registrations import reads as case_reads
from placement.solver.snapshot import snapshot
from tests.support.stores import one_store
from tests.support.town import DESK

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
