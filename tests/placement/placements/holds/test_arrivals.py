"""A client who was expected: comes later, did not come, or came after all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.core.arrival_codes import Rung
from placement.core.clock import AMSTERDAM
from placement.core.codes import AvoidedKind, HoldStatus, MessageKind, ProposalStatus, RegistrationStatus, StayStatus
from placement.core.consent_codes import Driver
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.notice_codes import AtOnce
from placement.core.timeline_codes import About
from placement.notifications import emails
from placement.placements.holds import arrivals
from placement.placements.holds.arrival_details import agreed_of
from placement.placements.holds.shelter_view import facts_of_holds
from placement.placements.timeline import timeline
from placement.registrations import registrations
from placement.registrations.case import AvoidedInput
from placement.tables import Hold, Proposal, Stay
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.day_of_tasks import asked
from tests.support.messages import deliveries_in, sent
from tests.support.moving_client import moving, status
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY, shelter

STAFF = shelter("S1")
ROAD = "+31612345678"


@pytest.fixture
def people(town):
    """Adds a coordinator of Amsterdam, staff of S1 and of S2, and two people of the desk."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    return town


def awaited(town, **said):
    """A client who is expected in two hours: the case, and the hold."""
    case, held = asked(town)
    town.confirm(held, town.at + timedelta(hours=2), **said)
    return case, held


def postpone(town, held, moment, actor=DESK):
    return town.do(arrivals.postpone, held, moment, actor=actor)


def reverse(town, held, actor=STAFF):
    return town.do(arrivals.reverse_no_show, held, actor=actor)


def stay_of(town, held):
    [stay] = [stay for stay in town.all(select(Stay)) if stay.hold_id == held]
    return stay


def refused(code, do):
    with pytest.raises(Conflict) as wrong:
        do()
    assert wrong.value.code == code
    return wrong.value.facts


def test_later_gives_a_new_time_and_keeps_all_else(town):
    case, held = awaited(town, driver=Driver.REGISTRANT, road_telephone=ROAD)
    town.later(hours=3)
    moment = town.at + timedelta(hours=1)
    postpone(town, held, moment)
    agreed = agreed_of(town.one("hold", held))
    assert (agreed.expected_at, agreed.driver, agreed.road_telephone) == (moment, Driver.REGISTRANT, ROAD)
    assert town.registration(case).status is RegistrationStatus.HELD
    assert town.arrive(held).status is StayStatus.IN_HOUSE


@one_store
@pytest.mark.parametrize(("hours", "code"), [(-1, "moment_passed"), (15 * 24, "too_far_ahead")])
def test_later_is_within_the_same_bounds_as_a_confirmation(town, hours, code):
    _, held = awaited(town)
    with pytest.raises(Invalid) as wrong:
        postpone(town, held, town.at + timedelta(hours=hours))
    assert [(fault.field, fault.code) for fault in wrong.value.faults] == [("expected_at", code)]


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("verb", ["postpone", "no_show"])
def test_second_actor_is_told_of_a_time_given_meanwhile(town, verb):
    _, held = awaited(town)
    seen = town.one("hold", held).expected_at
    town.later(hours=3)
    moment = town.at + timedelta(hours=1)

    def said(seen):
        if verb == "postpone":
            return town.do(arrivals.postpone, held, moment + timedelta(hours=2), seen=seen, actor=STAFF)
        return town.do(arrivals.no_show, held, Rung.NOT_COMING, wants_place=True, seen=seen, actor=STAFF)

    town.do(arrivals.postpone, held, moment, seen=seen)
    facts = refused("expected_otherwise", lambda: said(seen))
    assert facts == {"at": f"{moment.astimezone(AMSTERDAM):%d-%m %H:%M}"}
    assert town.one("hold", held).expected_at == moment
    assert said(moment).id == held


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("verb", ["postpone", "no_show"])
def test_only_an_expected_client_is_late_or_missed(town, verb):
    def said(held):
        return postpone(town, held, town.at) if verb == "postpone" else town.no_show(held)

    refused("hold_not_confirmed", lambda: said(town.hold_in(town.register(), "U2-family")))
    _, held = awaited(town)
    town.arrive(held)
    refused("arrived_already", lambda: said(held))
    _, other = awaited(town)
    town.no_show(other)
    refused("stay_not_planned", lambda: said(other))


def test_no_show_needs_the_answer_to_the_question(town):
    case, held = awaited(town)
    town.later(hours=3)
    with pytest.raises(Invalid) as wrong:
        town.no_show(held, None)
    assert [(fault.field, fault.code) for fault in wrong.value.faults] == [("rung", "rung_missing")]
    with pytest.raises(Invalid) as wrong:
        town.end(stay_of(town, held).id, "no_show")
    assert [(fault.field, fault.code) for fault in wrong.value.faults] == [("reason", "no_show_is_asked")]
    assert town.registration(case).status is RegistrationStatus.HELD


