"""The cheapest rooms of one unit for one registration: exact, in counted steps, however many features are asked for."""

import random

import msgspec
import pytest

from matching import choose_rooms, degraded, explain, fallback, match
from matching.exact import room_choices as choices
from matching.exact.room_choices import MOST_STEPS, cheapest, dearest_waste
from matching.fallback import STEPS, STEPS_EACH, STEPS_OF_ONE
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.spaces import space_of, usable
from matching.work import Work
from tests.support.matching.brute_force import Brute
from tests.support.matching.problem_parts import person, problem, read, registration, room


def one_group(seed, *, persons=None, needs=None, rooms=6):
    """A group that shares and needs features that few rooms have, and a unit in which another lives."""
    r = random.Random(seed)
    codes = [f"f{i}" for i in range(needs or r.randint(0, 4))]
    scarce = {code: r.choice([0, 150, 900]) for code in [*codes, "g"]}
    spaces = [
        room(
            f"R{i:02}",
            beds=r.randint(1, 3) if needs is None else 1,
            features=[code for code in [*codes, "g"] if r.random() < (0.3 if needs is None else 0.2)],
        )
        for i in range(rooms)
    ]
    who = registration(persons=[person()] * (persons or r.randint(1, 4)), room_needs=codes)
    return problem([who], rooms=spaces, policy={"scarce": scarce})


def asked(raw):
    index = Index(read(raw))
    [row], [unit] = index.registrations.values(), index.units.values()
    spaces = [space_of(one) for one in index.rooms_of[unit.id]]
    return index, Valuation(index), row, unit, spaces


@pytest.mark.wide
@pytest.mark.parametrize("most_steps", [0, MOST_STEPS])
def test_choose_rooms_wastes_least_of_all_choices(most_steps, monkeypatch):
    monkeypatch.setattr(choices, "MOST_STEPS", most_steps)
    some = none = 0
    for seed in range(60):
        raw = one_group(seed)
        index, valuation, row, unit, spaces = asked(raw)
        full = msgspec.to_builtins(read(raw))
        brute, [group], [where] = Brute(full), full["registrations"], full["units"]
        points = [brute.points(group, where, choice) for choice in brute.choices(group, where)]
        found = cheapest(index, valuation, row, unit, spaces)
        dearest = dearest_waste(valuation, row, unit, usable(index, row, spaces))
        worth = valuation.pair_points(row, unit)
        assert (found and valuation.total(row, unit, found)) == (max(points) if points else None), seed
        assert dearest == (worth - min(points) if points else None), seed
        some, none = some + bool(points), none + (not points)
    assert min(some, none) >= 10


@pytest.mark.wide
def test_choose_rooms_for_many_features_is_exact_in_steps(monkeypatch):
    done = []
    monkeypatch.setattr(choices, "Work", lambda most: done.append(Work(most)) or done[-1])
    for seed, features, persons in ((1, 20, 8), (2, 40, 12), (3, 30, 5)):
        raw = one_group(seed, persons=persons, needs=features, rooms=60)
        found = choose_rooms(read(raw), "A1", "U1")
        [unit] = explain(read(raw), "A1").units
        assert (found is not None) == unit.allowed
        having = {use.room for use in found or ()}
        offered = {code for room in raw["rooms"] if room["id"] in having for code in room["features"]}
        assert found is None or set(raw["registrations"][0]["room_needs"]) <= offered
    assert len(done) == 3
    assert all(work.is_over for work in done)


@pytest.mark.wide
def test_the_simple_answer_makes_only_so_many_steps(monkeypatch):
    works = []
    choose = fallback.cheapest_within
    monkeypatch.setattr(fallback, "cheapest_within", lambda *a, work: works.append(work) or choose(*a, work=work))
    raw = one_group(2, persons=12, needs=24, rooms=60)
    easy = registration("B1", urgency=4)
    rows = [*(raw["registrations"][0] | {"id": f"A{i:02}"} for i in range(40)), easy]
    problem = read(raw | {"registrations": rows})
    simple = degraded(problem, "a test")
    assert [row.registration for row in simple.placements] == ["B1"]
    assert len(works) == 41
    assert sum(min(work.done, work.most) for work in works) <= STEPS + STEPS_OF_ONE + STEPS_EACH * len(works)
    best = match(problem)
    assert (best.status, len(best.placements)) == (
        "optimal",
        5,
    )  # what the simple method does not find, the solver does
