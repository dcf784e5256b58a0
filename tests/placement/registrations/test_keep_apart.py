"""Keep-apart inference guard: with a client of another region the desk places, and nothing reveals the place."""

import pytest
from sqlmodel import select

from matching import advise
from placement.access import scoped_queries
from placement.core.codes import DecisionKind, DecisionStatus, Region
from placement.core.errors import Conflict, NotAllowed
from placement.placements.decisions import decisions
from placement.placements.proposals import presentation, proposals
from placement.registrations import registrations
from placement.solver import reads
from placement.solver.snapshot import snapshot
from placement.tables import Decision, Proposal, Registration
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY

pytestmark = one_store


def moved(town, registration, region=Region.LIMBURG):
    with town.database.transaction() as session:
        session.get_one(Registration, registration).region = region


def fenced(town, how="client_named"):
    """Returns a client of Amsterdam and a housed client of Limburg who are kept apart; `how`: the way of entry."""
    housed = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [housed]} if how == "client_named" else None)
    if how != "client_named":
        town.do(registrations.change, housed, 1, {}, keep_apart=[client], actor=DESK)
    town.house(housed, "U1-women")
    moved(town, housed)
    return client, housed


def refused(verb, *args, **facts):
    with pytest.raises(NotAllowed) as error:
        verb(*args, **facts)
    return error.value.code


def presented(town, proposal, actor=COORDINATOR):
    with town.act(actor) as act:
        return presentation.serialize(act, scoped_queries.proposal_of(act.session, actor, proposal), "en")


def ids_of(rows):
    return {row.unit for row in rows}


@pytest.mark.wide
@pytest.mark.parametrize("how", ["client_named", "the_other_named"])
def test_hidden_keep_apart_only_the_desk_proposes_and_decides(town, how):
    client, _ = fenced(town, how)
    assert refused(town.propose, client, actor=COORDINATOR) == "desk_finds_place"
    proposal = town.propose(client)
    assert refused(town.decide, proposal, actor=COORDINATOR) == "desk_finds_place"
    for unit in ("U1-women", "U5-social", "U-unknown"):
        assert refused(town.override, proposal, unit, actor=COORDINATOR, review_on=TODAY) == "desk_finds_place"
    assert town.decide(proposal).status is DecisionStatus.FINAL


def test_keep_apart_both_sides_are_the_desks_unless_both_visible(town):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    assert town.propose(client, actor=COORDINATOR)
    moved(town, other)
    assert refused(town.propose, client, actor=COORDINATOR) == "desk_finds_place"
    assert refused(town.propose, other, actor=ELSEWHERE) == "desk_finds_place"


def test_keep_apart_move_during_solving_is_not_revealed(town):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    prepared = town.do(proposals.prepare, client, actor=COORDINATOR)
    moved(town, other)
    advice = advise(prepared.problem, client)
    assert refused(town.do, proposals.record, prepared, advice, actor=COORDINATOR) == "desk_finds_place"


@pytest.mark.wide
def test_coordinator_sees_only_the_chosen_unit_of_desk_proposal(town):
    client, _ = fenced(town)
    proposal = town.propose(client)
    theirs, desks = presented(town, proposal), presented(town, proposal, DESK)
    assert theirs.one_place
    assert (theirs.chosen.unit, theirs.chosen.points) == (desks.chosen.unit, desks.chosen.points)
    assert (theirs.alternatives, theirs.others) == ((), ())
    assert not desks.one_place
    assert "keep_apart" in {one.rule for unit in desks.others for one in unit.broken}


def test_coordinator_sees_no_reason_if_the_desk_found_no_unit(town):
    client, _ = fenced(town)
    town.full("R3", "R4", "R5", "R6", "R7")
    proposal = town.propose(client)
    assert "rooms and beds" in presented(town, proposal, DESK).nobody
    assert presented(town, proposal).nobody.startswith("There is no place now. The placement desk knows why")


def test_lists_from_before_and_after_the_fence_stay_shut(town):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    before = town.propose(client, actor=COORDINATOR)
    assert presented(town, before).others
    moved(town, other)
    assert presented(town, before).one_place
    town.later(minutes=1)
    during = town.propose(client)
    town.do(registrations.change, client, 1, {}, keep_apart=[], actor=DESK)  # the desk lifts it
    assert [presented(town, one).one_place for one in (before, during)] == [True, True]
    assert not presented(town, town.propose(client, actor=COORDINATOR)).one_place


@pytest.mark.wide
def test_coordinator_sees_no_rule_the_desk_overrode(town):
    client, _ = fenced(town)
    town.override(town.propose(client), "U2-family", review_on=TODAY.replace(day=30), reason="safety_judgement")
    [decision] = [one for one in town.all(select(Decision)) if one.broken]
    assert decision.broken == ["keep_apart"]
    assert breach(town, decision, DESK) == (["keep_apart"], TODAY.replace(day=30))
    assert breach(town, decision, COORDINATOR) == ([], None)
    town.do(decisions.answer_decision, decision.id, granted=False, actor=OTHER_DESK)
    town.do(registrations.change, client, town.registration(client).version, {}, keep_apart=[], actor=DESK)
    assert breach(town, decision, COORDINATOR) == ([], None)  # by the question as it was then
    with town.database.transaction() as session:
        proposal = session.get_one(Proposal, decision.proposal_id)
        proposal.problem_id = proposal.advice = None
    assert breach(town, decision, COORDINATOR) == ([], None)  # and also when that question is erased


def breach(town, decision, actor):
    with town.act(actor) as act:
        return presentation.visible_breach(act, act.session.get_one(Proposal, decision.proposal_id), decision)


def test_hidden_keep_apart_is_left_out_of_other_answers(town):
    """A second bait beside the first: whether one displaces the other would reveal the possible units."""
    client, housed = fenced(town)
    second = town.register(actor=COORDINATOR)
    for actor, kept in ((COORDINATOR, ()), (ELSEWHERE, ()), (DESK, (housed,))):
        with town.act(actor) as act:
            assert apart_of(reads.waiting_problem(act, snapshot(act)), client) == kept
    for actor, kept in ((COORDINATOR, ()), (DESK, (housed,))):
        assert apart_of(town.do(proposals.prepare, second, actor=actor).problem, client) == kept


def apart_of(problem, registration):
    return next(row.keep_apart for row in problem.registrations if row.id == registration)


@pytest.mark.wide
def test_desk_proposal_for_another_client_shows_one_unit(town):
    fenced(town)
    second = town.register(actor=COORDINATOR)
    proposal = town.propose(second)
    assert presented(town, proposal).one_place
    with pytest.raises(Conflict) as error:
        town.override(proposal, "U5-social", actor=COORDINATOR)
    assert error.value.code == "one_place_shown"
    own = town.propose(second, actor=COORDINATOR)
    assert not presented(town, own).one_place
    assert town.decide(own, DecisionKind.ACCEPT, actor=COORDINATOR)
