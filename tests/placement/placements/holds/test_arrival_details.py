"""A confirmation: when the client arrives, who brings the client, and whom to ring on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.clock import day_of
from placement.core.codes import DecisionKind, HoldStatus, StayStatus
from placement.core.consent_codes import Driver
from placement.core.errors import Invalid
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import ArrivalDetails, agreed_of, require_whole
from placement.placements.holds.handover_notes import HandoverNotes, told_of
from placement.placements.holds.shelter_view import facts_of_holds
from placement.tables import AuditEvent, Hold, Message
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, TODAY, shelter

ROAD = "+31612345678"


def asked(town, **facts):
    return town.hold_in(town.register(**facts), "U1-women")


def shown(town, held, actor):
    with town.act(actor) as act:
        [facts] = facts_of_holds(act, [act.session.get_one(Hold, held)]).values()
        return facts


def faults(refused):
    return [(fault.field, fault.code) for fault in refused.value.faults]


@pytest.mark.wide
def test_confirmation_names_each_field_that_is_missing(town):
    held = asked(town)
    with pytest.raises(Invalid) as refused:
        town.do(holds.confirm, held, ArrivalDetails(), actor=shelter("S1"))
    assert faults(refused) == [("expected_at", "missing"), ("driver", "missing")]
    with pytest.raises(Invalid) as refused:
        town.confirm(held, driver=None, road_telephone="de taxi")
    assert faults(refused) == [("driver", "missing"), ("road_telephone", "telephone_characters")]
    assert town.one("hold", held).status is HoldStatus.WAITING_FOR_SHELTER


def test_confirmation_keeps_time_driver_and_number(town):
    held = asked(town)
    expected = town.at + timedelta(hours=3)
    town.confirm(held, expected, driver=Driver.SHELTER, road_telephone="06 12 34 56 78")
    agreed = agreed_of(town.one("hold", held))
    assert (agreed.expected_at, agreed.driver, agreed.road_telephone) == (expected, Driver.SHELTER, ROAD)


def test_improbable_number_for_the_road_is_kept_once_confirmed(town):
    held, number = asked(town), "06 12 34 56 7"
    with pytest.raises(Invalid) as refused:
        town.confirm(held, road_telephone=number)
    assert faults(refused) == [("road_telephone", "telephone_dutch")]
    town.confirm(held, road_telephone=number, sure_of=[number])
    assert agreed_of(town.one("hold", held)).road_telephone == "+3161234567"


def test_driver_of_the_shelter_replaces_that_of_the_decision(town):
    told = HandoverNotes("Komt met een kinderwagen", Driver.REGISTRANT, "Neem de achteringang")
    decision = town.decide(town.propose(town.register()), DecisionKind.ACCEPT, told=told)
    held = town.hold_of(decision.id).id
    town.confirm(held, driver=Driver.TAXI)
    assert told_of(town.one("hold", held)) == replace(told, driver=Driver.TAXI)


@one_store
def test_what_was_told_before_there_were_numbers_is_read(town):
    held = asked(town)
    with town.act() as act:
        act.session.get_one(Hold, held).told = {"for_shelter": "Rustig", "driver": None, "driver_told": None}
    assert told_of(town.one("hold", held)) == HandoverNotes("Rustig")


@pytest.mark.parametrize("facts", [{}, {"needed_from": TODAY + timedelta(days=3)}])
def test_offered_times_are_all_times_that_may_be_agreed(town, facts):
    held = asked(town, **facts)
    offered = shown(town, held, shelter("S1")).offered_times
    assert len(offered) > 8
    assert offered[0] > town.at
    assert len({day_of(at) for at in offered}) <= 2
    assert sorted(set(offered)) == list(offered)
    with town.act(shelter("S1")) as act:
        row = act.session.get_one(Hold, held)
        for at in offered:
            assert require_whole(act, row, ArrivalDetails(at, Driver.TAXI)).expected_at == at


@one_store
@pytest.mark.parametrize(("minutes", "first"), [(0, 30), (1, 29), (20, 10), (21, 39), (29, 31), (30, 30), (59, 31)])
def test_first_offered_time_is_ten_minutes_ahead_or_more(town, minutes, first):
    town.later(minutes=minutes)
    held = asked(town)
    assert shown(town, held, DESK).offered_times[0] == town.at + timedelta(minutes=first)


def test_number_is_for_people_until_the_arrival(town):
    held = asked(town)
    town.confirm(held, road_telephone=ROAD)
    readers = (DESK, shelter("S1"))
    for reader in readers:
        assert shown(town, held, reader).told.road_telephone == ROAD
        assert shown(town, held, replace(reader, session_id=None)).told.road_telephone is None
    town.arrive(held)
    for reader in readers:
        found = shown(town, held, reader)
        assert (found.told.road_telephone, found.told.driver, found.offered_times) == (None, Driver.TAXI, ())


@one_store
def test_no_time_is_offered_while_a_bed_is_only_kept(town):
    case = town.register(actor=COORDINATOR)
    held = town.hold_of(town.decide_on(case, "U1-women", actor=COORDINATOR).id)
    assert (held.status, shown(town, held.id, DESK).offered_times) == (HoldStatus.RESERVED, ())


def test_number_is_in_no_message_and_no_line_of_the_log(town):
    held = asked(town)
    assert town.confirm(held, road_telephone=ROAD).status is StayStatus.PLANNED
    said = [repr(row.content) for row in town.all(select(Message))]
    lines = [repr(row.facts) for row in town.all(select(AuditEvent))]
    assert lines
    assert not [one for one in (*said, *lines) if ROAD in one or ROAD[4:] in one]
