"""A decision that breaks a hard rule, and its request for a second person: one answer, and one state of both."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import select

from placement.audit.events import Event
from placement.core.codes import AvoidedKind, DecisionStatus, HoldStatus, RegistrationStatus
from placement.core.errors import Conflict, NotAllowed, NotFound, PlacementError
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.core.timeline_codes import About
from placement.crypto.encrypted_columns import Unreadable
from placement.placements.decisions import decisions
from placement.placements.timeline import timeline
from placement.registrations.case import AvoidedInput
from placement.retention import erasure
from placement.second_person import requests
from placement.storage import outage
from placement.tables import Decision, Message, SecondPersonRequest
from placement.tasks.second_person_kinds import KINDS
from tests.support import second_person
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY

D, S = DecisionStatus, SecondPersonStatus


def asked(town, actor=DESK):
    """A decision that waits for a second person."""
    case = town.register(actor=COORDINATOR, needs=["psychiatric"])
    return town.override(town.propose(case, actor=actor), "U1-women", actor=actor)


def unsafe(town):
    """Such a decision, which breaks a rule about danger."""
    case = town.register(parts={"avoided": [AvoidedInput(AvoidedKind.UNIT, "U1-women")]})
    return town.override(town.propose(case), "U1-women", review_on=TODAY + timedelta(days=9))


def request_about(town, decision):
    about = SecondPersonRequest.about == decision.id
    return town.all(select(SecondPersonRequest).where(about, SecondPersonRequest.kind == SecondPersonKind.DECISION))[0]


def by_decision(town, decision, *, granted, text=None, actor=OTHER_DESK):
    town.do(decisions.answer_decision, decision.id, granted=granted, text=text, actor=actor)


def by_request(town, decision, *, granted, actor=OTHER_DESK):
    town.do(second_person.answer, request_about(town, decision).id, granted=granted, actor=actor)


def withdraw(town, decision, actor=DESK):
    town.do(second_person.withdraw, request_about(town, decision).id, actor=actor)


def give_back(town, decision):
    town.release(town.hold_of(decision.id).id, "unreachable")


def lapse(town, _):
    town.later(hours=80)
    town.do(decisions.expire_waiting)


ENDS = {
    "granted by the decision": (partial(by_decision, granted=True), D.FINAL, S.GRANTED, HoldStatus.WAITING_FOR_SHELTER),
    "granted by the request": (partial(by_request, granted=True), D.FINAL, S.GRANTED, HoldStatus.WAITING_FOR_SHELTER),
    "refused by the decision": (partial(by_decision, granted=False), D.REFUSED, S.REFUSED, HoldStatus.RELEASED),
    "refused by the request": (partial(by_request, granted=False), D.REFUSED, S.REFUSED, HoldStatus.RELEASED),
    "withdrawn": (withdraw, D.WITHDRAWN, S.WITHDRAWN, HoldStatus.RELEASED),
    "beds given back": (give_back, D.WITHDRAWN, S.WITHDRAWN, HoldStatus.RELEASED),
    "lapsed": (lapse, D.LAPSED, S.LAPSED, HoldStatus.EXPIRED),
}


def states(town, decision):
    row, held = town.one("decision", decision.id), town.hold_of(decision.id)
    return row.status, request_about(town, decision).status, held.status


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("how", ENDS)
def test_decision_and_its_request_end_together(town, how):
    end, *expected = ENDS[how]
    decision = asked(town)
    assert states(town, decision) == (D.WAITING_FOR_SECOND, S.ASKED, HoldStatus.RESERVED)
    end(town, decision)
    assert states(town, decision) == tuple(expected)
    assert town.do(second_person.disagreeing) == []
    case = RegistrationStatus.HELD if expected[0] is D.FINAL else RegistrationStatus.OPEN
    assert town.registration(decision.registration_id).status is case
    for other, *_ in ENDS.values():  # what ended is answered no more, by neither way
        before = len(town.events())
        if other not in {give_back, lapse}:
            with pytest.raises((Conflict, NotAllowed)):
                other(town, decision)
            assert {event for event in town.events(before) if ":" in event} <= {"access:refused"}
    assert states(town, decision) == tuple(expected)


def hours_pass(town, _):
    town.later(hours=2)


@pytest.mark.wide
@both_stores
def test_decision_agrees_with_its_request_after_any_acts(town):
    drawn, seen, acts = Random(40), set(), [end for end, *_ in ENDS.values()]
    for begins in [*((one,) for one in acts * 2), (hours_pass, acts[0])]:
        town.report("S1")
        town.later(hours=71)  # after two hours more the count is stale
        decision = asked(town)
        for act in (*begins, *drawn.sample([*acts, hours_pass], 3)):
            with suppress(PlacementError):
                act(town, decision)
            town.do(second_person.lapse)
            assert town.do(second_person.disagreeing) == []
            seen.add(states(town, decision)[:2])
        with suppress(PlacementError):
            give_back(town, decision)
    assert seen >= {(status, request) for _, status, request, _ in ENDS.values()} | {(D.WAITING_FOR_SHELTER, S.GRANTED)}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("granted", [True, False])
def test_both_ways_of_an_answer_do_the_same(town, granted):
    done = []
    for way in (by_decision, by_request):
        decision = asked(town)
        before, told = len(town.events()), len(town.all(select(Message)))
        way(town, decision, granted=granted)
        row, request = town.one("decision", decision.id), request_about(town, decision)
        answer = row.answer.by, row.answer.at == town.at, request.settled_by, request.settled_at == town.at
        told = len(town.all(select(Message))) - told
        done.append((answer, states(town, decision), town.events(before), told, town.hold_of(decision.id).reason))
        if granted:
            give_back(town, decision)
    assert done[0] == done[1]
    assert done[0][0] == (OTHER_DESK.id, True, OTHER_DESK.id, True)


@pytest.mark.wide
@one_store
def test_reason_of_a_refusal_stands_in_the_request(town):
    decision = asked(town)
    by_decision(town, decision, granted=False, text="Te dichtbij")
    assert request_about(town, decision).text == town.one("decision", decision.id).answer.text == "Te dichtbij"
    assert town.one("decision", decision.id).second_text is None


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_two_answers_at_once_have_one_winner(town):
    decision = asked(town)
    request = request_about(town, decision).id
    third = replace(OTHER_DESK, id="A-third")
    outcomes = at_once(
        lambda: town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK),
        lambda: town.do(second_person.refuse, request, actor=third),
        lambda: town.do(second_person.grant, request, actor=third),
        lambda: town.do(second_person.withdraw, request, actor=DESK),
    )
    assert len(worked(outcomes)) == 1
    codes = {one.code for one in outcomes if isinstance(one, Conflict)}
    assert codes <= {"decision_not_waiting", "asking_settled"}
    assert town.do(second_person.disagreeing) == []


@one_store
@pytest.mark.parametrize("way", [by_decision, by_request])
@pytest.mark.parametrize("granted", [True, False])
def test_neither_way_answers_alone_late_or_from_elsewhere(town, way, granted):
    decision = asked(town)
    for actor, codes in (
        (DESK, {"second_person_needed"}),
        (COORDINATOR, {"role_may_not"}),
        (ELSEWHERE, {"role_may_not", "not_found"}),
    ):
        with pytest.raises((Conflict, NotAllowed, NotFound)) as refused:
            way(town, decision, granted=granted, actor=actor)
        assert refused.value.code in codes
    town.later(hours=80)
    with pytest.raises(Conflict) as refused:  # whether or not the job has run
        way(town, decision, granted=granted)
    assert (refused.value.code, refused.value.facts["status"]) == ("decision_not_waiting", "lapsed")
    with town.act() as act:
        outage.record(act.session, town.at - timedelta(hours=79), town.at)
    way(town, decision, granted=granted)  # nobody could while the service was away
    assert town.do(second_person.disagreeing) == []


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("way", [by_decision, by_request])
def test_rule_of_safety_is_granted_right_after_the_second_factor(town, way):
    decision = unsafe(town)
    request, kind = request_about(town, decision), KINDS[SecondPersonKind.DECISION]
    with town.act(OTHER_DESK) as act:
        assert kind.needs_factor(act, request)
    with town.act(COORDINATOR) as act:  # the reader may not see that rule
        assert not kind.needs_factor(act, request)
    with town.act(OTHER_DESK) as act:
        row = act.session.get_one(Decision, decision.id)
        set_committed_value(row, "broken", Unreadable(row.registration_id))
        assert not kind.needs_factor(act, request)  # its key is missing
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        way(town, decision, granted=True)
    way(town, decision, granted=True, actor=replace(OTHER_DESK, verified_at=town.at))
    assert states(town, decision)[:2] == (D.FINAL, S.GRANTED)


@pytest.mark.wide
@one_store
def test_refusal_and_other_rules_need_no_second_factor(town):
    other = request_about(town, asked(town))
    with town.act(OTHER_DESK) as act:
        assert not KINDS[SecondPersonKind.DECISION].needs_factor(act, other)
    decision = unsafe(town)
    by_request(town, decision, granted=False)
    assert states(town, decision)[:2] == (D.REFUSED, S.REFUSED)


@pytest.mark.wide
@one_store
def test_request_is_at_the_browser_of_no_first_person(town):
    decision = asked(town, actor=replace(DESK, browser="B"))
    for way in (by_decision, by_request):
        with pytest.raises(Conflict, match="second_browser_needed"):
            way(town, decision, granted=True, actor=replace(OTHER_DESK, browser="B"))
    by_request(town, decision, granted=True, actor=replace(OTHER_DESK, browser="C"))


@pytest.mark.wide
@one_store
def test_confirmation_of_the_desk_is_no_request(town):
    town.full("R1", "R3", "R4", "R5", "R6", "R7")
    there = replace(COORDINATOR, browser="B")
    decision = town.decide_on(town.register(actor=COORDINATOR), "U1-women", actor=there)
    assert decision.status is D.WAITING_FOR_DESK
    assert town.do(requests.listed, KINDS) == []
    for actor, code in (
        (replace(OTHER_DESK, browser="B"), "second_browser_needed"),
        (replace(DESK, id=COORDINATOR.id, browser="C"), "second_person_needed"),
    ):
        with pytest.raises(Conflict, match=code):
            by_decision(town, decision, granted=True, actor=actor)
    by_decision(town, decision, granted=True, actor=replace(OTHER_DESK, browser="C"))
    row = town.one("decision", decision.id)
    assert (row.second_by, row.answer.by, row.request) == (OTHER_DESK.id, OTHER_DESK.id, None)


@pytest.mark.wide
@one_store
def test_coordinator_reads_and_withdraws_requests_of_the_region(town):
    own, of_desk = asked(town, actor=COORDINATOR), asked(town)
    seen = town.do(requests.listed, KINDS, actor=COORDINATOR)
    assert {one.about for one in seen} == {own.id, of_desk.id}
    assert [one.facts for one in seen] == [{}, {}]
    assert town.do(requests.listed, KINDS, actor=ELSEWHERE) == []
    with pytest.raises(NotAllowed, match="asker_needed"):
        withdraw(town, of_desk, actor=COORDINATOR)
    withdraw(town, own, actor=COORDINATOR)
    assert town.hold_of(own.id).reason == "decision_withdrawn"
    assert town.registration(own.registration_id).status is RegistrationStatus.OPEN


@one_store
def test_timeline_tells_a_decision_and_its_answer_once(town):
    decision = asked(town)
    by_decision(town, decision, granted=False, text="Te dichtbij")
    found = town.do(timeline, decision.registration_id, before=None, limit=50).entries
    assert [one.event for one in found if one.event.startswith("second_person")] == []
    [refused] = [one for one in found if one.event is Event.DECISION_REFUSED]
    assert ("Te dichtbij",) in [detail.values for detail in refused.details if detail.about is About.TEXT]


@one_store
def test_reason_of_a_refusal_goes_with_the_content_of_its_case(town):
    decision = asked(town)
    by_decision(town, decision, granted=False, text="Te dichtbij")
    town.do(erasure.erase_content, [decision.registration_id])
    assert request_about(town, decision).text is None
    assert town.one("decision", decision.id).answer[1:] == (OTHER_DESK.id, None)
