"""Notices of each turn of a decision, a hold and a stay: the decider is always notified, and nobody twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.core.codes import MessageKind, Role, Urgency
from placement.core.context import Actor
from placement.core.notice_codes import AtOnce
from placement.core.request_codes import RequestGround, RequestKind
from placement.duty import mandates
from placement.jobs import periodic
from placement.placements.holds import arrivals
from placement.placements.stays import stays
from placement.registrations import links, registrations, requests
from placement.tables import Mandate
from tests.support.accounts import add_accounts
from tests.support.duty import WEDNESDAY_AT_9, answered, mandated, moved, peopled
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK

K = MessageKind
STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
DECIDED_BY, CONFIRMS, OTHER, SHELTER = COORDINATOR.id, "A-other-desk", DESK.id, STAFF.id


def registered(town):
    return town.register(actor=COORDINATOR)


def registered_with_mandate(town):
    mandated(town)
    return registered(town)


def registered_by_day(town):
    moved(town, WEDNESDAY_AT_9)
    return registered(town)


def registered_with_stale_count(town):
    mandated(town, days=90)
    town.later(hours=73)
    return registered(town)


def proposed(town):
    return town.propose(registered(town), actor=COORDINATOR)


def decides(town, case):
    return town.decide_on(case, actor=COORDINATOR)


def by_day(town):
    return decides(town, registered_by_day(town))


def by_day_with_stale_count(town):
    decision = by_day(town)
    town.having(stale_after=timedelta(hours=1), fresh_within=timedelta(minutes=30))
    town.later(hours=2)
    return decision


def with_stale_count(town):
    return decides(town, registered_with_stale_count(town))


def revoked(town):
    decision = with_stale_count(town)
    [mandate] = town.all(select(Mandate))
    town.do(mandates.revoke, mandate.id)
    return decision


def provisional(town):
    return decides(town, registered_with_mandate(town))


def asked(town):
    decision = by_day(town)
    answered(town, decision.id, granted=True)
    return town.hold_of(decision.id).id


def confirmed(town):
    hold = asked(town)
    town.confirm(hold, actor=STAFF)
    return hold


def missed(town):
    hold = confirmed(town)
    town.no_show(hold)
    return hold


def missed_and_kept_elsewhere(town):
    hold = missed(town)
    town.decide_on(town.one("hold", hold).registration_id, actor=COORDINATOR)
    return hold


def lived_in(town):
    decision = provisional(town)
    hold = town.hold_of(decision.id).id
    town.confirm(hold, actor=STAFF)
    town.arrive(hold)
    return decision


def left(town):
    decision = provisional(town)
    hold = town.hold_of(decision.id).id
    town.confirm(hold, actor=STAFF)
    town.end(town.arrive(hold).id)
    return decision


def housed_and_kept_elsewhere(town):
    hold = confirmed(town)
    stay = town.arrive(hold)
    case = town.registration(stay.registration_id)
    wanted = requests.Asked(RequestKind.TRANSFER, Urgency.DAYS, RequestGround.WISH)
    town.do(requests.ask, case.id, case.version, wanted, actor=COORDINATOR)
    town.decide_on(case.id, actor=COORDINATOR)
    return stay


def agrees(town, decision):
    answered(town, decision.id, granted=True)


def does_not_agree(town, decision):
    answered(town, decision.id, granted=False, text="Niet hier")


def time_passes(town, _):
    town.later(hours=4)
    for job in (one for one in periodic.JOBS if one.lapses):
        town.do(job.run)


def of_decision(verb):
    return lambda town, decision: verb(town, town.hold_of(decision.id).id)


def confirms(town, hold):
    town.confirm(hold, actor=STAFF)


def refuses(town, hold):
    town.refuse(hold, "house_mix")


def gives_back(town, hold):
    town.release(hold, actor=DESK)


def postpones(town, hold):
    town.do(arrivals.postpone, hold, town.at + timedelta(hours=20), actor=DESK)


def arrives(town, hold):
    town.arrive(hold)


def misses(town, hold):
    town.no_show(hold, actor=STAFF)


def comes(town, hold):
    town.do(arrivals.reverse_no_show, hold)


def housed(town):
    return town.arrive(confirmed(town))


def ends(town, stay):
    town.do(stays.end, stay.id, "own_housing", actor=STAFF)


def closes(town, case):
    town.do(registrations.close, case, "entered_in_error", actor=replace(DESK, opened=frozenset({case})))


def merges(town, case):
    again = town.register(actor=COORDINATOR)
    town.do(links.merge, again, case, actor=replace(DESK, opened=frozenset({again})))


def declines(town, proposal):
    case = town.one("proposal", proposal).registration_id
    town.decline(proposal, "withdraws_consent", actor=replace(DESK, opened=frozenset({case})))


def breaks_off(town, stay):
    town.do(stays.end, stay.id, "moved_for_safety", actor=STAFF)


def counts(town, _):
    town.report("S1")


CHANGED, REFUSED, LAPSED, WAITS = K.DECISION_CHANGED, K.DECISION_REFUSED, K.DECISION_LAPSED, K.DECISION_WAITS


def to(kind, *accounts):
    return {account: [kind] for account in accounts}


PLACERS = DECIDED_BY, CONFIRMS, OTHER
TABLE = {
    # the state before, the act, and who receives a notice: never the account that acts
    "decided, under a mandate": (registered_with_mandate, decides, to(K.HOLD_ASKED, SHELTER)),
    "decided, the desk is asked": (registered_by_day, decides, to(WAITS, CONFIRMS, OTHER)),
    "decided, the count is asked": (registered_with_stale_count, decides, to(K.COUNT_ASKED, SHELTER)),
    "the desk agrees": (by_day, agrees, to(CHANGED, DECIDED_BY) | to(K.HOLD_ASKED, SHELTER)),
    "the desk agrees, stale": (by_day_with_stale_count, agrees, to(CHANGED, DECIDED_BY) | to(K.COUNT_ASKED, SHELTER)),
    "the desk does not agree": (by_day, does_not_agree, to(REFUSED, DECIDED_BY, OTHER)),
    "the desk does not answer": (by_day, time_passes, to(LAPSED, *PLACERS)),
    "the decision is withdrawn": (by_day, of_decision(gives_back), to(K.HOLD_RELEASED, DECIDED_BY, CONFIRMS)),
    "counted, under a mandate": (with_stale_count, counts, to(CHANGED, DECIDED_BY) | to(K.HOLD_ASKED, SHELTER)),
    "counted, without a mandate": (revoked, counts, to(CHANGED, DECIDED_BY) | to(WAITS, CONFIRMS, OTHER)),
    "not counted": (with_stale_count, time_passes, to(LAPSED, *PLACERS)),
    "agreed afterwards, asked": (provisional, agrees, to(CHANGED, DECIDED_BY) | to(K.HOLD_SETTLED, SHELTER)),
    "agreed afterwards, lived in": (lived_in, agrees, to(CHANGED, DECIDED_BY) | to(K.HOLD_SETTLED, SHELTER)),
    "agreed afterwards, left": (left, agrees, to(CHANGED, DECIDED_BY)),
    "sent back, asked": (provisional, does_not_agree, to(REFUSED, DECIDED_BY, OTHER) | to(K.HOLD_RELEASED, SHELTER)),
    "sent back, lived in": (lived_in, does_not_agree, to(REFUSED, DECIDED_BY, OTHER) | to(K.HOLD_SETTLED, SHELTER)),
    "sent back, left": (left, does_not_agree, to(CHANGED, DECIDED_BY)),
    "the shelter accepts": (asked, confirms, to(K.HOLD_CONFIRMED, *PLACERS)),
    "the shelter refuses": (asked, refuses, to(K.HOLD_REFUSED, *PLACERS)),
    "the shelter refuses what is provisional": (provisional, of_decision(refuses), to(K.HOLD_REFUSED, *PLACERS)),
    "the shelter does not answer": (asked, time_passes, to(K.HOLD_EXPIRED, *PLACERS, SHELTER)),
    "given back, asked": (asked, gives_back, to(K.HOLD_RELEASED, DECIDED_BY, CONFIRMS, SHELTER)),
    "given back, confirmed": (confirmed, gives_back, to(K.HOLD_RELEASED, DECIDED_BY, CONFIRMS, SHELTER)),
    "comes later": (confirmed, postpones, to(K.ARRIVAL_POSTPONED, DECIDED_BY, CONFIRMS, SHELTER)),
    "arrives": (confirmed, arrives, to(K.ARRIVED, DECIDED_BY)),
    "does not come": (confirmed, misses, to(K.NO_SHOW, *PLACERS)),
    "comes after all": (missed, comes, to(K.NO_SHOW_REVERSED, DECIDED_BY, CONFIRMS, SHELTER)),
    "comes after all, kept elsewhere": (
        missed_and_kept_elsewhere,
        comes,
        to(K.NO_SHOW_REVERSED, DECIDED_BY, CONFIRMS, SHELTER),
    ),
    "the desk declines for good": (proposed, declines, to(K.CASE_CLOSED, DECIDED_BY)),
    "the desk closes the case": (registered, closes, to(K.CASE_CLOSED, DECIDED_BY)),
    "the desk merges the case": (registered, merges, to(K.CASE_CLOSED, DECIDED_BY)),
    "the stay ends, kept elsewhere": (housed_and_kept_elsewhere, ends, to(K.HOLD_RELEASED, *PLACERS)),
    "the stay ends": (housed, ends, to(K.CASE_CLOSED, DECIDED_BY)),
    "the stay breaks off": (housed, breaks_off, to(K.STAY_BROKEN_OFF, *PLACERS)),
}


@pytest.fixture
def people(town):
    return peopled(town)


def told(town, had):
    """Returns the kinds of message that each account was sent since."""
    found = {}
    for one in sent(town):
        if one.id not in had and one.account_id is not None:
            found.setdefault(one.account_id, []).append(one.kind)
    return {account: sorted(kinds) for account, kinds in found.items()}


@pytest.mark.wide
@pytest.mark.parametrize("turn", TABLE)
def test_turn_is_told_once_to_each_concerned(people, turn):
    before, act, expected = TABLE[turn]
    was = before(people)
    had = {one.id for one in sent(people)}
    people.later(minutes=1)
    act(people, was)
    found = told(people, had)
    assert [(account, kinds) for account, kinds in found.items() if len(kinds) != len(set(kinds))] == []
    assert found == expected


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("urgency", "told"), [(Urgency.TONIGHT, [DECIDED_BY]), (Urgency.DAYS, [])])
def test_closing_for_tonight_is_urgent_and_names_no_case(people, urgency, told):
    people.do(details.change, Details("Naam", at_once=AtOnce.URGENT), actor=COORDINATOR)
    day = people.do(lambda act: act.day)
    closes(people, people.register(actor=COORDINATOR, urgency=urgency, needed_by=day))
    found = sent(people, K.CASE_CLOSED)
    assert ([one.account_id for one in found], [one.facts for one in found]) == (told, [{}] * len(told))


@one_store
def test_own_draft_that_an_actor_closes_is_told_to_no_other(people):
    colleague = replace(COORDINATOR, id="A-colleague")
    add_accounts(people, colleague)
    for by, told in ((colleague, 0), (DESK, 1)):
        draft = people.register(actor=colleague, draft=True)
        people.do(registrations.close, draft, "entered_in_error", actor=replace(by, opened=frozenset({draft})))
        assert len({one.account_id for one in sent(people, K.CASE_CLOSED)} & {COORDINATOR.id}) == told
