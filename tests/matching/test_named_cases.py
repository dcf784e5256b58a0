"""The 54 named cases: each was worked out by hand, and its `why` holds the sum."""

import json

import pytest

from matching import ProblemInvalid, check, explain, match, read_problem, read_solution, write_solution
from tests.support.paths import ROOT

CASES = sorted((ROOT / "fixtures" / "cases").glob("*.json"))
READ = {path.stem: json.loads(path.read_bytes()) for path in CASES}
REFUSED = [name for name, case in READ.items() if "refused" in case["expected"]]
ANSWERED = [name for name in READ if name not in REFUSED]
EXPLAINED = [name for name in ANSWERED if "explain" in READ[name]["expected"]]


def problem_of(name):
    return read_problem(json.dumps(READ[name]["problem"]).encode())


def test_all_54_named_cases_exist():
    assert len(CASES) == 54
    assert len(REFUSED) == 5
    assert len(EXPLAINED) == 5


@pytest.mark.parametrize("name", ANSWERED)
def test_the_engine_finds_what_was_worked_out_by_hand(name):
    case, problem = READ[name], problem_of(name)
    solution = match(problem)
    answer = json.loads(write_solution(solution))
    expected = {"status": "optimal", "bound": case["expected"]["objective"], **case["expected"]}
    expected.pop("explain", None)
    assert {key: answer[key] for key in expected} == expected, case["why"]
    assert ("together" in answer) == (problem.format == "placement-problem/2")
    assert check(problem, read_solution(write_solution(solution))).ok


@pytest.mark.parametrize("name", EXPLAINED)
def test_units_are_explained_as_worked_out_by_hand(name):
    for expected in READ[name]["expected"]["explain"]:
        found = {row.unit: row for row in explain(problem_of(name), expected["registration"]).units}
        assert found.keys() == {row["unit"] for row in expected["units"]}
        for row in expected["units"]:
            said = found[row["unit"]]
            assert said.allowed == row["allowed"], row
            assert [one.rule for one in said.broken] == [one["rule"] for one in row["broken"]], row
            for one, wanted in zip(said.broken, row["broken"], strict=True):
                assert one.facts.items() >= wanted["facts"].items()


@pytest.mark.parametrize("name", REFUSED)
def test_faulty_problem_is_refused_with_each_path(name):
    with pytest.raises(ProblemInvalid) as refused:
        problem_of(name)
    paths = [fault.path for fault in refused.value.faults]
    for wanted in READ[name]["expected"]["refused"]:
        assert any(path.startswith(wanted) for path in paths), (wanted, paths)
    assert all(path.startswith(tuple(READ[name]["expected"]["refused"])) for path in paths), paths
