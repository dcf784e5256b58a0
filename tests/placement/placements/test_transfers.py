"""Another place is sought for a client who has one: the old bed stays the client's until the arrival at the new."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import (
    HoldStatus,
    RegistrationStatus,
    RequestGround,
    RequestKind,
    RequestStatus,
    StayStatus,
    Urgency,
)
from placement.core.errors import Conflict, Invalid, NotFound, VersionPassed
from placement.core.reason_codes import ChangeReason, WithdrawalReason
from placement.placements import fact_changes, holds, stays
from placement.placements.stay_clock import began_on
from placement.registrations import inference_guard, requests
from placement.registrations.case_rows import PersonInput, PointInput, ThreatInput
from placement.registrations.request_rows import requests_of
from placement.registrations.requests import Asked
from placement.shelters import closing
from placement.solver.snapshot import snapshot
from placement.tables import Hold, Registration, Shelter, Stay
from placement.tasks import board
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, ROOMS, TODAY, F, key_store_of

MOVING, MOVE_HELD, PLACED = RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD, RegistrationStatus.PLACED
FIRST_PLACED = RequestKind.FIRST, RequestStatus.PLACED
WISH = Asked(RequestKind.TRANSFER, Urgency.WEEK, RequestGround.WISH)
SAFETY = Asked(RequestKind.TRANSFER, Urgency.TONIGHT, RequestGround.SAFETY)


def ask(town, client, asked=WISH, *, actor=COORDINATOR, version=None):
    return town.do(requests.ask, client, version or town.registration(client).version, asked, actor=actor)


def withdraw(town, client, number=2, reason=WithdrawalReason.CLIENT_STAYS, **more):
    version = more.pop("version", None) or town.registration(client).version
    return town.do(requests.withdraw, client, number, version, reason=reason, **more)


def moving(town, unit="U4-crisis", asked=WISH, **facts):
    """A client who lives there, and for whom another place is sought."""
    client = town.register(**facts)
    stay = town.house(client, unit)
    town.later(minutes=5)
    ask(town, client, asked)
    return client, stay


def status(town, client):
    return town.registration(client).status


def live(town, client):
    [stay] = town.all(select(Stay).where(Stay.registration_id == client, Stay.status == StayStatus.IN_HOUSE))
    return stay.id


def shown(town, client):
    with town.act() as act:
        return [(one.kind, one.status) for one in requests_of(act, act.session.get_one(Registration, client))]


def beds(town, client):
    """The units in which the client has a bed now."""
    day = town.at.date()
    rooms = {
        town.one("bed", one.bed_id).room_id for one in town.claims(client) if one.ends_on is None or one.ends_on > day
    }
    return {town.one("room", room).unit_id for room in rooms}


def test_transfer_seeks_a_place_and_keeps_the_old_bed(town):
    client, stay = moving(town)
    assert (status(town, client), beds(town, client)) == (MOVING, {"U4-crisis"})
    assert town.one("stay", stay).status is StayStatus.IN_HOUSE
    row = town.row(client)
    assert (row.urgency, row.waiting_days, "U4-crisis" in row.avoided_units) == (3, 0, True)
    assert shown(town, client) == [
        (RequestKind.FIRST, RequestStatus.PLACED),
        (RequestKind.TRANSFER, RequestStatus.OPEN),
    ]
    assert town.events()[-1] == "request:made"


def test_transfer_ends_the_old_stay_at_the_arrival(town):
    client, stay = moving(town)
    town.later(days=2)
    for shelter_id in ROOMS:
        town.report(shelter_id)
    held = town.hold_in(client, "U1-women")
    assert (status(town, client), beds(town, client)) == (MOVE_HELD, {"U4-crisis", "U1-women"})
    town.confirm(held)
    assert (town.one("stay", stay).status, beds(town, client)) == (StayStatus.IN_HOUSE, {"U4-crisis", "U1-women"})
    new = town.arrive(held)
    old = town.one("stay", stay)
    assert (old.status, old.end_reason, old.ended_on) == (StayStatus.ENDED, "moved_on", town.at.date())
    assert (new.status, status(town, client), beds(town, client)) == (StayStatus.IN_HOUSE, PLACED, {"U1-women"})
    assert shown(town, client)[-1] == (RequestKind.TRANSFER, RequestStatus.PLACED)
    assert town.registration(client).closed_reason is None


def test_clock_of_a_stay_goes_on_through_moves(town):
    client = town.register()
    first = town.house(client, "U4-crisis")
    limit = town.one("stay", first).limit_on
    for unit in ("U1-women", "U4-crisis"):
        town.later(days=10)
        for shelter_id in ROOMS:
            town.report(shelter_id)
        ask(town, client)
        last = town.house(client, unit)
    with town.act() as act:
        stay = act.session.get_one(Stay, last)
        assert (stay.limit_on, began_on(act.session, [stay])) == (limit, {last: TODAY})
    town.end(last, "moved_for_safety")
    town.later(days=1)
    again = town.house(client, "U1-women")
    with town.act() as act:  # the chain is broken
        assert began_on(act.session, [act.session.get_one(Stay, again)]) == {again: TODAY + timedelta(days=21)}


def test_nobody_else_gets_the_old_bed_while_the_client_moves(town):
    moving(town, "U4-crisis")
    town.full("R1", "R2", "R3", "R6")
    assert town.eligible_units(town.register()) == set()


def test_own_unit_cannot_be_chosen_for_the_move(town):
    client, _ = moving(town)
    with pytest.raises(Invalid) as refused:
        town.override(town.propose(client), "U4-crisis", review_on=TODAY + timedelta(days=9))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("unit", "unit_lived_in")]


def lost(town, held, how):
    """The place that is kept for the move is lost in this way, before the arrival."""
    if how == "refused":
        town.refuse(held, "house_mix")
    elif how == "expired":
        town.later(hours=5)
        town.do(holds.expire_due)
    elif how == "released":
        town.release(held)
    else:
        town.confirm(held)
        town.later(days=2)
        town.do(stays.mark_no_shows)


@pytest.mark.parametrize("how", ["refused", "expired", "released", "no_show"])
def test_lost_new_place_leaves_the_old_stay_untouched(town, how):
    client, stay = moving(town)
    before = town.one("stay", stay).model_dump()
    lost(town, town.hold_in(client, "U1-women"), how)
    assert (status(town, client), beds(town, client)) == (MOVING, {"U4-crisis"})
    assert town.one("stay", stay).model_dump() == before
    assert shown(town, client)[-1] == (RequestKind.TRANSFER, RequestStatus.OPEN)
    if how == "refused":
        assert ("unit", "U1-women") in town.avoided(client)
    if how != "released":
        with town.act() as act:
            [task] = [task for task in board.board(act).tasks if task.registration == client]
        assert task.kind is board.TaskKind.SEARCH_AGAIN


@pytest.mark.parametrize("reason", ["found_other_place", "withdraws_consent", "entered_in_error"])
def test_reason_that_closes_a_waiting_case_leaves_a_moving_client_there(town, reason):
    client, stay = moving(town)
    town.release(town.hold_in(client, "U1-women"), reason)
    assert (status(town, client), beds(town, client)) == (PLACED, {"U4-crisis"})
    ask(town, client)
    town.decline(town.propose(client), reason)
    assert (status(town, client), town.one("stay", stay).status) == (PLACED, StayStatus.IN_HOUSE)
    assert [state for _, state in shown(town, client)] == [
        RequestStatus.PLACED, RequestStatus.WITHDRAWN, RequestStatus.WITHDRAWN
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["sought", "reserved", "asked", "confirmed"])
@pytest.mark.parametrize("reason", ["deceased", "own_housing", "left_to_unknown_destination"])
def test_client_who_leaves_for_good_while_moving_has_no_bed_kept(town, state, reason):
    client, stay = moving(town)
    if state != "sought":
        held = town.hold_in(client, "U5-social" if state == "reserved" else "U1-women")
        if state == "confirmed":
            town.confirm(held)
    town.end(stay, reason)
    assert (status(town, client), beds(town, client)) == (RegistrationStatus.CLOSED, set())
    assert shown(town, client)[-1] == (RequestKind.TRANSFER, RequestStatus.CLOSED)
    kept = {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}
    assert not [one for one in town.all(select(Hold)) if one.registration_id == client and one.status in kept]
    assert not town.all(select(Stay).where(Stay.registration_id == client, Stay.status != StayStatus.ENDED))


@pytest.mark.parametrize(("held", "after"), [(False, RegistrationStatus.OPEN), (True, RegistrationStatus.HELD)])
def test_old_stay_that_breaks_off_leaves_the_request(town, held, after):
    client, stay = moving(town)
    if held:
        hold = town.hold_in(client, "U1-women")
    town.end(stay, "asked_to_leave")
    case = town.registration(client)
    assert (case.status, case.urgency, case.needed_by) == (after, Urgency.TONIGHT, TODAY)
    assert shown(town, client)[-1][0] is RequestKind.TRANSFER
    if held:
        town.confirm(hold)
        town.arrive(hold)
        assert (status(town, client), beds(town, client)) == (PLACED, {"U1-women"})


def test_planned_stay_that_is_ended_leaves_the_old_one(town):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.end(town.confirm(held).id, "own_housing")
    assert (status(town, client), beds(town, client)) == (PLACED, {"U4-crisis"})
    assert town.one("stay", stay).status is StayStatus.IN_HOUSE


def test_stay_that_breaks_off_later_asks_with_the_request_that_led_there(town):
    client, _ = moving(town)
    stay = town.house(client, "U1-women")
    waits = town.registration(client).waits_since
    town.later(days=1)
    town.end(stay, "moved_for_safety")
    case = town.registration(client)
    assert (case.status, case.waits_since) == (RegistrationStatus.OPEN, waits)
    assert shown(town, client) == [
        (RequestKind.FIRST, RequestStatus.PLACED),
        (RequestKind.TRANSFER, RequestStatus.OPEN),
    ]


def test_withdrawn_request_restores_what_was_asked_before(town):
    client = town.register(urgency=4)
    town.house(client, "U4-crisis")
    before = town.registration(client)
    town.later(days=3)
    ask(town, client, SAFETY)
    assert (town.registration(client).urgency, town.registration(client).waits_since) == (1, town.at)
    after = withdraw(town, client)
    assert (after.status, after.urgency, after.waits_since, after.needed_by) == (
        PLACED, 4, before.waits_since, before.needed_by
    )  # fmt: skip
    assert shown(town, client)[-1] == (RequestKind.TRANSFER, RequestStatus.WITHDRAWN)


def test_withdrawal_is_refused_where_nothing_is_open(town):
    client, _ = moving(town)
    with pytest.raises(NotFound):
        withdraw(town, client, 3)
    with pytest.raises(VersionPassed):
        withdraw(town, client, version=1)
    with pytest.raises(Invalid) as refused:
        withdraw(town, client, reason=WithdrawalReason.OTHER)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("text", "text_missing")]
    held = town.hold_in(client, "U1-women")
    with pytest.raises(Conflict, match="request_not_open"):
        withdraw(town, client)
    town.release(held)
    withdraw(town, client)
    with pytest.raises(Conflict, match="request_not_open"):
        withdraw(town, client)
    with pytest.raises(Conflict, match="request_not_open"):  # the first one is closed with the registration
        withdraw(town, client, 1)


def test_second_request_is_shown_the_open_one(town):
    client, _ = moving(town)
    with pytest.raises(Conflict) as refused:
        ask(town, client, SAFETY)
    assert (refused.value.code, refused.value.facts) == (
        "request_open", {"number": 2, "kind": "transfer", "status": "open"}
    )  # fmt: skip
    with pytest.raises(Conflict, match="request_open"):
        ask(town, town.register())
    with pytest.raises(Conflict, match="client_without_place"):
        ask(town, town.register(draft=True))


def test_request_of_an_older_version_is_refused(town):
    client = town.register()
    town.house(client)
    with pytest.raises(VersionPassed):
        ask(town, client, version=1)
    with pytest.raises(NotFound):
        ask(town, client, actor=ELSEWHERE)


@one_store
@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (Asked(RequestKind.TRANSFER, Urgency.WEEK), {"ground": "ground_of_transfer"}),
        (Asked(RequestKind.ONWARD, Urgency.WEEK, RequestGround.WISH), {"ground": "ground_of_transfer"}),
        (Asked(RequestKind.FIRST, Urgency.WEEK), {"kind": "request_kind_unknown"}),
        (
            Asked(RequestKind.ONWARD, Urgency.WEEK, needed_by=TODAY - timedelta(days=1)),
            {"needed_by": "day_passed"},
        ),
        (
            Asked(
                RequestKind.ONWARD, Urgency.WEEK, needed_from=TODAY + timedelta(days=9), needed_by=TODAY
            ),
            {"needed_by": "days_swapped"},
        ),
    ],
)  # fmt: skip
def test_request_that_makes_no_sense_is_refused_at_the_field(town, asked, fields):
    client = town.register()
    town.house(client)
    with pytest.raises(Invalid) as refused:
        ask(town, client, asked)
    assert {fault.field: fault.code for fault in refused.value.faults} == fields
    assert status(town, client) is PLACED


def test_twelve_who_leave_for_safety_are_offered_another_location(town):
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


def test_transfer_of_one_of_two_kept_apart_avoids_both_places_of_the_other(town):
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
    assert town.eligible_units(third) == set()  # neither where the first lives, nor where it goes
    town.confirm(held)
    town.arrive(held)
    assert town.eligible_units(third) == {"U4-crisis"}


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


def test_facts_that_change_while_moving_are_checked_at_both_places(town):
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


def test_record_without_requests_reads_as_the_first_alone(town):
    client = town.register()
    with town.act() as act:
        case = act.session.get_one(Registration, client)
        case.content = {name: value for name, value in case.content.items() if name != "requests"}
    assert "requests" not in town.registration(client).content
    assert shown(town, client) == [(RequestKind.FIRST, RequestStatus.OPEN)]
    town.house(client, "U4-crisis")
    assert ask(town, client).status is MOVING


def test_coordinator_elsewhere_learns_nothing_of_a_moving_pair(town):
    other = town.register(region="limburg", actor=DESK)
    client = town.register(parts={"keep_apart": [other]}, actor=DESK)
    town.house(other, "U4-crisis")
    ask(town, other, actor=DESK)
    with town.act(COORDINATOR) as act:
        problem = inference_guard.without_unseen(act, snapshot(act).problem)
    assert next(row.keep_apart for row in problem.registrations if row.id == client) == ()


def test_moving_client_whose_key_is_missing_stays_where_the_bed_is(town):
    client, _ = moving(town)
    (key_store_of(town).folder / f"{client}.key").unlink()
    assert client not in {row.id for row in town.problem().registrations}
    town.full("R1", "R2", "R3", "R6")
    assert town.eligible_units(town.register()) == set()
    with town.act() as act:
        assert [task.kind for task in board.board(act).tasks if task.registration == client] == [
            board.TaskKind.UNREADABLE
        ]
