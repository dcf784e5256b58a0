"""Places that a client who moves avoids, and places that others avoid: the old and the new, until the arrival."""

from datetime import timedelta

import pytest

from placement.core.codes import StayStatus
from placement.core.errors import Invalid
from placement.core.reason_codes import ChangeReason
from placement.core.request_codes import RequestKind, RequestStatus
from placement.placements.stays import fact_changes
from placement.registrations import inference_guard
from placement.registrations.case import PersonInput, PointInput, ThreatInput
from placement.shelters import closing
from placement.solver.snapshot import snapshot
from placement.tables import Registration, Shelter
from placement.tasks.task import TaskKind
from tests.support.moving_client import MOVE_HELD, MOVING, SAFETY, ask, beds, live, moving, shown, status
from tests.support.task_board import board
from tests.support.town import COORDINATOR, DESK, ROOMS, TODAY, F, key_store_of


@pytest.mark.wide
def test_twelve_left_for_safety_are_offered_no_such_location(town):
    """The safety fault: of 12 stays ended so, 6 were proposed the unit or the location that was left."""
    offered = []
    for number in range(12):
        client = town.register()
        stay = town.house(client, ["U4-crisis", "U1-women"][number % 2])
        left = town.one("unit", town.one("stay", stay).unit_id).location_id
        ask(town, client, SAFETY)
        assert ("location", left) in town.avoided(client)
        unit = town.one("proposal", town.propose(client)).unit_id
        offered.append(town.one("unit", unit).location_id == left)
        new = town.house(client)
        assert ("location", left) in town.avoided(client)  # also after the move
        town.end(new, "own_housing")
        for shelter_id in ROOMS:
            town.report(shelter_id)
    assert offered == [False] * 12


@pytest.mark.wide
def test_transfer_of_one_kept_apart_counts_at_both_places(town):
    first = town.register()
    second = town.register(parts={"keep_apart": [first]})
    town.house(first, "U4-crisis")
    town.house(second, "U1-women")
    ask(town, first)
    ask(town, second)
    assert (town.eligible_units(first), town.eligible_units(second)) == (set(), {"U2-family"})
    town.end(live(town, second), "own_housing")
    third = town.register(parts={"keep_apart": [first]})
    assert town.eligible_units(third) == {"U1-women", "U2-family"}
    held = town.hold_in(first, "U1-women")
    assert town.eligible_units(third) == set()  # neither the present nor the next place of the first client
    town.confirm(held)
    town.arrive(held)
    assert town.eligible_units(third) == {"U4-crisis"}


@pytest.mark.wide
def test_shelter_that_closes_on_the_road_leaves_the_old_place(town):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.confirm(held)
    town.do(closing.close, Shelter, "S1", 1, TODAY + timedelta(days=1))
    town.later(days=1)
    town.do(closing.carry_out_due)
    assert (status(town, client), beds(town, client)) == (MOVE_HELD, {"U4-crisis", "U1-women"})
    town.release(held, "unreachable")
    assert (status(town, client), beds(town, client)) == (MOVING, {"U4-crisis"})
    assert town.one("stay", stay).status is StayStatus.IN_HOUSE
    assert town.one("proposal", town.propose(client)).unit_id is None


@pytest.mark.wide
def test_facts_of_a_moving_client_are_checked_at_both_places(town):
    client, _ = moving(town)
    town.hold_in(client, "U1-women")
    danger = [ThreatInput(PointInput(place="Alkmaar"), 20)]
    version = town.registration(client).version
    with pytest.raises(Invalid) as refused:
        town.do(
            fact_changes.change, client, version, {}, reason=ChangeReason.NEW_DANGER, threats=danger, actor=COORDINATOR
        )
    assert refused.value.faults[0].facts["rules"] == ["threat_distance"]
    persons = [PersonInput(F, 30), PersonInput(F, 31)]
    town.do(
        fact_changes.change, client, version, {}, reason=ChangeReason.JOINS, persons=persons, confirm=True, actor=DESK
    )
    seats = [claim.person_id for claim in town.claims(client)]
    assert sorted(map(str, seats)) == [f"{client}/1", f"{client}/1", f"{client}/2"]  # the old room has one bed


@pytest.mark.wide
def test_record_without_requests_reads_as_the_first_alone(town):
    client = town.register()
    with town.act() as act:
        case = act.session.get_one(Registration, client)
        case.content = {name: value for name, value in case.content.items() if name != "requests"}
    assert "requests" not in town.registration(client).content
    assert shown(town, client) == [(RequestKind.FIRST, RequestStatus.OPEN)]
    town.house(client, "U4-crisis")
    assert ask(town, client).status is MOVING


@pytest.mark.wide
def test_coordinator_elsewhere_learns_nothing_of_a_moving_pair(town):
    other = town.register(region="limburg", actor=DESK)
    client = town.register(parts={"keep_apart": [other]}, actor=DESK)
    town.house(other, "U4-crisis")
    ask(town, other, actor=DESK)
    with town.act(COORDINATOR) as act:
        problem = inference_guard.without_unseen(act, snapshot(act).problem)
    assert next(row.keep_apart for row in problem.registrations if row.id == client) == ()


def test_moving_client_without_a_key_keeps_the_bed(town):
    client, _ = moving(town)
    (key_store_of(town).folder / f"{client}.key").unlink()
    assert client not in {row.id for row in town.problem().registrations}
    town.full("R1", "R2", "R3", "R6")
    assert town.eligible_units(town.register()) == set()
    with town.act() as act:
        assert [task.kind for task in board(act).tasks if task.registration == client] == [TaskKind.UNREADABLE]
