"""Repeated notices: a task that ends and comes back is sent again; while it waits it is sent once."""

import pytest
from sqlmodel import select

from placement.core.codes import Urgency
from placement.core.reason_codes import ChangeReason
from placement.notifications import task_notices
from placement.notifications.task_notices import tell_of_tasks
from placement.placements.stays import fact_changes
from placement.registrations.case import PointInput, ThreatInput
from placement.tables import TaskNotice
from tests.support.day_of_tasks import asked
from tests.support.town import COORDINATOR

NEAR = [ThreatInput(PointInput(place="Alkmaar"), 20)]


def changed(town, case, facts, reason=ChangeReason.NEW_DANGER, **parts):
    version = town.registration(case).version
    town.do(fact_changes.change, case, version, facts, actor=COORDINATOR, reason=reason, confirm=True, **parts)
    town.do(tell_of_tasks)
    town.later(hours=1)


def told(town, kind):
    """Returns the times of the first notice of a task of this kind, for each time it was there."""
    news = [row.content for row in town.all(select(TaskNotice)) if row.content.mark.value == "new"]
    return sorted(one.at for one in news if one.kind == kind)


def breaks_twice(town):
    """Enters a danger near the place of a client, corrects it, and enters it again; returns the last time."""
    case, hold = asked(town)
    town.confirm(hold)
    town.arrive(hold)
    changed(town, case, {}, threats=NEAR)
    changed(town, case, {}, ChangeReason.CORRECTION, threats=[])
    at = town.at
    changed(town, case, {}, threats=NEAR)
    return at


@pytest.mark.wide
def test_broken_rule_of_a_client_is_told_again(people):
    at = breaks_twice(people)
    first, again = told(people, "breaks_rule")
    assert first < again == at
    assert people.do(tell_of_tasks) == 0


@pytest.mark.wide
def test_client_for_tonight_again_is_told_again(people):
    case = people.register(actor=COORDINATOR, urgency=Urgency.TONIGHT)
    people.later(hours=2)
    people.do(tell_of_tasks)
    changed(people, case, {"urgency": Urgency.WEEK}, None)
    changed(people, case, {"urgency": Urgency.TONIGHT}, None)
    assert len(told(people, "urgent")) == 2


@pytest.mark.wide
def test_notices_of_half_a_year_end_some_at_a_time(people, monkeypatch):
    monkeypatch.setattr(task_notices, "_AT_A_TIME", 1)
    breaks_twice(people)
    people.do(tell_of_tasks)
    ended = [row for row in people.all(select(TaskNotice)) if row.ended_on is not None]
    assert len(ended) == 1
    assert all(row.once.endswith(row.id) for row in ended)
