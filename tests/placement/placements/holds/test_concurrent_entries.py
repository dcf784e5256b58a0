"""An entry by telephone and another act at once: two acts wait in turn, and never for each other."""

import pytest

from placement.core.codes import HoldStatus
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import first_and_wide
from tests.support.telephone import says_yes, with_accounts

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.mark.wide
@pytest.mark.parametrize("number", first_and_wide(*range(6)))
@pytest.mark.parametrize("says_no", [False, True])
def test_answer_and_entry_of_it_at_once_are_one_answer(town, number, says_no):
    house = with_accounts(town)
    house.later(minutes=number)
    hold = house.hold_in(house.register(), "U1-women")
    answer = (lambda: house.refuse(hold, "house_mix")) if says_no else (lambda: house.confirm(hold))
    outcomes = at_once(lambda: says_yes(house, hold), answer)
    assert len(worked(outcomes)) == 1
    assert house.one("hold", hold).status in {HoldStatus.CONFIRMED, HoldStatus.REFUSED}
