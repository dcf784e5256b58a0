"""Who must be kept apart from somebody of another region is placed by the desk: nothing tells where that one is."""

import pytest
from sqlmodel import select
from story import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY, one_store

from matching import advise
from placement.access import scoped_queries as queries
from placement.core.codes import DecisionKind, DecisionStatus, Region
from placement.core.errors import Conflict, NotAllowed
from placement.placements import decisions as deciding
from placement.placements import proposal_presentation as proposal_view
from placement.placements import proposals as proposing
from placement.registrations import registrations as registering
from placement.solver import reads
from placement.tables import Decision, Proposal, Registration

pytestmark = one_store


def moved(town, registration, region=Region.LIMBURG):
    with town.database.transaction() as session:
        session.get_one(Registration, registration).region = region


def fenced(town, how="she_named"):
    """Of Amsterdam; and of Limburg, in house, from whom she must be kept apart: the first named the second, or not."""
    housed = town.register(actor=COORDINATOR)
    her = town.register(actor=COORDINATOR, parts={"keep_apart": [housed]} if how == "she_named" else None)
    if how != "she_named":
        town.do(registering.change, housed, 1, {}, keep_apart=[her], actor=DESK)
    town.house(housed, "U1-women")
    moved(town, housed)
    return her, housed


def refused(verb, *args, **facts):
    with pytest.raises(NotAllowed) as error:
        verb(*args, **facts)
    return error.value.code


def told(town, proposal, actor=COORDINATOR):
    with town.act(actor) as act:
        return proposal_view.told(act, queries.proposal_of(act.session, actor, proposal), "en")


def ids_of(rows):
    return {row.unit for row in rows}


@pytest.mark.parametrize("how", ["she_named", "the_other_named"])
def test_only_the_desk_asks_for_a_place_or_chooses_one_for_her(town, how):
    her, _ = fenced(town, how)
    assert refused(town.propose, her, actor=COORDINATOR) == "desk_finds_place"
    proposal = town.propose(her)
    assert refused(town.decide, proposal, actor=COORDINATOR) == "desk_finds_place"
    for unit in ("U1-women", "U5-social", "U-unknown"):
        assert refused(town.override, proposal, unit, actor=COORDINATOR, review_on=TODAY) == "desk_finds_place"
    assert town.decide(proposal).status is DecisionStatus.FINAL


def test_both_sides_of_the_fence_are_the_desks_to_place_and_who_sees_both_places_them_herself(town):
    other = town.register(actor=COORDINATOR)
    her = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    assert town.propose(her, actor=COORDINATOR)
    moved(town, other)
    assert refused(town.propose, her, actor=COORDINATOR) == "desk_finds_place"
    assert refused(town.propose, other, actor=ELSEWHERE) == "desk_finds_place"


def test_whoever_moved_while_the_solver_ran_is_not_told_of_by_its_answer(town):
    other = town.register(actor=COORDINATOR)
    her = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    prepared = town.do(proposing.prepare, her, actor=COORDINATOR)
    moved(town, other)
    advice = advise(prepared.problem, her)
    assert refused(town.do, proposing.record, prepared, advice, actor=COORDINATOR) == "desk_finds_place"


def test_of_the_desks_proposal_she_reads_the_chosen_unit_and_its_points_alone(town):
    her, _ = fenced(town)
    proposal = town.propose(her)
    hers, desks = told(town, proposal), told(town, proposal, DESK)
    assert hers.one_place
    assert (hers.chosen.unit, hers.chosen.terms) == (desks.chosen.unit, desks.chosen.terms)
    assert (hers.alternatives, hers.others) == ((), ())
    assert not desks.one_place
    assert "keep_apart" in {one.rule for unit in desks.others for one in unit.broken}


def test_where_the_desk_found_no_place_she_reads_neither_why_nor_how_nearly(town):
    her, _ = fenced(town)
    town.full("R3", "R4", "R5", "R6", "R7")
    proposal = town.propose(her)
    assert "rooms and beds" in told(town, proposal, DESK).nobody
    assert told(town, proposal).nobody.startswith("There is no place now. The placement desk knows why")


def test_lists_from_before_and_after_the_fence_stay_shut(town):
    other = town.register(actor=COORDINATOR)
    her = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    before = town.propose(her, actor=COORDINATOR)
    assert told(town, before).others
    moved(town, other)
    assert told(town, before).one_place
    town.later(minutes=1)
    during = town.propose(her)
    town.do(registering.change, her, 1, {}, keep_apart=[], actor=DESK)  # the desk lifts it
    assert [told(town, one).one_place for one in (before, during)] == [True, True]
    assert not told(town, town.propose(her, actor=COORDINATOR)).one_place


def test_what_the_desk_decided_against_the_fence_names_no_rule_to_her(town):
    her, _ = fenced(town)
    town.override(town.propose(her), "U2-family", review_on=TODAY.replace(day=30), reason="safety_judgement")
    [decision] = [one for one in town.all(select(Decision)) if one.broken]
    assert decision.broken == ["keep_apart"]
    assert breach(town, decision, DESK) == (["keep_apart"], TODAY.replace(day=30))
    assert breach(town, decision, COORDINATOR) == ([], None)
    town.do(deciding.answer_decision, decision.id, granted=False, actor=OTHER_DESK)
    town.do(registering.change, her, town.registration(her).version, {}, keep_apart=[], actor=DESK)
    assert breach(town, decision, COORDINATOR) == ([], None)  # by the question as it was then
    with town.database.transaction() as session:
        session.get_one(Proposal, decision.proposal_id).problem = None
    assert breach(town, decision, COORDINATOR) == ([], None)  # and where that is erased


def breach(town, decision, actor):
    with town.act(actor) as act:
        return proposal_view.told_breach(act, act.session.get_one(Proposal, decision.proposal_id), decision)


def test_no_answer_for_another_of_hers_and_no_count_is_made_with_a_fence_to_a_hidden_one(town):
    """A second bait beside the fenced one: whether that one would lose a place by it would tell where she can go."""
    her, housed = fenced(town)
    second = town.register(actor=COORDINATOR)
    for actor, kept in ((COORDINATOR, ()), (ELSEWHERE, ()), (DESK, (housed,))):
        with town.act(actor) as act:
            assert apart_of(reads.waiting_problem(act), her) == kept
    for actor, kept in ((COORDINATOR, ()), (DESK, (housed,))):
        assert apart_of(town.do(proposing.prepare, second, actor=actor).problem, her) == kept


def apart_of(problem, registration):
    return next(row.keep_apart for row in problem.registrations if row.id == registration)


def test_the_desks_proposal_for_another_of_hers_shows_one_place_and_she_asks_for_her_own_to_choose(town):
    fenced(town)
    second = town.register(actor=COORDINATOR)
    proposal = town.propose(second)
    assert told(town, proposal).one_place
    with pytest.raises(Conflict) as error:
        town.override(proposal, "U5-social", actor=COORDINATOR)
    assert error.value.code == "one_place_shown"
    own = town.propose(second, actor=COORDINATOR)
    assert not told(town, own).one_place
    assert town.decide(own, DecisionKind.ACCEPT, actor=COORDINATOR)
