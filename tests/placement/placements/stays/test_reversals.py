"""Reversals of an end or an arrival, entered for the wrong client: the stay goes on, or the client is expected."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from placement.core.codes import MessageKind, RegistrationStatus, StayStatus
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.notifications import emails
from placement.placements.moves import room_moves
from placement.placements.stays import reversals, stays
from placement.placements.stays.place_fit import broken_where_lived
from placement.placements.stays.reversals import reversible_ends
from placement.registrations import returns
from placement.registrations.reopening import REVERSIBLE_FOR
from placement.tables import Bed, BedClaim, KeepApart, Registration, Stay
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.messages import deliveries_in, sent
from tests.support.moving_client import MOVE_HELD, MOVING, PLACED, ask, moving, shown, status, withdraw
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, F, shelter
from tests.support.waiting_work import told

STAFF = shelter("S1")
CLOSES, BREAKS = "own_housing", "moved_for_safety"


def reverse(town, stay, actor=STAFF):
    return town.do(reversals.reverse_end, stay, actor=actor)


def refused(do, code):
    with pytest.raises(Conflict) as wrong:
        do()
    assert wrong.value.code == code
    return wrong.value.facts


def of_case(town, case):
    """All that the case is, and the beds of its client; not how often it was written."""
    row = town.registration(case)
    facts = {name: getattr(row, name) for name in ("status", "urgency", "needed_by", "place_lost_at", "breaks")}
    facts |= {"closed": (row.closed_reason, row.closed_on), "avoided": row.avoidances, "requests": row.requests}
    facts["claims"] = [(one.bed_id, one.person_id, one.starts_on, one.ends_on) for one in town.claims(case)]
    return facts


@pytest.mark.parametrize("reason", [CLOSES, BREAKS])
@pytest.mark.parametrize("days", [0, 2])
def test_reversal_puts_case_stay_and_beds_back(town, reason, days):
    case = town.register(urgency=3, persons=((F, 30), (F, 8)))
    stay = town.house(case, "U2-family")
    town.later(days=20)
    was, lived = of_case(town, case), town.one("stay", stay)
    town.end(stay, reason, "naar zee")
    assert of_case(town, case) != was
    town.later(days=days)
    back = reverse(town, stay)
    assert of_case(town, case) == was
    same = ("starts_on", "arrived_at", "limit_on", "ended_on", "end_reason", "end_text")
    assert [getattr(back, name) for name in same] == [getattr(lived, name) for name in same]
    assert (back.status, town.events()[-1]) == (StayStatus.IN_HOUSE, "stay:end_reversed")
    town.end(stay, reason)
    assert town.one("stay", stay).status is StayStatus.ENDED


def test_reversal_is_possible_for_three_days(town):
    case = town.register()
    stay = town.house(case)
    town.end(stay)
    said = town.at
    town.at = said + REVERSIBLE_FOR
    assert refused(lambda: reverse(town, stay), "stay_end_is_final")["days"] == 3
    assert town.registration(case).status is RegistrationStatus.CLOSED
    town.at -= timedelta(seconds=1)
    assert reverse(town, stay).status is StayStatus.IN_HOUSE


def test_end_entered_afterwards_is_reversible_since_it_was_said(town):
    case = town.register()
    stay = town.house(case)
    town.later(days=12)
    town.do(stays.end, stay, CLOSES, None, town.at - timedelta(days=10))
    town.later(days=2)
    with town.act(STAFF) as act:
        assert [one.id for one in reversible_ends(act)] == [stay]
    reverse(town, stay)
    assert {claim.ends_on for claim in town.claims(case)} == {None}


@pytest.mark.parametrize("leaves_again", [False, True], ids=["lives_there", "left_again"])
def test_reversal_where_the_bed_was_given_out_is_refused(town, leaves_again):
    case = town.register()
    stay = town.house(case, "U4-crisis")
    town.later(days=1)
    town.end(stay)
    town.full(*{"R5", "R6"} - {town.one("bed", town.claims(case)[0].bed_id).room_id})
    other = town.house(town.register(), "U4-crisis")
    town.later(days=1)
    if leaves_again:
        town.end(other)
    assert refused(lambda: reverse(town, stay, DESK), "beds_gone") == {"left": 0, "beds": 1}
    assert town.registration(case).status is RegistrationStatus.CLOSED


def test_reversal_where_the_bed_is_closed_is_refused(town):
    stay = town.house(town.register(), "U4-crisis")
    town.end(stay)
    with town.act() as act:
        for bed in act.session.exec(select(Bed).where(col(Bed.room_id).in_(("R5", "R6")))):
            bed.until_on = act.day
    assert refused(lambda: reverse(town, stay, DESK), "beds_gone") == {"left": 0, "beds": 1}


def test_only_a_said_end_of_a_client_in_house_is_reversed(town):
    held = town.hold_in(town.register())
    town.confirm(held)
    planned = town.all(select(Stay))[0].id
    refused(lambda: reverse(town, planned, DESK), "stay_end_not_said")
    town.no_show(held)
    refused(lambda: reverse(town, planned, DESK), "stay_end_not_said")
    client, left = moving(town)
    refused(lambda: reverse(town, left, DESK), "stay_end_not_said")
    new = town.hold_in(client, "U1-women")
    town.confirm(new)
    town.arrive(new)
    assert town.one("stay", left).end_reason == "moved_on"
    refused(lambda: reverse(town, left, DESK), "stay_end_not_said")


@one_store
@pytest.mark.parametrize("reason", [CLOSES, BREAKS])
def test_a_moving_client_moves_on_after_reversal(town, reason):
    client, stay = moving(town)
    was = of_case(town, client)
    town.later(hours=1)
    town.end(stay, reason)
    reverse(town, stay, DESK)
    assert of_case(town, client) == was
    assert (status(town, client), shown(town, client)[-1][1].value) == (MOVING, "open")


@one_store
@pytest.mark.parametrize("confirmed", [False, True])
def test_a_client_with_a_next_place_keeps_it_after_reversal(town, confirmed):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    if confirmed:
        town.confirm(held)
    was, kept = of_case(town, client), town.one("hold", held).status
    town.end(stay, BREAKS)
    assert status(town, client) is RegistrationStatus.HELD
    reverse(town, stay, DESK)
    assert (status(town, client), town.one("hold", held).status) == (MOVE_HELD, kept)
    assert of_case(town, client) == was


@one_store
def test_reversal_of_a_closing_end_seeks_the_next_place_anew(town):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.end(stay, CLOSES)
    assert town.one("hold", held).status.value == "released"
    reverse(town, stay, DESK)
    assert (status(town, client), shown(town, client)[-1][1].value) == (MOVING, "open")
    town.hold_in(client, "U1-women")


def test_reversal_gives_back_what_is_kept_elsewhere(town):
    case = town.register()
    stay = town.house(case, "U1-women")
    town.later(hours=1)
    town.end(stay, BREAKS)
    proposal = town.propose(case)
    held = town.hold_of(town.decide_on(case, "U4-crisis", proposal=proposal).id).id
    reverse(town, stay)
    assert (status(town, case), town.one("hold", held).status.value) == (PLACED, "released")


@one_store
def test_reversal_after_another_place_was_confirmed_is_refused(town):
    case = town.register()
    stay = town.house(case, "U1-women")
    town.end(stay, BREAKS)
    held = town.hold_in(case, "U4-crisis")
    town.confirm(held)
    refused(lambda: reverse(town, stay, DESK), "kept_elsewhere")
    assert refused(lambda: reverse(town, stay), "no_way_back") == {}  # not the present place of the client
    town.arrive(held)
    refused(lambda: reverse(town, stay, DESK), "case_gone_on")


@one_store
def test_reversal_after_the_client_returned_is_refused(town):
    case = town.register()
    stay = town.house(case)
    town.end(stay)
    town.do(returns.take_back, case, actor=COORDINATOR)
    assert refused(lambda: reverse(town, stay, DESK), "case_gone_on") == {"status": "closed"}


def test_reversal_gives_a_client_gone_before_no_bed(town):
    case = town.register(persons=((F, 30), (F, 31)))
    stay = town.house(case, "U2-family")
    town.later(days=3)
    stayed, left = town.registration(case).persons
    [theirs] = [claim.id for claim in town.claims(case) if claim.person_id == left.id]
    with town.act() as act:
        act.session.get_one(Registration, case).persons = [stayed]
        act.session.get_one(BedClaim, theirs).ends_on = act.day
    was = of_case(town, case)
    town.later(days=1)
    town.end(stay)
    reverse(town, stay)
    assert of_case(town, case) == was
    assert sorted(claim.ends_on is None for claim in town.claims(case)) == [False, True]


def test_end_of_a_client_taken_over_is_reversed(town):
    stay = town.take_over("U1-women", "R1", ago=40)
    town.end(stay)
    back = reverse(town, stay)
    assert (back.status, back.taken_over_on, back.hold_id) == (StayStatus.IN_HOUSE, town.at.date(), None)
    [claim] = town.claims(back.registration_id)
    assert claim.ends_on is None


def test_reversal_says_what_breaks_since(town):
    case, other = town.register(), town.register()
    stay = town.house(case, "U1-women")
    town.end(stay)
    town.house(other, "U2-family")
    assert town.registration(case).breaks == []
    with town.act() as act:
        act.session.add(KeepApart(registration_id=case, other_id=other))
    reverse(town, stay)
    assert town.registration(case).breaks == ["keep_apart"]
    with town.act() as act:
        broken = broken_where_lived(act, act.session.get_one(Registration, case))
    assert [one.rule for one in broken] == ["keep_apart"]


@one_store
def test_reversal_is_of_a_session_with_reach(town):
    stay = town.house(town.register(), "U1-women")
    town.end(stay)
    with pytest.raises(NotAllowed) as wrong:
        reverse(town, stay, replace(STAFF, session_id=None))
    assert wrong.value.code == "sign_in_needed"
    for actor in (ELSEWHERE, shelter("S2")):
        with pytest.raises(NotFound):
            reverse(town, stay, actor)
        with town.act(actor) as act:
            assert reversible_ends(act) == []
    for actor in (STAFF, COORDINATOR, DESK):
        with town.act(actor) as act:
            assert [one.id for one in reversible_ends(act)] == [stay]
    reverse(town, stay, COORDINATOR)
    with town.act() as act:
        assert reversible_ends(act) == []


@pytest.mark.parametrize("reason", [CLOSES, BREAKS])
def test_reversal_tells_all_that_were_told_of_the_end(town, reason):
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK)
    stay = town.house(town.register(), "U1-women")
    for _ in range(2):
        town.later(minutes=1)
        town.do(stays.end, stay, reason, actor=STAFF)
        town.later(minutes=1)
        reverse(town, stay)
    ended = sent(town, MessageKind.CASE_CLOSED if reason == CLOSES else MessageKind.STAY_BROKEN_OFF)
    told = sent(town, MessageKind.STAY_END_REVERSED)
    assert len({one.made_at for one in ended}) == len({one.made_at for one in told}) == 2
    assert {one.account_id for one in told} >= {one.account_id for one in ended} >= {COORDINATOR.id}


def test_unsent_mail_of_a_reversed_end_is_moot(town):
    add_accounts(town, COORDINATOR, DESK)
    stay = town.house(town.register(), "U1-women")
    for over in (False, True):
        town.later(minutes=1)
        if over:
            reverse(town, stay)
        else:
            town.do(stays.end, stay, BREAKS, actor=STAFF)
        with town.act() as act:
            mails = deliveries_in(act.session, MessageKind.STAY_BROKEN_OFF)
            assert mails
            assert {emails.is_moot(act.session, one) for one in mails} == {over}


def came(town, case, unit="U1-women", *, hours=2):
    """A client who arrives there at the time, or some hours after the answer: the hold, and the case before it."""
    held = town.hold_in(case, unit)
    town.confirm(held, town.at + timedelta(hours=2))
    was = of_case(town, case)
    town.later(hours=hours)
    town.arrive(held)
    return held, was


def not_come(town, held, actor=STAFF):
    return town.do(reversals.reverse_arrival, held, actor=actor)


@pytest.mark.parametrize("hours", [0, 5, 71])
def test_client_said_to_have_arrived_is_expected_again(town, hours):
    case = town.register(persons=((F, 30), (F, 8)))
    held, was = came(town, case, "U2-family")
    town.later(hours=hours)
    not_come(town, held)
    assert of_case(town, case) == was
    [stay] = town.all(select(Stay))
    assert (stay.status, stay.arrived_at, stay.limit_on) == (StayStatus.PLANNED, None, None)
    assert town.events()[-1] == "arrival:reversed"
    kinds = {one.task.kind for one in told(town) if one.task.registration == case}
    assert kinds == ({TaskKind.LATE} if hours else {TaskKind.ARRIVAL})
    assert town.arrive(held).arrived_at == town.at
    not_come(town, held)


def test_early_arrival_of_a_client_is_taken_back_with_its_days(town):
    case = town.register(needed_from=town.at.date() + timedelta(days=2))
    held = town.hold_in(case)
    town.confirm(held)
    was = of_case(town, case)
    town.arrive(held)
    not_come(town, held)
    [stay] = town.all(select(Stay))
    assert (of_case(town, case), stay.starts_on, stay.limit_on) == (was, None, None)


def test_moving_client_lives_in_the_old_place_again(town):
    client, stay = moving(town)
    held, was = came(town, client)
    town.later(days=1)
    not_come(town, held)
    assert of_case(town, client) == was
    assert (status(town, client), town.one("stay", stay).status) == (MOVE_HELD, StayStatus.IN_HOUSE)
    town.arrive(held)
    assert (status(town, client), town.one("stay", stay).end_reason) == (PLACED, "moved_on")


def test_arrival_is_final_where_the_old_bed_was_given_out(town):
    client, stay = moving(town)
    held, _ = came(town, client)
    [left] = [one for one in town.claims(client) if one.stay_id == stay]
    town.full(*{"R5", "R6"} - {town.one("bed", left.bed_id).room_id})
    town.house(town.register(), "U4-crisis")
    assert refused(lambda: not_come(town, held), "beds_gone") == {"left": 0, "beds": 1}
    assert status(town, client) is PLACED


@one_store
def test_arrival_is_final_after_three_days_or_what_followed(town):
    case = town.register()
    held, _ = came(town, case)
    town.later(days=3)
    assert refused(lambda: not_come(town, held), "arrival_is_final")["days"] == 3
    town.later(seconds=-1)
    ask(town, case)
    assert refused(lambda: not_come(town, held, DESK), "case_gone_on") == {"status": "moving"}
    assert refused(lambda: not_come(town, held), "no_way_back") == {}
    withdraw(town, case)
    [stay] = town.all(select(Stay))
    town.do(room_moves.move, stay.id, ["R2"], actor=STAFF)
    refused(lambda: not_come(town, held, DESK), "case_gone_on")
    town.end(stay.id)
    refused(lambda: not_come(town, held), "arrival_not_said")


@one_store
def test_arrival_is_taken_back_in_a_session_with_reach(town):
    held, _ = came(town, town.register())
    with pytest.raises(NotAllowed) as wrong:
        not_come(town, held, replace(STAFF, session_id=None))
    assert wrong.value.code == "sign_in_needed"
    for actor in (ELSEWHERE, shelter("S2")):
        with pytest.raises(NotFound):
            not_come(town, held, actor)
    not_come(town, held, COORDINATOR)
    refused(lambda: not_come(town, held), "arrival_not_said")


def test_arrival_taken_back_is_told_to_all_told_before(town):
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    held, _ = came(town, town.register())
    arrived = sent(town, MessageKind.ARRIVED)
    not_come(town, held)
    back = sent(town, MessageKind.ARRIVAL_REVERSED)
    assert {one.account_id for one in back} >= {one.account_id for one in arrived} | {COORDINATOR.id, DESK.id}
    with town.act() as act:
        assert all(emails.is_moot(act.session, one) for one in deliveries_in(act.session, MessageKind.ARRIVED))
        assert not any(emails.is_moot(act.session, one) for one in back)
