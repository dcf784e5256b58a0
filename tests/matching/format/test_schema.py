"""The JSON Schemas: made from the types, true of every case of the contract, and refusing what the reader refuses."""

import json
from copy import deepcopy
from functools import cache

import pytest

from matching import ProblemInvalid, SolutionInvalid, match, read_problem, read_solution, write_problem, write_solution
from matching.format.schema import FORMATS, json_schema
from tests.support.json_schema import validator
from tests.support.matching.problem_parts import person, problem, read, registration
from tests.support.matching.random_problems import second, small
from tests.support.matching.schema_files import FILES, text
from tests.support.paths import ROOT

CASES = {path.stem: json.loads(path.read_bytes()) for path in sorted((ROOT / "fixtures" / "cases").glob("*.json"))}
FULL = problem(
    [
        registration(languages=[{"code": "en", "level": "fluent"}], near={"lat": 52.0, "lon": 5.0})
        | {"within": [{"lat": 52.0, "lon": 5.0, "max_km": 9}], "threats": [{"lat": 50.0, "lon": 5.0, "min_km": 9}]},
        registration("A2", persons=[person(), person(age=3)]),
    ],
    policy={"serve": {"1": 5}, "stale": {"never": 3}},
) | {"together": [{"id": "G", "registrations": ["A1", "A2"], "where": "unit", "must": False}]}


@cache
def validator_of(name):
    return validator()(json_schema(name))


def accepts(document):
    return validator_of(document["format"]).is_valid(document)


def changed(document, path, value):
    """Returns a copy with this value there; without a value the key is removed."""
    copy = deepcopy(document)
    *way, last = path
    row = copy
    for key in way:
        row = row[key]
    if value is None:
        del row[last]
    else:
        row[last] = value
    return copy


@pytest.mark.wide
@pytest.mark.parametrize("name", FORMATS)
def test_schema_files_are_those_of_the_types(name):
    assert FILES[name].read_text() == text(name), "python -m tests.support.matching.schema_files"
    validator().check_schema(json.loads(FILES[name].read_text()))


@pytest.mark.parametrize("name", CASES)
def test_cases_of_the_contract_are_valid(name):
    raw = CASES[name]["problem"]
    try:
        asked = read_problem(json.dumps(raw).encode())
    except ProblemInvalid:
        return
    assert accepts(raw)
    assert accepts(json.loads(write_problem(asked)))
    assert accepts(json.loads(write_solution(match(asked))))


@pytest.mark.wide
def test_generated_problems_and_their_solutions_are_valid():
    for seed in range(30):
        asked = read(second(seed) if seed % 2 else small(seed))
        assert accepts(json.loads(write_problem(asked)))
        assert accepts(json.loads(write_solution(match(asked))))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("unknown",), 1),
        (("units", 0, "admits"), ["woman"]),
        (("units", 0, "admits"), []),
        (("units", 0, "scheme"), "COSM"),
        (("rooms", 0, "beds"), 0),
        (("rooms", 0, "free_beds"), None),
        (("rooms", 0, "free_from"), "tomorrow"),
        (("registrations", 0, "persons"), []),
        (("registrations", 0, "persons", 0, "age"), 121),
        (("registrations", 0, "needs"), ["Upper"]),
        (("registrations", 0, "within", 0, "max_km"), 0),
        (("registrations", 0, "languages", 0, "code"), "e n"),
        (("registrations", 0, "name"), "a name"),
        (("policy", "serve", "5"), 1),
        (("policy", "stale", "fresh"), 1),
        (("policy", "near_km"), 1.5),
        (("together", 0, "registrations"), ["A1"]),
        (("together", 0, "where"), "country"),
        (("as_of",), None),
        (("format",), "placement-problem/1"),
    ],
)
def test_broken_problem_is_refused_by_schema_and_reader(path, value):
    assert accepts(FULL)
    read(FULL)
    broken = changed(FULL, path, value)
    assert not accepts(broken)
    with pytest.raises(ProblemInvalid):
        read(broken)


@pytest.mark.parametrize("key", ["objective", "bound", "placements", "together", "seconds"])
def test_solution_without_a_key_is_refused_by_both(key):
    solution = json.loads(write_solution(match(read(FULL))))
    assert accepts(solution)
    broken = changed(solution, (key,), None)
    assert not accepts(broken)
    with pytest.raises(SolutionInvalid):
        read_solution(json.dumps(broken).encode())


def test_first_formats_refuse_what_the_second_added():
    first = json.loads(write_problem(read(small(1))))
    solution = json.loads(write_solution(match(read(first))))
    assert accepts(first)
    assert accepts(solution)
    assert not accepts(first | {"together": []})
    assert not accepts(solution | {"together": []})
