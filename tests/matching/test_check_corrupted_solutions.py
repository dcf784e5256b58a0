"""Corrupted solutions: the checker catches each of a thousand."""

import copy
import json
import random
from collections import Counter

import pytest

from matching import check, match, read_solution, write_solution
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small

WAYS = [
    "move",
    "drop",
    "add",
    "room",
    "persons",
    "points",
    "objective",
    "bound",
    "status",
    "twice",
    "unknown",
    "order",
    "swap",
    "split",
    "group",
    "format",
]


def corrupt(r, way, raw, solution):  # noqa: C901, PLR0911, PLR0912 - as many ways as there are
    """Returns the solution with a single change; `None` if the change is impossible here, or might leave it right."""
    bad = copy.deepcopy(solution)
    placements, unplaced = bad["placements"], bad["unplaced"]
    if way in {"objective", "bound", "status"}:
        if way == "status":
            bad["status"] = r.choice([word for word in ("feasible", "degraded", "infeasible") if word != bad["status"]])
        else:
            bad[way] += r.choice([-1, -500]) if way == "bound" else r.choice([-1, 1, 1000])
        return bad
    if way == "unknown":
        if r.random() < 0.5:
            unplaced.append("A99")
        else:
            placements.append(copy.deepcopy(placements[0]) | {"registration": "A99"})
        return bad
    if way == "format":
        return reformatted(bad)
    if way == "group":  # the points of a group, or its row
        if not bad.get("together"):
            return None
        if r.random() < 0.5:
            bad["together"].pop()
        else:
            r.choice(bad["together"])["points"] += r.choice([-700, 700])
        return bad
    if way == "split":  # a member of a group that must be together is left out, and all the sums are right
        return split(raw, bad)
    row = r.choice(placements)
    registration = next(x for x in raw["registrations"] if x["id"] == row["registration"])
    if way == "move":  # to another unit, with the rooms of the present unit
        others = [unit["id"] for unit in raw["units"] if unit["id"] != row["unit"]]
        if not others:
            return None
        row["unit"] = r.choice(others)
    elif way == "drop":
        placements.remove(row)
    elif way == "add":
        unplaced.append(row["registration"])
    elif way == "room":
        strangers = [room["id"] for room in raw["rooms"] if room["unit"] != row["unit"]]
        row["rooms"][0]["room"] = r.choice([*strangers, "R99"])
    elif way == "persons":
        row["rooms"][0]["persons"] += 1
    elif way == "points":
        row["points"] += r.choice([-1, 1])
    elif way == "twice":
        placements.append(copy.deepcopy(row))
    elif way == "order":
        if len(placements) < 2:
            return None
        placements.reverse()
    elif way == "swap":  # somebody else in the same beds, points and all
        if not unplaced or len(registration["persons"]) < 2:
            return None
        other = next(x for x in raw["registrations"] if x["id"] == unplaced[0])
        if len(other["persons"]) == len(registration["persons"]):
            return None
        row["registration"], unplaced[0] = other["id"], registration["id"]
    return bad


def reformatted(bad):
    """Returns the solution in the other format, and otherwise right."""
    if "together" in bad:
        del bad["together"]
        return bad | {"format": "placement-solution/1"}
    return bad | {"format": "placement-solution/2", "together": []}


def split(raw, bad):
    bound = {name for group in raw.get("together", []) if group["must"] for name in group["registrations"]}
    bound -= {row["registration"] for row in raw["fixed"]}
    for row in bad["placements"]:
        if row["registration"] in bound:
            bad["placements"].remove(row)
            bad["unplaced"] = sorted([*bad["unplaced"], row["registration"]])
            bad["objective"] -= row["points"]
            return bad | {"status": "feasible"}
    return None


@pytest.mark.wide
def test_a_thousand_corrupted_solutions_are_all_caught():
    r = random.Random(7)
    caught = Counter()
    seed = 5000
    while caught.total() < 1000:
        seed += 1
        raw = second(seed) if seed % 2 else small(seed)
        problem = read(raw)
        solution = json.loads(write_solution(match(problem)))
        if not solution["placements"]:
            continue
        for way in [*r.sample(WAYS, 5), "split"]:
            bad = corrupt(r, way, raw, solution)
            if bad is not None:
                report = check(problem, read_solution(json.dumps(bad).encode()))
                assert not report.ok, (seed, way)
                assert way != "split" or {found.rule for found in report.violations} == {"together"}
                caught[way] += 1
    assert set(caught) == set(WAYS)
    assert min(caught.values()) >= 10


def test_a_made_up_contradiction_is_caught():
    raw = small(5001) | {"fixed": []}
    problem = read(raw)
    solution = json.loads(write_solution(match(problem)))
    everybody = sorted(row["id"] for row in raw["registrations"])
    made_up = {"registration": "A0", "unit": "U0", "rule": "scheme", "facts": {}}
    solution |= {"status": "infeasible", "objective": 0, "bound": 0, "placements": [], "unplaced": everybody}
    report = check(problem, read_solution(json.dumps(solution | {"broken": [made_up]}).encode()))
    assert {found.rule for found in report.violations} == {"status"}
