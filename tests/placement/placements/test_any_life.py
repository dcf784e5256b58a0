"""Any life of a few clients keeps to the model: their beds, the tasks that wait, and who is told."""

from collections import Counter
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import SQLAlchemyError

from placement.capacity import room_state
from placement.notifications import task_notices
from placement.placements import holds, stays, takeover
from placement.tables import BedClaim
from placement.tasks import board, lasting, listing, queue, requests
from placement.tasks.task import Task, TaskKind
from tests.support import what_waits
from tests.support.any_life import ALWAYS, AnyLife
from tests.support.proof import FULL
from tests.support.stores import both_stores, one_store

CHANGE = ("take over", "birth", "join", "death", "return", "close", "reopen")
VERBS = (*CHANGE, "register", "propose", "accept", "confirm", "refuse", "arrive", "release", "ask", "report")
SELDOM = (
    "override", "decline", "no-show", "reverse", "move", "withdraw", "move in house", "swap", "agree waiting_for_desk",
    "disagree waiting_for_desk", "agree provisional", "disagree provisional", "lapsed reserved",
    "lapsed waiting_for_shelter",
)  # fmt: skip
"""What happens in many lives: at full size each is to happen."""
PAGES_EVERY = 5
LIVES = 2000 if FULL else 20
STORY = (
    ("decides", 6), ("shelter_answers", 8), ("decides", 7), ("shelter_answers", 1), ("arrives", 0),
    ("asks_to_move", 1), ("decides", 13), ("desk_answers", 1), ("desk_answers", 1), ("shelter_answers", 1),
    ("arrives", 0), ("moves_in_house", 2), ("decides", 8), ("time_passes", 4),
)  # fmt: skip
"""A place that is refused, one that the client comes to, another one to which the client moves, and one that lapses."""

CHANGES = (
    ("is_taken_over", 3), ("is_born", 1), ("decides", 7), ("is_born", 0), ("shelter_answers", 1), ("arrives", 0),
    ("is_born", 0), ("partner_joins", 0), ("dies", 0), ("place_closes", 9), ("decides", 6), ("is_born", 2),
    ("is_born", 2), ("dies", 2), ("place_closes", 10),
    ("decides", 11), ("dies", 3), ("comes_back", 3), ("place_reopens", 0), ("decides", 17), ("moves_in_house", 0),
    ("time_passes", 3), ("place_reopens", 0), ("decides", 9), ("leaves", 5), ("comes_back", 0), ("comes_back", 1),
    ("comes_back", 2), ("comes_back", 3), ("place_closes", 7), ("decides", 6), ("decides", 7), ("time_passes", 4),
)  # fmt: skip
"""One who lived there before, a child without a free bed, a partner, a death, a return, and a unit that closes."""


def live(stores, *, lives, steps):
    """So many lives; what happened in them."""
    AnyLife.stores, AnyLife.happened, AnyLife.pages_every = stores, Counter(), PAGES_EVERY
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
    AnyLife.stores, AnyLife.happened, AnyLife.pages_every = stores, Counter(), 1
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


@both_stores
def test_a_written_life_with_changes_keeps_to_the_model(stores):
    happened = play(stores, CHANGES)
    assert [verb for verb in CHANGE if not happened[verb]] == [], happened


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


def open_all(*place, real=room_state._given_out, **_closed):
    return real(*place, closed=False)


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
BROKEN_CHANGES = {
    "a person without a bed is no task": (lasting, "_broken_by_facts", lambda *_: {}),
    "a closing place is given out": (room_state, "_given_out", open_all),
    "a closing place is no task": (requests, "inside", lambda *_: SimpleNamespace(is_empty=True)),
    "who was taken over has no bed": (takeover, "_claim", lambda *_, **__: None),
}
"""Of the verbs of `CHANGES`."""


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("broken", [*BROKEN, *BROKEN_CHANGES])
def test_broken_service_is_detected(stores, monkeypatch, broken):
    monkeypatch.setattr(*(BROKEN | BROKEN_CHANGES)[broken])
    with pytest.raises((AssertionError, SQLAlchemyError)):
        play(stores, STORY if broken in BROKEN else CHANGES)


def test_bed_of_two_clients_is_detected():
    days = [(date(2026, 11, 1), date(2026, 11, 5)), (date(2026, 11, 5), None), (date(2026, 11, 9), date(2026, 11, 9))]
    claims = [BedClaim(bed_id=1, registration_id="R", starts_on=begins, ends_on=ends) for begins, ends in days]
    assert what_waits.overlaps(claims) == []
    claims.append(BedClaim(bed_id=1, registration_id="Q", starts_on=date(2026, 11, 4), ends_on=date(2026, 11, 6)))
    assert len(what_waits.overlaps(claims)) == 2
