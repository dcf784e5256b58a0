"""The clock of a stay: it begins on the day of arrival, whenever the bed was claimed."""

from datetime import timedelta

import pytest

from placement.core.codes import StayStatus
from placement.placements.holds import arrivals
from placement.placements.stays import reversals
from placement.placements.stays.stay_clock import began_on
from placement.tables import Stay
from placement.tasks.task import TaskKind
from tests.support.moving_client import ask
from tests.support.town import ROOMS, TODAY, shelter
from tests.support.waiting_work import told

LIMIT = timedelta(days=90)


def of(town, stay_id):
    """Status, first day, limit and first day of the clock of a stay."""
    with town.act() as act:
        stay = act.session.get_one(Stay, stay_id)
        return stay.status, stay.starts_on, stay.limit_on, began_on(act.session, [stay])[stay_id]


def coming(town, *, days=1, unit=None):
    """A client who is expected in so many days: case, hold and stay."""
    case = town.register()
    held = town.hold_in(case, unit)
    return case, held, town.confirm(held, town.at + timedelta(days=days)).id


def reported(town, **by):
    town.later(**by)
    for shelter_id in ROOMS:
        town.report(shelter_id)


def test_expected_client_has_no_first_day_and_no_limit(town):
    _, held, stay = coming(town)
    assert of(town, stay) == (StayStatus.PLANNED, None, None, None)
    assert town.one("hold", held).starts_on == TODAY


def test_stay_begins_on_an_arrival_that_was_postponed_twice(town):
    case, held, stay = coming(town, days=13)
    for days in (12, 10):
        town.later(days=days)
        town.do(arrivals.postpone, held, town.at + timedelta(days=13))
    town.later(days=3)
    town.arrive(held)
    came = TODAY + timedelta(days=25)
    assert of(town, stay) == (StayStatus.IN_HOUSE, came, came + LIMIT, came)
    assert [claim.starts_on for claim in town.claims(case)] == [TODAY]
    assert town.one("hold", held).starts_on == TODAY


def test_late_arrival_is_asked_about_by_the_days_in_house(town):
    case, held, _ = coming(town, days=10)
    town.later(days=10)
    town.arrive(held)
    town.later(days=59)
    assert TaskKind.STAY_IS_LONG not in {one.task.kind for one in told(town) if one.task.registration == case}
    town.later(days=1)
    assert TaskKind.STAY_IS_LONG in {one.task.kind for one in told(town) if one.task.registration == case}


def test_stay_of_a_released_hold_never_began(town):
    case, held, stay = coming(town)
    town.later(days=2)
    town.release(held)
    assert of(town, stay) == (StayStatus.ENDED, None, None, None)
    assert [claim.cancelled for claim in town.claims(case, live=False)] == [True]


def test_early_arrival_begins_at_once_and_claims_from_that_day(town):
    town.later(days=1)
    case, held, stay = coming(town, days=5)
    town.later(hours=1)
    town.arrive(held)
    came = TODAY + timedelta(days=1)
    assert of(town, stay) == (StayStatus.IN_HOUSE, came, came + LIMIT, came)
    assert [claim.starts_on for claim in town.claims(case)] == [came]


@pytest.mark.wide
def test_clock_of_a_late_arrival_goes_on_through_a_late_move(town):
    case, held, _ = coming(town, days=3, unit="U4-crisis")
    town.later(days=3)
    town.arrive(held)
    came = TODAY + timedelta(days=3)
    reported(town, days=10)
    ask(town, case)
    held = town.hold_in(case, "U1-women")
    moved = town.confirm(held, town.at + timedelta(days=6)).id
    assert of(town, moved) == (StayStatus.PLANNED, None, None, None)
    reported(town, days=6)
    town.arrive(held)
    assert of(town, moved) == (StayStatus.IN_HOUSE, came + timedelta(days=16), came + LIMIT, came)


def test_stay_that_was_taken_over_begins_when_the_client_came(town):
    stay, came = town.take_over(ago=40), TODAY - timedelta(days=40)
    assert of(town, stay) == (StayStatus.IN_HOUSE, came, came + LIMIT, came)


@pytest.mark.wide
def test_arrival_taken_back_leaves_no_day_and_begins_anew(town):
    _, held, stay = coming(town)
    town.later(days=1)
    town.arrive(held)
    town.do(reversals.reverse_arrival, held, actor=shelter("S1"))
    assert of(town, stay) == (StayStatus.PLANNED, None, None, None)
    town.later(days=2)
    town.arrive(held)
    came = TODAY + timedelta(days=3)
    assert of(town, stay) == (StayStatus.IN_HOUSE, came, came + LIMIT, came)
    town.later(days=5)
    town.end(stay)
    town.do(reversals.reverse_end, stay, actor=shelter("S1"))
    assert of(town, stay) == (StayStatus.IN_HOUSE, came, came + LIMIT, came)


def test_no_show_taken_back_leaves_no_day(town):
    _, held, stay = coming(town)
    town.no_show(held)
    assert of(town, stay) == (StayStatus.ENDED, None, None, None)
    town.do(arrivals.reverse_no_show, held)
    assert of(town, stay) == (StayStatus.PLANNED, None, None, None)
