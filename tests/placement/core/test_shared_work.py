"""Slow work that is done once for all who ask, and never inside a transaction."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from placement.accounts import passwords
from placement.core.place_codes import ProfileTrial
from placement.core.shared_work import Answers, Latest
from placement.core.transactions import SlowInTransaction
from placement.solver import profile_preview
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from placement.solver.previews import Previews
from placement.solver.shortage import Shortage
from tests.support.stores import one_store

PATIENCE = 60


@pytest.fixture
def problem(town):
    town.register()
    return town.problem()


@one_store
def test_shortage_of_the_same_state_again_is_not_worked_out(problem):
    runs = []
    previews = Previews(Solver(1.0, EnginePool(1)), lambda _: runs.append(1) or Shortage((), complete=True))
    assert previews.shortage(problem) == previews.shortage(problem)
    assert len(runs) == 1


def test_latest_asked_before_it_was_begun_share_it():
    """The first request is held. Requests from before its work share its answer; a later request gets a new answer."""
    latest, began, may_go, worked_out = Latest(), threading.Event(), threading.Event(), []

    def work_out():
        worked_out.append(1)
        number = len(worked_out)
        began.set()
        assert may_go.wait(PATIENCE)
        return number

    asked_before = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(latest.of, time.monotonic(), work_out)
        assert began.wait(PATIENCE)
        others = [threads.submit(latest.of, asked_before, work_out) for _ in range(2)]
        may_go.set()
    assert [first.result(), *(one.result() for one in others)] == [1, 1, 1]
    latest.of(time.monotonic(), work_out)
    assert len(worked_out) == 2


def test_latest_failed_work_fails_waiters_and_next_is_new():
    latest, asked_at = Latest(), time.monotonic()

    def fails():
        raise LookupError

    with pytest.raises(LookupError):
        latest.of(asked_at, fails)
    assert latest.of(asked_at, lambda: 2) == 2
    assert latest.of(asked_at, lambda: 3) == 2


def test_answers_failed_work_fails_waiters_and_next_is_new():
    answers, began, may_fail = Answers(4), threading.Event(), threading.Event()

    def fails():
        began.set()
        assert may_fail.wait(PATIENCE)
        raise LookupError

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(answers.of, b"q", fails, bool)
        assert began.wait(PATIENCE)
        second = threads.submit(answers.of, b"q", lambda: 1, bool)
        may_fail.set()
        with pytest.raises(LookupError):
            first.result()
    assert isinstance(second.exception(), LookupError) or second.result() == 1
    assert answers.of(b"q", lambda: 2, bool) in {1, 2}


def test_answers_of_a_few_are_kept_and_unfinished_are_not():
    answers, worked_out = Answers(2), []

    def ask(question, answer=1):
        return answers.of(question, lambda: worked_out.append(question) or answer, bool)

    for question in (b"a", b"b", b"a", b"c", b"a", b"b"):
        ask(question)
    assert worked_out == [b"a", b"b", b"c", b"b"]  # of three answers, the answer that was asked for longest ago went
    for _ in range(2):
        assert ask(b"unfinished", 0) == 0
    assert worked_out[4:] == [b"unfinished"] * 2


@one_store
def test_engine_in_a_transaction_raises(town, problem):
    reference = problem.registrations[0].id
    trial = profile_preview.Trial("U1-women", 1, ProfileTrial.WOMEN, problem, problem)
    solver = Solver(2.0, EnginePool(1))
    slow = (
        lambda: solver.shortage(problem),
        lambda: solver.advise(problem, reference),
        lambda: solver.match(problem),
        lambda: profile_preview.work_out(trial),
        lambda: passwords.is_right(None, "anything"),
    )
    for ask in slow:
        with town.database.transaction(), pytest.raises(SlowInTransaction):
            ask()
    assert passwords.is_right(None, "anything") is False
