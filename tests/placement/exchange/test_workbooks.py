"""Twelve workbooks by others, compared cell by cell with their true content (`tests/support/exchange/workbooks`)."""

import pytest

from tests.support.exchange.workbooks_measured import NAMES, measured, table

MOST_QUESTIONS = 12
LEAST_RIGHT = 0.95


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_is_wrong_without_a_question(name):
    found = measured(name)
    assert (found.wrong, found.stored) == ({}, [])
    assert found.questions <= MOST_QUESTIONS


def test_nearly_all_cells_are_right_without_a_question(record_property):
    record_property("workbooks", table())
    all_of = [measured(name) for name in NAMES]
    assert sum(one.right for one in all_of) >= LEAST_RIGHT * sum(one.cells for one in all_of)
