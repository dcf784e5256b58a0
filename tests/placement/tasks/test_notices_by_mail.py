"""A task's mail through bad luck: the service restarts before it is sent, it bounces, the clock changes."""

from datetime import UTC, datetime, timedelta

import pytest

from placement.core import clock
from placement.core.codes import MessageKind, MessageStatus, Urgency
from placement.notifications import task_notices
from placement.notifications.delivery import deliver_mail
from placement.notifications.task_notices import tell_of_tasks
from placement.registrations import registrations
from placement.storage.database import Database
from tests.support.mail_server import Mailbox, mail_server
from tests.support.messages import sent
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR

NIGHT_OF_THE_CHANGE = datetime(2027, 3, 27, 22, 30, tzinfo=UTC)
"""23:30 in Amsterdam; the clock goes from 02:00 to 03:00 in that night."""


def tonight(town):
    """Returns a client who needs a place tonight, and had no place for an hour."""
    day = town.do(lambda act: act.day)
    case = town.register(actor=COORDINATOR, urgency=Urgency.TONIGHT, needed_by=day)
    town.later(hours=1)
    return case


def send(town, box, monkeypatch, database=None):
    monkeypatch.setattr(clock, "now", lambda: town.at)
    with mail_server(box) as server:
        settings = changed(town.settings, smtp=server, address="https://placement.example")
        return deliver_mail(database or town.database, settings)


@pytest.mark.wide
@both_stores
def test_task_told_before_a_restart_is_mailed_once_after_it(people, monkeypatch):
    tonight(people)
    people.do(tell_of_tasks)
    people.database.close()
    again = Database.open(people.settings)
    people.database = again
    box = Mailbox()
    people.later(seconds=5)
    assert [send(people, box, monkeypatch, again) for _ in range(2)] == [1, 0]
    assert people.do(tell_of_tasks) == 0
    [mail] = box.arrived
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Er wacht iets op u"
    assert "https://placement.example/\n" in text.replace("\r", "")
    assert "R-" not in text
    again.close()


@pytest.mark.wide
@one_store
def test_mail_of_a_task_that_is_over_meanwhile_does_not_go(people, monkeypatch):
    case = tonight(people)
    people.do(tell_of_tasks)
    people.later(hours=2)  # no mail server
    people.do(registrations.close, case, "entered_in_error", actor=COORDINATOR)
    people.do(tell_of_tasks)
    box = Mailbox()
    send(people, box, monkeypatch)
    assert box.arrived == []
    assert {one.status for one in sent(people, MessageKind.TASK_DUE) if one.account_id} == {MessageStatus.MOOT}


@pytest.mark.wide
@one_store
def test_mails_that_say_the_same_go_once_after_an_outage(people, monkeypatch):
    for _ in range(3):
        tonight(people)
        people.do(tell_of_tasks)
    people.later(minutes=10)
    box = Mailbox()
    send(people, box, monkeypatch)
    told = [mail["To"] for mail in box.arrived if mail["Subject"] == "Er wacht iets op u"]
    assert told
    assert sorted(told) == sorted(set(told))
    tonight(people)
    people.do(tell_of_tasks)
    send(people, box, monkeypatch)
    assert len(box.arrived) > len(told)


@pytest.mark.wide
@one_store
def test_late_mails_of_tasks_read_the_messages_once(people, monkeypatch):
    read = []
    monkeypatch.setattr(task_notices, "_last_told", lambda *_: read.append(True) or {})
    for _ in range(3):
        tonight(people)
        people.do(tell_of_tasks)
    people.later(minutes=10)
    box = Mailbox()
    sent_now = send(people, box, monkeypatch)
    assert sent_now == len({mail["To"] for mail in box.arrived}) > 0
    assert len(read) == 1


@pytest.mark.wide
@one_store
def test_mail_that_bounces_is_shown_and_the_task_goes_on(people, monkeypatch):
    tonight(people)
    people.do(tell_of_tasks)
    box = Mailbox()
    box.refused["a-amsterdam@x.example"] = box.refused["A-amsterdam@x.example"] = "550 no such person"
    assert send(people, box, monkeypatch) == 0
    [mail] = sent(people, MessageKind.TASK_DUE)
    assert (mail.status, mail.trouble) == (MessageStatus.WAITING, "smtp_550")  # until its server takes another
    people.later(hours=1)
    people.do(tell_of_tasks)
    assert send(people, box, monkeypatch) == 2
    [mail] = [one for one in sent(people, MessageKind.TASK_DUE) if one.account_id == "A-amsterdam"]
    assert (mail.status, mail.trouble) == (MessageStatus.FAILED, "smtp_550")
    assert sorted(one["To"] for one in box.arrived) == ["A-desk@x.example", "A-other-desk@x.example"]


@pytest.mark.wide
@one_store
def test_task_over_the_clock_change_is_late_by_hours_lived(people):
    people.at = NIGHT_OF_THE_CHANGE
    tonight(people)
    people.do(tell_of_tasks)
    people.later(minutes=59, seconds=59)
    assert people.do(tell_of_tasks) == 0
    people.later(seconds=1)
    assert people.do(tell_of_tasks) == 1


@pytest.mark.wide
@one_store
def test_mail_that_can_wait_goes_when_the_night_ends_in_summer(people):
    people.at = NIGHT_OF_THE_CHANGE
    for shelter_id in ("S1", "S2", "S3"):
        people.report(shelter_id)
    hold = people.hold_in(people.register(), "U1-women")
    people.refuse(hold, "need_beyond_unit")
    people.do(tell_of_tasks)
    waits = [one.next_at for one in sent(people, MessageKind.TASK_DUE) if one.account_id == "A-S1"]
    assert waits == [datetime(2027, 3, 28, 4, 0, tzinfo=UTC)]
    assert waits[0] - people.at == timedelta(hours=5, minutes=30)