@one_store
@pytest.mark.parametrize("rung", Rung)
def test_no_show_before_the_time_needs_to_have_reached_one(town, rung):
    case, held = awaited(town)
    if rung is not Rung.NOT_COMING:
        assert refused("not_expected_yet", lambda: town.no_show(held, rung)) == {"at": f"{TODAY:%d-%m} 13:00"}
        town.later(hours=2)
    town.no_show(held, rung)
    reached = rung is Rung.NOT_COMING
    assert town.registration(case).status is (RegistrationStatus.OPEN if reached else RegistrationStatus.MISSING)


def test_no_show_frees_the_bed_and_says_what_ringing_gave(town):
    case, held = awaited(town)
    town.later(hours=4)
    town.no_show(held, Rung.NO_ANSWER)
    assert (town.claims(case), town.avoided(case)) == ([], set())
    assert stay_of(town, held).missed == {"at": town.at.isoformat(), "rung": "no_answer", "wants_place": None}
    with town.act(COORDINATOR) as act:
        [ended] = [one for one in timeline(act, case, before=None, limit=50).entries if one.event == "stay:ended"]
    assert [detail.values for detail in ended.details if detail.about is About.RUNG] == [("no_answer",)]


@one_store
def test_key_and_foreign_actor_say_nothing_of_an_arrival(town):
    _, held = awaited(town)
    for do in (lambda actor: town.no_show(held, actor=actor), lambda actor: reverse(town, held, actor)):
        with pytest.raises(NotAllowed) as wrong:
            do(replace(STAFF, session_id=None))
        assert wrong.value.code == "sign_in_needed"
        for actor in (ELSEWHERE, shelter("S2")):
            with pytest.raises(NotFound):
                do(actor)


@pytest.mark.parametrize("minutes", [0, 29])
def test_reversal_gives_back_hold_bed_and_task(town, minutes):
    case, held = awaited(town, road_telephone=ROAD)
    beds = {claim.bed_id for claim in town.claims(case)}
    town.later(hours=4)
    town.no_show(held)
    town.later(minutes=minutes)
    reverse(town, held)
    assert (town.registration(case).status, town.one("hold", held).status) == (
        RegistrationStatus.HELD,
        HoldStatus.CONFIRMED,
    )
    stay = stay_of(town, held)
    assert (stay.status, stay.ended_on, stay.end_reason, stay.missed) == (StayStatus.PLANNED, None, None, None)
    claims = town.claims(case)
    assert {claim.bed_id for claim in claims} == beds
    assert {(claim.stay_id, claim.starts_on) for claim in claims} == {(stay.id, TODAY)}
    with town.act(DESK) as act:
        [shown] = facts_of_holds(act, [act.session.get_one(Hold, held)]).values()
    assert (shown.told.road_telephone, shown.reversible_until) == (ROAD, None)
    assert town.arrive(held).status is StayStatus.IN_HOUSE


def test_reversal_after_half_an_hour_is_refused(town):
    case, held = awaited(town)
    town.no_show(held)
    town.later(minutes=30)
    assert refused("no_show_is_final", lambda: reverse(town, held)) == {"at": f"{TODAY:%d-%m} 11:00", "minutes": 30}
    assert town.registration(case).status is RegistrationStatus.OPEN


@pytest.mark.wide
@one_store
def test_reversal_of_what_was_not_said_is_refused(town):
    _, held = awaited(town)
    refused("no_show_not_said", lambda: reverse(town, held))
    town.no_show(held)
    reverse(town, held)
    refused("no_show_not_said", lambda: reverse(town, held))
    _, other = awaited(town)
    town.release(other, "unreachable")
    refused("no_show_not_said", lambda: reverse(town, other))


@pytest.mark.wide
def test_reversal_is_refused_once_the_bed_is_given_to_another(town):
    town.full("R2", "R3")
    case, held = awaited(town)
    town.no_show(held)
    others = [town.hold_in(town.register(), "U1-women") for _ in range(2)]
    refused("rooms_gone", lambda: reverse(town, held))
    assert (town.registration(case).status, town.claims(case)) == (RegistrationStatus.OPEN, [])
    town.refuse(others[0], "staff_shortage")
    refused("rooms_gone", lambda: reverse(town, held))  # the unit takes nobody now
    town.report("S1")
    reverse(town, held)


