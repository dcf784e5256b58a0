"""One frozen problem for one state of the world: stored once, and gone with the last proposal that points at it."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from matching import advise, write_problem
from placement.core.errors import Conflict
from placement.placements.proposals import proposals
from placement.placements.proposals.frozen_problems import freeze
from placement.retention import legal_hold
from placement.retention.erasure import erase_frozen
from placement.retention.job import erase_everything_due
from placement.retention.schedule_of_cases import FROZEN_FOR
from placement.tables import FrozenProblem, Proposal
from tests.support.simultaneous_acts import at_once
from tests.support.stores import both_stores, one_store
from tests.support.town import key_store_of


def frozen(town):
    return {row.id for row in town.all(select(FrozenProblem))}


def pointed_at(town, *made):
    return [town.one("proposal", one).problem_id for one in made]


def two_of_one_state(town):
    """Two cases, and a proposal for each from the same state."""
    cases = town.register(), town.register()
    return cases, tuple(town.propose(one) for one in cases)


def erase(town):
    return list(erase_everything_due(town.database, town.act_now))


@pytest.mark.wide
@both_stores
def test_equal_states_are_stored_once_and_another_apart(town):
    (one, _), made = two_of_one_state(town)
    again = town.propose(one)
    [first] = set(pointed_at(town, *made, again))
    town.register()
    [other] = pointed_at(town, town.propose(one))
    assert first != other
    assert frozen(town) == {first, other}


@pytest.mark.wide
@both_stores
def test_frozen_problem_goes_with_its_last_proposal(town):
    (kept, _), made = two_of_one_state(town)
    [problem] = frozen(town)
    town.do(legal_hold.ask, kept, "complaint", (town.at + FROZEN_FOR + timedelta(days=90)).date())
    town.do(erase_frozen, [made[1]])
    assert (pointed_at(town, *made), frozen(town)) == ([problem, None], {problem})
    assert town.replay(made[0]).registration == kept
    with pytest.raises(Conflict, match="content_erased"):
        town.problem_of(made[1])
    assert not key_store_of(town).is_destroyed(problem)
    town.do(erase_frozen, [made[0]])
    assert (pointed_at(town, *made), frozen(town)) == ([None, None], set())
    assert all(key_store_of(town).is_destroyed(one) for one in (problem, *made))


@pytest.mark.wide
@both_stores
def test_term_of_a_shared_problem_is_that_of_its_newest_proposal(town):
    cases = town.register(), town.register()
    first = town.propose(cases[0])
    town.later(hours=2)
    second = town.propose(cases[1])
    [problem] = set(pointed_at(town, first, second))
    made = town.at
    town.at = made + FROZEN_FOR - timedelta(hours=1)
    erase(town)
    assert (pointed_at(town, first, second), frozen(town)) == ([None, problem], {problem})
    town.at = made + FROZEN_FOR
    erase(town)
    assert (pointed_at(town, first, second), frozen(town)) == ([None, None], set())
    assert key_store_of(town).is_destroyed(problem)


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("lost", ["destroyed", "missing"])
def test_problem_without_its_key_is_not_pointed_at(town, lost):
    (one, _), made = two_of_one_state(town)
    [former] = frozen(town)
    store = key_store_of(town)
    store.destroy(former) if lost == "destroyed" else store.remove(former)
    again = town.propose(one)
    [newer] = pointed_at(town, again)
    assert newer != former
    assert town.replay(again).registration == one
    with pytest.raises(Conflict):
        town.problem_of(made[1])


def record(town, case):
    prepared = town.do(proposals.prepare, case)
    return lambda: town.do(proposals.record, prepared, advise(prepared.problem, case)).id


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_proposals_made_at_once_store_their_problem_once(town):
    cases = [town.register() for _ in range(6)]
    outcomes = at_once(*[record(town, case) for case in cases])
    assert len(set(pointed_at(town, *outcomes))) == len(frozen(town)) == 1


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
@pytest.mark.parametrize("number", range(3))
def test_erasure_at_once_leaves_no_problem_behind(town, number):
    _ = number
    _, made = two_of_one_state(town)
    [problem] = frozen(town)
    at_once(*[lambda one=one: town.do(erase_frozen, [one]) for one in made])
    assert (pointed_at(town, *made), frozen(town)) == ([None, None], set())
    assert key_store_of(town).is_destroyed(problem)


def waits_for_a_lock(town):
    with town.database.engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() > 0


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_erasure_waits_for_a_proposal_about_to_point_at_it(town, monkeypatch):
    (one, _), made = two_of_one_state(town)
    [problem] = frozen(town)
    erasing = threading.Thread(target=lambda: town.do(erase_frozen, list(made)))
    go_on = proposals.supersede_proposals

    def begin_erasing(act, case):
        erasing.start()
        while erasing.is_alive() and not waits_for_a_lock(town):
            time.sleep(0.01)
        go_on(act, case)

    prepared = record(town, one)
    monkeypatch.setattr(proposals, "supersede_proposals", begin_erasing)
    newest = prepared()
    erasing.join()
    assert pointed_at(town, newest, *made) == [problem, None, None]
    assert town.replay(newest).registration == one


def test_freezing_twice_in_one_transaction_gives_one_name(town):
    town.register()
    problem = town.problem()
    assert len({town.do(lambda act: freeze(act.session, problem)) for _ in range(2)}) == 1


@one_store
def test_proposal_of_an_earlier_version_keeps_its_own_problem(town):
    made = town.propose(town.register())
    problem = town.problem_of(made)
    with town.database.transaction() as session:
        row = session.get_one(Proposal, made)
        row.problem, row.problem_id = write_problem(problem).decode(), None
    assert town.problem_of(made) == problem
    assert town.replay(made).registration == town.one("proposal", made).registration_id
