"""A proposal is frozen with all that it was made from, and gives the same answer again, byte for byte."""

import json

import pytest

from matching import ENGINE_VERSION, write_advice
from placement.core import version
from placement.placements.proposals import proposals
from placement.placements.proposals.presentation import serialize
from placement.registrations.case import PointInput, ThreatInput
from tests.support.town import F, M, Town


def timeless(advice):
    written = json.loads(write_advice(advice))
    del written["solution"]["seconds"]
    return json.dumps(written, sort_keys=True)


def presented(town, proposal, language):
    frozen = town.one("proposal", proposal)
    with town.act() as act:
        return serialize(act, frozen, language)


@pytest.mark.wide
def test_replay_gives_the_same_answer_after_later_changes(town):
    hunted = town.register(parts={"threats": [ThreatInput(PointInput(place="Alkmaar"), 40)]}, urgency=2)
    mother = town.register(((F, 30), (M, 4)), high_care=False)
    for _ in range(3):
        town.register(preferred_needs=["psychiatric"])
    ids = [town.propose(hunted), town.propose(mother)]
    town.full("R1", "R2", "R3")
    town.later(days=3)
    for made in ids:
        proposal = town.one("proposal", made)
        assert (proposal.engine_version, proposal.service_version) == (ENGINE_VERSION, version.shown())
        assert timeless(town.replay(made)) == timeless(proposals.advice_of(proposal))


def test_frozen_problem_is_the_prepared_problem(town):
    client = town.register()
    prepared = town.do(proposals.prepare, client)
    proposal = town.one("proposal", town.propose(client))
    assert town.problem_of(proposal.id) == prepared.problem
    assert proposal.registration_version == prepared.version


def test_proposal_without_a_free_unit_is_presented_in_words(town):
    client = town.register()
    proposal = town.propose(client)
    town.full("R1", "R2", "R3", "R4", "R5", "R6", "R7")
    full = town.propose(client)
    there, nowhere = presented(town, proposal, "en"), presented(town, full, "nl")
    assert there.chosen.scheme == "cosm"
    assert there.nobody is None
    assert nowhere.chosen is None
    assert nowhere.nobody.startswith("Voor deze aanmelding is nu geen plaats")


def test_proposal_without_any_unit_is_presented(empty):
    nowhere = Town(empty.database, empty.settings)
    proposal = nowhere.propose(nowhere.register())
    assert presented(nowhere, proposal, "en").nobody == "There is no unit yet."
