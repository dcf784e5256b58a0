"""Random lives of a few clients, compared with the model: beds, tasks that wait, and recipients of notices."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import SQLAlchemyError

from placement.capacity import room_state
from placement.notifications import task_notices
from placement.placements.holds import holds
from placement.placements.stays import place_fit, stays, takeover
from placement.registrations import case_rows, registrations
from placement.shelters import closing
from placement.tables import BedClaim
from placement.tasks import board, listing, misfit_tasks, queue, requests
from placement.tasks.task import Task, TaskKind
from tests.support import waiting_work
from tests.support.any_life import ALWAYS, WHAT, AnyLife
from tests.support.duty import TUESDAY_AT_22
from tests.support.ledger import Ledger, commit
from tests.support.lives_that_change import JOINS_AT
from tests.support.proof import FULL
from tests.support.stores import both_stores, one_store

CHANGE = ("take over", "birth", "join", "death", "return", "close", "reopen")
VERBS = (
    *CHANGE,
    "take over waiting",
    "register",
    "propose",
    "accept",
    "confirm",
    "refuse",
    "arrive",
    "release",
    "ask",
    "report",
    "report less",
    "take others",
)
SELDOM = (
    "override", "decline", "no-show", "reverse", "live on", "await", "move", "withdraw", "move in house", "swap",
    "agree waiting_for_desk", "disagree waiting_for_desk", "agree provisional", "disagree provisional",
    "lapsed reserved", "lapsed waiting_for_shelter",
)  # fmt: skip
"""What happens in many lives: at full size each is to happen."""
PAGES_EVERY = 9
TOLD_EVERY = 3
LIVES = 2000 if FULL else 20
STEPS, AT_ONCE = 60, 10
STORY = (
    ("decides", 6), ("shelter_answers", 8), ("decides", 7), ("shelter_answers", 1), ("arrives", 0),
    ("asks_to_move", 1), ("decides", 13), ("desk_answers", 1), ("desk_answers", 1), ("shelter_answers", 1),
    ("arrives", 0), ("moves_in_house", 2), ("decides", 8), ("time_passes", 4),
)  # fmt: skip
"""A life with four places: refused, reached by the client, reached by a move, and lapsed."""

CHANGES = (
    ("is_taken_over", 3), ("is_born", 1), ("decides", 7), ("is_born", 0), ("shelter_answers", 1), ("arrives", 0),
    ("is_born", 0), ("partner_joins", 0), ("dies", 0), ("place_closes", 9), ("decides", 6), ("is_born", 2),
    ("is_born", 2), ("dies", 2), ("place_closes", 10),
    ("decides", 11), ("dies", 3), ("comes_back", 3), ("place_reopens", 0), ("decides", 17), ("moves_in_house", 0),
    ("time_passes", 3), ("place_reopens", 0), ("decides", 9), ("leaves", 5), ("comes_back", 0), ("comes_back", 1),
    ("comes_back", 2), ("comes_back", 3), ("place_closes", 7), ("decides", 6), ("decides", 7), ("time_passes", 4),
)  # fmt: skip
"""A life with a former resident, a child without a free bed, a partner, a death, a return, and a unit that closes."""


WAITED = (
    ("is_taken_over", 3), ("waited_before", 8), ("time_passes", 1), ("decides", 6), ("shelter_answers", 1),
    ("arrives", 0), ("waited_before", 13), ("decides", 7), ("decides", 11), ("time_passes", 3),
)  # fmt: skip
"""Clients who waited before the service knew of them, the first alone and the second with a client who is placed."""

BARRED = (
    ("decides", 6), ("takes_others", 0), ("shelter_answers", 1), ("takes_others", 0), ("takes_others", 0),
    ("takes_others", 1), ("arrives", 0), ("takes_others", 0), ("is_born", 0), ("is_born", 0), ("is_born", 0),
)  # fmt: skip
"""A unit that takes younger clients only, before a client has come to it and after; then children without a bed."""

COUNTED = (
    ("decides", 6), ("counts_less", 0), ("counts", 0), ("counts_less", 0), ("shelter_answers", 1), ("counts", 0),
    ("counts_less", 0), ("arrives", 0), ("counts_less", 0),
)  # fmt: skip
"""A bed that is kept for a client on the way, and that the shelter counts out of service, and in again."""


SEARCHED = (
    ("decides", 6), ("shelter_answers", 1), ("arrives", 0), ("leaves", 6), ("time_passes", 1), ("is_known_again", 3),
    ("time_passes", 4), ("is_known_again", 0), ("leaves", 6), ("is_known_again", 1), ("counts", 0), ("counts", 1),
    ("counts", 2), ("decides", 6), ("desk_answers", 1), ("shelter_answers", 1), ("time_passes", 3),
    ("does_not_come", 1), ("comes_after_all", 0), ("does_not_come", 2), ("time_passes", 1), ("is_known_again", 0),
    ("asks_to_move", 2), ("decides", 6), ("desk_answers", 1), ("shelter_answers", 1), ("time_passes", 3),
    ("does_not_come", 1), ("is_born", 2), ("is_known_again", 0), ("leaves", 6), ("is_known_again", 2),
)  # fmt: skip
"""A client who is missing again and again: back in the bed, found, late, missing on the way, and sought no more."""


RUNG = (
    ("decides", 6), ("says_by_telephone", 3), ("is_rung_back", 0), ("says_by_telephone", 1), ("is_rung_back", 7),
    ("is_rung_back", 29), ("is_rung_back", 22), ("is_rung_back", 28), ("is_rung_back", 14), ("says_by_telephone", 20),
    ("is_rung_back", 1), ("is_known_again", 0), ("time_passes", 3),
)  # fmt: skip
"""A client from the yes to the departure by telephone: rung back, contradicted, settled; missing, and back."""


def live(stores, seeds, steps):
    """Lives once for each of these seeds and returns the counted events; a failed life reports its seed and steps."""
    AnyLife.stores, AnyLife.happened = stores, Counter()
    AnyLife.pages_every, AnyLife.told_every = PAGES_EVERY, TOLD_EVERY
    for seed in seeds:
        rng, life, lived = Random(seed), AnyLife(), []
        try:
            life.begins()
            for _ in range(steps):
                lived.append((rng.choice(WHAT), rng.randrange(10**6)))
                goes_on(life, *lived[-1])
            life.teardown()
        except Exception as error:
            error.add_note(f"the life of seed {seed}: {lived}")
            raise
    return AnyLife.happened


def goes_on(life, what, drawn):
    life.something_happens(what, drawn)
    for name in ALWAYS:
        getattr(life, name)()


def play(stores, story=STORY):
    """One life, step by step as it is written; what happened in it."""
    AnyLife.stores, AnyLife.happened, AnyLife.pages_every, AnyLife.told_every = stores, Counter(), 1, 1
    life = AnyLife()
    life.begins()
    for what, drawn in story:
        goes_on(life, what, drawn)
    return AnyLife.happened


@pytest.mark.wide
@both_stores
def test_a_written_life_keeps_to_the_model(stores):
    happened = play(stores)
    verbs = ("accept", "refuse", "confirm", "arrive", "ask", "move", "lapsed waiting_for_shelter")
    assert [verb for verb in verbs if not happened[verb]] == [], happened


@pytest.mark.wide
@both_stores
def test_a_written_life_with_changes_keeps_to_the_model(stores):
    happened = play(stores, CHANGES)
    assert [verb for verb in CHANGE if not happened[verb]] == [], happened


@pytest.mark.wide
@both_stores
def test_a_written_life_of_a_missing_client_keeps_to_it(stores):
    happened = play(stores, SEARCHED)
    verbs = "end left_to_unknown_destination", "no-show no_answer", *(f"search {how}" for how in range(4))
    assert [verb for verb in verbs if not happened[verb]] == [], happened


@pytest.mark.wide
@both_stores
def test_a_written_life_by_telephone_keeps_to_it(stores):
    happened = play(stores, RUNG)
    verbs = *(f"by telephone {kind}" for kind in ("yes", "arrival", "end")), *(f"entry {how}" for how in range(5))
    assert [verb for verb in verbs if not happened[verb]] == [], happened


@pytest.mark.wide
@both_stores
def test_a_written_life_of_a_barred_client_keeps_to_the_model(stores):
    happened = play(stores, BARRED)
    assert (happened["take others"], happened["arrive"]) == (5, 1), happened


@pytest.mark.wide
@both_stores
def test_a_written_life_of_a_counted_bed_keeps_to_the_model(stores):
    happened = play(stores, COUNTED)
    assert (happened["report less"], happened["report"], happened["arrive"]) == (4, 2, 1), happened


@pytest.mark.wide
def test_a_written_life_of_waiting_keeps_to_the_model(stores):
    happened = play(stores, WAITED)
    assert (happened["take over"], happened["take over waiting"]) == (1, 2), happened


@pytest.mark.wide
@both_stores
def test_some_lives_keep_to_the_model(stores):
    live(stores, range(3), steps=20)


@pytest.mark.long
@both_stores
def test_many_lives_keep_to_the_model(stores, request):
    """A life that passed at this commit is not lived again: `make prove` can be ended and taken up."""
    passed = Ledger(f"any-life-{request.node.callspec.params['stores']}", commit())
    happened = Counter()
    while seeds := passed.left(range(LIVES), AT_ONCE):
        happened += live(stores, seeds, STEPS)
        passed.add(seeds)
    if happened["lives"] == LIVES:
        assert [verb for verb in (*VERBS, *(SELDOM if FULL else ())) if not happened[verb]] == [], happened


def another_than_to_search(kind, *said, real=Task.of_case, **more):
    return real(TaskKind.ADULT if kind is TaskKind.SEARCH_AGAIN else kind, *said, **more)


def shown_twice(act, tasks, reports, real=queue.with_others):
    return [one for one in real(act, tasks, reports) for _ in range(2)]


def open_all(*place, real=room_state._given_out, **_closed):
    return real(*place, closed=False)


BROKEN = {
    "a refused bed stays kept": (holds, "claims_of_hold", lambda *_: []),
    "a refused client is not sought for": (holds, "reopen", lambda *_, **__: None),
    "the old place is not left": (stays, "_left_for", lambda *_: None),
    "a lost place is no task": (Task, "of_case", another_than_to_search),
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


def misses_beds(*said, real=place_fit.broken_in):
    return [one for one in real(*said) if one.rule not in {place_fit.ROOMS, "children"}]


def forgets_who_joins(act, registration, checked, *, real=case_rows.set_parts):
    persons = checked.case.persons or ()
    if len(persons) > 1 and persons[-1].age == JOINS_AT:
        checked = replace(checked, case=checked.case.model_copy(update={"persons": persons[:-1]}))
    return real(act, registration, checked)


def stays_a_draft(*said, real=registrations.change, **more):
    return real(*said, **more | {"open_it": False})


BROKEN_CHANGES = {
    "who joins is not written down": (case_rows, "set_parts", forgets_who_joins),
    "the bed of one who died stays kept": (stays, "claims_of_stay", lambda *_: ()),
    "who returns is not sought for": (registrations, "change", stays_a_draft),
    "a place that reopens stays shut": (closing, "reopen_rooms", lambda *_: None),
    "a closing place is given out": (room_state, "_given_out", open_all),
    "a closing place is no task": (requests, "inside", lambda *_: SimpleNamespace(is_empty=True)),
    "who was taken over has no bed": (takeover, "_claim", lambda *_, **__: None),
}
BROKEN_WAITING = {
    "who waited before has not begun to wait": (takeover, "start_of", lambda _: TUESDAY_AT_22 + timedelta(days=90)),
}
BROKEN_BARRED = {
    "a child without a bed breaks no rule": (place_fit, "broken_in", misses_beds),
    "a person without a bed is no task": (misfit_tasks, "_broken_by_facts", lambda *_: {}),
    "a client who is barred before the arrival is no task": (misfit_tasks, "broken_by_register", lambda *_: {}),
}
BROKEN_COUNTED = {
    "a bed that is counted away before the arrival is no task": (misfit_tasks, "lost_by_count", lambda *_: frozenset()),
    "a task that is there again is told to nobody": (task_notices, "rows_by_id", lambda *_: {}),
}
STORIES = (
    (STORY, BROKEN),
    (CHANGES, BROKEN_CHANGES),
    (WAITED, BROKEN_WAITING),
    (BARRED, BROKEN_BARRED),
    (COUNTED, BROKEN_COUNTED),
)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("broken", [broken for _, of in STORIES for broken in of])
def test_broken_service_is_detected(stores, monkeypatch, broken):
    [(story, service)] = [(story, of[broken]) for story, of in STORIES if broken in of]
    monkeypatch.setattr(*service)
    with pytest.raises((AssertionError, SQLAlchemyError)):
        play(stores, story)


def test_bed_of_two_clients_is_detected():
    days = [(date(2026, 11, 1), date(2026, 11, 5)), (date(2026, 11, 5), None), (date(2026, 11, 9), date(2026, 11, 9))]
    claims = [BedClaim(bed_id=1, registration_id="R", starts_on=begins, ends_on=ends) for begins, ends in days]
    assert waiting_work.overlaps(claims) == []
    claims.append(BedClaim(bed_id=1, registration_id="Q", starts_on=date(2026, 11, 4), ends_on=date(2026, 11, 6)))
    assert len(waiting_work.overlaps(claims)) == 2
