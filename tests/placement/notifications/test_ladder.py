"""The ladder of tonight's tasks over a night with a frozen clock: who is rung, in which order, and how often."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlmodel import select

from api.v1.received import read_received
from placement.accounts import details
from placement.accounts.details import Details
from placement.core import clock
from placement.core.codes import MessageKind, MessageStatus, Urgency
from placement.core.whereabouts_codes import Informed
from placement.duty import rota
from placement.notifications import ring_choices
from placement.notifications.ring_choices import RingChoice
from placement.notifications.ring_delivery import deliver_pushes, deliver_sms
from placement.notifications.task_notices import tell_of_tasks
from placement.outbox import push_devices
from placement.placements.decisions import decisions
from placement.placements.stays import whereabouts
from placement.registrants import sending
from placement.tables import Decision, Organisation, PushDevice, Registration, TaskNotice
from placement.tasks import task_views
from placement.tasks.listing import asked_of_shelter
from placement.tasks.queue import queue
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.audit_log import logged
from tests.support.messages import sent
from tests.support.missing_clients import lost
from tests.support.registrants import FROM_ROTTERDAM, POLICE, a_case, with_registrants
from tests.support.ringing import HANGS_UP, SLOW, TWICE, Browser, ringing
from tests.support.simultaneous_acts import at_once
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, shelter

NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
STAFF = replace(shelter("S1"), id="A-S1")
NUMBERS = {COORDINATOR: "+31612345671", DESK: "+31612345672", OTHER_DESK: "+31612345673", STAFF: "+31612345674"}
LIST = ("+31612345678", "+31612345679")
PATHS = {actor: f"/push/{actor.id}" for actor in NUMBERS}


@pytest.fixture
def server():
    with ringing() as made:
        yield made


@pytest.fixture
def people(town, server, monkeypatch):
    """A coordinator, two of the desk and staff of S1, each with a device and SMS; it is eleven in the evening."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    with_registrants(town)
    settings = {"ladder_numbers": LIST, "sms": server.gateway, "address": "https://placement.example"}
    town.having(plain_http=True, webhook_within_seconds=60.0, **settings)
    for actor, number in NUMBERS.items():
        town.do(details.change, Details("Naam", telephone=number), actor=actor)
        town.do(ring_choices.choose, RingChoice(sms=True), actor=actor)
        allow(town, server, actor)
    deliver(town)
    server.came.clear()
    return town


def allow(town, server, actor, name=None):
    browser = Browser(server, name or actor.id)
    return browser, town.do(push_devices.allow, "telefoon", browser.subscription, actor=actor)


def deliver(town):
    return deliver_pushes(town.database, town.settings), deliver_sms(town.database, town.settings)


def passes(town, minutes):
    """Lets the time pass, with a run of the jobs at its end and a second before."""
    town.later(minutes=minutes, seconds=-1)
    tick(town)
    town.later(seconds=1)
    tick(town)


def tick(town):
    town.do(tell_of_tasks)
    deliver(town)


def urgent(town):
    """Returns a client of Amsterdam who needs a place tonight, and has had no place for an hour; it has just rung."""
    town.at = NIGHT - timedelta(hours=1)
    case = town.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    town.at = NIGHT
    tick(town)
    return case


def held(town):
    """Returns a hold for tonight that waits for the staff of S1."""
    town.at = NIGHT
    case = town.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    decided = town.decide_on(case, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decided.id, granted=True)
    tick(town)
    return town.hold_of(decided.id).id


def rung(server):
    """Returns what rang since the last call: who by push, and who by SMS."""
    found = server.rung()
    server.came.clear()
    names = {path: actor.id for actor, path in PATHS.items()} | {one: NUMBERS_OF[one] for one in NUMBERS_OF}
    return sorted(f"{names.get(one, one)}" for one in found.elements())


NUMBERS_OF = {number: f"sms {actor.id}" for actor, number in NUMBERS.items()} | {one: f"list {one[-1]}" for one in LIST}


@pytest.mark.wide
@both_stores
def test_unseen_task_rings_owner_then_on_call_then_the_list(people, server):
    urgent(people)
    assert rung(server) == ["A-amsterdam"]
    people.later(minutes=4)
    tick(people)
    assert rung(server) == []
    passes(people, 1)
    assert rung(server) == ["sms A-amsterdam"]
    passes(people, 5)
    assert rung(server) == ["A-desk", "A-other-desk", "sms A-desk", "sms A-other-desk"]  # nobody is on call
    passes(people, 5)
    assert rung(server) == ["list 8", "list 9"]
    passes(people, 60)
    assert rung(server) == []
    assert [(one.facts["mark"], one.facts["accounts"]) for one in logged(people, event="task:rung")] == [
        ("push", ["A-amsterdam"]),
        ("sms", ["A-amsterdam"]),
        ("on_call", ["A-desk", "A-other-desk"]),
        ("numbers", []),
    ]


