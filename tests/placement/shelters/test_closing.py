"""Closing: nobody new from that moment, closed when empty, back with the same beds; each cause by itself."""

from datetime import timedelta

import pytest

from placement.capacity import report
from placement.capacity.history import free_beds
from placement.capacity.overview import shelter_capacity
from placement.capacity.report import RoomInput
from placement.capacity.room_state import room_states
from placement.core.codes import AvoidedKind, ProposalStatus, Scheme
from placement.core.errors import Conflict, Invalid
from placement.core.place_codes import PlaceStatus
from placement.placements.stays import place_fit, stays
from placement.registrations.case import AvoidedInput, PointInput, ThreatInput
from placement.reports.collect import rows_at
from placement.shelters import closing, moving, register
from placement.tables import Location, Registration, Room, Shelter, Unit
from tests.support.stores import one_store
from tests.support.town import ROOMS, TODAY, shelter


def free(town, room="R1"):
    with town.act() as act:
        states = room_states(act.session, act.day)
        return states[room].vacancy.free_now if room in states else None


def close(town, table, key, until=TODAY, version=1):
    return town.do(closing.close, table, key, version, until)


def test_empty_unit_closes_on_its_day_at_once(town):
    assert close(town, Unit, "U1-women").status is PlaceStatus.CLOSED
    assert (free(town, "R1"), free(town, "R3")) == (None, 3)


def test_closing_unit_takes_no_new_client_at_once(town):
    client = town.register()
    before = town.one("proposal", town.propose(client))
    assert before.unit_id == "U1-women"
    assert close(town, Unit, "U1-women", TODAY + timedelta(days=10)).status is PlaceStatus.CLOSING
    assert town.one("proposal", before.id).status is ProposalStatus.SUPERSEDED
    assert (free(town), town.one("proposal", town.propose(client)).unit_id) == (0, "U2-family")
    town.later(days=10)
    town.do(closing.carry_out_due)
    assert town.one("unit", "U1-women").status is PlaceStatus.CLOSED


def test_unit_with_a_client_closes_only_when_the_client_has_left(town):
    stay = town.house(town.register())
    unit = town.one("stay", stay).unit_id
    _, found = town.do(closing.consequences, Unit, unit)
    assert [one.id for one in found.stays] == [stay]
    assert close(town, Unit, unit).status is PlaceStatus.CLOSING
    town.later(days=3)
    town.do(closing.carry_out_due)
    assert town.one("unit", unit).status is PlaceStatus.CLOSING
    town.do(stays.end, stay, "own_housing")
    town.do(closing.carry_out_due)
    assert town.one("unit", unit).status is PlaceStatus.CLOSED


def test_reopened_unit_has_its_beds_back_and_no_other(town):
    town.do(register.change_room, "R1", 1, {"beds": 1})
    close(town, Unit, "U1-women")
    town.later(days=5)
    assert town.do(closing.reopen, Unit, "U1-women", 3).status is PlaceStatus.OPEN
    with town.act() as act:
        assert len(room_states(act.session, act.day)["R1"].beds) == 1


def test_room_closed_by_itself_stays_closed_under_its_unit(town):
    close(town, Room, "R1")
    close(town, Unit, "U1-women")
    close(town, Location, "L1")
    town.do(closing.reopen, Unit, "U1-women", 3)
    assert free(town, "R2") is None
    town.do(closing.reopen, Location, "L1", 3)
    assert (free(town, "R1"), free(town, "R2")) == (None, 1)
    town.do(closing.reopen, Room, "R1", 3)
    assert free(town, "R1") == 2


def test_beds_come_back_when_the_last_cause_is_gone(town):
    close(town, Unit, "U1-women")
    close(town, Location, "L1")
    town.later(days=1)
    town.do(closing.reopen, Unit, "U1-women", 3)
    town.do(closing.reopen, Location, "L1", 3)
    town.report("S1")
    assert free(town, "R1") == 2


def test_past_days_count_as_they_were_through_a_closing(town):
    close(town, Unit, "U1-women")
    town.later(days=2)
    town.do(closing.reopen, Unit, "U1-women", 3)
    town.later(days=1)
    town.report("S1")
    with town.act() as act:
        history = free_beds(act)
    counted = dict(zip(history.days, history.free["U1-women"], strict=True))
    assert [counted[TODAY + timedelta(days=n)] for n in range(4)] == [None, None, None, 3]  # not counted on the day


def test_nothing_is_added_to_what_is_closing(town):
    close(town, Unit, "U1-women", TODAY + timedelta(days=3))
    with pytest.raises(Conflict):
        town.do(register.make_room, "U1-women", "R8", 1)


def test_nothing_is_added_below_what_is_closing(town):
    close(town, Shelter, "S1", TODAY + timedelta(days=3))
    with pytest.raises(Conflict):
        town.do(register.make_unit, "L1", "Nieuw", Scheme.COSM)
    with pytest.raises(Conflict):
        town.do(register.make_room, "U1-women", "R8", 1)


def test_closing_on_a_past_day_is_refused(town):
    with pytest.raises(Invalid):
        close(town, Unit, "U1-women", TODAY - timedelta(days=1))


def test_fewer_beds_than_taken_is_a_discrepancy_until_free(town):
    stay = town.house(town.register())
    room = next(claim for claim in town.claims(town.one("stay", stay).registration_id))
    with town.act() as act:
        [taken] = [state for state in room_states(act.session, act.day).values() if room.bed_id in state.beds]
    name = taken.room.id
    town.do(register.change_room, name, 1, {"beds": 0})
    with town.act() as act:
        state = room_states(act.session, act.day)[name]
    assert (len(state.beds), state.vacancy.free_now, state.vacancy.discrepancy.too_many) == (1, 0, 1)
    town.do(stays.end, stay, "own_housing")
    town.do(closing.carry_out_due)
    assert free(town, name) is None
    assert town.one("room", name).beds_wanted is None


