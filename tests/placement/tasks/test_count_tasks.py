"""The task about persons who were reported twice: of registrars alone, from the day after, without any reference."""

from datetime import date, timedelta

from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.core.clock import start_of
from placement.core.codes import MessageKind, Role
from placement.core.context import SYSTEM, Actor
from placement.core.notice_codes import AtOnce
from placement.counts import corrections, inbox, reading
from placement.counts.persons import Person
from placement.notifications.task_notices import tell_of_tasks
from placement.outbox import webhooks
from placement.tables import TaskNotice
from placement.tasks.listing import derive, open_tasks
from tests.support.accounts import add_accounts, disable
from tests.support.counts import ANALYST, FACTS
from tests.support.messages import sent
from tests.support.town import ADMIN, COORDINATOR, DESK, TODAY

REGISTRAR = Actor("A-registrar", Role.REGISTRAR, session_id="Z")
TOMORROW = TODAY + timedelta(days=1)


def waits(town, actor):
    with town.act(actor) as act:
        return [(one.since, one.turn, one.about) for one in derive(act) if one.kind == "counted_twice"]


def reported_twice(town, name):
    for _ in range(2):
        town.do(inbox.send, FACTS, person=Person(name, date(1999, 5, 1)), actor=DESK)


def next_day(town):
    town.later(days=1)
    town.do(inbox.move, actor=SYSTEM)


def test_double_waits_for_registrars_alone_from_the_next_day(town):
    reported_twice(town, "Zilveren Merel")
    assert waits(town, REGISTRAR) == []
    next_day(town)
    assert waits(town, REGISTRAR) == waits(town, SYSTEM) == [(start_of(TOMORROW), str(TOMORROW), "counted_twice")]
    for actor in (DESK, COORDINATOR, ADMIN, ANALYST):
        assert waits(town, actor) == [], actor
    with town.act(REGISTRAR) as act:
        [one] = open_tasks(act)
        assert (one.owner.role, one.next, one.beside, one.task.page_for(Role.REGISTRAR)) == (
            *(Role.REGISTRAR, None, None),
            "/counts",
        )
    [[kept, other]], _ = town.do(reading.doubles, actor=REGISTRAR)
    town.do(corrections.merge, other.reference, 1, kept.reference, "-", actor=REGISTRAR)
    assert waits(town, REGISTRAR) == []


def test_notice_of_doubles_goes_to_registrars_alone(people):
    add_accounts(people, REGISTRAR)
    people.do(tell_of_tasks)
    people.do(webhooks.make, "https://x.example/in", [MessageKind.TASK_DUE], actor=ADMIN)
    people.do(details.change, Details("Naam", at_once=AtOnce.ALL), actor=REGISTRAR)
    for name in ("Zilveren Merel", "Gouden Mus"):
        reported_twice(people, name)
        next_day(people)
        people.do(tell_of_tasks)
        people.do(tell_of_tasks)
        disable(people, REGISTRAR)
    notices = [row.content for row in people.all(select(TaskNotice)) if row.content.kind == "counted_twice"]
    assert sorted(one.told for one in notices) == [(), ("A-registrar",)]
    told = sent(people, MessageKind.TASK_DUE)
    assert "counted_twice" not in {one.facts["what"] for one in told if one.webhook_id}
    assert [one.account_id for one in told if one.account_id == REGISTRAR.id] == [REGISTRAR.id]
