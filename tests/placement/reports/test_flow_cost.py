"""The last week is counted without opening what was over before it, however much that is."""

from collections import Counter

import pytest
from sqlalchemy import event

from placement.placements.holds import holds
from placement.reports.sections.flow import flow_row
from placement.tables import Hold, Stay
from tests.support.stores import both_stores


@pytest.fixture
def opened():
    """The rows of stays and holds that are loaded."""
    found = []

    def note(row, _):
        found.append(type(row))

    for table in (Stay, Hold):
        event.listen(table, "load", note)
    yield found
    for table in (Stay, Hold):
        event.remove(table, "load", note)


def counted(town):
    with town.act() as act:
        row = flow_row(act.session, act.day)
    return row.arrived, row.expired


@pytest.mark.wide
@both_stores
def test_flow_opens_nothing_that_was_over_before_its_week(town, opened):
    town.end(town.house(town.register()))
    town.hold_in(town.register())
    town.later(hours=12)
    assert town.do(holds.expire_due) == 1
    town.later(days=7)
    del opened[:]
    assert (counted(town), Counter(opened)) == ((1, 1), {Stay: 1, Hold: 1})
    town.later(days=7)
    del opened[:]
    assert (counted(town), opened) == ((0, 0), [])
