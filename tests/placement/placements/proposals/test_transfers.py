"""Transfers: another place is sought for a client, whose old bed is kept until the arrival at the new place."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.events import Event
from placement.core.codes import HoldStatus, RegistrationStatus, StayStatus, Urgency
from placement.core.errors import Conflict, Invalid, NotFound, VersionPassed
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.placements.holds import holds
from placement.placements.proposals import presentation
from placement.placements.stays.stay_clock import began_on
from placement.registrations.requests import Asked
from placement.tables import Hold, Proposal, Stay
from placement.tasks.task import TaskKind
from tests.support.audit_log import logged
from tests.support.moving_client import MOVE_HELD, MOVING, PLACED, SAFETY, ask, beds, moving, shown, status, withdraw
from tests.support.stores import one_store
from tests.support.task_board import board
from tests.support.town import DESK, ELSEWHERE, ROOMS, TODAY


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


def test_unit_that_the_client_leaves_is_no_choice_nor_way_out(town):
    client, _ = moving(town)
    town.full("R1", "R2", "R3")
    proposal = town.propose(client)
    with town.act() as act:
        found = presentation.serialize(act, act.session.get_one(Proposal, proposal), "en")
    listed = {one.unit for one in (*found.alternatives, *found.others)} | {one.unit for one in found.ways_out}
    assert listed
    assert "U4-crisis" not in listed


def test_transfer_for_safety_avoids_the_whole_location(town):
    client, _ = moving(town, "U1-women", SAFETY)
    assert town.avoided(client) == {("location", "L1")}


def test_transfer_is_not_sought_long_before_the_client_can_move(town):
    late = Asked(RequestKind.ONWARD, Urgency.WEEK, needed_from=TODAY + timedelta(days=15))
    client, stay = moving(town, asked=late)
    with pytest.raises(Conflict, match="needed_later"):
        town.propose(client)
    town.later(days=1)
    assert town.propose(client)
    withdraw(town, client)
    assert town.registration(client).needed_from is None
    assert town.one("stay", stay).status is StayStatus.IN_HOUSE


@pytest.mark.wide
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


@pytest.mark.wide
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


def test_old_bed_of_a_moving_client_is_free_for_no_other(town):
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
        town.no_show(held)


@pytest.mark.wide
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
            [task] = [task for task in board(act).tasks if task.registration == client]
        assert task.kind is TaskKind.SEARCH_AGAIN


@pytest.mark.wide
@pytest.mark.parametrize("reason", ["found_other_place", "withdraws_consent", "entered_in_error"])
def test_reason_that_closes_a_case_leaves_a_moving_client_there(town, reason):
    client, stay = moving(town)
    town.release(town.hold_in(client, "U1-women"), reason)
    assert (status(town, client), beds(town, client)) == (PLACED, {"U4-crisis"})
    ask(town, client)
    town.decline(town.propose(client), reason)
    assert (status(town, client), town.one("stay", stay).status) == (PLACED, StayStatus.IN_HOUSE)
    assert [state for _, state in shown(town, client)] == [
        RequestStatus.PLACED, RequestStatus.WITHDRAWN, RequestStatus.WITHDRAWN
    ]  # fmt: skip


@pytest.mark.parametrize(
    "state", ["confirmed", *(pytest.param(one, marks=pytest.mark.wide) for one in ("sought", "reserved", "asked"))]
)
@pytest.mark.parametrize(
    "reason",
    [
        "deceased",
        pytest.param("own_housing", marks=pytest.mark.wide),
        pytest.param("left_to_unknown_destination", marks=pytest.mark.wide),
    ],
)
def test_end_for_good_while_moving_gives_the_new_bed_back(town, state, reason):
    client, stay = moving(town)
    if state != "sought":
        held = town.hold_in(client, "U5-social" if state == "reserved" else "U1-women")
        if state == "confirmed":
            town.confirm(held)
    town.end(stay, reason)
    is_lost = reason == "left_to_unknown_destination"
    after = RegistrationStatus.MISSING if is_lost else RegistrationStatus.CLOSED
    assert (status(town, client), beds(town, client)) == (after, set())
    assert is_lost or shown(town, client)[-1] == (RequestKind.TRANSFER, RequestStatus.CLOSED)
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


@pytest.mark.wide
def test_later_break_off_opens_the_request_that_led_there(town):
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


@pytest.mark.wide
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
    [withdrawn] = logged(town, event=Event.REQUEST_WITHDRAWN)
    assert (withdrawn.actor, withdrawn.registration_id) == (DESK.id, client)
    assert withdrawn.facts == {"reason": "client_stays"}


@pytest.mark.wide
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
    with pytest.raises(Conflict, match="request_not_open"):  # the first request is closed with the registration
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
