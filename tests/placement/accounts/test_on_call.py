"""The rota: one person is on call once a day, also where two name that person at once."""

import pytest

from placement.accounts import on_call
from placement.core.errors import Conflict
from tests.support.accounts import add_accounts
from tests.support.at_once import at_once, worked
from tests.support.town import DESK, OTHER_DESK, TODAY


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_actor_named_on_call_by_two_at_once_is_named_once(town):
    add_accounts(town, DESK, OTHER_DESK)
    outcomes = at_once(
        *(lambda by=by: town.do(on_call.name, DESK.id, TODAY, TODAY, actor=by) for by in (DESK, OTHER_DESK))
    )
    assert len(worked(outcomes)) == 1
    assert [one.code for one in outcomes if isinstance(one, Conflict)] == ["on_call_overlaps"]