def test_report_is_stored_without_closed_and_new_rooms(town):
    close(town, Room, "R1")
    new = town.do(register.make_room, "U1-women", "Nieuw", 1, actor=shelter("S1"))
    later = town.do(register.make_room, "U1-women", "Later", 1, opens_on=TODAY + timedelta(days=2), actor=shelter("S1"))
    rooms = [RoomInput(room) for room in ("R1", "R2", "R3", later.id)]
    town.later(hours=1)
    stored = town.do(report.report_capacity, "S1", rooms, actor=shelter("S1"))
    assert (stored.ignored, stored.missing) == ({"R1": "room_closed", later.id: "room_planned"}, (new.id,))
    with town.act(shelter("S1")) as act:
        known = shelter_capacity(act, act.session.get_one(Shelter, "S1"))
    assert (known.reported_at, known.counted.keys()) == (town.at, {"R2", "R3"})
    assert free(town, new.id) == 0
    town.do(report.report_capacity, "S1", [*rooms[1:3], RoomInput(new.id)], actor=shelter("S1"))
    assert free(town, new.id) == 1


def test_report_of_closed_or_unknown_rooms_is_refused(town):
    close(town, Room, "R1")
    for rooms, codes in ((["R1"], ["room_closed"]), (["R1", "R2", "R4"], ["room_unknown"])):
        with pytest.raises(Invalid) as refused:
            town.do(report.report_capacity, "S1", [RoomInput(room) for room in rooms], actor=shelter("S1"))
        assert [fault.code for fault in refused.value.faults] == codes


@pytest.mark.wide
def test_unit_is_not_moved_to_where_a_client_is_not_safe(town):
    """Zwolle is 30.2 km from the middle of the cell of Apeldoorn, and may be 7.2 km nearer to a house in it.

    One client is not safe within 24 km of it, and is only expected. One client avoids that region. One client is kept
    apart from a resident there.
    """
    there = town.do(register.make_location, "S1", "Elders", PointInput(place="Apeldoorn"))
    in_danger = town.register(parts={"threats": [ThreatInput(PointInput(place="Zwolle"), 24)]})
    avoids = town.register(parts={"avoided": [AvoidedInput(AvoidedKind.REGION, there.region.value)]})
    apart = town.register()
    town.hold_in(in_danger, "U1-women")
    town.house(avoids, "U1-women")
    town.house(apart, "U1-women")
    with town.act() as act:
        act.session.get_one(Unit, "U2-family").location_id = there.id
    town.house(town.register(parts={"keep_apart": [apart]}), "U2-family")
    with pytest.raises(Conflict, match="move_is_unsafe") as refused:
        town.do(moving.move_unit, "U1-women", 1, there.id)
    assert (refused.value.facts, town.one("unit", "U1-women").location_id) == ({"clients": 3}, "L1")


def test_moved_unit_leaves_its_old_closing_behind(town):
    new = town.do(register.make_location, "S1", "Elders", PointInput(place="Zwolle"))
    close(town, Location, "L1", TODAY + timedelta(days=4))
    assert free(town, "R1") == 0
    town.do(moving.move_unit, "U1-women", 1, new.id)
    assert (free(town, "R1"), free(town, "R3")) == (2, 0)


def test_decision_on_a_unit_closed_since_the_proposal_is_refused(town):
    client = town.register()
    proposal = town.propose(client)
    assert town.one("proposal", proposal).unit_id == "U1-women"
    close(town, Unit, "U2-family")
    with pytest.raises(Conflict) as refused:
        town.override(proposal, "U2-family")
    assert refused.value.code == "unit_gone"


def test_client_lives_in_a_unit_without_a_profile(town):
    unit = town.do(register.make_unit, "L1", "Nieuw", Scheme.COSM)
    room = town.do(register.make_room, unit.id, "Kamer", 1)
    stay = town.one("stay", town.take_over(unit.id, room.id, ago=40))
    with town.act() as act:
        found = place_fit.broken_where_lived(act, act.session.get_one(Registration, stay.registration_id))
    assert found == []


@pytest.mark.parametrize(("table", "place"), [(Unit, "U1-women"), (Room, "R1")])
def test_reopened_room_gives_nothing_out_until_it_is_counted(town, table, place):
    """The shelter counted its other rooms all the time; the count of this room is from before it closed."""
    close(town, table, place)
    town.later(days=30)
    version = town.one(table.__tablename__, place).version
    town.do(closing.reopen, table, place, version)
    others = [room for room in ROOMS["S1"] if free(town, room) and room not in {"R1", "R2"}]
    assert (free(town, "R1"), others) == (0, ["R3"])
    staff = shelter("S1")
    with pytest.raises(Invalid) as refused:
        town.do(report.confirm_capacity, "S1", actor=staff)
    assert {fault.code for fault in refused.value.faults} == {"room_needs_report"}
    town.report("S1")
    assert free(town, "R1") == 2


@one_store
def test_report_has_nothing_free_in_a_reopened_shelter_uncounted(town):
    def reported():
        with town.act() as act:
            rows = rows_at(act.session, town.settings, act.day + timedelta(days=1))
            return sum(room.free for unit in rows.units if unit.shelter == "S1" for room in unit.rooms)

    before = reported()
    close(town, Shelter, "S1")
    town.later(days=30)
    town.do(closing.reopen, Shelter, "S1", town.one("shelter", "S1").version)
    assert (before > 0, reported()) == (True, 0)
    town.report("S1")
    assert reported() == before
