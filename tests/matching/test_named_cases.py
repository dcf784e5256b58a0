"""The 31 named cases: each was worked out by hand, and its `why` holds the sum."""

import json

import pytest

from matching import check, match, read_problem, read_solution, write_solution
from tests.support.paths import ROOT

CASES = sorted((ROOT / "fixtures" / "cases").glob("*.json"))


def test_all_31_named_cases_exist():
    assert len(CASES) == 31


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_finds_what_was_worked_out_by_hand(path):
    case = json.loads(path.read_bytes())
    problem = read_problem(json.dumps(case["problem"]).encode())
    solution = match(problem)
    answer = json.loads(write_solution(solution))
    expected = {"status": "optimal", "bound": case["expected"]["objective"], **case["expected"]}
    assert {key: answer[key] for key in expected} == expected, case["why"]
    assert check(problem, read_solution(write_solution(solution))).ok
