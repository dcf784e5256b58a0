"""Ways out of a proposal: facts for a reader, who names nobody else by them."""

import json
import re
from dataclasses import asdict

import pytest

from matching import ways_out
from placement.access import scoped_queries
from placement.core.codes import Region
from placement.placements import proposal_presentation
from placement.registrations.case_rows import PointInput, ReachInput, ThreatInput
from placement.tables import Registration
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, F, M

pytestmark = one_store


def serialized(town, proposal, actor=DESK, language="en"):
    with town.act(actor) as act:
        found = scoped_queries.proposal_of(act.session, actor, proposal)
        return proposal_presentation.serialize(act, found, language)


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
    assert rows[0].places == (proposal_presentation.PlaceFacts("U2-family", 2, (("R3", 2),)),)


@pytest.mark.wide
def test_ways_out_name_no_resident_and_no_other_client(town):
    others = [town.register(), town.register(), town.register()]
    town.house(others[0], "U1-women")
    client = town.register(((F, 30), (F, 14)), parts={"keep_apart": others[:2]}, urgency=1)
    town.full("R5", "R6", "R7")
    rows = shown(town, town.propose(client))
    waived = [change for row in rows for change in row.changes if change.rule == "keep_apart"]
    assert waived
    assert all((change.facts, change.safety) == ({}, True) for change in waived)
    text = json.dumps([asdict(row) for row in rows])
    assert not [other for other in others if other in text]


def test_coordinator_limited_to_one_place_has_no_ways_out(town):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={"keep_apart": [other]})
    town.house(other, "U1-women")
    with town.database.transaction() as session:
        session.get_one(Registration, other).region = Region.LIMBURG
    proposal = town.propose(client)
    assert shown(town, proposal)
    assert shown(town, proposal, COORDINATOR) == ()


def test_distance_of_a_way_out_holds_anywhere_in_the_cell(town):
    client = town.register(parts={"threats": [ThreatInput(PointInput("alkmaar"), 20)]})
    rows = shown(town, town.propose(client))
    facts = [change.facts for row in rows for change in row.changes if change.rule == "threat_distance"]
    assert facts
    assert all(fact == {"km": 0, "min_km": 20} for fact in facts)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("actor", [DESK, COORDINATOR])
@pytest.mark.parametrize(("place", "km"), [("alkmaar", 20), ("alkmaar", 400), ("maastricht", 400)])
def test_waiver_tells_the_kilometres_that_the_rule_tells(town, place, km, actor, language):
    """A client's reader sees the danger, and is told of the place what the broken rule tells: how far it is at least,
    wherever in its cell it is. No figure beside those.
    """
    client = town.register(actor=COORDINATOR, parts={"threats": [ThreatInput(PointInput(place), km)]})
    found = serialized(town, town.propose(client), actor, language)
    units = (*found.alternatives, *found.others)
    broken = {unit.unit: {one.rule: one for one in unit.broken} for unit in units}
    waived = [change for row in found.ways_out for change in row.changes
              if (change.rule, change.what) == ("threat_distance", "waived")]  # fmt: skip
    assert waived
    for change in waived:
        facts = broken[change.unit]["threat_distance"].facts
        assert change.facts == facts
        told = [int(number) for number in re.findall(r"\d+", change.words)]
        assert told == [facts["km"]] * bool(facts["km"]) + [facts["min_km"]], change.words


def test_waiver_of_what_must_be_reached_tells_how_far_it_is(town):
    client = town.register(actor=COORDINATOR, parts={"reach": [ReachInput(PointInput("groningen"), 20)]})
    found = serialized(town, town.propose(client), COORDINATOR)
    waived = [change for row in found.ways_out for change in row.changes if change.rule == "within_reach"]
    assert waived
    for change in waived:
        assert f"about {change.facts['km']} km away" in change.words
        assert "at most 20 km" in change.words
