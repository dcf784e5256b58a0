"""Each state of a case has a task, or an event and a latest moment that end it: for random lives the clock is moved
past that moment.
"""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import select

from placement.core.context import SYSTEM
from placement.core.enquiry_codes import EnquiryStatus, EntryStatus
from placement.core.event_codes import EventStatus
from placement.core.request_codes import RequestStatus
from placement.jobs import periodic
from placement.lifecycles.moves import DecisionMove, HoldMove, ProposalMove, RegistrationMove, StayMove
from placement.registrations.request_rows import requests_of
from placement.tables import Decision, Hold, Proposal, Registration, Stay
from placement.tasks import board
from placement.tasks.listing import derive
from placement.tasks.states import STATES
from placement.tasks.task import TaskKind
from tests.support import states_table
from tests.support.any_life import WHAT, AnyLife
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, TODAY

MOVES = (RegistrationMove, ProposalMove, DecisionMove, HoldMove, StayMove)
TABLES = (Registration, Proposal, Decision, Hold, Stay)
ENDS = ("expire_holds", "expire_decisions", "expire_proposals", "erase_drafts")
SECOND = timedelta(seconds=1)


def test_every_state_has_one_row():
    parts = [
        *(type(next(iter(moves)).target) for moves in MOVES),
        RequestStatus,
        EventStatus,
        EnquiryStatus,
        EntryStatus,
    ]
    assert {part: set(rows) for part, rows in STATES.items()} == {part: set(part) for part in parts}
    for rows in STATES.values():
        for row in rows.values():
            assert bool(row.over) is not (bool(row.tasks) or row.rest is not None), row


def test_guide_shows_the_table_of_states():
    page = states_table.PAGE.read_text()
    assert page == states_table.with_tables(page), "run: python -m tests.support.states_table"


def resting(act):
    """By part and state, each row in which nobody has to act, with the moment at which that ends at the latest."""
    tasks = {(task.kind, task.registration) for task in derive(act)}
    found = {}
    for table in TABLES:
        for row in act.session.exec(select(table)):
            case = getattr(row, "registration_id", row.id)
            states = [(row.status, row)]
            if table is Registration:
                states += [(one.status, row) for one in requests_of(act, row)]
            for status, part in states:
                said = STATES[type(status)][status]
                kinds = (*said.tasks, TaskKind.UNREADABLE)
                if said.over or any((kind, case) in tasks for kind in kinds):
                    continue
                moment = said.rest and said.rest.moment(act, part)
                assert moment is not None, f"{type(status).__name__} {status.value} of {case}: no task, and no moment"
                found[type(status), status, row.id] = moment
    return found


def moves_the_clock_past_each_moment(town):
    """Moves the clock while nobody acts, until no state rests; returns the states that rested, by how often."""
    happened = Counter()
    while True:
        with town.act(SYSTEM) as act:
            found = resting(act)
        if not found:
            return happened
        name, moment = min(found.items(), key=lambda one: one[1])
        town.at = max(town.at, moment) + SECOND
        for job in periodic.JOBS:
            if job.name in ENDS:
                town.do(job.run)
        with town.act(SYSTEM) as act:
            assert name not in resting(act), f"{name} still waits for nobody at {town.at}, after {moment}"
        happened[name[1].value] += 1


def lives(stores, seeds, steps):
    AnyLife.stores, AnyLife.happened = stores, Counter()
    AnyLife.pages_every = AnyLife.told_every = 10**6
    found = Counter()
    for seed in seeds:
        rng, life = Random(seed), AnyLife()
        life.begins()
        for _ in range(steps):
            life.something_happens(rng.choice(WHAT), rng.randrange(10**6))
        found += moves_the_clock_past_each_moment(life.town)
        stores.close()
    return found


@pytest.mark.wide
@one_store
def test_no_state_of_a_random_life_is_left_alone(stores):
    assert lives(stores, range(2), steps=25)["open"] > 0


@pytest.mark.wide
@both_stores
def test_no_state_of_random_lives_is_left_alone(stores):
    happened = lives(stores, range(10, 22), steps=40)
    assert [state for state in ("open", "moving", "placed", "made", "in_house") if not happened[state]] == [], happened


@one_store
def test_waiting_without_a_task_is_detected(town, monkeypatch):
    town.register(urgency=2)
    monkeypatch.setattr(board._Found, "_of_waiting", lambda *_: ())
    with pytest.raises(AssertionError, match="still waits for nobody"):
        moves_the_clock_past_each_moment(town)


@pytest.mark.wide
@one_store
def test_draft_is_erased_at_its_latest_moment(town):
    town.register(draft=True, actor=COORDINATOR, needed_by=TODAY)
    assert moves_the_clock_past_each_moment(town) == {"draft": 1}
    assert town.all(select(Registration)) == []
