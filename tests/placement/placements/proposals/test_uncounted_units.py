"""A unit that was never counted is not full: the service has a reason of its own, and its first way out is to ring."""

import json
from datetime import timedelta

import pytest

from matching import write_advice, write_problem
from placement.access import scoped_queries
from placement.core.place_codes import NEVER_REPORTED
from placement.placements.proposals import presentation, proposals
from placement.placements.proposals.place_search import Filter, Household, find_places
from placement.shelters import closing
from placement.tables import Bed, Room, Unit
from tests.support.silent_shelter import NUMBER, silent_town
from tests.support.town import COORDINATOR, DESK, TODAY, F, M


@pytest.fixture
def silent(stores):
    return silent_town(stores)


@pytest.fixture
def nowhere(silent):
    """All that reported are full."""
    silent.full("R4", "R5", "R6", "R7")
    return silent


def shown(town, proposal, actor=DESK, language="en"):
    with town.act(actor) as act:
        found = scoped_queries.proposal_of(act.session, actor, proposal)
        return presentation.serialize(act, found, language)


def broken(words, unit):
    return [one.rule for one in next(one for one in words.others if one.unit == unit).broken]


@pytest.mark.wide
def test_own_reason_stands_before_that_of_the_engine(nowhere):
    words = shown(nowhere, nowhere.propose(nowhere.register()))
    assert broken(words, "U1-women") == broken(words, "U2-family") == [NEVER_REPORTED, "rooms"]
    assert broken(words, "U3-omm") == ["scheme", "rooms"]
    told = [one.words for unit in words.others if unit.shelter == "Opvang 1" for one in unit.broken]
    assert not [sentence for sentence in told if "too few" in sentence]
    assert "(3 of 5 units)" in words.nobody, "the two that were never counted are not full"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_first_way_out_is_to_ring_the_shelter_on_its_number(nowhere, language):
    words = shown(nowhere, nowhere.propose(nowhere.register()), language=language)
    first, second = words.ways_out[:2]
    assert [first.unit, second.unit] == ["U1-women", "U2-family"]
    [change] = first.changes
    assert (change.what, change.agree, change.facts) == ("first_count", ("shelter",), {"telephone": NUMBER})
    assert ("bel de opvang" if language == "nl" else "ring the shelter") in change.words


def test_count_that_would_not_open_the_unit_is_not_asked_for(nowhere):
    man = shown(nowhere, nowhere.propose(nowhere.register(((M, 30),))))
    assert broken(man, "U1-women") == ["gender", "rooms"]
    assert [way for way in man.ways_out if way.changes[0].what == "first_count"] == []
    large = shown(nowhere, nowhere.propose(nowhere.register(((F, 30), (F, 3), (F, 4), (F, 5)))))
    assert broken(large, "U2-family") == ["rooms"], "three beds are not enough, however they are counted"


def test_shelter_that_is_closing_is_not_rung(nowhere):
    nowhere.do(closing.close, Unit, "U1-women", 1, TODAY + timedelta(days=20))
    words = shown(nowhere, nowhere.propose(nowhere.register()))
    assert broken(words, "U1-women") == ["rooms"]
    assert words.ways_out[0].unit == "U2-family"


def test_new_room_of_a_shelter_that_reported_is_rung_for_too(nowhere):
    nowhere.report("S1")
    nowhere.full("R1", "R2", "R3")
    client = nowhere.register()
    assert broken(shown(nowhere, nowhere.propose(client)), "U1-women") == ["rooms"]
    with nowhere.act() as act:
        act.session.add(Room(id="R9", unit_id="U1-women", name="R9"))
        act.session.flush()
        act.session.add(Bed(room_id="R9", number=1))
    assert broken(shown(nowhere, nowhere.propose(client)), "U1-women") == [NEVER_REPORTED, "rooms"]


def test_proposal_keeps_its_reason_and_its_replay_after_a_count(nowhere):
    client = nowhere.register()
    made = nowhere.propose(client)
    frozen, before = write_problem(nowhere.problem_of(made)), reasons(shown(nowhere, made))
    nowhere.report("S1")
    nowhere.later(hours=1)
    assert (write_problem(nowhere.problem_of(made)), reasons(shown(nowhere, made))) == (frozen, before)
    stored = nowhere.one("proposal", made)
    assert timeless(nowhere.replay(made)) == timeless(proposals.advice_of(stored))
    assert b"never_reported" not in frozen + write_advice(proposals.advice_of(stored))
    again = shown(nowhere, nowhere.propose(client))
    assert again.chosen.unit == "U1-women"
    assert [way for way in again.ways_out if way.changes[0].what == "first_count"] == []


def reasons(words):
    return [(unit.unit, unit.broken) for unit in words.others], words.ways_out


def timeless(advice):
    written = json.loads(write_advice(advice))
    del written["solution"]["seconds"]
    return written


def test_proposal_of_an_earlier_version_is_shown_as_it_was(nowhere):
    made = nowhere.propose(nowhere.register())
    with nowhere.act() as act:
        scoped_queries.proposal_of(act.session, DESK, made).missing_counts = None
    assert broken(shown(nowhere, made), "U1-women") == ["rooms"]


def test_search_by_hand_names_what_was_never_reported(nowhere):
    client = nowhere.register()
    for asked in (client, None):
        found = nowhere.do(find_places, Household(gender=F, age=30), Filter(), asked, "en")
        rows = {one.unit: one for one in found.barred}
        assert [one.rule for one in rows["U1-women"].broken] == [NEVER_REPORTED, "rooms"]
        assert list(rows["U1-women"].telephones.values()) == [NUMBER]


def test_search_by_hand_tells_no_count_of_another_region(nowhere):
    with nowhere.act(COORDINATOR) as act:
        found = find_places(act, Household(gender=F, age=30), Filter(), None, "en")
    [kind] = [one for one in found.elsewhere if one.scheme == "cosm"]
    assert (kind.fits, kind.free, kind.rules) == (True, None, ())
