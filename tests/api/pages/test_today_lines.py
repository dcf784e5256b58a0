"""The lines of the list of tasks: the next act and pressing tasks alone, several of a kind that can wait in a fold."""

import re

import pytest

from api.pages.today import lines_of
from placement.core.codes import Role
from placement.tasks.listing import Owned, Owner
from placement.tasks.task import Task, TaskKind
from tests.support.api.events import raid
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

DESK = Owner(Role.DESK)
STAY, WAITS, LOST = TaskKind.STAY_IS_LONG, TaskKind.STILL_WAITING, TaskKind.SEARCH_AGAIN


def lines(*kinds, urgency=3):
    tasks = [Owned(Task(kind, f"R-{number}", urgency), DESK, None) for number, kind in enumerate(kinds)]
    return [[one.task.registration for one in line.tasks] for line in lines_of(tasks)]


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ((), []),
        ((STAY,), [["R-0"]]),
        ((STAY, STAY, STAY), [["R-0"], ["R-1"], ["R-2"]]),
        ((STAY, STAY, STAY, STAY), [["R-0"], ["R-1", "R-2", "R-3"]]),
        ((WAITS, STAY, WAITS, STAY, STAY), [["R-0"], ["R-1", "R-3", "R-4"], ["R-2"]]),
        ((STAY, LOST, LOST, LOST), [["R-0"], ["R-1"], ["R-2"], ["R-3"]]),
    ],
)
def test_tasks_that_can_wait_fold_by_kind(kinds, shown):
    assert lines(*kinds) == shown


def test_tasks_for_tonight_are_never_folded():
    assert len(lines(*[WAITS] * 5, urgency=1)) == 5


@pytest.mark.wide
@one_store
def test_time_of_a_task_names_what_it_counts(service):
    service.desk.made("/registrations", somebody(region="den-haag"))
    service.moment.pass_by(hours=3)
    page = words_of(signed_in(service, "desk", language="en").get("/"))
    assert "no bed for 3 hours" in page
    service.moment.pass_by(days=3)
    page = words_of(signed_in(service, "desk", language="en").get("/"))
    assert "no bed for 3 days" in page
    assert "task open for" in page


@pytest.mark.wide
@one_store
def test_case_with_an_open_proposal_leads_to_it(service):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    service.moment.pass_by(hours=3)
    desk = signed_in(service, "desk", language="en")
    assert "Decide on the proposal" not in desk.get("/").text
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    assert proposal["chosen"]
    page = desk.get("/").text
    assert re.search(rf'href="/proposals/{proposal["id"]}">Decide on the proposal', page)
    assert f'action="/registrations/{case}/propose"' not in page
    service.moment.pass_by(hours=5)
    assert f'action="/registrations/{case}/propose"' in signed_in(service, "desk", language="en").get("/").text


@pytest.mark.wide
@one_store
def test_waiting_case_with_an_open_proposal_comes_first(service):
    earlier, proposed = (service.desk.made("/registrations", somebody(region="den-haag"))["id"] for _ in range(2))
    desk = signed_in(service, "desk", language="en")
    assert "Decide on the proposal" not in desk.get("/").text
    proposal = service.desk.made(f"/registrations/{proposed}/proposals")
    assert proposal["chosen"]
    waiting = desk.get("/").text.partition('<section id="part-waits"')[2]
    assert '<details class="line" open>' in waiting.partition("<summary>")[0]
    link = waiting.index(f'href="/proposals/{proposal["id"]}">Decide on the proposal')
    assert waiting.index(f"w-{proposed}") < link < waiting.index(f"w-{earlier}")


@pytest.mark.wide
@one_store
def test_event_has_its_day_and_no_hour(service):
    raid(service)
    page = signed_in(service, "desk", language="en").get("/").text
    shown = re.search(r'<li class="strip task u1 urgent next" id="t-event.*?</li>', page, re.DOTALL)
    assert "Tue 24 Nov" in shown[0]
    assert "00:00<" not in shown[0]
