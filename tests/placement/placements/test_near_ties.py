"""Near ties: that the other household could have the place is a fact of the problem, tried by the engine."""

import pytest
from msgspec.structs import replace

from matching import Fixed, advise, match
from placement.placements.near_ties import near_tie, told_tie
from tests.support.matching.problem_parts import problem, read, registration, room, unit
from tests.support.matching.random_problems import second
from tests.support.proof import FULL

SEEDS = 1_000 if FULL else 150
MOST = 2_000
WIDE = 50_000
"""So that random problems have some: nothing in them is as close as the setting asks."""


def two(first=None, other=None, **more):
    """Two who could have the one bed: A1, who speaks with the staff, and A2."""
    people = [
        registration("A1", languages=[{"code": "ti", "level": "native"}], **(first or {})),
        registration("A2", **(other or {})),
    ]
    return read(problem(people, [unit(languages=["ti"])], [room()]) | {"format": "placement-problem/2"} | more)


def tie_of(found, case="A1", most=MOST):
    return near_tie(found, advise(found, case), most)


def test_tie_is_the_same_seen_from_either_side():
    found = two()
    one, other = tie_of(found, "A1"), tie_of(found, "A2")
    assert (one.unit, one.proposed, other.proposed, one.difference) == ("U1", True, False, 600)
    assert (one.client, one.other) == (other.other, other.client)
    assert (one.client.better, one.other.better, one.client.elsewhere) == (("language",), (), 0)


@pytest.mark.parametrize(
    "found",
    [
        two(other={"urgency": 2}),
        two(other={"urgency": 4}, policy={"serve": {"3": 60_000, "4": 59_999}}),
        two(first={"urgency": 2, "waiting_days": 9}, other={"urgency": 2}),
        two(other={"avoided_units": ["U1"]}),
        two(together=[{"id": "G1", "registrations": ["A1", "A2"], "where": "unit", "must": False}]),
    ],
)
def test_household_of_other_need_or_barred_is_no_tie(found):
    assert [tie_of(found, case) for case in ("A1", "A2")] == [None, None]


def test_difference_above_the_setting_is_no_tie():
    assert tie_of(two(), most=600)
    assert tie_of(two(), most=599) is None
    assert tie_of(two(), "A2", most=599) is None


def test_place_for_both_is_no_tie():
    found = two()
    roomy = replace(found, rooms=(*found.rooms, replace(found.rooms[0], id="R2")))
    assert tie_of(roomy) is None


def test_unseen_household_is_told_without_facts():
    found = two()
    told = told_tie(found, advise(found, "A1"), MOST, {"A1"}, "…")
    assert (told.other.registration, told.other.better, told.client.better, told.other.elsewhere) == ("…", (), (), None)
    assert told_tie(found, advise(found, "A1"), MOST, {"A2"}, "…").other.registration == "A2"


@pytest.mark.wide
def test_tie_of_random_problems_is_true_by_the_engine():
    ties = 0
    for seed in range(SEEDS):
        drawn = read(second(seed))
        found = replace(drawn, registrations=tuple(replace(one, urgency=2) for one in drawn.registrations))
        solution = match(found)
        for case in found.registrations:
            tie = tie_of(found, case.id, WIDE)
            if tie is None:
                continue
            ties += 1
            loser = tie.other.registration if tie.proposed else tie.client.registration
            assert loser in solution.unplaced
            swapped = match(replace(found, fixed=(*found.fixed, Fixed(registration=loser, unit=tie.unit))))
            assert swapped.objective >= solution.objective - tie.difference, (seed, case.id)
    assert ties >= SEEDS // 25
