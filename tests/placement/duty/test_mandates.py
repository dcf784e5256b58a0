"""Standing mandates: what is carried out out of the hours of duty, and what the desk answers in the morning."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from placement.access import scoped_queries
from placement.audit.events import Event
from placement.core.codes import (
    DecisionKind,
    DecisionStatus,
    HoldStatus,
    MessageKind,
    RegistrationStatus,
    Role,
    Scheme,
    StayStatus,
    Urgency,
)
from placement.core.duty_codes import OutOfHours
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.duty import mandates, rota
from placement.notifications.task_notices import tell_of_tasks
from placement.placements.decisions import provisional_review
from placement.placements.decisions.provisional_review import SendingBack
from placement.placements.proposals import presentation
from placement.placements.timeline import timeline
from placement.tables import Account, Mandate, Stay
from placement.tasks.listing import open_tasks
from placement.tasks.task import TaskKind
from tests.support.duty import TUESDAY_AT_22, WEDNESDAY_AT_9, accepted, answered, mandated, moved, peopled
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK

TODAY = date(2026, 11, 24)
CHRISTMAS_AT_11 = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)


@pytest.fixture
def night(town):
    return peopled(town)


def fresh(town, actor=DESK):
    return replace(actor, verified_at=town.at)


def status_of(town, decision):
    return town.one("decision", decision.id).status


def tasks_of(town, actor=OTHER_DESK):
    return [one.task for one in town.do(open_tasks, actor=actor)]


@pytest.mark.wide
def test_first_proposal_at_night_is_carried_out_provisionally(night):
    made = mandated(night)
    decision = accepted(night)
    assert (decision.status, decision.mandate_id) == (DecisionStatus.PROVISIONAL, made.id)
    assert night.hold_of(decision.id).status is HoldStatus.WAITING_FOR_SHELTER
    assert [one.account_id for one in sent(night, MessageKind.HOLD_ASKED)] == ["A-S1"]
    assert night.events()[-1] == "mandate:used"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("at", "status"),
    [
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), DecisionStatus.WAITING_FOR_DESK),
        (datetime(2026, 11, 24, 16, 1, tzinfo=UTC), DecisionStatus.PROVISIONAL),
        (datetime(2026, 11, 25, 7, 59, tzinfo=UTC), DecisionStatus.PROVISIONAL),
        (datetime(2026, 11, 25, 8, 0, tzinfo=UTC), DecisionStatus.WAITING_FOR_DESK),
        (datetime(2026, 11, 28, 11, 0, tzinfo=UTC), DecisionStatus.PROVISIONAL),
        (CHRISTMAS_AT_11, DecisionStatus.PROVISIONAL),
        (datetime(2026, 12, 24, 10, 0, tzinfo=UTC), DecisionStatus.WAITING_FOR_DESK),
    ],
)
@one_store
def test_mandate_counts_out_of_the_hours_of_duty_only(night, at, status):
    mandated(night, days=60)
    moved(night, at)
    assert accepted(night).status is status


@pytest.mark.wide
@one_store
def test_mandate_is_of_no_use_while_the_setting_says_wait(night):
    mandated(night)
    night.having(out_of_hours=OutOfHours.WAIT)
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK


def test_setting_is_wait_unless_it_says_otherwise(town):
    assert town.settings.out_of_hours is OutOfHours.WAIT


@pytest.mark.wide
@one_store
def test_decision_waits_where_a_person_is_on_call(night):
    mandated(night)
    called = night.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK
    night.do(rota.withdraw, called.id)
    assert accepted(night).status is DecisionStatus.PROVISIONAL


@pytest.mark.wide
@one_store
def test_no_mandate_or_one_of_another_scheme_lets_it_wait(night):
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK
    mandated(night, schemes=[Scheme.OMM])
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK


@pytest.mark.wide
@one_store
def test_mandate_covers_a_first_proposal_accepted_alone(night):
    mandated(night)
    case = night.register(actor=COORDINATOR)
    night.propose(case, actor=COORDINATOR)
    night.later(minutes=1)
    again = night.propose(case, actor=COORDINATOR)
    assert accepted(night, proposal=again).status is DecisionStatus.WAITING_FOR_DESK


@one_store
def test_given_with_a_fresh_second_factor_for_days_to_come(night):
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        night.do(mandates.give, [Scheme.COSM], TODAY, TODAY)
    for schemes, starts, ends, at in (
        ([], 0, 1, "schemes"),
        ([Scheme.COSM, Scheme.WOMENS], 0, 1, "schemes"),
        ([Scheme.COSM], -1, 1, "starts_on"),
        ([Scheme.COSM], 2, 1, "ends_on"),
        ([Scheme.COSM], 0, 92, "ends_on"),
    ):
        days = [TODAY + timedelta(days=number) for number in (starts, ends)]
        with pytest.raises(Invalid) as wrong:
            night.do(mandates.give, schemes, *days, actor=fresh(night))
        assert [fault.field for fault in wrong.value.faults] == [at]
    with pytest.raises(NotAllowed, match="role_may_not"):
        night.do(mandates.give, [Scheme.COSM], TODAY, TODAY, actor=fresh(night, COORDINATOR))
    with pytest.raises(NotAllowed, match="sign_in_needed"):
        night.do(mandates.give, [Scheme.COSM], TODAY, TODAY, actor=replace(fresh(night), session_id=None))


@one_store
def test_list_says_which_stand_and_revoking_is_done_once(night):
    now, later = (
        mandated(night),
        night.do(mandates.give, [Scheme.OMM], TODAY + timedelta(1), TODAY + timedelta(2), actor=fresh(night)),
    )
    found = night.do(mandates.listed)
    assert [one.id for one in found.items] == [now.id, later.id]
    with night.act() as act:
        assert [mandates.stands(act, one) for one in found.items] == [True, False]
    night.do(mandates.revoke, now.id, actor=OTHER_DESK)
    with night.act() as act:
        assert not mandates.stands(act, mandates.named(act, [now.id])[now.id])
    with pytest.raises(Conflict, match="mandate_revoked"):
        night.do(mandates.revoke, now.id)
    with pytest.raises(NotFound):
        night.do(mandates.revoke, "M-none")
    assert {"mandate:given", "mandate:revoked", "mandate:listed"} <= set(night.events())


@pytest.mark.wide
def test_desk_confirms_in_the_morning_as_its_first_task(night):
    mandated(night)
    decision = accepted(night)
    moved(night, WEDNESDAY_AT_9)
    first = tasks_of(night)[0]
    assert (first.kind, first.about, first.due) == (
        TaskKind.PROVISIONAL,
        decision.id,
        WEDNESDAY_AT_9 + timedelta(hours=1),
    )
    answered(night, decision.id, granted=True)
    assert status_of(night, decision) is DecisionStatus.FINAL
    assert TaskKind.PROVISIONAL not in {one.kind for one in tasks_of(night)}
    assert night.events().count("decision:confirmed") == 1


@pytest.mark.wide
@one_store
def test_provisional_is_told_to_the_desk_after_the_night(night):
    mandated(night)
    night.later(hours=1)
    case = night.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    accepted(night, proposal=night.propose(case, actor=COORDINATOR))
    night.do(tell_of_tasks)
    told = {one.account_id: one.next_at for one in sent(night, MessageKind.TASK_DUE) if one.account_id}
    assert set(told) == {"A-desk", "A-other-desk"}
    assert set(told.values()) == {datetime(2026, 11, 25, 5, 0, tzinfo=UTC)}


@pytest.mark.wide
@one_store
def test_decider_does_not_confirm_the_own_provisional_decision(night):
    mandated(night)
    decision = accepted(night)
    with pytest.raises(Conflict, match="second_person_needed"):
        answered(night, decision.id, granted=True, by=replace(DESK, id=COORDINATOR.id))


@pytest.mark.wide
def test_sending_back_gives_the_beds_back_and_tells(night):
    mandated(night)
    decision = accepted(night)
    held = night.hold_of(decision.id)
    night.confirm(held.id)
    with pytest.raises(Invalid):
        answered(night, decision.id, granted=False)
    answered(night, decision.id, granted=False, text="Niet deze opvang")
    case = night.registration(decision.registration_id)
    assert (status_of(night, decision), case.status) == (DecisionStatus.REFUSED, RegistrationStatus.OPEN)
    assert night.hold_of(decision.id).status is HoldStatus.RELEASED
    assert night.claims(case.id) == []
    assert night.one("decision", decision.id).second_text == "Niet deze opvang"
    assert "A-S1" in {one.account_id for one in sent(night, MessageKind.HOLD_RELEASED)}
    assert "A-amsterdam" in {one.account_id for one in sent(night, MessageKind.DECISION_REFUSED)}
    assert TaskKind.SEARCH_AGAIN in {one.kind for one in tasks_of(night, COORDINATOR)}


@pytest.mark.wide
def test_sending_back_a_client_in_house_moves_no_client(night):
    mandated(night)
    decision = accepted(night)
    held = night.hold_of(decision.id)
    night.confirm(held.id)
    night.arrive(held.id)
    with night.act(OTHER_DESK) as act:
        row = scoped_queries.decision_of(act.session, act.actor, decision.id)
        assert provisional_review.sending_back(act, row) is SendingBack.SEEKS_ANOTHER
    answered(night, decision.id, granted=False, text="Te ver van de school")
    [stay] = night.all(select(Stay))
    case = night.registration(decision.registration_id)
    assert (stay.status, case.status) == (StayStatus.IN_HOUSE, RegistrationStatus.MOVING)
    assert case.requests[-1].text == "Te ver van de school"


@pytest.mark.wide
@one_store
def test_timeline_tells_the_mandate_and_why_it_was_sent_back(night):
    mandated(night)
    decision = accepted(night)
    answered(night, decision.id, granted=False, text="Niet deze opvang")
    found = night.do(timeline, decision.registration_id, before=None, limit=50, actor=COORDINATOR).entries
    said = {one.event: [value for detail in one.details for value in detail.values] for one in found}
    assert "U1-women, Opvang 1" in said[Event.MANDATE_USED]
    assert "Niet deze opvang" in said[Event.DECISION_REFUSED]


@pytest.mark.wide
@one_store
def test_sending_back_after_the_client_left_changes_nothing_else(night):
    mandated(night)
    decision = accepted(night)
    held = night.hold_of(decision.id)
    night.confirm(held.id)
    night.end(night.arrive(held.id).id)
    assert TaskKind.PROVISIONAL in {one.kind for one in tasks_of(night)}
    answered(night, decision.id, granted=False, text="Achteraf niet")
    assert status_of(night, decision) is DecisionStatus.REFUSED
    assert night.registration(decision.registration_id).status is RegistrationStatus.CLOSED


@pytest.mark.wide
@one_store
def test_refused_by_the_shelter_nothing_is_left_to_confirm(night):
    mandated(night)
    decision = accepted(night)
    night.refuse(night.hold_of(decision.id).id, "staff_shortage")
    assert status_of(night, decision) is DecisionStatus.LAPSED
    assert TaskKind.PROVISIONAL not in {one.kind for one in tasks_of(night)}


@pytest.mark.wide
@one_store
def test_stale_count_at_night_is_provisional_once_confirmed(night):
    mandated(night)
    night.at += timedelta(days=4)  # a Saturday, and every count is stale
    decision = accepted(night)
    assert decision.status is DecisionStatus.WAITING_FOR_SHELTER
    night.report("S1")
    assert status_of(night, decision) is DecisionStatus.PROVISIONAL
    assert night.hold_of(decision.id).status is HoldStatus.WAITING_FOR_SHELTER


@pytest.mark.wide
@one_store
def test_mandate_revoked_before_the_count_makes_it_wait(night):
    made = mandated(night)
    night.at += timedelta(days=4)
    decision = accepted(night)
    night.do(mandates.revoke, made.id)
    night.report("S1")
    assert status_of(night, decision) is DecisionStatus.WAITING_FOR_DESK
    held = night.hold_of(decision.id)
    assert (held.status, held.expires_at) == (HoldStatus.RESERVED, datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    assert {"A-desk", "A-other-desk"} == {one.account_id for one in sent(night, MessageKind.DECISION_WAITS)}


@one_store
def test_proposal_says_that_the_desk_agrees_afterwards(night):
    proposal = night.propose(night.register(actor=COORDINATOR), actor=COORDINATOR)

    def says():
        with night.act(COORDINATOR) as act:
            found = scoped_queries.proposal_of(act.session, act.actor, proposal)
            return presentation.serialize(act, found, "nl").chosen.must_agree

    assert says() == ("desk", "shelter")
    mandated(night)
    assert says() == ("desk_afterwards", "shelter")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("name", "value"), [("disabled_at", TUESDAY_AT_22), ("role", Role.READER)])
def test_mandate_of_an_account_that_left_the_desk_is_over(night, name, value):
    mandated(night)
    with night.database.transaction() as session:
        setattr(session.get_one(Account, DESK.id), name, value)
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK


@one_store
def test_desk_deciding_itself_needs_no_mandate(night):
    mandated(night)
    decision = night.decide(night.propose(night.register()), DecisionKind.ACCEPT)
    assert (decision.status, decision.mandate_id) == (DecisionStatus.FINAL, None)
    assert len(night.all(select(Mandate))) == 1


@pytest.mark.wide
def test_two_provisional_decisions_of_one_client_are_two_tasks(night):
    """The first place is lost before the desk has answered for it, and the night gives a second place."""
    mandated(night)
    first = accepted(night)
    hold = night.hold_of(first.id)
    night.confirm(hold.id, night.at + timedelta(minutes=30))
    night.later(minutes=5)
    night.no_show(hold.id)
    second = accepted(night, proposal=night.propose(hold.registration_id, actor=COORDINATOR))
    waiting = [one for one in tasks_of(night) if one.kind is TaskKind.PROVISIONAL]
    assert {one.about for one in waiting} == {first.id, second.id}
    assert len({one.key for one in waiting}) == 2
