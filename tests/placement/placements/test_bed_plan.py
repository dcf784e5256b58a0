"""The beds of a shelter by day: each use, its days, and the same free beds as the count of today."""

from datetime import timedelta

import pytest

from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.codes import OutOfService
from placement.core.errors import NotAllowed, NotFound
from placement.placements import bed_plan
from placement.placements.moves import room_moves
from placement.registrations.case import PersonInput
from tests.support.moving_client import moving
from tests.support.town import COORDINATOR, DESK, TODAY, F, shelter

STAFF = shelter("S1")
MOTHER, CHILD = PersonInput(F, 30, guardian=True), PersonInput(F, 4)


def plan_of(town, *, actor=STAFF, shelter_id="S1", first=TODAY):
    with town.act(actor) as act:
        return bed_plan.bed_plan(act, shelter_id, first)


def uses(plan, room):
    """Returns the uses in a room: beds, use, first and last day from today."""
    return [
        (span.beds, span.use.value, (span.first - TODAY).days, (span.last - TODAY).days)
        for unit in plan.units
        for one in unit.rooms
        if one.id == room
        for _, row in one.rows
        for span in row
    ]


def test_household_stands_once_over_its_beds_until_its_limit(town):
    stay = town.take_over("U2-family", "R3", ago=85, persons=[MOTHER, CHILD], given={"confirm": True})
    limit = (town.one("stay", stay).limit_on - TODAY).days
    plan = plan_of(town)
    assert uses(plan, "R3") == [((1, 2, 3), "lives", 0, limit - 1), ((1, 2, 3), "past_limit", limit, 13)]
    assert [span.client.stay_id for span in plan.spans if span.client] == [stay, stay]


def test_bed_that_is_asked_for_then_expected_changes_its_use(town):
    client = town.register()
    held = town.hold_in(client, "U1-women")
    [room] = [one for one in ("R1", "R2") if any(use == "asked" for _, use, *_ in uses(plan_of(town), one))]
    town.confirm(held)
    assert ((1,), "comes", 0, 13) in uses(plan_of(town), room)


def test_count_gives_days_of_other_use_and_repairs(town):
    until = [TODAY + timedelta(days=days) for days in (4, 9)]
    other = OtherUse(1, "female", until=until[0])
    repaired = {"out_of_service": 1, "out_reason": OutOfService.REPAIR, "out_until": until[1]}
    later = RoomInput("R2", free_from=until[0])
    town.report("S1", R1=RoomInput("R1", used_by_others=(other,), **repaired), R2=later)
    plan = plan_of(town)
    others, repair = [((1,), "others", 0, 3), ((1,), "free", 4, 13)], [((2,), "out", 0, 8), ((2,), "free", 9, 13)]
    assert uses(plan, "R1") == others + repair
    assert uses(plan, "R2") == [((1,), "not_yet", 0, 3), ((1,), "free", 4, 13)]
    assert plan.free == [3] * 4 + [5] * 5 + [6] * 5


def test_free_beds_of_today_are_those_of_the_count(town):
    town.house(town.register(), "U1-women")
    town.hold_in(town.register(), "U1-women")
    with town.act() as act:
        states = bed_plan.room_states(act.session, TODAY, units=["U1-women", "U2-family"])
    assert plan_of(town).free[0] == sum(state.vacancy.free_now for state in states.values())


def test_client_of_a_decision_is_not_named_to_the_shelter(town):
    town.having(standing_confirmation=False)
    town.decide(town.propose(town.register(actor=COORDINATOR)), actor=COORDINATOR)
    for actor, names in ((STAFF, False), (DESK, True)):
        kept = [span for span in plan_of(town, actor=actor).spans if span.use == "kept"]
        assert [span.client is not None for span in kept] == [names]


def test_closing_ends_the_free_days_of_a_room(town):
    with town.act() as act:
        room = act.session.get(bed_plan.Room, "R2")
        act.session.add(bed_plan.RoomClosure(room_id=room.id, cause=room.id, since=TODAY + timedelta(days=5)))
    assert uses(plan_of(town), "R2") == [((1,), "free", 0, 4), ((1,), "closed", 5, 13)]


def test_plan_of_another_shelter_is_not_found(town):
    with pytest.raises(NotFound):
        plan_of(town, actor=shelter("S2"))
    with pytest.raises(NotAllowed):
        plan_of(town, actor=COORDINATOR)


def test_plan_begins_today_at_the_earliest(town):
    assert plan_of(town, first=TODAY - timedelta(days=3)).days[0] == TODAY
    assert plan_of(town, first=TODAY + timedelta(days=3)).days[-1] == TODAY + timedelta(days=16)


def test_open_rooms_are_those_to_which_the_household_can_move(town):
    stay = town.take_over("U2-family", "R3", ago=5, persons=[MOTHER, CHILD], given={"confirm": True})
    offered = {one.room.id: one.new for one in town.do(room_moves.open_rooms, stay, actor=STAFF)}
    assert offered == {"R1": ("children",)}  # R2 has one bed
    town.do(room_moves.move, stay, ["R1"], confirm=True, actor=STAFF)
    assert {one.room.id for one in town.do(room_moves.open_rooms, stay, actor=STAFF)} == {"R3"}


def test_bed_of_a_client_that_moves_away_is_expected_free(town):
    client, _ = moving(town)
    room = next(iter({town.one("bed", one.bed_id).room_id for one in town.claims(client)}))
    town.confirm(town.hold_in(client, "U1-women"))
    seen = uses(plan_of(town, actor=DESK, shelter_id="S2"), room)
    assert seen == [((1,), "lives", 0, 0), ((1,), "expected_free", 1, 13)]
    assert uses(plan_of(town, actor=shelter("S2"), shelter_id="S2"), room) == [((1,), "lives", 0, 13)]
