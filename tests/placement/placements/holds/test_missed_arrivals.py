"""A client who does not come: missing if not reached, sought for again or closed if reached."""

import pytest

from placement.core.arrival_codes import Rung
from placement.core.codes import MessageKind, RegistrationStatus, StayStatus
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import LEFT_UNKNOWN
from placement.core.request_codes import RequestStatus
from placement.core.whereabouts_codes import SearchEnd
from placement.placements.holds import arrivals
from placement.placements.stays import reversals, whereabouts
from placement.registrations.request_rows import requests_of
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.missing_clients import find_out, searched, status, tasks
from tests.support.moving_client import moving
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, F, shelter

R = RegistrationStatus


def expected(town, persons=((F, 30),), unit=None, client=None):
    client = client or town.register(persons)
    hold = town.hold_in(client, unit)
    stay = town.confirm(hold).id
    town.later(hours=13)
    return client, hold, stay


@pytest.mark.wide
@pytest.mark.parametrize("rung", [Rung.NO_ANSWER, Rung.NO_NUMBER])
def test_client_not_reached_is_missing(town, rung):
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR)
    client, hold, _ = expected(town)
    town.no_show(hold, rung, actor=shelter("S1"))
    assert status(town, client) is R.MISSING
    assert tasks(town)[0] == tasks(town, COORDINATOR)[0] == (TaskKind.WHEREABOUTS, client)
    mails = {one.account_id for one in sent(town, MessageKind.CLIENT_MISSING)}
    assert mails == {DESK.id, OTHER_DESK.id, COORDINATOR.id}
    town.do(arrivals.reverse_no_show, hold, actor=shelter("S1"))
    assert (status(town, client), searched(town, client)) == (R.HELD, 0)
    assert town.arrive(hold).status is StayStatus.IN_HOUSE


@pytest.mark.wide
def test_late_client_arrives_in_the_kept_bed(town):
    client, hold, stay = expected(town)
    town.no_show(hold, Rung.NO_ANSWER)
    town.later(hours=9)
    find_out(town, whereabouts.come_back, client)
    assert (status(town, client), town.one("stay", stay).status) == (R.PLACED, StayStatus.IN_HOUSE)
    assert searched(town, client) == 0


@pytest.mark.parametrize("wants_place", [True, False])
def test_reached_client_is_sought_for_or_closed(town, wants_place):
    client, hold, _ = expected(town)
    with pytest.raises(Invalid):
        town.no_show(hold, wants_place=None)
    with pytest.raises(Invalid):
        town.do(arrivals.no_show, hold, Rung.NO_ANSWER, wants_place=True)
    town.no_show(hold, wants_place=wants_place)
    assert status(town, client) is (R.OPEN if wants_place else R.CLOSED)
    town.do(arrivals.reverse_no_show, hold)
    assert status(town, client) is R.HELD
    assert town.arrive(hold).status is StayStatus.IN_HOUSE


@pytest.mark.wide
@pytest.mark.parametrize("wants_place", [True, False])
def test_moving_client_not_coming_keeps_the_old_bed(town, wants_place):
    client, lives = moving(town)
    _, hold, _ = expected(town, client=client)
    town.no_show(hold, wants_place=wants_place)
    assert status(town, client) is (R.MOVING if wants_place else R.PLACED)
    town.do(arrivals.reverse_no_show, hold)
    assert status(town, client) is R.MOVE_HELD
    assert town.one("stay", lives).status is StayStatus.IN_HOUSE


@pytest.mark.wide
def test_client_missing_on_the_way_keeps_the_old_bed(town):
    client, lives = moving(town)
    _, hold, _ = expected(town, client=client)
    town.no_show(hold, Rung.NO_ANSWER)
    assert (status(town, client), town.one("stay", lives).status) == (R.MISSING, StayStatus.IN_HOUSE)
    town.do(arrivals.reverse_no_show, hold)
    assert status(town, client) is R.MOVE_HELD
    town.no_show(hold, Rung.NO_ANSWER)
    find_out(town, whereabouts.come_back, client, number=2)
    assert (status(town, client), town.one("stay", lives).status) == (R.PLACED, StayStatus.IN_HOUSE)
    with town.act() as act:
        assert requests_of(act, town.registration(client))[-1].status is RequestStatus.WITHDRAWN


@pytest.mark.parametrize("end", ["own_housing", "asked_to_leave", LEFT_UNKNOWN])
def test_word_of_the_old_shelter_ends_no_search(town, end):
    client, lives = moving(town)
    _, hold, _ = expected(town, client=client)
    town.no_show(hold, Rung.NO_ANSWER)
    town.end(lives, end)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1)
    find_out(town, whereabouts.stop, client, "police_search_on")
    assert status(town, client) is R.CLOSED


@pytest.mark.wide
def test_moving_client_leaving_gives_back_what_is_kept(town):
    for kept in (False, True):
        client, lives = moving(town)
        hold = town.hold_in(client) if kept else None
        town.end(lives, LEFT_UNKNOWN)
        assert status(town, client) is R.MISSING
        assert hold is None or town.one("hold", hold).status.value == "released"
        town.do(reversals.reverse_end, lives)
        assert (status(town, client), searched(town, client)) == (R.MOVING, 0)
        with town.act() as act:
            assert requests_of(act, town.registration(client))[-1].status is RequestStatus.OPEN
        assert town.registration(client).searches[-1].end is SearchEnd.TAKEN_BACK
        town.end(lives)


@pytest.mark.wide
def test_departure_taken_back_ends_no_search_on_the_way(town):
    client, lives = moving(town)
    _, hold, _ = expected(town, client=client)
    town.no_show(hold, Rung.NO_ANSWER)
    town.later(minutes=1)
    town.end(lives)
    town.do(reversals.reverse_end, lives)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1)
    assert town.one("stay", lives).status is StayStatus.IN_HOUSE
    find_out(town, whereabouts.come_back, client)
    assert (status(town, client), searched(town, client)) == (R.PLACED, 0)


def test_no_show_is_not_taken_back_after_a_later_departure(town):
    client, lives = moving(town)
    _, hold, _ = expected(town, client=client)
    town.no_show(hold, wants_place=False)
    town.later(minutes=1)
    town.end(lives, LEFT_UNKNOWN)
    with pytest.raises(Conflict, match="case_gone_on"):
        town.do(arrivals.reverse_no_show, hold)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1)
