"""Reminders: once at each mark, to the accounts concerned, by day if they can wait, shown while they apply."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

from bench.pages import counted
from placement.core import clock
from placement.core.codes import MessageKind
from placement.core.place_codes import PlaceStatus
from placement.notifications import emails, reminders
from placement.notifications.active_reminders import active_reminders
from placement.placements.stays import stays
from placement.tables import Reminder, Shelter
from placement.text.catalogue import translate
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.audit_log import logged
from tests.support.messages import sent
from tests.support.simultaneous_acts import at_once
from tests.support.stores import one_store
from tests.support.town import AT, COORDINATOR, DESK, ELSEWHERE, shelter


@pytest.fixture
def staffed(town):
    """Adds staff at the shelters S1 and S2, a coordinator for Amsterdam, and a person of the desk."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK)
    return town


def reminders_in(town):
    rows = sorted(town.all(select(Reminder)), key=lambda row: (row.made_at, row.mark))
    return [(row.kind.value, row.subject_id, row.mark) for row in rows]


def mails(town, kind):
    return sorted((row.account_id, row.facts.get("hours") or row.facts.get("day")) for row in sent(town, kind))


def seen(town, actor):
    return [(one.reminder.kind.value, one.reminder.mark) for one in town.do(active_reminders, actor=actor)]


@pytest.mark.wide
def test_hold_reminders_at_one_two_three_and_a_half_hours_once(staffed):
    hold = staffed.hold_in(staffed.register(), "U1-women")
    at_minutes = []
    for minute in range(0, 240, 10):
        staffed.at = AT + timedelta(minutes=minute)
        if staffed.do(reminders.remind_of_holds):
            at_minutes.append(minute)
        assert staffed.do(reminders.remind_of_holds) == 0
    assert at_minutes == [60, 120, 210]
    assert reminders_in(staffed) == [("hold_waits", hold, mark) for mark in ("1", "2", "3.5")]
    expected = [(who, mark) for who in ("A-S1", DESK.id) for mark in ("1", "2", "3.5")]
    assert mails(staffed, MessageKind.HOLD_WAITS) == expected


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("minutes", "marks"), [(59, 0), (60, 1), (61, 1), (119, 1), (120, 2), (239, 3), (240, 0)])
def test_reminders_after_a_pause_mark_all_passed_and_send_one(staffed, minutes, marks):
    staffed.hold_in(staffed.register(), "U1-women")
    staffed.later(minutes=minutes)
    assert staffed.do(reminders.remind_of_holds) == marks
    assert len(mails(staffed, MessageKind.HOLD_WAITS)) == 2 * (marks > 0)


def held(town):
    town.hold_in(town.register(), "U1-women")
    return timedelta(hours=3.6), reminders.remind_of_holds


def long_there(town):
    town.house(town.register(), "U1-women")
    return timedelta(days=80), partial(reminders.remind_of_stays, due=AT)


@pytest.mark.wide
@pytest.mark.parametrize("waits", [held, long_there])
def test_reminders_that_were_made_cost_no_statement_each(staffed, waits):
    taken = []
    for number in (1, 2):
        for _ in range(number):
            later, remind = waits(staffed)
        began, staffed.at = staffed.at, staffed.at + later
        assert staffed.do(remind) > 0
        with counted(staffed.database) as counts:
            assert staffed.do(remind) == 0
        taken.append(counts["statements"])
        staffed.at = began
    assert taken[0] == taken[1]


@one_store
def test_answered_hold_has_no_reminder(staffed):
    hold = staffed.hold_in(staffed.register(), "U1-women")
    staffed.later(hours=1)
    staffed.do(reminders.remind_of_holds)
    assert seen(staffed, shelter("S1")) == seen(staffed, COORDINATOR) == seen(staffed, DESK) == [("hold_waits", "1")]
    assert seen(staffed, shelter("S2")) == seen(staffed, ELSEWHERE) == []
    [message, *_] = sent(staffed)
    assert not staffed.do(lambda act: emails.is_moot(act.session, message))
    staffed.confirm(hold)
    staffed.later(hours=1)
    assert staffed.do(reminders.remind_of_holds) == 0
    assert seen(staffed, shelter("S1")) == []
    assert staffed.do(lambda act: emails.is_moot(act.session, message))


@one_store
def test_a_shorter_hold_is_reminded_of_only_before_it_ends(staffed):
    staffed.having(hold_lifetime=timedelta(hours=2))
    staffed.hold_in(staffed.register(), "U1-women")
    staffed.later(hours=1, minutes=59)
    assert staffed.do(reminders.remind_of_holds) == 1


def test_reminders_in_four_processes_are_sent_once(staffed):
    staffed.hold_in(staffed.register(), "U1-women")
    staffed.later(hours=1)
    assert sorted(at_once(*[lambda: staffed.do(reminders.remind_of_holds)] * 4)) == [0, 0, 0, 1]
    assert len(mails(staffed, MessageKind.HOLD_WAITS)) == 2


