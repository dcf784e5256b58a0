"""Notices of tasks: once at each mark, to the owner, when late to the next person, by the choice of each account."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from placement.access.scoped_queries import holds_of as holds_seen_by
from placement.accounts import details
from placement.accounts.details import Details
from placement.core.codes import MessageKind, Urgency
from placement.core.errors import Conflict, Invalid
from placement.core.notice_codes import AtOnce, NoticeMark
from placement.duty import rota
from placement.duty.on_call import desk_answers_until
from placement.jobs.periodic import JOBS, run
from placement.notifications import emails
from placement.notifications.escalation import LADDER
from placement.notifications.task_notices import tell_of_tasks
from placement.outbox import outbox, webhooks
from placement.placements.decisions import decisions
from placement.placements.holds import arrivals
from placement.tables import JobRun, TaskNotice
from placement.tasks.listing import asked_of_shelter, open_tasks
from placement.tasks.task_views import look_at_holds
from tests.support import task_board
from tests.support.day_of_tasks import asked, refused
from tests.support.messages import sent
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, shelter

STEPS = {step.mark for step in LADDER}
TELL = next(job for job in JOBS if job.name == "tell_of_tasks")
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
FRIDAY_AT_18 = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MONDAY_AT_10 = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def told(town):
    """Returns the accounts that were mailed about a waiting task, in order."""
    return [one.account_id for one in sent(town, MessageKind.TASK_DUE) if one.account_id]


def notices(town):
    found = [row.content for row in town.all(select(TaskNotice)) if row.content.mark not in STEPS]
    return sorted((one.kind, one.mark.value, one.told) for one in found)


def tonight(town):
    """Returns a client who needs a place tonight, and had no place for an hour."""
    case = town.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    town.later(hours=1)
    return case


def wants(town, actor, at_once):
    town.do(details.change, Details("Naam", at_once=at_once), actor=actor)


def call(town, actor, *, days=0, by=DESK):
    return town.do(rota.name, actor.id, TODAY, TODAY + timedelta(days=days), actor=by)


def test_task_of_the_clock_is_told_once_to_its_owner(people):
    tonight(people)
    assert [people.do(tell_of_tasks) for _ in range(2)] == [1, 0]
    assert told(people) == ["A-amsterdam"]
    people.later(minutes=59)
    assert people.do(tell_of_tasks) == 0
    people.later(minutes=1)
    people.do(tell_of_tasks)
    assert notices(people) == [
        ("urgent", "late", ("A-desk", "A-other-desk")),
        ("urgent", "new", ("A-amsterdam",)),
    ]
    assert told(people) == ["A-amsterdam", "A-desk", "A-other-desk"]


def expected(town):
    """A client who is expected, in the evening, when the duty of the desk is over: the hold."""
    town.at = NIGHT - timedelta(hours=2)
    hold = asked(town)[1]
    town.confirm(hold, NIGHT)
    town.do(tell_of_tasks)
    return hold


def late(town):
    return [(mark, told) for kind, mark, told in notices(town) if kind == "late"]


PLACERS = ("A-amsterdam", "A-desk", "A-other-desk")


@pytest.mark.wide
@pytest.mark.parametrize("called", [False, True])
def test_late_client_is_told_to_both_then_to_on_call(people, called):
    """If nobody is on call, the notice goes to the desk once more, whatever each person chose."""
    expected(people)
    wants(people, OTHER_DESK, AtOnce.NONE)
    if called:
        call(people, OTHER_DESK)
    people.at = NIGHT + timedelta(hours=1, seconds=-1)
    people.do(tell_of_tasks)
    assert late(people) == []
    people.later(seconds=1)
    assert [people.do(tell_of_tasks) for _ in range(2)] == [1, 0]
    assert late(people) == [("new", PLACERS)]
    assert {one.next_at for one in sent(people, MessageKind.TASK_DUE)} == {people.at}  # at night too
    people.later(hours=1)
    people.do(tell_of_tasks)
    assert late(people)[0] == ("late", ("A-other-desk",) if called else ("A-desk", "A-other-desk"))
    people.later(hours=10)
    people.do(tell_of_tasks)
    assert len(late(people)) == 2  # the task stays, is not sent again, and nothing is done by itself
    assert "late" in {one.task.kind for one in people.do(open_tasks)}


@pytest.mark.wide
def test_client_late_a_second_time_is_told_again(people):
    hold = expected(people)
    people.at = NIGHT + timedelta(hours=1)
    people.do(tell_of_tasks)
    people.do(arrivals.postpone, hold, people.at + timedelta(hours=2))
    people.do(tell_of_tasks)
    assert "late" not in {one.task.kind for one in people.do(open_tasks)}
    people.later(hours=3)
    people.do(tell_of_tasks)
    assert late(people) == [("new", PLACERS)] * 2


@pytest.mark.wide
def test_place_lost_again_by_a_no_show_is_told_again(people):
    hold = expected(people)
    people.at = NIGHT
    for _ in range(2):
        people.no_show(hold)
        people.do(tell_of_tasks)
        people.later(minutes=5)
        people.do(arrivals.reverse_no_show, hold)
        people.do(tell_of_tasks)
        people.later(minutes=5)
    assert [kind for kind, mark, _ in notices(people) if mark == "new"].count("search_again") == 2


@pytest.mark.wide
@both_stores
def test_restart_before_the_commit_loses_and_repeats_nothing(people, monkeypatch):
    tonight(people)
    with monkeypatch.context() as broken:
        broken.setattr("placement.notifications.task_notices._mail", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(people.database, people.settings, TELL, people.at)
    assert (told(people), notices(people)) == ([], [])
    people.later(seconds=5)
    assert run(people.database, people.settings, TELL, people.at)
    assert not run(people.database, people.settings, TELL, people.at)
    assert told(people) == ["A-amsterdam"]
    assert [row.job for row in people.all(select(JobRun))] == ["tell_of_tasks"]


@one_store
def test_announced_task_is_mailed_once_and_late_to_the_desk(people):
    asked(people)
    people.do(tell_of_tasks)
    assert told(people) == []
    assert Counter(one.account_id for one in sent(people, MessageKind.HOLD_ASKED)) == {"A-S1": 1}
    people.later(hours=2)
    people.do(tell_of_tasks)
    assert told(people) == ["A-desk", "A-other-desk"]


@one_store
def test_task_done_before_it_is_late_is_told_to_no_next(people):
    _, hold = asked(people)
    people.do(tell_of_tasks)
    people.confirm(hold, people.at + timedelta(days=1))
    people.later(hours=3)
    people.do(tell_of_tasks)
    assert [mark for _, mark, _ in notices(people)] == [NoticeMark.NEW.value] * 2
    assert told(people) == []


@one_store
def test_several_tasks_at_a_time_are_one_mail(people):
    for _ in range(3):
        people.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    people.later(hours=1)
    assert people.do(tell_of_tasks) == 3
    assert told(people) == ["A-amsterdam"]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("choice", "mails"), [(AtOnce.ALL, 2), (AtOnce.URGENT, 1), (AtOnce.NONE, 0)])
def test_choice_decides_what_is_mailed_at_once(people, choice, mails):
    wants(people, COORDINATOR, choice)
    refused(people)
    people.later(hours=2)
    tonight(people)
    people.do(tell_of_tasks)
    of_acts = [one for one in sent(people, MessageKind.HOLD_REFUSED) if one.account_id == "A-amsterdam"]
    assert len(of_acts) + told(people).count("A-amsterdam") == mails
    assert {"A-desk", "A-other-desk"} <= set(told(people))


@pytest.mark.wide
@one_store
def test_what_can_wait_is_mailed_after_the_night(people):
    people.at = NIGHT
    _, hold = asked(people)
    people.refuse(hold, "need_beyond_unit")
    people.do(tell_of_tasks)
    [waits] = [one for one in sent(people, MessageKind.TASK_DUE) if one.account_id == "A-S1"]
    assert waits.next_at == datetime(2026, 11, 25, 5, 0, tzinfo=UTC)


@pytest.mark.wide
@one_store
def test_mail_and_event_say_no_case_person_or_place(people):
    hook = people.do(webhooks.make, "https://x.example/in", [MessageKind.TASK_DUE], actor=shelter("S1"))
    case, hold = asked(people)
    tonight(people)
    people.do(tell_of_tasks)
    found = sent(people, MessageKind.TASK_DUE)
    [event] = [one for one in found if one.webhook_id]
    assert set(event.facts) == {"task", "what", "mark"}
    assert (event.facts["what"], event.facts["mark"], bool(hook)) == ("hold", "new", True)
    assert event.facts["task"].startswith("T-")
    assert not {case, hold, "U1-women"} & set(str(event.facts).split("'"))
    assert all(one.facts == {} for one in found if one.account_id)


@pytest.mark.wide
def test_decision_on_friday_evening_waits_until_monday(people):
    people.at = FRIDAY_AT_18
    for shelter_id in ("S1", "S2", "S3"):
        people.report(shelter_id)
    case = people.register(actor=COORDINATOR)
    decided = people.decide_on(case, "U1-women", actor=COORDINATOR)
    assert people.hold_of(decided.id).expires_at == MONDAY_AT_10
    people.at = MONDAY_AT_10 - timedelta(minutes=1)
    assert people.do(decisions.expire_waiting) == 0
    people.report("S1")
    people.do(decisions.answer_decision, decided.id, granted=True)


@pytest.mark.wide
@one_store
def test_decision_out_of_hours_is_told_to_the_one_on_call(people):
    people.at = NIGHT
    wants(people, DESK, AtOnce.NONE)
    wants(people, OTHER_DESK, AtOnce.NONE)
    call(people, OTHER_DESK)
    decided = people.decide_on(people.register(actor=COORDINATOR), "U1-women", actor=COORDINATOR)
    assert people.hold_of(decided.id).expires_at == people.at + people.settings.hold_lifetime
    assert [one.account_id for one in sent(people, MessageKind.DECISION_WAITS)] == ["A-other-desk"]
    people.later(hours=1)
    people.do(tell_of_tasks)
    assert ("decision", "late", ("A-other-desk",)) in notices(people)


@one_store
def test_decider_alone_on_call_is_no_second_and_it_waits(people):
    people.at = NIGHT
    call(people, DESK)
    with people.act(DESK) as act:
        assert desk_answers_until(act, DESK.id) == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
        assert desk_answers_until(act, "A-amsterdam") == people.at + people.settings.hold_lifetime


@one_store
def test_on_call_lasts_until_duty_begins_the_day_after(people):
    made = call(people, OTHER_DESK)
    assert people.do(rota.rota).now == ["A-other-desk"]
    people.at = datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
    assert people.do(rota.rota).now == ["A-other-desk"]
    people.do(rota.withdraw, made.id)
    assert people.do(rota.rota).now == []
    assert {"on_call:named", "on_call:withdrawn"} <= set(people.events())


@one_store
def test_rota_takes_people_of_the_desk_once_a_day(people):
    call(people, OTHER_DESK, days=2)
    with pytest.raises(Conflict, match="on_call_overlaps"):
        call(people, OTHER_DESK, days=1)
    call(people, DESK)
    with pytest.raises(Invalid):
        call(people, COORDINATOR)


@one_store
def test_mail_of_a_decision_names_the_day_it_waits_until(people):
    people.at = FRIDAY_AT_18
    for shelter_id in ("S1", "S2", "S3"):
        people.report(shelter_id)
    people.decide_on(people.register(actor=COORDINATOR), "U1-women", actor=COORDINATOR)
    message = sent(people, MessageKind.DECISION_WAITS)[0]
    assert emails._facts(message, "nl")["until"] == "maandag 10:00"


def test_task_due_is_of_no_use_after_a_day():
    assert MessageKind.TASK_DUE in outbox.REMINDERS


def holds_of(act):
    return [held.id for held in act.session.exec(holds_seen_by(act.session, act.actor))]


def asked_tonight(town, *, is_told=True):
    """Returns a hold for tonight; `is_told`: the job has sent the notice to the staff of S1."""
    case = town.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=TODAY)
    decided = town.decide_on(case, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decided.id, granted=True)
    if is_told:
        town.do(tell_of_tasks)
    return town.hold_of(decided.id).id


STAFF = replace(shelter("S1"), id="A-S1")


@pytest.mark.wide
def test_hold_for_tonight_unseen_for_ten_minutes_is_the_desks(people):
    hold = asked_tonight(people)
    people.later(minutes=9, seconds=59)
    people.do(tell_of_tasks)
    assert (told(people), people.do(task_board.board).unseen) == ([], frozenset())
    people.later(seconds=1)
    people.do(tell_of_tasks)
    assert told(people) == ["A-desk", "A-other-desk"]
    assert people.do(task_board.board).unseen == {hold}
    people.do(asked_of_shelter, actor=STAFF)
    assert people.do(task_board.board).unseen == frozenset()


@pytest.mark.wide
@one_store
def test_hold_told_late_has_its_ten_minutes_from_then(people):
    """No job ran: staff without a notice of a hold could not look at it."""
    asked_tonight(people, is_told=False)
    people.later(minutes=30)
    for seconds, unseen in ((0, []), (5, []), (595, ["A-desk", "A-other-desk"])):
        people.later(seconds=seconds)
        people.do(tell_of_tasks)
        assert told(people) == unseen


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("look", [asked_of_shelter, open_tasks, lambda act: look_at_holds(act, holds_of(act))])
def test_hold_that_staff_looked_at_is_not_unseen(people, look):
    asked_tonight(people)
    people.later(minutes=5)
    people.do(look, actor=STAFF)
    people.later(hours=1)
    people.do(tell_of_tasks)
    assert told(people) == []
    [notice] = [row.content for row in people.all(select(TaskNotice)) if row.once.endswith("new")]
    assert notice.seen == {"A-S1": people.at - timedelta(hours=1)}


@pytest.mark.wide
@one_store
def test_page_of_a_shelter_open_by_itself_is_no_look(people):
    hold = asked_tonight(people)
    people.later(minutes=5)
    people.do(asked_of_shelter, looks=False, actor=STAFF)
    people.later(minutes=6)
    people.do(tell_of_tasks)
    assert people.do(task_board.board).unseen == {hold}


@pytest.mark.wide
@one_store
def test_look_of_software_or_another_shelter_is_none(people):
    asked_tonight(people)
    people.do(open_tasks, actor=replace(STAFF, session_id=None))
    people.do(open_tasks, actor=shelter("S2"))
    people.later(minutes=10)
    people.do(tell_of_tasks)
    assert told(people) == ["A-desk", "A-other-desk"]


@pytest.mark.wide
@one_store
def test_late_decision_is_told_once_there_is_an_actor_on_call(people):
    people.decide_on(people.register(actor=COORDINATOR), "U1-women", actor=COORDINATOR)
    people.later(hours=1)
    people.do(tell_of_tasks)
    assert [mark for _, mark, _ in notices(people)] == ["new"]
    call(people, OTHER_DESK)
    people.later(minutes=5)
    assert [people.do(tell_of_tasks) for _ in range(2)] == [1, 0]
    assert told(people) == ["A-other-desk"]
