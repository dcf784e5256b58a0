"""Returns of missing clients: never to a place that the desk sent back, and again to a place with an override."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.arrival_codes import Rung
from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.reason_codes import LEFT_UNKNOWN
from placement.placements.stays import stays, whereabouts
from placement.placements.stays.stay_clock import began_on
from placement.tables import Hold, Stay
from placement.tasks.task import TaskKind
from tests.support.duty import WEDNESDAY_AT_9, accepted, answered, mandated, peopled
from tests.support.missing_clients import find_out, status, tasks
from tests.support.moving_client import ask
from tests.support.town import F

R = RegistrationStatus


@pytest.mark.wide
@pytest.mark.parametrize("came", [True, False])
def test_client_returns_to_no_place_that_the_desk_sent_back(town, came):
    peopled(town)
    mandated(town)
    decision = accepted(town)
    client = decision.registration_id
    [hold] = town.all(select(Hold).where(Hold.registration_id == client))
    stay = town.confirm(hold.id)
    town.at = WEDNESDAY_AT_9
    town.later(hours=4)
    if came:
        town.arrive(hold.id)
        town.end(stay.id, LEFT_UNKNOWN)
    else:
        town.no_show(hold.id, Rung.NO_ANSWER)
    answered(town, decision.id, granted=False, text="Niet daar")
    find_out(town, whereabouts.come_back, client)
    assert status(town, client) is R.OPEN
    assert (TaskKind.SEARCH_AGAIN, client) in tasks(town)


@pytest.mark.wide
def test_client_returns_twice_to_a_place_with_an_override(town):
    client = town.register(((F, 30),), needs=["psychiatric"])
    decision = town.decide_on(client, "U4-crisis")
    answered(town, decision.id, granted=True)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.arrive(hold)
    for number in (1, 2):
        town.later(days=3)
        lives = Stay.registration_id == client, Stay.status == StayStatus.IN_HOUSE
        [stay] = town.all(select(Stay).where(*lives))
        town.end(stay.id, LEFT_UNKNOWN)
        find_out(town, whereabouts.come_back, client, number=number)
        assert status(town, client) is R.PLACED


@pytest.mark.wide
def test_clock_goes_on_for_a_person_returning_alone(town):
    client = town.register(((F, 33), (F, 9)))
    began, stay = town.at.date(), town.house(client, "U2-family")
    town.later(days=2)
    town.do(stays.end, stay, LEFT_UNKNOWN, persons=[2])
    town.later(days=3)
    town.end(stay)
    town.later(days=4)
    find_out(town, whereabouts.come_back, client)
    lives = Stay.registration_id == client, Stay.status == StayStatus.IN_HOUSE
    [back] = town.all(select(Stay).where(*lives))
    with town.act() as act:
        assert began_on(act.session, [back]) == {back.id: began + timedelta(days=4)}
    assert back.limit_on - town.one("stay", stay).limit_on == timedelta(days=4)


@pytest.mark.wide
def test_person_returns_to_no_bed_from_which_the_others_moved(town):
    client = town.register(((F, 33), (F, 9)))
    stay = town.house(client, "U2-family")
    town.later(days=2)
    town.do(stays.end, stay, LEFT_UNKNOWN, persons=[2])
    ask(town, client)
    decision = town.decide_on(client, "U5-social")
    answered(town, decision.id, granted=True)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.end(town.arrive(hold).id)
    find_out(town, whereabouts.come_back, client)
    assert status(town, client) is R.OPEN
