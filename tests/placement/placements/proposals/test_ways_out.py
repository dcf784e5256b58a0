"""Ways out of a proposal: facts for a reader, who names nobody else by them."""

import msgspec
import pytest

from matching import Step, ways_out, write_advice
from placement.access import scoped_queries
from placement.core.codes import Region
from placement.placements.proposals import presentation, proposals
from placement.placements.proposals.ways_out_words import PlaceFacts
from placement.registrations.case import PointInput, ReachInput, ThreatInput
from placement.tables import Registration
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, F, M

pytestmark = one_store


def serialized(town, proposal, actor=DESK, language="en"):
    with town.act(actor) as act:
        found = scoped_queries.proposal_of(act.session, actor, proposal)
        return presentation.serialize(act, found, language)


def shown(town, proposal, actor=DESK):
    return serialized(town, proposal, actor).ways_out


def test_ways_out_of_a_client_are_those_of_the_engine(town):
    town.register()
    client = town.register(((F, 30), (M, 14)))
    town.full("R1", "R2", "R4", "R5", "R6", "R7")
    proposal = town.propose(client)
    theirs = ways_out(town.problem_of(proposal), client).ways_out
    rows = shown(town, proposal)
    assert any(row.displaced for row in rows)
    assert [(row.unit, row.agree, row.loss, row.displaced) for row in rows] == [
        (one.unit, one.agree, one.loss, len(one.displaces)) for one in theirs
    ]
    assert [change.what for change in rows[0].changes] == ["boys_max_age"]
    assert rows[0].changes[0].facts == {"before": 12, "after": 14}
    assert rows[0].places == (PlaceFacts("U2-family", 2, (("R3", 2),)),)


def test_stored_way_out_for_another_gender_is_not_shown(town):
    client = town.register()
    town.full("R1", "R2")
    proposal = town.propose(client)
    with town.act() as act:
        found = scoped_queries.proposal_of(act.session, DESK, proposal)
        advice = proposals.advice_of(found)
        facts = {"genders": ["female"], "admits": ["male"]}
        step = Step("gender", "waived", "U2-family", ("desk", "shelter"), False, facts)
        earlier = msgspec.structs.replace(advice.ways_out[0], unit="U2-family", agree=step.agree, changes=(step,))
        advice = msgspec.structs.replace(advice, ways_out=(earlier, *advice.ways_out))
        found.advice = write_advice(advice).decode()
    assert [row.unit for row in shown(town, proposal)] == [row.unit for row in advice.ways_out[1:]]


@pytest.mark.wide
def test_coordinator_limited_to_one_place_has_no_ways_out(town):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    town.house(other, "U1-women")
    with town.database.transaction() as session:
        session.get_one(Registration, other).region = Region.LIMBURG
    proposal = town.propose(client)
    assert shown(town, proposal)
    assert shown(town, proposal, COORDINATOR) == ()


@pytest.mark.parametrize("place", ["alkmaar", "maastricht"])
def test_danger_is_never_set_aside_by_a_way_out(town, place):
    client = town.register(parts={"threats": [ThreatInput(PointInput(place), 400)]})
    found = serialized(town, town.propose(client))
    assert any(one.rule == "threat_distance" for unit in found.others for one in unit.broken)
    assert not [one for row in found.ways_out for one in row.changes if (one.safety, one.what) == (True, "waived")]


def test_nearer_distance_of_a_way_out_holds_anywhere_in_the_cell(town):
    client = town.register(parts={"threats": [ThreatInput(PointInput("zwolle"), 100)]})
    rows = shown(town, town.propose(client))
    facts = [change.facts for row in rows for change in row.changes if change.rule == "threat_distance"]
    assert facts
    assert all(fact["after"] == fact["km"] < fact["before"] == 100 for fact in facts)


def test_waiver_of_what_must_be_reached_tells_how_far_it_is(town):
    client = town.register(actor=COORDINATOR, parts={"reach": [ReachInput(PointInput("groningen"), 20)]})
    found = serialized(town, town.propose(client), COORDINATOR)
    waived = [change for row in found.ways_out for change in row.changes if change.rule == "within_reach"]
    assert waived
    for change in waived:
        assert f"about {change.facts['km']} km away" in change.words
        assert "at most 20 km" in change.words