@pytest.mark.wide
@one_store
def test_next_on_call_is_the_first_that_was_not_rung(people, server):
    people.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    people.do(rota.name, DESK.id, TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    urgent(people)
    passes(people, 10)
    assert rung(server)[-1:] == ["sms A-other-desk"]
    people.do(ring_choices.choose, RingChoice(), actor=OTHER_DESK)
    with people.act(OTHER_DESK) as act:
        [mine] = push_devices.of_account(act.session, OTHER_DESK.id)
        push_devices.remove(act, mine.id)
    rung(server)
    people.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    people.later(hours=1)
    tick(people)
    passes(people, 10)
    assert {"A-desk", "sms A-desk"} <= {*rung(server)}  # who is on call has no channel: the next of the rota


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("kind", ["urgent", "whereabouts", "decision", "hold", "call", "received"])
def test_task_that_a_person_opened_rings_no_more(people, server, kind):
    reader, look = {
        "urgent": _urgent_opened,
        "whereabouts": _search_opened,
        "decision": _decision_opened,
        "hold": _hold_opened,
        "call": _call_opened,
        "received": _received_opened,
    }[kind](people)
    rung(server)
    people.do(look, actor=replace(reader, session_id=None))  # software sees nothing
    people.do(look, actor=reader)
    passes(people, 20)
    assert rung(server) == []


def _urgent_opened(town):
    case = urgent(town)
    return DESK, lambda act: task_views.record_look_at_case(act, act.session.get_one(Registration, case))


def _search_opened(town):
    case = missing(town)
    return COORDINATOR, lambda act: task_views.record_look_at_case(act, act.session.get_one(Registration, case))


def _decision_opened(town):
    made = waiting(town)
    return OTHER_DESK, lambda act: task_views.record_look_at_decision(act, act.session.get_one(Decision, made.id))


def _hold_opened(town):
    held(town)
    return STAFF, asked_of_shelter


def _received_opened(town):
    """A registration that the police sends in at night rings the whole desk at once."""
    made = town.do(sending.send, a_case(urgency=Urgency.TONIGHT), FROM_ROTTERDAM, actor=POLICE)
    tick(town)
    assert [one.facts["accounts"] for one in logged(town, event="task:rung")] == [[DESK.id, OTHER_DESK.id]]
    return DESK, lambda act: read_received(act, made.id)


def _call_opened(town):
    hold = held(town)
    passes(town, 10)
    return DESK, lambda act: task_views.record_call(act, hold)


def missing(town):
    """Returns a client who left a shelter to an unknown destination; it has just rung."""
    town.at = NIGHT - timedelta(days=3)
    case, _ = lost(town)
    tick(town)
    return case


def waiting(town):
    """Returns a decision for tonight by a person of the desk that another person must confirm."""
    town.at = NIGHT
    facts = {"needs": ["psychiatric"], "multiple_problems": True, "urgency": Urgency.TONIGHT, "needed_by": TODAY}
    made = town.override(town.propose(town.register(**facts)), "U1-women", actor=DESK, reason="safety_judgement")
    tick(town)
    return made


@pytest.mark.wide
@one_store
def test_decision_never_rings_its_own_decider(people, server):
    made = waiting(people)
    assert made.status.value.startswith("waiting")
    people.do(lambda act: task_views.record_look_at_decision(act, act.session.get_one(Decision, made.id)), actor=DESK)
    passes(people, 15)
    assert rung(server) == ["A-other-desk", "list 8", "list 9", "sms A-other-desk"]


@pytest.mark.wide
@one_store
def test_whereabouts_begins_the_ladder_again_each_hour(people, server):
    case = missing(people)
    passes(people, 20)
    once = rung(server)
    assert {*Counter(once).values()} == {1}
    passes(people, 40)
    passes(people, 20)
    assert rung(server) == once  # steps that an interruption left out are taken together
    people.do(whereabouts.inform, case, 1, Informed.POLICE)
    passes(people, 300)
    assert rung(server) == []  # somebody has looked: the next look is due tomorrow


@pytest.mark.wide
@both_stores
def test_shelter_without_an_answer_is_to_be_rung_by_on_call(people, server):
    with people.database.transaction() as session:
        of_shelter = session.exec(select(Organisation).where(Organisation.shelter_id == "S1")).one()
        of_shelter.telephones = {"placing": "+31201234567", "night": "+31201234568"}
    people.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    hold = held(people)
    passes(people, 9)
    assert rung(server) == ["A-S1", "sms A-S1"]
    found = people.do(queue)
    assert hold not in found.unseen
    passes(people, 1)
    assert rung(server) == ["A-other-desk", "sms A-other-desk"]
    found = people.do(queue, actor=OTHER_DESK)
    assert hold in found.unseen
    assert hold in {one.task.about for one in found.to_do}
    assert [*found.numbers["S1"].values()] == ["+31201234568", "+31201234567"]
    passes(people, 5)
    assert rung(server) == ["list 8", "list 9"]


@pytest.mark.wide
@one_store
def test_quiet_hours_are_kept_unless_on_call(people, server):
    for actor in (COORDINATOR, DESK, OTHER_DESK):
        people.do(ring_choices.choose, RingChoice(sms=True, quiet_from=22, quiet_until=7), actor=actor)
    people.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    urgent(people)
    passes(people, 15)
    assert rung(server) == ["A-other-desk", "list 8", "list 9", "sms A-other-desk"]
    people.at = NIGHT + timedelta(hours=8)
    people.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY + timedelta(days=1))
    people.later(hours=1)
    tick(people)
    assert rung(server) == ["A-amsterdam"]


