"""Any life of a few clients keeps to the model: their beds, the tasks that wait, and who is told."""

from collections import Counter
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import SQLAlchemyError

from placement.notifications import task_notices
from placement.placements import holds, stays
from placement.tables import BedClaim
from placement.tasks import board, listing, queue
from placement.tasks.task import Task, TaskKind
from tests.support import what_waits
from tests.support.any_life import ALWAYS, AnyLife
from tests.support.proof import FULL
from tests.support.stores import both_stores, one_store

VERBS = ("register", "propose", "accept", "confirm", "refuse", "arrive", "release", "ask", "report")
SELDOM = (
    "override", "decline", "no-show", "reverse", "move", "withdraw", "move in house", "swap", "agree waiting_for_desk",
    "disagree waiting_for_desk", "agree provisional", "disagree provisional", "lapsed reserved",
    "lapsed waiting_for_shelter",
)  # fmt: skip
"""What happens in many lives: at full size each is to happen."""
LIVES = 2000 if FULL else 20
STORY = (
    ("decides", 6), ("shelter_answers", 8), ("decides", 7), ("shelter_answers", 1), ("arrives", 0),
    ("asks_to_move", 1), ("decides", 13), ("desk_answers", 1), ("desk_answers", 1), ("shelter_answers", 1),
    ("arrives", 0), ("moves_in_house", 2), ("decides", 8), ("time_passes", 4),
)  # fmt: skip
"""A place that is refused, one that the client comes to, another one to which the client moves, and one that lapses."""


def live(stores, *, lives, steps):
    """So many lives; what happened in them."""
    AnyLife.stores, AnyLife.happened = stores, Counter()
    chosen = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not FULL,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(AnyLife, settings=chosen)
    return AnyLife.happened


def play(stores, story=STORY):
    """One life, step by step as it is written; what happened in it."""
    AnyLife.stores, AnyLife.happened = stores, Counter()
    life = AnyLife()
    life.begins()
    for what, drawn in story:
        life.something_happens(what, drawn)
        for name in ALWAYS:
            getattr(life, name)()
    return AnyLife.happened


@pytest.mark.wide
@both_stores
def test_a_written_life_keeps_to_the_model(stores):
    happened = play(stores)
    verbs = ("accept", "refuse", "confirm", "arrive", "ask", "move", "lapsed waiting_for_shelter")
    assert [verb for verb in verbs if not happened[verb]] == [], happened


@pytest.mark.wide
@both_stores
def test_some_lives_keep_to_the_model(stores):
    live(stores, lives=3, steps=20)


@pytest.mark.long
@both_stores
def test_many_lives_keep_to_the_model(stores):
    happened = live(stores, lives=LIVES, steps=60)
    assert [verb for verb in (*VERBS, *(SELDOM if FULL else ())) if not happened[verb]] == [], happened


def another_task(case, *_args, **_facts):
    return Task(TaskKind.ADULT, case.id, case.urgency, area=case.region)


def shown_twice(act, tasks, reports, real=queue.with_others):
    return [one for one in real(act, tasks, reports) for _ in range(2)]


BROKEN = {
    "a refused bed stays kept": (holds, "claims_of_hold", lambda *_: []),
    "a refused client is not sought for": (holds, "reopen", lambda *_, **__: None),
    "the old place is not left": (stays, "_leave_for", lambda *_: None),
    "a lost place is no task": (board, "_search_again", another_task),
    "an answer of the shelter is no task": (
        board,
        "hold_task",
        lambda held, *_, **__: Task(TaskKind.ADULT, held.registration_id, 4),
    ),
    "an owner who does not exist": (listing._Owners, "is_without_people", lambda *_: False),
    "a task is told to nobody": (task_notices, "insert_once", lambda *_: False),
    "a task is twice on the page": (queue, "with_others", shown_twice),
    "a task is not on the page of its owner": (queue, "is_owner", lambda *_: False),
}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("broken", BROKEN)
def test_broken_service_is_detected(stores, monkeypatch, broken):
    monkeypatch.setattr(*BROKEN[broken])
    with pytest.raises((AssertionError, SQLAlchemyError)):
        play(stores)


def test_bed_of_two_clients_is_detected():
    days = [(date(2026, 11, 1), date(2026, 11, 5)), (date(2026, 11, 5), None), (date(2026, 11, 9), date(2026, 11, 9))]
    claims = [BedClaim(bed_id=1, registration_id="R", starts_on=begins, ends_on=ends) for begins, ends in days]
    town = SimpleNamespace(all=lambda _: claims)
    assert what_waits.overlaps(town) == []
    claims.append(BedClaim(bed_id=1, registration_id="Q", starts_on=date(2026, 11, 4), ends_on=date(2026, 11, 6)))
    assert len(what_waits.overlaps(town)) == 2
