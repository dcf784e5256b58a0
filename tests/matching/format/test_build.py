"""`Problem.build`: a problem made in Python is as valid as a file, and what is wrong has the words of the reader."""

import json
from datetime import date

import msgspec
import pytest

from matching import (
    Fixed,
    Location,
    Person,
    Policy,
    Problem,
    ProblemInvalid,
    Registration,
    Room,
    Together,
    Unit,
    match,
    read_problem,
    write_problem,
)
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small

OLD = Person("male", 130)
DAY = date(2026, 11, 24)
HOUSE = Location("L1", "P1", "east", 52.0, 6.0)
UNIT = Unit("U1", "L1", "cosm", ("female",))
ROOM = Room("R1", "U1", beds=2, free_beds=2)
CLIENT = Registration("A1", (Person("female", 30),), ("cosm",))


def built(**parts):
    rows = {"locations": [HOUSE], "units": [UNIT], "rooms": [ROOM], "registrations": [CLIENT]}
    return Problem.build(**{"as_of": DAY} | rows | parts)


def faults_of(**parts):
    with pytest.raises(ProblemInvalid) as refused:
        built(**parts)
    return {fault.path: fault.message for fault in refused.value.faults}


def test_built_problem_is_that_of_the_file():
    problem = built()
    assert read_problem(write_problem(problem)) == problem
    assert problem.rooms[0].free_from == problem.registrations[0].needed_by == DAY
    assert match(problem).placements[0].unit == "U1"


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("$.units[0].admits[0]", {"units": [Unit("U1", "L1", "cosm", ("woman",))]}),
        ("$.units[0].location", {"units": [Unit("U1", "NOPE", "cosm", ("female",))]}),
        ("$.units[0].admits", {"units": [Unit("U1", "L1", "cosm", ())]}),
        ("$.rooms[0].free_beds", {"rooms": [Room("R1", "U1", beds=2, free_beds=3)]}),
        ("$.rooms[1].id", {"rooms": [ROOM, ROOM]}),
        (
            "$.registrations[0].persons[0].age",
            {"registrations": [Registration("A1", (OLD,), ("mens",))]},
        ),
        ("$.fixed[0].unit", {"fixed": [Fixed("A1", "U9")]}),
        ("$.together[0].registrations[1]", {"together": [Together("G", ("A1", "A9"), "unit", must=True)]}),
        ("$.locations[0].lat", {"locations": [Location("L1", "P1", "east", float("nan"), 6.0)]}),
        ("$.policy.serve.5", {"policy": Policy(serve={"5": 1})}),
        ("$.policy.waiting_day", {"policy": Policy(waiting_day=-1)}),
    ],
)
def test_built_problem_with_a_fault_has_the_words_of_the_reader(path, parts):
    found = faults_of(**parts)
    assert list(found) == [path]
    rows = {"as_of": DAY, "locations": [HOUSE], "units": [UNIT], "rooms": [ROOM], "registrations": [CLIENT]} | parts
    raw = msgspec.to_builtins({"format": "placement-problem/2", **rows})
    for row in raw["rooms"]:
        del row["free_from"]
    for row in raw["registrations"]:
        del row["needed_by"]
    with pytest.raises(ProblemInvalid) as refused:
        read_problem(json.dumps(raw).replace("NaN", "null").encode())
    assert {fault.path: fault.message for fault in refused.value.faults} == found


def test_an_unknown_code_is_named_with_those_that_are_known():
    assert faults_of(units=[Unit("U1", "L1", "cosm", ("woman",))]) == {
        "$.units[0].admits[0]": 'expected one of female, male, other, found "woman"'
    }


def test_a_wrong_day_is_named_first():
    assert next(iter(faults_of(as_of="today"))) == "$.as_of"


def test_built_problem_has_the_first_ten_faults():
    assert len(faults_of(units=[Unit(f"U{i}", "L9", "cosm", ("female",)) for i in range(20)])) == 10


def test_random_problems_are_built_as_they_are_read():
    for seed in range(20):
        problem = read(second(seed) if seed % 2 else small(seed))
        rows = {name: getattr(problem, name) for name in problem.__struct_fields__ if name != "format"}
        assert msgspec.structs.replace(Problem.build(**rows), format=problem.format) == problem
