"""Odd accesses are one task for each rule and day, with its rows."""

from datetime import timedelta

from placement.audit import anomaly_review
from placement.core.codes import ReviewOutcome, Role
from placement.core.context import SYSTEM, Actor
from placement.tables import Anomaly
from placement.tasks.listing import open_tasks
from tests.support.audit_log import anomaly
from tests.support.stores import one_store
from tests.support.town import AT, DESK

AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")


def found(town, rule, *names, at=AT):
    with town.act(SYSTEM) as act:
        for name in names:
            anomaly(act.session, name, at, rule=rule)


def odd(town, actor=AUDITOR):
    tasks = (one.task for one in town.do(open_tasks, actor=actor))
    return [(task.cause, task.about, task.rows) for task in tasks if task.kind.value == "odd_access"]


def test_anomalies_of_a_rule_and_day_are_one_task(town):
    found(town, "invited", *(f"O-{number}" for number in range(20)))
    found(town, "key_made", "O-key-1", "O-key-2")
    town.later(days=1)
    found(town, "invited", "O-later", at=town.at)
    day, next_day = AT.date().isoformat(), town.at.date().isoformat()
    for actor in (AUDITOR, DESK):
        tasks = {about: (cause, len(rows)) for cause, about, rows in odd(town, actor)}
        assert tasks == {
            f"invited.{day}": ("invited", 20),
            f"key_made.{day}": ("key_made", 2),
            f"invited.{next_day}": ("invited", 1),
        }


@one_store
def test_task_lasts_until_each_of_its_rows_is_reviewed(town):
    found(town, "invited", "O-1", "O-2")
    town.do(anomaly_review.acknowledge, "O-1", ReviewOutcome.EXPLAINED, None, actor=AUDITOR)
    assert [rows for *_, rows in odd(town)] == [("O-2",)]
    town.do(anomaly_review.acknowledge, "O-2", ReviewOutcome.EXPLAINED, None, actor=AUDITOR)
    assert odd(town) == []


@one_store
def test_task_is_late_a_week_after_its_first_row(town):
    found(town, "invited", "O-1")
    town.later(days=6)
    found(town, "invited", "O-2")  # of the same day, found later
    for later, is_late in ((timedelta(), False), (timedelta(days=1), True)):
        town.at += later
        [task] = [one.task for one in town.do(open_tasks, actor=AUDITOR) if one.task.kind.value == "odd_access"]
        assert task.is_late(town.at) is is_late


@one_store
def test_anomaly_that_does_not_open_is_a_task_too(town):
    found(town, "invited", "O-1")
    with town.act(SYSTEM) as act:
        act.session.get_one(Anomaly, "O-1").cipher = b"-"
    [(cause, _, rows)] = odd(town)
    assert (cause, rows) == (None, ("O-1",))
