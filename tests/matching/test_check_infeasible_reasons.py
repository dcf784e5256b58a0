"""Reasons of an `infeasible` answer: the checker finds a row that is missing, invented, or there twice."""

import json

import pytest

from matching import check, match, read_problem, read_solution, write_solution
from tests.support.paths import ROOT

CASE = json.loads((ROOT / "fixtures" / "cases" / "31_fixed_infeasible.json").read_text())
PROBLEM = read_problem(json.dumps(CASE["problem"]).encode())


def answer() -> dict:
    return json.loads(write_solution(match(PROBLEM)))


def test_the_engine_s_own_rows_pass():
    assert [row["rule"] for row in answer()["broken"]] == ["keep_apart", "keep_apart"]
    assert check(PROBLEM, read_solution(json.dumps(answer()).encode())).ok


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda rows: rows[:1], id="one row missing"),
        pytest.param(lambda rows: [*rows, rows[0]], id="one row twice"),
        pytest.param(lambda rows: [{**rows[0], "rule": "gender"}, rows[1]], id="a rule that holds"),
        pytest.param(lambda rows: [{**rows[0], "unit": "U2"}, rows[1]], id="a unit that is not fixed"),
        pytest.param(lambda _: [], id="no reason at all"),
    ],
)
def test_a_spoiled_reason_is_found(spoil):
    said = answer()
    said["broken"] = spoil(said["broken"])
    assert not check(PROBLEM, read_solution(json.dumps(said).encode())).ok