@pytest.mark.wide
@pytest.mark.parametrize("quiet", [True, False])
def test_stay_reminders_on_day_60_75_90_wait_at_night(staffed, quiet):
    stay = staffed.house(staffed.register(), "U1-women")
    starts, days = staffed.one("stay", stay).starts_on, []
    for day in range(55, 96):
        staffed.at = datetime.combine(starts + timedelta(days=day), datetime.min.time(), UTC)
        staffed.at += timedelta(hours=3 if quiet else 12)
        if staffed.do(reminders.remind_of_stays, staffed.at):
            days.append(day)
    assert days == [60, 75, 90]
    expected = [(who, day) for who in ("A-S1", COORDINATOR.id) for day in days]
    assert mails(staffed, MessageKind.STAY_IS_LONG) == expected
    of_stays = sent(staffed, MessageKind.STAY_IS_LONG)
    hours = {(row.next_at - row.made_at).total_seconds() / 3600 for row in of_stays}
    # at 03:00 UTC it is 04:00 in winter: two hours to go
    assert hours == ({2.0} if quiet else {0.0})
    assert seen(staffed, shelter("S1")) == [("stay_is_long", "90")]


@pytest.mark.wide
@one_store
def test_stay_is_reminded_of_four_weeks_after_a_reason_too(staffed):
    stay = staffed.house(staffed.register(), "U1-women")
    starts, days = staffed.one("stay", stay).starts_on, []
    for day in (60, 75, 89, 90, 95, 122, 123, 124, 200):
        staffed.at = datetime.combine(starts + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=12)
        if day in (60, 95):
            staffed.do(stays.name_blocker, stay, "waits_for_housing")
        if staffed.do(reminders.remind_of_stays, staffed.at):
            days.append(day)
    assert days == [60, 75, 90, 123]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("language", "said"), [("nl", "dag 75."), ("en", "day 75.")])
def test_mail_of_a_long_stay_says_its_day(staffed, language, said):
    later, remind = long_there(staffed)
    staffed.at += later
    staffed.do(remind)
    [row, _] = sent(staffed, MessageKind.STAY_IS_LONG)
    assert said in translate("mail.sentence", row.kind.value, language, **emails._facts(row, language))


@one_store
@pytest.mark.parametrize("hours", [24, 25, 31.9, 32, 40])
def test_stale_count_reminds_the_shelter_unless_long_ago(staffed, hours):
    due = AT + timedelta(hours=24)  # the town reported at AT
    staffed.report("S2")
    staffed.at = AT + timedelta(hours=hours)
    asked = staffed.do(reminders.remind_of_counts, due)
    assert asked == (0 if hours >= 32 else 3)


@one_store
def test_fresh_count_has_no_reminder_and_a_report_ends_one(staffed):
    staffed.later(hours=12)
    staffed.report("S2")
    staffed.later(hours=12)
    assert staffed.do(reminders.remind_of_counts, staffed.at) == 2
    assert mails(staffed, MessageKind.COUNT_IS_MISSING) == [("A-S1", None), ("A-desk", None)]  # of S3
    assert len(seen(staffed, DESK)) == 2
    assert seen(staffed, shelter("S1")) == [("count_is_missing", "2026-11-25 11:00")]
    staffed.later(seconds=1)
    staffed.report("S1")
    assert seen(staffed, shelter("S1")) == []
    assert staffed.do(reminders.remind_of_counts, staffed.at - timedelta(seconds=1)) == 0


@one_store
@pytest.mark.parametrize("status", [PlaceStatus.PLANNED, PlaceStatus.CLOSED])
def test_shelter_not_in_use_is_not_reminded_to_count(staffed, status):
    staffed.later(hours=24)
    assert staffed.do(reminders.remind_of_counts, staffed.at) == 3
    assert seen(staffed, shelter("S1"))
    with staffed.database.transaction() as session:
        one = session.get_one(Shelter, "S1")
        one.status, one.closed_on = status, clock.day_of(staffed.at) if status is PlaceStatus.CLOSED else None
        session.add(one)
    assert seen(staffed, shelter("S1")) == []
    staffed.later(hours=24)
    assert staffed.do(reminders.remind_of_counts, staffed.at) == 2


@one_store
def test_reminder_and_read_access_to_it_have_audit_events(staffed):
    staffed.hold_in(client := staffed.register(), "U1-women")
    staffed.later(hours=1)
    staffed.do(reminders.remind_of_holds)
    staffed.do(active_reminders, actor=DESK)
    lines = [line for line in logged(staffed) if line.event.startswith("reminder:")]
    assert [(line.event, line.actor) for line in lines] == [("reminder:made", "system"), ("reminder:listed", DESK.id)]
    assert lines[1].facts["shown"] == [client]
