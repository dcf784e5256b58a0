"""Near ties: that the other household could have the place is a fact of the problem, tried by the engine."""

import pytest
from msgspec.structs import replace

from matching import Fixed, advise, match
from placement.placements.proposals.close_alternatives import near_tie, told_tie
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


def two_places(first=None, other=None, speaks="ti", **more):
    """Two who get a place each: A1, who speaks with the staff of U1, and A2."""
    people = [
        registration("A1", languages=[{"code": speaks, "level": "native"}], **(first or {})),
        registration("A2", **(other or {})),
    ]
    places = [unit(languages=["ti"]), unit("U2")]
    return read(problem(people, places, [room(), room("R2", "U2")]) | {"format": "placement-problem/2"} | more)


def test_two_households_with_places_tie_by_the_exchange():
    found = two_places()
    one, other = tie_of(found, "A1"), tie_of(found, "A2")
    assert (one.unit, one.other_unit, one.difference, one.proposed) == ("U1", "U2", 600, True)
    assert (other.unit, other.other_unit, other.difference, other.proposed) == ("U2", "U1", 600, True)
    assert (one.client.better, one.client.better_there, one.client.elsewhere) == (("language",), (), 0)
    assert (one.client, one.other) == (other.other, other.client)
    exchanged = replace(found, fixed=(Fixed("A1", "U2"), Fixed("A2", "U1")))
    assert match(exchanged).objective == match(found).objective - one.difference


@pytest.mark.parametrize(
    "found",
    [
        two_places(other={"urgency": 2}),
        two_places(other={"avoided_units": ["U1"]}),
        two_places(first={"avoided_units": ["U2"]}),
        two_places(speaks="am"),
        two_places(together=[{"id": "G1", "registrations": ["A1", "A2"], "where": "region", "must": False}]),
    ],
)
def test_exchange_of_other_need_or_without_a_difference_is_none(found):
    assert len(match(found).placements) == 2
    assert [tie_of(found, case) for case in ("A1", "A2")] == [None, None]


def test_exchange_above_the_setting_or_with_room_is_none():
    assert tie_of(two_places(), most=599) is None
    found = two_places()
    roomy = replace(found, rooms=(*found.rooms, replace(found.rooms[1], id="R3")))
    assert tie_of(roomy) is None


def test_exchange_that_is_not_the_best_answer_is_asked_again():
    """With A1 in U2 the engine places A2 in U3, whose staff speak with A2. An exchange of both is a separate answer."""
    people = [
        registration("A1", languages=[{"code": "ti", "level": "native"}]),
        registration("A2", languages=[{"code": "am", "level": "native"}]),
    ]
    places = [unit(languages=["ti"]), unit("U2", languages=["am"]), unit("U3", languages=["am"], freshness="stale")]
    rooms = [room(), room("R2", "U2"), room("R3", "U3")]
    found = read(problem(people, places, rooms) | {"format": "placement-problem/2"})
    tie = tie_of(found)
    assert (tie.unit, tie.other_unit) == ("U1", "U2")
    exchanged = replace(found, fixed=(Fixed("A1", "U2"), Fixed("A2", "U1")))
    assert match(exchanged).objective == match(found).objective - tie.difference


def test_exchange_with_an_unseen_household_is_not_told():
    found = two_places()
    advice = advise(found, "A1")
    assert told_tie(found, advice, MOST, {"A1"}, "…") is None
    assert told_tie(found, advice, MOST, {"A2"}, "…").other_unit == "U2"


def test_unseen_household_is_told_without_facts():
    found = two()
    told = told_tie(found, advise(found, "A1"), MOST, {"A1"}, "…")
    assert (told.other.registration, told.other.better, told.client.better, told.other.elsewhere) == ("…", (), (), None)
    assert told_tie(found, advise(found, "A1"), MOST, {"A2"}, "…").other.registration == "A2"


@pytest.mark.wide
def test_tie_of_random_problems_is_true_by_the_engine():
    ties = exchanges = 0
    for seed in range(SEEDS):
        drawn = read(second(seed))
        found = replace(drawn, registrations=tuple(replace(one, urgency=2) for one in drawn.registrations))
        solution = match(found)
        for case in found.registrations:
            tie = tie_of(found, case.id, WIDE)
            if tie is None:
                continue
            if tie.other_unit:
                exchanges += 1
                both = (Fixed(case.id, tie.other_unit), Fixed(tie.other.registration, tie.unit))
                swapped = match(replace(found, fixed=(*found.fixed, *both)))
                assert swapped.objective == solution.objective - tie.difference, (seed, case.id)
                continue
            ties += 1
            loser = tie.other.registration if tie.proposed else tie.client.registration
            assert loser in solution.unplaced
            swapped = match(replace(found, fixed=(*found.fixed, Fixed(registration=loser, unit=tie.unit))))
            assert swapped.objective >= solution.objective - tie.difference, (seed, case.id)
    assert ties >= SEEDS // 25
    assert exchanges >= SEEDS // 25
