"""A reversal and another act at once: each bed is given once, and the client has one place."""

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.errors import PlacementError
from placement.placements.stays import reversals
from placement.tables import Stay
from tests.support.moving_client import MOVE_HELD, PLACED, beds, moving, status
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import first_and_wide
from tests.support.town import DESK, OTHER_DESK, F

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


def live_on(town, stay):
    return lambda: town.do(reversals.reverse_end, stay, actor=DESK)


def not_come(town, held):
    return lambda: town.do(reversals.reverse_arrival, held, actor=DESK)


def decided(town, case, unit):
    proposal = town.propose(case, actor=OTHER_DESK)
    return lambda: town.decide_on(case, unit, proposal=proposal, actor=OTHER_DESK)


def refusals(outcomes):
    return {one.code for one in outcomes if isinstance(one, PlacementError)}


@pytest.mark.wide
@pytest.mark.parametrize("number", first_and_wide(*range(3)))
def test_last_bed_is_given_once_when_an_end_is_reversed(town, number):
    town.full("R1", "R2", "R3", "R4", "R6", "R7")
    client = town.register()
    stay = town.house(client, "U4-crisis")
    town.later(minutes=number)
    town.end(stay)
    other = town.register(persons=((F, 40),))
    outcomes = at_once(live_on(town, stay), decided(town, other, "U4-crisis"))
    assert len(worked(outcomes)) == 1
    assert refusals(outcomes) <= {"beds_gone", "rooms_gone"}


@pytest.mark.wide
@pytest.mark.parametrize("number", first_and_wide(*range(3)))
def test_old_bed_is_given_once_when_an_arrival_is_reversed(town, number):
    town.full("R6")
    client, _ = moving(town)
    held = town.hold_in(client, "U1-women")
    town.confirm(held)
    town.later(minutes=number)
    town.arrive(held)
    other = town.register(persons=((F, 40),))
    outcomes = at_once(not_come(town, held), decided(town, other, "U4-crisis"))
    assert len(worked(outcomes)) == 1
    assert refusals(outcomes) <= {"beds_gone", "rooms_gone"}
    assert status(town, client) in {PLACED, MOVE_HELD}


@pytest.mark.wide
def test_end_reversed_twice_at_once_is_reversed_once(town):
    client = town.register()
    stay = town.house(client)
    town.end(stay)
    outcomes = at_once(live_on(town, stay), live_on(town, stay))
    assert len(worked(outcomes)) == 1
    assert refusals(outcomes) == {"stay_end_not_said"}


@pytest.mark.wide
def test_decision_elsewhere_and_reversal_at_once_agree(town):
    client = town.register()
    stay = town.house(client, "U1-women")
    town.end(stay, "moved_for_safety")
    at_once(live_on(town, stay), decided(town, client, "U4-crisis"))
    assert (status(town, client), beds(town, client)) == (PLACED, {"U1-women"})


@pytest.mark.wide
def test_confirmation_elsewhere_and_reversal_at_once_agree(town):
    client = town.register()
    stay = town.house(client, "U1-women")
    town.end(stay, "moved_for_safety")
    held = town.hold_in(client, "U4-crisis")
    at_once(live_on(town, stay), lambda: town.confirm(held))
    now = status(town, client)
    assert beds(town, client) == ({"U1-women"} if now is PLACED else {"U4-crisis"})


@pytest.mark.wide
@pytest.mark.parametrize("reason", ["own_housing", "asked_to_leave"])
def test_end_and_reversal_of_the_arrival_at_once_agree(town, reason):
    client = town.register()
    held = town.hold_in(client)
    town.confirm(held)
    stay = town.arrive(held).id
    outcomes = at_once(not_come(town, held), lambda: town.end(stay, reason))
    assert worked(outcomes)
    [row] = town.all(select(Stay).where(Stay.id == stay))
    expected = {StayStatus.PLANNED: RegistrationStatus.HELD}
    left = RegistrationStatus.CLOSED if reason == "own_housing" else RegistrationStatus.OPEN
    assert status(town, client) is expected.get(row.status, left)