@one_store
def test_reversal_is_refused_where_a_rule_breaks_by_now(town):
    case, held = awaited(town)
    town.no_show(held)
    version = town.registration(case).version
    avoided = [AvoidedInput(AvoidedKind.UNIT, "U1-women")]
    town.do(registrations.change, case, version, {}, avoided=avoided, actor=COORDINATOR)
    assert refused("situation_changed", lambda: reverse(town, held))["rules"] == ["avoided_unit"]


@pytest.mark.parametrize("followed", ["proposed", "reserved", "asked"])
def test_reversal_withdraws_the_search_that_followed(town, followed):
    case, held = awaited(town)
    town.no_show(held)
    proposal = town.propose(case, actor=COORDINATOR)
    if followed != "proposed":
        actor = DESK if followed == "asked" else COORDINATOR
        other = town.hold_of(town.decide_on(case, "U1-women", proposal=proposal, actor=actor).id)
        assert other.status is (HoldStatus.WAITING_FOR_SHELTER if followed == "asked" else HoldStatus.RESERVED)
    reverse(town, held)
    assert [row for row in town.all(select(Proposal)) if row.status is ProposalStatus.MADE] == []
    holds = {row.id: row.status for row in town.all(select(Hold))}
    assert holds.pop(held) is HoldStatus.CONFIRMED
    assert set(holds.values()) <= {HoldStatus.RELEASED}
    assert town.registration(case).status is RegistrationStatus.HELD
    assert {claim.hold_id for claim in town.claims(case)} == {held}


@pytest.mark.wide
def test_reversal_is_refused_once_another_place_is_confirmed(town):
    case, held = awaited(town)
    town.no_show(held)
    other = town.hold_in(case, "U1-women")
    town.confirm(other)
    refused("kept_elsewhere", lambda: reverse(town, held, DESK))
    assert refused("no_way_back", lambda: reverse(town, held)) == {}
    town.release(other, "found_other_place")
    refused("registration_not_changeable", lambda: reverse(town, held))


@pytest.mark.wide
def test_reversal_gives_back_the_new_place_of_a_move(town):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.confirm(held)
    town.no_show(held)
    assert status(town, client) is RegistrationStatus.MOVING
    reverse(town, held)
    assert status(town, client) is RegistrationStatus.MOVE_HELD
    town.arrive(held)
    assert (town.one("stay", stay).status, status(town, client)) == (StayStatus.ENDED, RegistrationStatus.PLACED)


@pytest.mark.wide
def test_each_no_show_and_reversal_tells_all_told_before(people):
    town = people
    _, held = awaited(town)
    for _ in range(2):
        town.later(minutes=1)
        town.no_show(held, actor=STAFF)
        town.later(minutes=1)
        reverse(town, held, actor=COORDINATOR)
    told = [
        {one.account_id for one in sent(town, kind)} for kind in (MessageKind.NO_SHOW, MessageKind.NO_SHOW_REVERSED)
    ]
    assert told[0] >= {COORDINATOR.id, DESK.id}
    assert told[1] >= told[0] - {COORDINATOR.id}  # who took it back knows of it
    moments = {one.made_at for one in sent(town, MessageKind.NO_SHOW)}
    assert len(moments) == 2


@pytest.mark.wide
@one_store
def test_reversal_is_told_to_an_account_that_wants_no_mail_now(people):
    _, held = awaited(people)
    people.no_show(held, actor=STAFF)
    people.do(details.change, Details("Naam", at_once=AtOnce.NONE), actor=DESK)
    people.later(minutes=1)
    reverse(people, held)
    assert DESK.id in {one.account_id for one in sent(people, MessageKind.NO_SHOW_REVERSED)}


def test_unsent_mail_of_a_reversed_no_show_is_moot(people):
    _, held = awaited(people)
    people.no_show(held)
    with people.act() as act:
        assert not any(emails.is_moot(act.session, one) for one in deliveries_in(act.session, MessageKind.NO_SHOW))
    people.later(minutes=1)
    reverse(people, held)
    with people.act() as act:
        assert all(emails.is_moot(act.session, one) for one in deliveries_in(act.session, MessageKind.NO_SHOW))
        back = deliveries_in(act.session, MessageKind.NO_SHOW_REVERSED)
        assert back
        assert not any(emails.is_moot(act.session, one) for one in back)


def test_timeline_says_the_time_as_it_was_at_each_turn(town):
    case, held = awaited(town)
    times = [town.at + timedelta(hours=2)]
    for hours in (3, 5):
        town.later(minutes=5)
        times.append(town.at + timedelta(hours=hours))
        postpone(town, held, times[-1])
    with town.act(COORDINATOR) as act:
        entries = timeline(act, case, before=None, limit=50).entries
    told = [d.values[0] for one in reversed(entries) for d in one.details if d.about is About.EXPECTED]
    assert told == [moment.isoformat() for moment in times]
