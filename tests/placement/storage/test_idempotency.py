"""Idempotency: a repeated write is replayed, refused or taken over; the slow loser leaves nothing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, Invalid
from placement.retention.job import erase_due
from placement.retention.schedule import kind_named
from placement.storage.idempotency import KEPT, TAKEN_OVER_AFTER, Answer, Attempt, abandon, claim, finish
from placement.tables import IdempotentRequest, Provider
from tests.support.simultaneous_acts import at_once
from tests.support.town import AT

ANSWER = Answer(201, {"ETag": '"1"'}, '{"alias":"Vogel"}')


def ask(empty, at=AT, *, actor="A1", key="k1", body="b1"):
    return claim(empty.database, actor, key, body, at)


def done(empty, attempt, answer=ANSWER):
    with empty.database.transaction() as session:
        session.add(Provider(id=attempt.name[:20], name="done"))
        session.flush()
        finish(session, attempt, answer)


def effects(empty):
    with empty.database.transaction() as session:
        return len(session.exec(select(Provider)).all())


def test_repeated_request_is_done_once_and_answered_alike(empty):
    done(empty, ask(empty))
    again = ask(empty, AT + timedelta(hours=1))
    assert again == ANSWER
    assert effects(empty) == 1


def test_stored_request_and_answer_are_encrypted(empty):
    """A fingerprint that anybody can make again is read by trying: of places and distances there are few."""
    done(empty, ask(empty, body="of a body"))
    with empty.database.engine.connect() as connection:
        [(body, asked)] = connection.exec_driver_sql("SELECT body, fingerprint FROM idempotentrequest").all()
    assert "Vogel" not in body
    assert "of a body" not in asked
    assert asked.startswith("answers-2026-11-24:")


def test_attempt_taken_over_is_sealed_with_the_key_of_that_day(empty):
    ask(empty)
    ask(empty, AT + timedelta(days=1))
    with empty.database.engine.connect() as connection:
        [(asked,)] = connection.exec_driver_sql("SELECT fingerprint FROM idempotentrequest").all()
    assert asked.startswith("answers-2026-11-25:")


def test_a_key_belongs_to_one_request_of_one_actor(empty):
    attempt = ask(empty)
    with pytest.raises(Invalid):  # also while the first goes on
        ask(empty, body="b2")
    done(empty, attempt)
    with pytest.raises(Invalid) as refused:
        ask(empty, body="b2")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("Idempotency-Key", "key_used_otherwise")]
    assert isinstance(ask(empty, actor="A2", body="b2"), Attempt)
    assert isinstance(ask(empty, key="k2", body="b2"), Attempt)


@pytest.mark.parametrize(("seconds", "taken_over"), [(-10, False), (-0.1, False), (0, True), (1, True)])
def test_attempt_without_an_answer_is_taken_over_after_its_term(empty, seconds, taken_over):
    first = ask(empty)
    later = AT + TAKEN_OVER_AFTER + timedelta(seconds=seconds)
    if not taken_over:
        with pytest.raises(Conflict) as refused:
            ask(empty, later)
        assert refused.value.code == "request_in_progress"
        return
    second = ask(empty, later)
    assert isinstance(second, Attempt)
    with pytest.raises(Conflict):  # and the second has its own time
        ask(empty, later + TAKEN_OVER_AFTER - timedelta(seconds=1))
    done(empty, second)
    with pytest.raises(Conflict):  # the slow first one comes too late, and leaves nothing
        done(empty, first)
    assert effects(empty) == 1


def test_abandoned_slow_attempt_keeps_the_key_of_the_winner(empty):
    first = ask(empty)
    second = ask(empty, AT + TAKEN_OVER_AFTER)
    abandon(empty.database, first)
    done(empty, second)
    abandon(empty.database, second)
    assert ask(empty, AT + TAKEN_OVER_AFTER) == ANSWER


def test_an_abandoned_key_is_free_for_a_corrected_request(empty):
    abandon(empty.database, ask(empty))
    assert isinstance(ask(empty, body="corrected"), Attempt)


def test_a_crash_between_the_act_and_its_answer_leaves_neither(empty):
    attempt = ask(empty)

    def crash():
        with empty.database.transaction() as session:
            session.add(Provider(id="P", name="done"))
            finish(session, attempt, ANSWER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert effects(empty) == 0
    assert isinstance(ask(empty, AT + TAKEN_OVER_AFTER), Attempt)


def test_answers_are_forgotten_after_two_days(empty):
    done(empty, ask(empty))
    for age, left in ((KEPT - timedelta(seconds=1), 1), (KEPT, 0)):
        with empty.database.transaction() as session:
            erase_due(Act(session, SYSTEM, AT + age, empty.settings), kind_named("answers"))
        with empty.database.transaction() as session:
            assert len(session.exec(select(IdempotentRequest)).all()) == left


@pytest.mark.parametrize("takes_over", [False, True])
def test_eight_concurrent_claims_one_wins(empty, takes_over):
    if takes_over:
        ask(empty)
    at = AT + TAKEN_OVER_AFTER
    got = at_once(*[lambda: ask(empty, at)] * 8)
    assert [one.code for one in got if isinstance(one, Conflict)] == ["request_in_progress"] * 7
    assert sum(isinstance(one, Attempt) for one in got) == 1
