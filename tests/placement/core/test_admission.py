"""Admission of slow work: how many run, how many share an answer, how many are refused as busy."""

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from placement.accounts import passwords
from placement.core.admission import Answers, Turns
from placement.core.errors import Busy
from placement.core.transactions import SlowInTransaction
from placement.solver import profile_preview
from placement.solver.engine_process import Solver
from placement.solver.previews import Previews
from placement.solver.shortage import Shortage, shortage
from tests.support.stores import one_store

PATIENCE = 60
ASKED, ADMITTED = 60, 8
"""Questions at once; and how many of the shortage one process takes: one that runs, seven that wait."""


class Engine:
    """Stands for the engine: answers when it is let; counts how many it works out, and at most at once."""

    def __init__(self) -> None:
        self.may_answer, self.asked, self._guard = threading.Event(), threading.Event(), threading.Lock()
        self.running = self.most = self.runs = 0

    def __call__(self, _problem):
        with self._guard:
            self.running, self.runs = self.running + 1, self.runs + 1
            self.most = max(self.most, self.running)
        self.asked.set()
        assert self.may_answer.wait(PATIENCE)
        with self._guard:
            self.running -= 1
        return Shortage((), complete=True)


def ask_all(engine, problems):
    """Asks for all at once; the engine answers when the rest was told to come again."""
    previews, refused = Previews(Solver(1.0), engine), threading.Semaphore(0)

    def ask(problem):
        try:
            return previews.shortage(lambda: problem)
        except Busy as busy:
            refused.release()
            return busy

    with ThreadPoolExecutor(len(problems)) as threads:
        asked = [threads.submit(ask, problem) for problem in problems]
        for _ in range(len(problems) - ADMITTED):
            assert refused.acquire(timeout=PATIENCE)
        engine.may_answer.set()
        return [one.result() for one in asked]


@pytest.fixture
def problem(town):
    town.register()
    return town.problem()


@one_store
def test_shortage_asked_60_times_alike_is_worked_out_once(problem):
    engine = Engine()
    answers = ask_all(engine, [problem] * ASKED)
    busy = [one for one in answers if isinstance(one, Busy)]
    assert (len(busy), engine.runs, engine.most) == (ASKED - ADMITTED, 1, 1)
    assert {(one.code, one.facts["seconds"]) for one in busy} == {("engine_busy", 10)}


@one_store
def test_shortage_asked_of_60_states_works_out_one_at_a_time(problem):
    engine = Engine()
    [one] = problem.registrations
    others = (msgspec.structs.replace(one, waiting_days=days) for days in range(ASKED))
    answers = ask_all(engine, [msgspec.structs.replace(problem, registrations=(other,)) for other in others])
    assert (engine.runs, engine.most) == (ADMITTED, 1)
    assert sum(not isinstance(one, Busy) for one in answers) == ADMITTED


@one_store
def test_shortage_of_the_same_state_again_is_not_worked_out(problem):
    engine = Engine()
    engine.may_answer.set()
    previews = Previews(Solver(1.0), engine)
    assert previews.shortage(lambda: problem) == previews.shortage(lambda: problem)
    assert engine.runs == 1


def test_place_none_is_left_nothing_is_read():
    turns = Turns("engine_busy", at_once=1, waiting=0, within_seconds=1)
    with turns.place(), pytest.raises(Busy), turns.place():
        pytest.fail("it was taken up")
    with turns.place():
        """There is one again."""


def test_turn_does_not_come_in_time_is_busy():
    turns = Turns("engine_busy", at_once=1, waiting=1, within_seconds=0.01)
    with turns.turn(), pytest.raises(Busy), turns.turn():
        pytest.fail("two at once")


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
    assert worked_out == [b"a", b"b", b"c", b"b"]  # of three the one that was asked for longest ago went
    for _ in range(2):
        assert ask(b"unfinished", 0) == 0
    assert worked_out[4:] == [b"unfinished"] * 2


@one_store
def test_engine_in_a_transaction_raises(town, problem):
    reference = problem.registrations[0].id
    trial = profile_preview.Trial("U1-women", 1, problem, problem)
    solver = Solver(2.0)
    slow = (
        lambda: shortage(problem),
        lambda: solver.advise(problem, reference),
        lambda: solver.match(problem),
        lambda: profile_preview.work_out(trial),
        lambda: passwords.is_right(None, "anything"),
    )
    for ask in slow:
        with town.database.transaction(), pytest.raises(SlowInTransaction):
            ask()
    assert passwords.is_right(None, "anything") is False


def test_passwords_too_many_at_once_are_busy(monkeypatch):
    may_go, inside = threading.Event(), threading.Semaphore(0)

    class Slow:
        def verify(self, *_):
            inside.release()
            return may_go.wait(PATIENCE)

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    refused = threading.Semaphore(0)

    def attempt(_):
        try:
            return passwords.is_right("stored", "said")
        except Busy:
            refused.release()
            return None

    with ThreadPoolExecutor(20) as threads:
        tries = [threads.submit(attempt, number) for number in range(20)]
        assert all(refused.acquire(timeout=PATIENCE) for _ in range(20 - 8))
        assert all(inside.acquire(timeout=PATIENCE) for _ in range(2))
        assert not inside.acquire(blocking=False)
        may_go.set()
    assert [one.result() for one in tries].count(True) == 8