@pytest.mark.wide
@one_store
def test_step_that_waits_is_not_sent_once_the_task_is_seen(people, server):
    case = urgent(people)
    people.later(minutes=5)
    people.do(tell_of_tasks)
    people.do(
        lambda act: task_views.record_look_at_case(act, act.session.get_one(Registration, case)), actor=COORDINATOR
    )
    rung(server)
    deliver(people)
    assert rung(server) == []
    assert [one.status for one in sent(people, MessageKind.TASK_RINGS) if one.sms] == [MessageStatus.MOOT]


@pytest.mark.wide
@both_stores
def test_two_schedulers_at_once_take_each_step_once(people, server):
    urgent(people)
    held(people)
    work = (lambda: people.do(tell_of_tasks), lambda: deliver(people))
    for _ in range(4):
        people.later(minutes=5)
        at_once(*work, *work)
    deliver(people)
    assert set(Counter(text["id"] for text in server.texts()).values()) == {1}
    assert Counter(rung(server))["list 8"] == 2
    assert max(Counter(row.once for row in people.all(select(TaskNotice))).values()) == 1


ANSWERS = [*product((201, 410, 503, None), (201, 403, 503, TWICE, HANGS_UP, None), (False, True))]
FEW = [(410, HANGS_UP, True), (201, TWICE, False)]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("push", "sms", "called", "hours"),
    [*((*one, 1) for one in FEW), *(pytest.param(*one, 7, marks=pytest.mark.wide) for one in ANSWERS)],
)
def test_night_rings_each_actor_once_at_each_step(  # noqa: PLR0917  (each varies)
    people, server, push, sms, called, hours
):
    """A client who needs a place, and a client who is missing, from eleven until six, while nobody looks."""
    if called:
        people.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    if push is None:
        without_devices(people)
    for actor in NUMBERS if sms is None else ():
        people.do(ring_choices.choose, RingChoice(), actor=actor)
    server.answers = {"/push": push or 201, "/sms": sms or 201}
    missing(people)
    urgent(people)
    for minutes in (*(5, 5, 5, 45) * hours, 5, 5, 5):
        passes(people, minutes)
    turns = len({row.content.task for row in people.all(select(TaskNotice)) if row.content.kind == "whereabouts"})
    assert turns > hours
    expected = Counter(dict.fromkeys((COORDINATOR, DESK, OTHER_DESK), turns))  # of the missing client
    expected.update([COORDINATOR, OTHER_DESK] if called else [COORDINATOR, DESK, OTHER_DESK])
    counts = server.rung()
    by_push, by_sms = ({actor: counts[names[actor]] for actor in expected} for names in (PATHS, NUMBERS))
    assert is_right(by_push, expected, push, once={201})
    assert is_right(by_sms, expected, sms, once={201, TWICE, HANGS_UP, 403})
    assert is_right({number: counts[number] for number in LIST}, dict.fromkeys(LIST, turns + 1), sms or 201, {201, 403})
    failed = {one.trouble for one in sent(people) if one.sms and one.status is MessageStatus.FAILED}
    assert failed == {403: {"http_403"}, HANGS_UP: {"no_connection"}, 503: {"http_503"}}.get(sms, set())
    with people.act(COORDINATOR) as act:
        assert {ring_choices.read(act).sms_trouble} == (failed or {None})
        [device] = push_devices.of_account(act.session, COORDINATOR.id) or [None]
        ended = device is not None and device.ended_on is not None and device.subscription is None
    assert ended is (push == 410)


def is_right(found, expected, answer, once):
    """Checks the numbers of requests: as expected for these answers, some for others, and zero without a channel."""
    return found == expected if answer in once else all((count > 0) is (answer is not None) for count in found.values())


def without_devices(town):
    with town.database.transaction() as session:
        for device in session.exec(select(PushDevice)):
            session.delete(device)


@pytest.mark.wide
@one_store
def test_gateway_that_never_answers_gets_no_second_request(people, server):
    urgent(people)
    server.answers = {"/sms": SLOW}
    people.having(webhook_within_seconds=0.5)
    people.later(minutes=5)
    for _ in range(3):
        tick(people)
        people.later(minutes=1)
    assert [text["to"] for text in server.texts()] == [NUMBERS[COORDINATOR]]
    [sms] = [one for one in sent(people, MessageKind.TASK_RINGS) if one.sms]
    assert (sms.status, sms.trouble) == (MessageStatus.FAILED, "no_answer_in_time")
    with people.act(COORDINATOR) as act:
        assert ring_choices.read(act).sms_trouble == "no_answer_in_time"
