"""Why a place suits: each reason is a fact of the problem, checked against the problem as it was written."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from matching import RoomUse, UnitAdvice, advise
from placement.core.geography import HALF_DIAGONAL_KM
from placement.placements.proposals.fit_reasons import NOT_FIRST, REASONS, Reason, Why, not_first
from placement.text.reason_words import say_not_first, say_reason
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit
from tests.support.matching.random_problems import second
from tests.support.proof import FULL

SEEDS = 2_000 if FULL else 120
AS_OF = date(2026, 11, 24)


def told(client, place, *rooms, uses=("R1",)):
    """The codes and facts of the reasons for U1."""
    raw = problem([registration(**client)], [unit(**place)], [*rooms] or [room()])
    advice = UnitAdvice("U1", "chosen", tuple(RoomUse(one, 1) for one in uses), None, 0, (), (), None)
    return {one.code: one.facts for one in Why(read(raw), "A1").reasons(advice)}


def test_room_is_free_now_or_from_its_last_day():
    rooms = [room("R1"), room("R2", free_from="2026-11-26")]
    assert "free_now" in told({}, {}, *rooms)
    assert told({}, {}, *rooms, uses=("R1", "R2"))["free_on"] == {"day": date(2026, 11, 26)}


def test_room_is_shared_with_a_resident_and_own_when_full():
    living = {"occupants": [{"registration": "X1", "gender": "female", "minor": False}]}
    assert "shared_room" in told({}, {}, room(beds=2, free_beds=1, **living))
    assert "own_room" in told({}, {}, room())
    assert not {"own_room", "shared_room"} & told({}, {}, room(beds=2)).keys()
    assert "own_room" in told({"private_room": True}, {}, room(beds=2))


def test_staff_speak_before_an_interpreter_is_named():
    spoken = {"languages": [{"code": "TI", "level": "native"}, {"code": "en", "level": "basic"}]}
    assert told(spoken, {"languages": ["ti"], "interpreter_languages": ["*"]})["spoken"] == {"languages": ["TI"]}
    assert told(spoken, {"interpreter_languages": ["*"]})["interpreter"] == {"languages": ["TI", "en"]}
    assert "no_language" in told(spoken, {})
    assert not {"spoken", "interpreter", "no_language"} & told({}, {"languages": ["ti"]}).keys()


def test_distance_is_the_one_asked_without_the_cell():
    threats = [{"lat": 52.0, "lon": 5.0, "min_km": 60 + HALF_DIAGONAL_KM}]
    assert told({"threats": threats}, {})["far_enough"] == {"km": 60, "points": 1}


def test_no_distance_is_told_where_two_were_asked():
    threats = [{"lat": 52.0, "lon": 5.0, "min_km": km + HALF_DIAGONAL_KM} for km in (60, 30)]
    found = told({"threats": threats}, {})
    assert "far_enough" not in found
    assert found["far_enough_each"] == {"points": 2}


def test_children_and_boys_are_told_only_where_they_come():
    household = {"persons": [person(), person("male", 9)]}
    limits = {"children": {"max_age": 17, "boys_max_age": 12}}
    found = told(household, limits, room(beds=2))
    assert (found["children"], found["boys"]) == ({"age": 17}, {"age": 12})
    assert "children" not in told({}, limits)
    assert "boys" not in told({"persons": [person(), person(age=9)]}, limits, room(beds=2))


def is_true(raw, client, place, reason, uses):
    """Checks that a reason is a fact of the problem as it was written, by its JSON alone."""
    rooms = [one for one in raw["rooms"] if one["id"] in uses]
    spoken = {one["code"].lower() for one in client.get("languages", ())}
    said = reason.facts
    speak = {code.lower() for code in place.get("languages", ())}
    interpreted = {code.lower() for code in place.get("interpreter_languages", ())}
    last = max((one.get("free_from", raw["as_of"]) for one in rooms), default=None)
    limits = place.get("children") or {}
    return {
        "free_now": lambda: last is not None and last <= raw["as_of"],
        "free_on": lambda: said["day"].isoformat() == last > raw["as_of"],
        "own_room": lambda: not any(one.get("occupants") for one in rooms) and said["rooms"] == len(rooms),
        "shared_room": lambda: any(one.get("occupants") for one in rooms),
        "children": lambda: said["age"] == limits.get("max_age", 17) and len(client["persons"]) > 1,
        "boys": lambda: said["age"] == limits["boys_max_age"] < limits["max_age"],
        "spoken": lambda: {code.lower() for code in said["languages"]} == spoken & speak != set(),
        "interpreter": lambda: not spoken & speak and ("*" in interpreted or bool(spoken & interpreted)),
        "no_language": lambda: not spoken & speak and not (spoken & interpreted or (spoken and "*" in interpreted)),
        "needs": lambda: set(said["needs"]) <= set(client["needs"]) & set(place["specialisms"]),
        "preferred": lambda: set(said["needs"]) <= set(client["preferred_needs"]) & set(place["specialisms"]),
        "features": lambda: all(set(said["features"]) <= set(one.get("features", ())) for one in rooms),
        "high_care": lambda: bool(client.get("high_care") and place.get("high_care_limit")),
        "far_enough": lambda: said["km"] == round(min(t["min_km"] for t in client["threats"]) - HALF_DIAGONAL_KM),
        "far_enough_each": lambda: len({t["min_km"] for t in client["threats"]}) > 1,
        "near_enough": lambda: said["km"] == round(max(one["max_km"] for one in client["within"])),
        "count_old": lambda: place.get("freshness") == "stale",
        "count_missing": lambda: place.get("freshness") == "never",
    }[reason.code]()


def lies(seeds, change=lambda reasons, _: reasons):
    """The reasons that are no fact, and how many of each code there were. `change`: a broken variant."""
    wrong, seen = [], Counter()
    for seed in seeds:
        raw = second(seed, easy=False)
        whole = read(raw)
        for client in raw["registrations"][:2]:
            advice = advise(whole, client["id"], time_limit=4.0)
            why = Why(whole, client["id"])
            by_unit = {one.unit: change(why.reasons(one), one) for one in advice.units}
            for one in advice.units:
                place = next(row for row in raw["units"] if row["id"] == one.unit)
                uses = [use.room for use in one.rooms or ()]
                seen.update(reason.code for reason in by_unit[one.unit])
                wrong += [
                    (seed, reason) for reason in by_unit[one.unit] if not is_true(raw, client, place, reason, uses)
                ]
    return wrong, seen


@pytest.mark.long
def test_reasons_of_random_problems_are_facts_of_them():
    wrong, seen = lies(range(SEEDS))
    assert wrong == []
    assert len([code for code in REASONS if seen[code] > SEEDS // 20]) >= len(REASONS) - 4


@pytest.mark.wide
def test_reasons_of_some_random_problems_are_facts_of_them():
    wrong, seen = lies(range(20))
    assert (wrong, sum(seen.values()) > 100) == ([], True)


@pytest.mark.wide
@pytest.mark.parametrize(
    "variant",
    [
        lambda reasons, _: tuple(
            replace(one, code="own_room") if one.code == "shared_room" else one for one in reasons
        ),
        lambda reasons, _: tuple(Reason("spoken", {"languages": ["nl"]}) for one in reasons),
        lambda reasons, _: (*reasons, Reason("high_care", {})),
    ],
)
def test_broken_variant_of_the_reasons_is_detected(variant):
    wrong, _ = lies(range(20), variant)
    assert wrong


def test_alternative_says_by_what_the_first_is_better():
    clients = [registration(languages=[{"code": "ti", "level": "native"}])]
    places = [unit("U1", languages=["ti"]), unit("U2")]
    advice = advise(read(problem(clients, places)), "A1")
    first, other = advice.units[:2]
    assert (first.unit, not_first(first.points, other).code) == ("U1", "language")
    same = advise(read(problem(clients, [unit("U1"), unit("U2")])), "A1")
    assert not_first(same.units[0].points, same.units[1]).code == "as_good"


def test_alternative_that_takes_the_place_of_another_says_so():
    clients = [registration("A1"), registration("A2", urgency=1, schemes=["omm"])]
    places = [unit("U1"), unit("U2", scheme="omm")]
    advice = advise(read(problem([clients[0] | {"schemes": ["cosm", "omm"]}, clients[1]], places)), "A1")
    other = next(one for one in advice.units if one.unit == "U2")
    assert not_first(advice.units[0].points, other) == Reason("serve", {"others": 1})


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_reason_is_a_sentence(language):
    facts = {"day": AS_OF, "rooms": 2, "age": 12, "languages": ["ti", "ar"], "km": 60, "points": 1, "others": 2}
    facts |= {"needs": ["psychiatric"], "features": ["ground_floor"]}
    said = [say_reason(code, facts, language) for code in REASONS]
    said += [say_not_first(code, facts, language) for code in NOT_FIRST]
    assert len(set(said)) == len(said)
    assert all(one.endswith(".") and "{" not in one for one in said)
