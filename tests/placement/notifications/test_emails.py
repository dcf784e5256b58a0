"""Mails sent at once: holds to the shelter, its answers to coordinator and desk."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import DecisionStatus, MessageKind, RegistrationStatus
from placement.notifications import emails
from placement.outbox import outbox
from placement.placements.decisions import decisions
from placement.placements.holds import arrivals, holds
from placement.tables import Decision, Hold, Registration
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.catalogue_ids import forms
from tests.support.messages import deliveries_in, sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, shelter

K = MessageKind


@pytest.fixture
def staffed(town):
    """Shelter staff at S1, a coordinator of Amsterdam, two of the desk; and staff at S2, who get no mail."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    return town


def recipients_of(town):
    """Returns the recipients of each kind of message."""
    found = {}
    for row in sent(town):
        found.setdefault(row.kind, set()).add(row.account_id)
    return found


def waiting(town):
    case = town.register(actor=COORDINATOR)
    return town.decide_on(case, "U1-women", actor=COORDINATOR)


def asked(town):
    decision = waiting(town)
    town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    return town.hold_of(decision.id).id


@pytest.mark.wide
def test_hold_asked_mails_the_shelter_at_once(staffed):
    asked(staffed)
    assert recipients_of(staffed) == {
        K.DECISION_WAITS: {DESK.id, OTHER_DESK.id},
        K.DECISION_CHANGED: {COORDINATOR.id},
        K.HOLD_ASKED: {"A-S1"},
    }
    assert {row.next_at for row in sent(staffed)} == {staffed.at}


def confirmed(town):
    town.confirm(asked(town))


def refused(town):
    town.refuse(asked(town), "house_mix")


def expired(town):
    asked(town)
    town.later(hours=4)
    town.do(holds.expire_due)


def released(town):
    town.release(asked(town), "unreachable", actor=COORDINATOR)


def withdrawn(town):
    waiting(town)
    [held] = town.all(select(Hold))
    town.release(held.id, "unreachable", actor=DESK)


def stale(town):
    town.later(hours=73)
    town.do(decisions.answer_decision, waiting(town).id, granted=True, actor=OTHER_DESK)


def not_arrived(town):
    held = asked(town)
    town.confirm(held)
    town.no_show(held, actor=shelter("S1"))


def postponed(town):
    held = asked(town)
    town.confirm(held)
    town.do(arrivals.postpone, held, town.at + timedelta(hours=20), actor=DESK)


def broken_off(town):
    hold = asked(town)
    town.confirm(hold)
    town.end(town.arrive(hold).id, "moved_for_safety")


def lapsed(town):
    waiting(town)
    town.later(hours=4)
    town.do(decisions.expire_waiting)


def not_agreed(town):
    town.do(decisions.answer_decision, waiting(town).id, granted=False, actor=DESK)


PLACERS = {COORDINATOR.id, DESK.id, OTHER_DESK.id}


@one_store
@pytest.mark.parametrize(
    ("what", "kind", "who"),
    [
        (confirmed, K.HOLD_CONFIRMED, PLACERS),
        (refused, K.HOLD_REFUSED, PLACERS),
        (expired, K.HOLD_EXPIRED, PLACERS | {"A-S1"}),
        (released, K.HOLD_RELEASED, (PLACERS - {COORDINATOR.id}) | {"A-S1"}),
        (withdrawn, K.HOLD_RELEASED, PLACERS - {DESK.id}),  # the shelter was not asked yet
        (stale, K.COUNT_ASKED, {"A-S1"}),
        (not_arrived, K.NO_SHOW, PLACERS | {"A-S1"}),  # the reporter of the no-show has another account
        (postponed, K.ARRIVAL_POSTPONED, (PLACERS - {DESK.id}) | {"A-S1"}),
        (broken_off, K.STAY_BROKEN_OFF, PLACERS - {DESK.id}),  # who ended the stay knows of it
        (waiting, K.DECISION_WAITS, {DESK.id, OTHER_DESK.id}),
        (lapsed, K.DECISION_LAPSED, PLACERS),
        (not_agreed, K.DECISION_REFUSED, PLACERS - {DESK.id}),
    ],
)
def test_event_mails_every_actor_that_must_act(staffed, what, kind, who):
    what(staffed)
    assert recipients_of(staffed)[kind] == who
    assert all(row.next_at <= staffed.at for row in sent(staffed, kind))


@pytest.mark.wide
def test_message_is_dropped_once_it_was_acted_upon(staffed):
    refused(staffed)
    with staffed.act() as act:
        [of_refusal, *_] = deliveries_in(act.session, K.HOLD_REFUSED)
        [of_asking] = deliveries_in(act.session, K.HOLD_ASKED)
        assert not emails.is_moot(act.session, of_refusal)
        assert emails.is_moot(act.session, of_asking)
        case = emails._case_of(act.session, of_refusal).id
    staffed.decide_on(case, "U2-family", actor=COORDINATOR)
    with staffed.act() as act:
        assert emails.is_moot(act.session, of_refusal)


@pytest.mark.wide
def test_mail_names_no_person_place_or_case(staffed):
    for what in (refused, lapsed, not_arrived):
        what(staffed)
    for row in sent(staffed):
        assert set(row.facts) <= {"hold", "unit", "decision", "stay", "status", "due"}
    for kind, path in emails.PATHS.items():
        said = [text for part in ("subject", "sentence") for text in forms("nl", (f"mail.{part}", kind.value))]
        assert "{hold}" not in "".join((*said, path))


@pytest.mark.wide
def test_hold_asked_mail_names_the_deadline(staffed):
    asked(staffed)
    [row] = sent(staffed, K.HOLD_ASKED)
    assert row.try_until == staffed.at + timedelta(hours=4)
    assert emails._facts(row, "nl")["until"] == "15:00"
    staffed.do(outbox.retry, row.id, actor=DESK)  # tried for longer, and due as before
    [row] = sent(staffed, K.HOLD_ASKED)
    assert emails._facts(row, "nl")["until"] == "15:00"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("language", "said"), [("nl", "definitief"), ("en", "final")])
def test_mail_of_a_turn_says_the_status_until_there_is_another(staffed, language, said):
    hold = asked(staffed)
    with staffed.act() as act:
        [row] = deliveries_in(act.session, K.DECISION_CHANGED)
        assert emails._facts(row, language)["status"] == said
        assert not emails.is_moot(act.session, row)
        decision = act.session.get_one(Decision, act.session.get_one(Hold, hold).decision_id)
        decision.status = DecisionStatus.WAITING_FOR_SHELTER
        assert emails.is_moot(act.session, row)
        act.session.rollback()


@pytest.mark.wide
def test_confirmed_and_then_released_is_moot(staffed):
    hold = asked(staffed)
    staffed.confirm(hold)
    staffed.release(hold, "unreachable", actor=COORDINATOR)
    with staffed.act() as act:
        rows = deliveries_in(act.session, K.HOLD_CONFIRMED)
        assert [emails.is_moot(act.session, row) for row in rows] == [True] * len(rows)
        assert len(rows) == 3


@pytest.mark.wide
def test_expired_hold_mails_coordinator_and_desk_not_the_shelter(staffed):
    expired(staffed)
    with staffed.act() as act:
        case = act.session.exec(select(Hold)).one().registration_id
        act.session.get_one(Registration, case).status = RegistrationStatus.HELD
        act.session.flush()
        rows = deliveries_in(act.session, K.HOLD_EXPIRED)
        assert {row.account_id for row in rows if not emails.is_moot(act.session, row)} == {"A-S1"}
