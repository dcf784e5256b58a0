"""Every move from every state: carried out if the table has it, refused in every other state."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from placement.core import signals
from placement.core.codes import RegistrationStatus, Role
from placement.core.context import Act, Actor
from placement.core.errors import Conflict
from placement.core.signals import CaseClosed, CaseReopened
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import MOVES, RegistrationMove, StayMove
from placement.storage import hash_chain
from placement.tables import (
    Decision,
    Enquiry,
    Hold,
    KnowledgeEntry,
    LegalHold,
    MassEvent,
    Proposal,
    Registration,
    SecondPersonRequest,
    Stay,
    Unit,
)
from tests.support.catalogue_ids import messages

ROWS = dict(
    zip(
        MOVES,
        (
            Registration,
            Proposal,
            Decision,
            Hold,
            Stay,
            LegalHold,
            Unit,
            SecondPersonRequest,
            MassEvent,
            Enquiry,
            KnowledgeEntry,
        ),
        strict=True,
    )
)
PAIRS = [(move, state) for moves in MOVES for move in moves for state in type(move.target)]


def row_of(move, state):
    row = ROWS[type(move)](id="X-1", status=state)
    if hasattr(row, "registration_id"):
        row.registration_id = "R-1"
    return row


@pytest.fixture
def act():
    actor = Actor(id="A-1", role=Role.DESK)
    return Act(SimpleNamespace(info={}), actor, datetime(2026, 11, 26, 9, 0, tzinfo=UTC), settings=None)


@pytest.fixture
def published(monkeypatch):
    """The signals that the test publishes."""
    found = []
    reactions = (lambda _, signal: found.append(type(signal)),)
    monkeypatch.setattr(signals, "_REACTIONS", dict.fromkeys((CaseClosed, CaseReopened), reactions))
    return found


def signals_of(move, state):
    closed = RegistrationStatus.CLOSED
    return [CaseClosed] if move.target is closed else [CaseReopened] if state is closed else []


def events_of(act):
    return [(line.event, line.registration_id, line.object_id, line.facts) for line in hash_chain.gathered(act.session)]


@pytest.mark.parametrize(("move", "state"), PAIRS, ids=[f"{move} from {state}" for move, state in PAIRS])
def test_move_is_carried_out_from_its_states_only(act, published, move, state):
    row = row_of(move, state)
    if state in move.sources:
        carry_out(act, row, move, registration="R-1", why="x")
        assert row.status is move.target
        assert len(events_of(act)) == (move.event is not None)
        assert published == signals_of(move, state)
        return
    with pytest.raises(Conflict) as refused:
        carry_out(act, row, move, registration="R-1")
    assert (refused.value.code, refused.value.facts) == (move.refusal, {"status": state.value})
    assert (row.status, events_of(act)) == (state, [])


def test_moves_are_tried_from_enough_states():
    carried_out = sum(state in move.sources for move, state in PAIRS)
    assert (len(PAIRS) > 200, carried_out > 50) == (True, True)


@pytest.mark.parametrize("moves", MOVES)
def test_every_state_is_reached_from_the_beginning(moves):
    reached = {move.target for move in moves if not move.sources}
    while more := {move.target for move in moves if move.sources & reached} - reached:
        reached |= more
    assert reached == set(type(next(iter(moves)).target))


def test_begin_sets_the_first_state_and_tells_of_it(act):
    stay = Stay(id="S-1", registration_id="R-1")
    begin(act, stay, StayMove.PLAN)
    assert stay.status is StayMove.PLAN.target
    assert events_of(act) == [("stay:planned", "R-1", "S-1", {})]


def test_begin_with_a_move_from_a_state_is_a_mistake(act):
    with pytest.raises(ValueError, match="begins nothing"):
        begin(act, Stay(id="S-1", registration_id="R-1"), StayMove.ARRIVE)


def test_version_rises_with_each_move_of_a_registration(act):
    case = Registration(id="R-1", status=RegistrationStatus.OPEN, version=3)
    carry_out(act, case, RegistrationMove.HOLD)
    carry_out(act, case, RegistrationMove.REOPEN, why="hold_expired")
    assert case.version == 5
    assert events_of(act) == [("registration:reopened", "R-1", None, {"why": "hold_expired"})]


def test_refusal_leaves_the_version_alone():
    case = Registration(id="R-1", status=RegistrationStatus.CLOSED, version=3)
    with pytest.raises(Conflict):
        require(case, RegistrationMove.CLOSE)
    assert case.version == 3


def test_refusals_have_words_in_both_languages():
    refusals = {("error", move.refusal) for moves in MOVES for move in moves}
    assert all(refusals <= set(messages(language)) for language in ("nl", "en"))
